package main

import (
	"context"
	"strconv"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
)

// openDemo makes a demo. Its world can be shaped by ECS_TUI_DEMO_* variables,
// which the benchmarks use.
func (f *factory) openDemo(context.Context, openRequest) (backend.Backend, error) {
	number := func(key string) int {
		n, err := strconv.Atoi(f.io.Getenv(key))
		if err != nil || n < 0 {
			return 0
		}
		return n
	}
	return demo.New(demo.Options{
		Clock: f.clock, Seed: 1, Speed: float64(number("ECS_TUI_DEMO_SPEED")),
		Services: number("ECS_TUI_DEMO_SERVICES"), Tasks: number("ECS_TUI_DEMO_TASKS"),
		LogRate: number("ECS_TUI_DEMO_LOG_RATE"),
	}), nil
}
