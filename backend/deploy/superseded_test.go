package deploy

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// racing is a backend on which somebody else updates the service in the moment
// between a deploy's last look at it and its update.
type racing struct {
	*world
	once sync.Once
	race func()
}

func (r *racing) UpdateService(ctx context.Context, cluster, service string, change backend.ServiceChange) (backend.Service, error) {
	r.once.Do(r.race)
	return r.Backend.UpdateService(ctx, cluster, service, change)
}

// TestTwoAtOnce: of two who update a service in the same moment the later one
// takes over and says from whom, and the earlier one says who took its place.
func TestTwoAtOnce(t *testing.T) {
	w := newWorld(t)
	if end := w.deployAs(t, w, "one", "anna@desk"); end.Outcome != Stable {
		t.Fatalf("%+v", end)
	}
	first := make(chan Ended, 1)
	b := &racing{world: w, race: func() {
		updated := make(chan struct{})
		go func() {
			var once sync.Once
			req := w.request(t, "two")
			req.App, req.By = "shop", "ben@desk"
			p, err := NewPlan(t.Context(), w, req)
			if err != nil {
				t.Error(err)
				close(updated)
				first <- Ended{}
				return
			}
			var end Ended
			for e := range Run(t.Context(), w, p, Options{Clock: w.clock}) {
				switch e := e.(type) {
				case StepStarted:
					if e.Step == Rollout {
						once.Do(func() { close(updated) })
					}
				case Ended:
					end = e
				}
			}
			once.Do(func() { close(updated) })
			first <- end
		}()
		<-updated
	}}
	req := w.request(t, "three")
	req.App, req.By = "shop", "anna@desk"
	p, err := NewPlan(t.Context(), w, req)
	if err != nil {
		t.Fatal(err)
	}
	events, end := collect(t, Run(t.Context(), b, p, Options{Clock: w.clock}))
	if end.Outcome != Stable {
		t.Errorf("the later one: %+v", end)
	}
	warned := ""
	for _, e := range events {
		if s, ok := e.(StepFinished); ok && s.Step == Update {
			warned = s.Warning
		}
	}
	if !strings.Contains(warned, "took over from a deployment that began in the same moment: web:") || !strings.Contains(warned, "by ben@desk") {
		t.Errorf("the later one is told %q", warned)
	}
	lost := <-first
	if lost.Outcome != Failed || !strings.Contains(lost.Reason, "took the place of web:") || !strings.Contains(lost.Reason, "by anna@desk") {
		t.Errorf("the earlier one: %+v", lost)
	}
}

// TestBegun: what follows an update is its own deployment, also where the
// service still names the one before as its current one, as ECS can for a moment.
func TestBegun(t *testing.T) {
	w := newWorld(t)
	if end := w.deployAs(t, w, "one", "anna@desk"); end.Outcome != Stable {
		t.Fatalf("%+v", end)
	}
	found, err := w.DescribeServices(t.Context(), "demo", []string{"web"})
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	now := found[0]
	if got := begun(t.Context(), w, now); got != now.Current {
		t.Errorf("its own deployment is followed as %s", got)
	}
	late := now
	late.Deployments = append([]backend.Deployment{{ID: "ecs-svc/1", Status: backend.DeploymentPrimary, TaskDefinition: "web:9"}}, now.Deployments...)
	late.Deployments[1].Status = backend.DeploymentActive
	if got := begun(t.Context(), w, late); got != "ecs-svc/1" {
		t.Errorf("a deployment that ECS does not call current yet is followed as %s", got)
	}
}

// TestIsOf: ECS names no deployment in its service deployments; whose they are
// shows in what they bring and when they ended.
func TestIsOf(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	mine := backend.Deployment{ID: "ecs-svc/2", TaskDefinition: "web:9", CreatedAt: at}
	for what, c := range map[string]struct {
		d    backend.ServiceDeployment
		want bool
	}{
		"named":           {backend.ServiceDeployment{ID: "ecs-svc/2"}, true},
		"another":         {backend.ServiceDeployment{ID: "ecs-svc/1", Target: backend.Revision{TaskDefinition: "web:9"}}, false},
		"of its revision": {backend.ServiceDeployment{Status: backend.InProgress, Target: backend.Revision{TaskDefinition: "web:9"}}, true},
		"of another":      {backend.ServiceDeployment{Status: backend.InProgress, Target: backend.Revision{TaskDefinition: "web:8"}}, false},
		"not known yet":   {backend.ServiceDeployment{Status: "PENDING"}, true},
		"over before": {backend.ServiceDeployment{
			Status: backend.Successful, FinishedAt: at.Add(-time.Minute), Target: backend.Revision{TaskDefinition: "web:9"},
		}, false},
	} {
		if got := isOf(c.d, mine); got != c.want {
			t.Errorf("%s: %t", what, got)
		}
	}
}
