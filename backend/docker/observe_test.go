package docker

import (
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"

	"github.com/ecs-tui/ecs-tui/backend"
)

// TestUnconfirmed: a task is as old as it was when it was looked at and, until
// its end has come into its row, not old at all, so that it does not pass as
// healthy.
func TestUnconfirmed(t *testing.T) {
	now := time.Now()
	row := &taskRow{View: backend.Task{
		ARN: "arn", LastStatus: backend.Running, StartedAt: now.Add(-time.Minute),
		Containers: []backend.Container{{Name: "app", Essential: true, LastStatus: backend.Running}, {Name: "side", LastStatus: backend.TaskStopped}},
	}}
	for name, c := range map[string]struct {
		seen *observed
		want time.Duration
	}{
		"runs":        {&observed{state: container.StateRunning}, 55 * time.Second},
		"has exited":  {&observed{state: container.StateExited}, 0},
		"was removed": {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			have := map[string]*observed{}
			if c.seen != nil {
				have["app"] = c.seen
			}
			w := world{tasks: map[string]map[string]*observed{"arn": have}, at: now.Add(-5 * time.Second)}
			if got := now.Sub(w.views([]*taskRow{row}, now)[0].StartedAt); got != c.want {
				t.Errorf("it is %v old, want %v", got, c.want)
			}
			if age := now.Sub(row.View.StartedAt); age != time.Minute {
				t.Errorf("the row itself was changed: %v", age)
			}
		})
	}
}
