package docker

import (
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// planned is a task of a document, as far as one comes without an engine.
func planned(t testing.TB, tree object) *work {
	t.Helper()
	td, err := backend.ParseTaskDefinition(document(t, tree))
	if err != nil {
		t.Fatal(err)
	}
	td.Revision = 1
	row := &taskRow{View: newTask(td, "arn:aws:ecs:local:000000000000:task/c/0123456789abcdef", "c", time.Time{}), Made: map[string]string{}, Started: map[string]time.Time{}}
	return &work{
		agent: newAgent(&Backend{Engine: &Engine{}}),
		plan:  &taskPlan{row: row, td: td, state: "s"}, row: row, have: map[string]*observed{},
	}
}

// TestVolumesInACircle: a definition from before this was refused ends its task,
// not the agent.
func TestVolumesInACircle(t *testing.T) {
	for name, from := range map[string][2]string{"each other's": {"b", "a"}, "its own": {"a", "a"}} {
		t.Run(name, func(t *testing.T) {
			w := planned(t, object{"family": "f", "containerDefinitions": []object{
				{"name": "a", "image": "i", "volumesFrom": []object{{"sourceContainer": from[0]}}},
				{"name": "b", "image": "i", "volumesFrom": []object{{"sourceContainer": from[1]}}},
			}})
			_, err := w.made(t.Context(), w.plan.td.Containers[0])
			if why := w.failure(err); !strings.HasPrefix(why, codeDependency) || !strings.Contains(why, "→ a") {
				t.Errorf("%v: %q", err, why)
			}
		})
	}
}

// TestStartThatFails: what was made is known, to be removed, and nothing counts
// as started.
func TestStartThatFails(t *testing.T) {
	t.Parallel()
	var lost func() // takes the container away under the agent's hands
	b := newBed(t, func(s *Settings) {
		s.Fault = func(point string) {
			if point == "pause-made" {
				lost()
			}
		}
	})
	on := func(mode string) *work {
		w := planned(t, taskTree(dockertest.Unique(t, "f"), mode))
		w.agent, w.plan.state, w.row.View.Cluster = newAgent(b.Backend), b.state, b.cluster
		return w
	}
	t.Run("pause container", func(t *testing.T) {
		w := on(modeVPC)
		if err := w.ensureNetwork(t.Context(), b.cluster); err != nil {
			t.Fatal(err)
		}
		lost = func() { dockertest.Remove(t, b.client, w.row.Made[PauseContainer]) }
		if err := w.startPause(t.Context()); err == nil || w.have[PauseContainer] == nil {
			t.Errorf("%v, and %v is known", err, w.have)
		}
	})
	t.Run("restart", func(t *testing.T) {
		w := on(modeBridge)
		w.have["a"] = &observed{id: "gone-" + b.cluster, state: container.StateExited}
		err := w.startContainer(t.Context(), w.plan.td.Containers[0])
		if n := w.row.View.Containers[0].RestartCount; err == nil || n != 0 {
			t.Errorf("%v, and %d restarts are counted", err, n)
		}
	})
}

func taskTree(family, mode string) object {
	return object{"family": family, "networkMode": mode, "containerDefinitions": []object{{"name": "a", "image": "i"}}}
}
