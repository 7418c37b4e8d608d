package docker

import (
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
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
