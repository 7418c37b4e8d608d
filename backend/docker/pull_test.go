package docker

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// TestPullFromADeadRegistry: pulls that do not end hold up neither other tasks
// nor their own tasks' stop.
func TestPullFromADeadRegistry(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	asked := make(chan struct{}, 10*parallelStarts)
	over := make(chan struct{})
	registry := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		select {
		case <-r.Context().Done():
		case <-over:
		}
	}))
	t.Cleanup(func() {
		close(over)
		registry.Close()
	})
	b.startAgent()
	host := strings.TrimPrefix(registry.URL, "http://")
	var pulling []backend.Task
	for n := range parallelStarts {
		c := object{"name": "app", "image": fmt.Sprintf("%s/app:%d", host, n)}
		pulling = append(pulling, b.run(b.register(taskDefinition(t, "app", modeBridge, c)).ARN))
	}
	for range pulling {
		<-asked
	}
	c := object{"name": "app", "image": dockertest.StaticImage(t)}
	if other := b.until(b.run(b.register(taskDefinition(t, "app", modeBridge, c)).ARN), backend.Running); other.LastStatus != backend.Running {
		t.Errorf("another task: %s", other.Document)
	}
	for _, task := range pulling {
		if found := b.until(task, backend.TaskPending); found.PullStartedAt.IsZero() {
			t.Errorf("nothing says that it pulls: %s", found.Document)
		}
		if _, err := b.StopTask(t.Context(), b.cluster, task.ARN, ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, task := range pulling {
		if end := b.until(task, backend.TaskStopped); end.StopCode != codeUser {
			t.Errorf("%s: %s", end.StopCode, end.StoppedReason)
		}
	}
}
