package scheduler

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// world is an engine with no containers in it: it does what decisions say and
// moves tasks through their lives, one second a step.
type world struct {
	t     *testing.T
	now   time.Time
	rnd   *rand.Rand
	rec   *Record
	tasks []backend.Task
	next  int
	// fate says how the tasks of a task definition live: "ok", "check" (has a
	// passing health check), "sick" (check never passes), "nostart" (never
	// RUNNING), "crash" (stops one second after RUNNING).
	fate map[string]string
	// stopping is how many seconds a task takes to stop.
	stopping int
	timing   Timing
}

func newWorld(t *testing.T, seed uint64, spec backend.ServiceSpec) *world {
	w := &world{
		t: t, now: time.Unix(1_700_000_000, 0), rnd: rand.New(rand.NewPCG(seed, 1)),
		fate: map[string]string{}, stopping: 2, timing: LocalTiming(),
	}
	w.timing.Stage, w.timing.Minute = time.Second, 2*time.Second
	w.rec = Create(w.now, w.rnd.Uint64, New{
		Names: backend.Namer{Region: "local", Account: "1"}, Cluster: "c", Spec: spec, TaskDefinition: "td:1",
		Strategies: spec.Config.Strategy != "",
	})
	return w
}

func spec(desired, lower, upper int, b backend.BreakerConfig) backend.ServiceSpec {
	return backend.ServiceSpec{Name: "web", Desired: desired, Config: backend.DeploymentConfig{
		MinimumHealthy: lower, Maximum: upper, Breaker: b,
	}}
}

func (w *world) healthy() int {
	n := 0
	for _, t := range w.tasks {
		if t.LastStatus == backend.TaskStopped || going(t) {
			continue
		}
		if h, _ := judge(t, w.now, w.rec.Spec.GracePeriod, w.timing); h == healthy {
			n++
		}
	}
	return n
}

func (w *world) live() int {
	n := 0
	for _, t := range w.tasks {
		if t.LastStatus != backend.TaskStopped {
			n++
		}
	}
	return n
}

// pass reconciles once, holds the invariants, and does what was decided.
func (w *world) pass() Decision {
	w.t.Helper()
	before := w.healthy()
	d := w.rec.Reconcile(w.now, w.tasks, w.timing)
	lower, upper := w.rec.bounds()
	for _, s := range d.Start {
		if until := w.rec.throttleOf(w.rec.byID(s.Deployment)).Until; w.now.Before(until) {
			w.t.Fatalf("started a task of %s though throttled until %s", s.Deployment, until)
		}
	}
	for _, s := range d.Stop {
		w.request(s.Task, s.Code, s.Reason)
	}
	if after := w.healthy(); w.rec.Status == Active && after < min(before, lower) {
		w.t.Fatalf("%d healthy tasks are left of %d, the lower bound is %d", after, before, lower)
	}
	for _, s := range d.Start {
		w.next++
		w.tasks = append(w.tasks, backend.Task{
			ARN: fmt.Sprintf("arn:aws:ecs:local:1:task/c/%032x", w.next), StartedBy: s.Deployment,
			TaskDefinition: s.TaskDefinition, LastStatus: backend.Provisioning, DesiredStatus: backend.Running,
			CreatedAt: w.now, Containers: []backend.Container{{Name: "app", Essential: true, Health: w.check(s.TaskDefinition)}},
		})
	}
	if len(d.Start) > 0 && w.live() > upper {
		w.t.Fatalf("%d tasks, the upper bound is %d", w.live(), upper)
	}
	primaries := 0
	for _, d := range w.rec.Deployments {
		if d.Status == backend.DeploymentPrimary {
			primaries++
		}
	}
	if primaries > 1 || (primaries == 0 && w.rec.Status == Active) {
		w.t.Fatalf("%d primary deployments", primaries)
	}
	if again := w.rec.Reconcile(w.now, w.tasks, w.timing); len(again.Start)+len(again.Stop) > 0 {
		w.t.Fatalf("a second pass decided again: %+v", again)
	}
	return d
}

func (w *world) check(td string) string {
	switch w.fate[td] {
	case "check", "sick":
		return backend.HealthUnknown
	}
	return ""
}

func (w *world) request(arn, code, reason string) {
	for i := range w.tasks {
		if t := &w.tasks[i]; t.ARN == arn && t.DesiredStatus != backend.TaskStopped {
			t.DesiredStatus, t.StopCode, t.StoppedReason, t.StoppingAt = backend.TaskStopped, code, reason, w.now
		}
	}
}

// step lets a second pass, in which tasks live on, then reconciles.
func (w *world) step() Decision {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	kept := w.tasks[:0]
	for _, t := range w.tasks {
		w.live1(&t)
		if t.LastStatus != backend.TaskStopped || w.now.Sub(t.StoppedAt) < time.Minute {
			kept = append(kept, t)
		}
	}
	w.tasks = kept
	return w.pass()
}

func (w *world) live1(t *backend.Task) {
	stop := func(code string) {
		t.LastStatus, t.DesiredStatus, t.StoppedAt = backend.TaskStopped, backend.TaskStopped, w.now
		if code != "" {
			t.StopCode = code
		}
	}
	fate := w.fate[t.TaskDefinition]
	switch {
	case t.LastStatus == backend.TaskStopped:
	case t.DesiredStatus == backend.TaskStopped:
		if w.now.Sub(t.StoppingAt) >= time.Duration(w.stopping)*time.Second {
			stop("")
		}
	case t.LastStatus == backend.Provisioning:
		t.LastStatus = backend.TaskPending
	case t.LastStatus == backend.TaskPending && fate == "nostart":
		stop("TaskFailedToStart")
	case t.LastStatus == backend.TaskPending:
		t.LastStatus, t.StartedAt = backend.Running, w.now
	case fate == "crash":
		stop("EssentialContainerExited")
	case fate == "check":
		t.Containers = []backend.Container{{Name: "app", Essential: true, Health: backend.Healthy}}
	case fate == "sick" && w.now.Sub(t.StartedAt) > 2*time.Second:
		t.Containers = []backend.Container{{Name: "app", Essential: true, Health: backend.Unhealthy}}
	}
}

// until steps until ok, for at most limit seconds.
func (w *world) until(limit int, what string, ok func() bool) {
	w.t.Helper()
	for range limit {
		if ok() {
			return
		}
		w.step()
	}
	w.t.Fatalf("not %s after %d s; %d tasks, %d healthy; events:\n%s", what, limit, w.live(), w.healthy(), w.events())
}

func (w *world) events() string {
	var b strings.Builder
	for _, e := range w.rec.Events {
		fmt.Fprintln(&b, e.At.Unix(), e.Message)
	}
	return b.String()
}

func (w *world) steady() bool { return w.rec.Steady }

// deploy updates to another task definition that lives by fate.
func (w *world) deploy(td, fate string) *Deployment {
	w.t.Helper()
	w.fate[td] = fate
	if _, err := w.rec.Update(w.now, w.rnd.Uint64, Change{ServiceChange: backend.ServiceChange{TaskDefinition: &td, Force: true}}); err != nil {
		w.t.Fatal(err)
	}
	w.pass()
	return w.rec.Deployments[0]
}
