package main

import (
	"context"
	"os"
	"path/filepath"
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

// awsConfigured says whether credentials for AWS are there: in the
// environment, or in the files that AWS's own tools write. Nothing is called.
func awsConfigured(getenv func(string) string, home func() (string, error)) bool {
	for _, key := range []string{"AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"} {
		if getenv(key) != "" {
			return true
		}
	}
	return awsFile(getenv, home, "AWS_SHARED_CREDENTIALS_FILE", "credentials") != "" ||
		awsFile(getenv, home, "AWS_CONFIG_FILE", "config") != ""
}

// awsFile is the path of one of AWS's own files, "" where there is none.
func awsFile(getenv func(string) string, home func() (string, error), key, name string) string {
	file := getenv(key)
	if file == "" {
		dir, err := home()
		if err != nil {
			return ""
		}
		file = filepath.Join(dir, ".aws", name)
	}
	if st, err := os.Stat(file); err != nil || st.Size() == 0 {
		return ""
	}
	return file
}
