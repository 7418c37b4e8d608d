package docker

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// TestEngineRestarts stops and kills the engine under a running service; the
// agent goes on by itself when it is back.
func TestEngineRestarts(t *testing.T) {
	t.Parallel()
	engine := dockertest.PrivateEngine(t)
	image := dockertest.StaticImage(t)
	engine.Load(image)
	b := newBed(t, func(s *Settings) { s.Host = engine.Host })
	b.startAgent()
	td := b.register(pair(t, "web", "1"))
	b.create("web", td.ARN, 2)
	b.steady("web")
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) {
			before := b.tasks(backend.TaskQuery{Service: "web"})
			engine.Stop(sig)
			if svc := b.service("web"); svc.Desired != 2 { // known without the engine, too
				t.Errorf("desired %d", svc.Desired)
			}
			b.eventually("what was seen of tasks is no news", func() (bool, string) {
				_, err := b.ListTasks(t.Context(), backend.TaskQuery{Cluster: b.cluster, Service: "web"}, backend.PageRequest{})
				_, err2 := b.DescribeTasks(t.Context(), b.cluster, []string{before[0].ARN})
				return backend.KindOf(err) == backend.Unreachable && backend.KindOf(err2) == backend.Unreachable, fmt.Sprint(err, err2)
			})
			engine.Start()
			b.eventually("the old tasks have stopped", func() (bool, string) {
				stopped := 0
				for _, old := range before {
					found, err := b.DescribeTasks(t.Context(), b.cluster, []string{old.ARN})
					if err != nil || len(found) != 1 {
						return false, fmt.Sprint(found, err)
					}
					if found[0].LastStatus == backend.TaskStopped {
						stopped++
					}
				}
				return stopped == len(before), b.story("web")
			})
			b.steady("web")
			b.exactly("web", td.ARN, 2, 3)
		})
	}
}
