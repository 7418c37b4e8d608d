package demo_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/backendtest"
	"github.com/ecs-tui/ecs-tui/backend/demo"
)

func TestConformance(t *testing.T) {
	backendtest.Run(t, backendtest.Harness{
		New:         func(*testing.T) backend.Backend { return demo.New(demo.Options{Speed: 8, Quiet: true}) },
		Cluster:     "demo",
		Image:       "shop/catalog:d410ab7",
		ImageV2:     "shop/api:c7e4410",
		ImageBroken: "shop/web:crash",
		Exit:        func(code int) []string { return []string{"exit", strconv.Itoa(code)} },
		Say:         func(text string) []string { return []string{"say", text} },
		Shell: func(text string, code int) []string {
			return []string{"sh", "-c", "echo " + text + "; exit " + strconv.Itoa(code)}
		},
		Build: func(*testing.T) backend.BuildRequest {
			return backend.BuildRequest{Tags: []string{"conform/app:v1"}}
		},
		Prefix:     "conform",
		Parallel:   true,
		Eventually: time.Minute,
	})
}
