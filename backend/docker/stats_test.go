package docker

import (
	"context"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

func TestUsage(t *testing.T) {
	e := openEngine(t, Options{})
	cluster := dockertest.Unique(t, "u")
	run := func(task, name string, limit int64, cmd ...string) string {
		labels := taskLabels(cluster, "web", task, name)
		dockertest.Run(t, e.client, dockertest.Spec{Labels: labels, Cmd: cmd, Edit: func(_ *container.Config, h *container.HostConfig) {
			h.Memory = limit
		}})
		return labels[LabelTaskARN]
	}
	busy := run("aaaaaa1", "app", 200<<20, "-burn")
	run("aaaaaa1", "side", 100<<20, "-memory", "64")
	idle := run("bbbbbb1", "app", 0, "-http", ":8080")
	run("cccccc1", "app", 0, "-http", ":8080") // not asked for

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	batches := 0
	for usage, err := range e.Usage(ctx, cluster, []string{busy, idle}) {
		if err != nil {
			t.Fatal(err)
		}
		if len(usage) != 2 || usage[0].Task != busy || usage[1].Task != idle {
			t.Fatalf("usage %+v", usage)
		}
		b, i := usage[0], usage[1]
		if b.CPU < 20 || b.CPU > 150 || i.CPU > 20 {
			t.Errorf("CPU: busy %v %%, idle %v %%", b.CPU, i.CPU)
		}
		if b.Memory < 64<<20 || b.Memory > 110<<20 || i.Memory <= 0 || i.Memory > 30<<20 {
			t.Errorf("memory: busy %d, idle %d", b.Memory, i.Memory)
		}
		if b.MemoryLimit != 300<<20 || i.MemoryLimit != 0 {
			t.Errorf("limits: %d, %d", b.MemoryLimit, i.MemoryLimit)
		}
		if batches++; batches == 2 {
			cancel()
			break
		}
	}
	if batches != 2 {
		t.Errorf("%d batches", batches)
	}
	for _, err := range e.Usage(ctx, cluster, nil) {
		wantError(t, err, backend.Cancelled)
	}
}
