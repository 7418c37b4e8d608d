package scheduler

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// shifting is a service of three tasks that is steady on td:1.
func shifting(t *testing.T, edit func(c *backend.DeploymentConfig)) *world {
	t.Helper()
	s := spec(3, 100, 100, withBreaker(true)) // percents that would never let a rolling update move
	s.Config.Strategy = backend.Canary
	s.Config.Shift = backend.ShiftConfig{Bake: time.Minute, StepPercent: 10, StepBake: 2 * time.Minute}
	if edit != nil {
		edit(&s.Config)
	}
	w := newWorld(t, 7, s)
	w.until(30, "steady", w.steady)
	return w
}

func (w *world) view(d *Deployment) backend.ServiceDeployment {
	w.t.Helper()
	v, ok := w.rec.ServiceDeployment(d.ARN, w.tasks)
	if !ok {
		w.t.Fatalf("%s is not known", d.ARN)
	}
	return v
}

// serving is how many healthy tasks a revision has.
func (w *world) serving(td string) int {
	n := 0
	for _, t := range w.tasks {
		if h, _ := judge(t, w.now, w.rec.Spec.GracePeriod, w.timing); t.TaskDefinition == td && !going(t) && h == healthy {
			n++
		}
	}
	return n
}

// TestStages goes through the stages of each strategy: in ECS's order, with the
// weights of its steps, and never with traffic on a revision that is not whole.
func TestStages(t *testing.T) {
	const pre, shift = backend.StagePreShift, backend.StageShift
	before := backend.LifecycleStages()[1:6]
	after := backend.LifecycleStages()[8:]
	for strategy, c := range map[string]struct {
		step  float64
		steps []string
	}{
		backend.BlueGreen: {0, []string{pre + " 0", shift + " 100"}},
		backend.Canary:    {10, []string{pre + " 0", shift + " 10", pre + " 10", shift + " 100"}},
		backend.Linear:    {40, []string{pre + " 0", shift + " 40", pre + " 40", shift + " 80", pre + " 80", shift + " 100"}},
	} {
		t.Run(strategy, func(t *testing.T) {
			w := shifting(t, func(c2 *backend.DeploymentConfig) { c2.Strategy, c2.Shift.StepPercent = strategy, c.step })
			var want, got []string
			for _, s := range before {
				want = append(want, s+" 0")
			}
			want = append(want, c.steps...)
			for _, s := range after {
				want = append(want, s+" 100")
			}
			d := w.deploy("td:2", "check")
			for range 200 {
				v := w.view(d)
				at := fmt.Sprintf("%s %g", v.Stage, v.Target.Traffic.Production)
				if len(got) == 0 || got[len(got)-1] != at {
					got = append(got, at)
				}
				if v.Target.Traffic.Production+v.Source[0].Traffic.Production != 100 {
					t.Fatalf("the weights are %+v and %+v", v.Target.Traffic, v.Source[0].Traffic)
				}
				if v.Target.Traffic.Production > 0 && w.serving("td:2") < 3 {
					t.Fatalf("%s with %d healthy tasks", at, w.serving("td:2"))
				}
				if v.Source[0].Traffic.Production > 0 && w.serving("td:1") < 3 {
					t.Fatalf("%s while the old revision has %d healthy tasks", at, w.serving("td:1"))
				}
				if d.Result.Ended() {
					break
				}
				w.step()
			}
			if !slices.Equal(got, want) {
				t.Errorf("went through\n%q, want\n%q", got, want)
			}
			w.until(10, "steady", w.steady)
			if d.Result != backend.Successful || w.serving("td:2") != 3 || w.live() != 3 {
				t.Errorf("%s, %d tasks serve of %d", d.Result, w.serving("td:2"), w.live())
			}
		})
	}
}

// TestFirstDeploymentShiftsNothing: there is nobody to take traffic from.
func TestFirstDeploymentShiftsNothing(t *testing.T) {
	w := shifting(t, pause)
	v := w.view(w.rec.Deployments[0])
	if v.Status != backend.Successful || v.Target.Traffic.Production != 100 || len(v.Hooks) != 0 || v.Stage != backend.StageCleanUp {
		t.Errorf("%+v", v)
	}
}

func pause(c *backend.DeploymentConfig) {
	c.Hooks = []backend.LifecycleHook{{
		Type: backend.HookPause, Stages: []string{backend.StagePostTest}, Timeout: 10 * time.Minute, TimeoutAction: backend.HookRollback,
	}}
}

// paused deploys td:2 and waits for its pause.
func (w *world) paused() (*Deployment, backend.Hook) {
	w.t.Helper()
	d := w.deploy("td:2", "check")
	w.until(60, "paused", func() bool { _, ok := w.view(d).Waiting(); return ok })
	h, _ := w.view(d).Waiting()
	return d, h
}

func TestPause(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w *world, d *Deployment, h backend.Hook) error
		action backend.HookAction
		result backend.ServiceDeploymentStatus
		hook   string
	}{
		"continued": {func(w *world, d *Deployment, h backend.Hook) error {
			return w.rec.Continue(w.now, d.ARN, h.ID, backend.HookContinue)
		}, backend.HookRollback, backend.Successful, backend.HookSucceeded},
		"rolled back": {func(w *world, d *Deployment, h backend.Hook) error {
			return w.rec.Continue(w.now, d.ARN, h.ID, backend.HookRollback)
		}, backend.HookContinue, backend.RollbackSuccessful, backend.HookFailed},
		"stopped": {func(w *world, d *Deployment, _ backend.Hook) error {
			return w.rec.Rollback(w.now, d.ARN)
		}, backend.HookContinue, backend.RollbackSuccessful, backend.HookFailed},
		"timed out":               {nil, backend.HookRollback, backend.RollbackSuccessful, backend.HookTimedOut},
		"timed out into going on": {nil, backend.HookContinue, backend.Successful, backend.HookTimedOut},
	} {
		t.Run(name, func(t *testing.T) {
			w := shifting(t, func(cfg *backend.DeploymentConfig) {
				pause(cfg)
				cfg.Hooks[0].TimeoutAction = c.action
			})
			d, h := w.paused()
			if v := w.view(d); v.Stage != backend.StagePostTest || v.Target.Traffic.Test != 100 || v.Target.Traffic.Production != 0 {
				t.Errorf("it pauses at %s with %+v", v.Stage, v.Target.Traffic)
			}
			for range 10 { // it waits
				w.step()
			}
			if w.view(d).Stage != backend.StagePostTest {
				t.Fatal("it did not wait")
			}
			if c.answer != nil {
				if err := c.answer(w, d, h); err != nil {
					t.Fatal(err)
				}
				w.pass()
				if err := w.rec.Continue(w.now, d.ARN, h.ID, backend.HookContinue); backend.KindOf(err) != backend.Conflict {
					t.Errorf("a second answer: %v", err)
				}
			}
			w.until(90, "ended", func() bool { return d.Result.Ended() })
			w.until(10, "steady", w.steady)
			v := w.view(d)
			if v.Status != c.result || v.Hooks[0].Status != c.hook {
				t.Errorf("%s, the hook %s; want %s, %s", v.Status, v.Hooks[0].Status, c.result, c.hook)
			}
			runs := map[backend.ServiceDeploymentStatus]string{backend.Successful: "td:2", backend.RollbackSuccessful: "td:1"}[v.Status]
			if w.rec.TaskDefinition != runs || w.serving(runs) != 3 || w.live() != 3 {
				t.Errorf("the service wants %s, %d of %d tasks serve", w.rec.TaskDefinition, w.serving(runs), w.live())
			}
			if v.Status == backend.RollbackSuccessful && (v.RollbackReason == "" || v.RollbackTo != "td:1" || v.Target.Traffic.Production != 0) {
				t.Errorf("rolled back to %s: %q, %+v", v.RollbackTo, v.RollbackReason, v.Target.Traffic)
			}
		})
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	w := shifting(t, pause)
	d, h := w.paused()
	for what, c := range map[string]struct {
		arn, hook string
		action    backend.HookAction
		want      backend.Kind
	}{
		"unknown deployment": {"arn:x", h.ID, backend.HookContinue, backend.NotFound},
		"unknown hook":       {d.ARN, "hook-0", backend.HookContinue, backend.Conflict},
		"unknown action":     {d.ARN, h.ID, "MAYBE", backend.Invalid},
		"another deployment": {w.rec.Deployments[1].ARN, h.ID, backend.HookContinue, backend.Conflict},
	} {
		if err := w.rec.Continue(w.now, c.arn, c.hook, c.action); backend.KindOf(err) != c.want {
			t.Errorf("%s: %v, want %s", what, err, c.want)
		}
	}
	if _, ok := w.view(d).Waiting(); !ok {
		t.Error("it waits no more")
	}
}

// TestShiftThatFails: tasks that never get healthy, and an alarm, end a
// deployment before the old revision has lost anything.
func TestShiftThatFails(t *testing.T) {
	alarm := func(c *backend.DeploymentConfig) {
		c.Alarms = backend.AlarmConfig{Names: []string{"errors"}, Enable: true, Rollback: true}
	}
	for name, c := range map[string]struct {
		fate string
		end  func(w *world)
	}{
		"crash": {"crash", func(*world) {}},
		"sick":  {"sick", func(*world) {}},
		"alarm": {"check", func(w *world) {
			d := w.rec.Deployments[0]
			w.until(60, "served", func() bool { return w.view(d).Target.Traffic.Production > 0 })
			if w.rec.Alarm(w.now, "another") || !w.rec.Alarm(w.now, "errors") || w.rec.Alarm(w.now, "errors") {
				t.Error("not the alarm that it watches, once")
			}
			if a := w.view(d).Alarms; a.Status != breakerTriggered || !slices.Equal(a.Triggered, []string{"errors"}) {
				t.Errorf("the alarms are %+v", a)
			}
			w.pass()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := shifting(t, alarm)
			d := w.deploy("td:2", c.fate)
			c.end(w)
			w.until(200, "ended", func() bool {
				if n := w.serving("td:1"); n < 3 {
					t.Fatalf("%d tasks of the old revision serve", n)
				}
				return d.Result.Ended()
			})
			w.until(60, "steady", w.steady)
			if d.Result != backend.RollbackSuccessful || w.rec.TaskDefinition != "td:1" || w.live() != 3 {
				t.Errorf("%s, the service wants %s, %d tasks", d.Result, w.rec.TaskDefinition, w.live())
			}
		})
	}
}

// TestShiftOverShift: a deployment in the middle of another one takes away what
// that one brought before it begins.
func TestShiftOverShift(t *testing.T) {
	w := shifting(t, pause)
	first, _ := w.paused()
	second := w.deploy("td:3", "check")
	if first.Result != backend.Stopped || second.Stage != backend.StageReconcile {
		t.Errorf("the first is %s, the second at %q", first.Result, second.Stage)
	}
	w.until(60, "paused", func() bool {
		if w.serving("td:1") < 3 {
			t.Fatal("what serves lost tasks")
		}
		_, ok := w.view(second).Waiting()
		return ok
	})
	if n := w.serving("td:2"); n != 0 {
		t.Errorf("%d tasks of the first are left", n)
	}
}

// TestWithoutStrategies: a backend with no traffic to shift rolls out task by
// task, whatever the document says, and keeps every service's deployments.
func TestWithoutStrategies(t *testing.T) {
	s := spec(3, 100, 200, withBreaker(true))
	s.Config.Strategy, s.Config.Controller = backend.BlueGreen, backend.ControllerCodeDeploy
	w := newWorld(t, 3, s)
	w.rec.Strategies = false
	w.rec.Deployments[0].Strategy = w.rec.strategy()
	w.until(30, "steady", w.steady)
	v := w.view(w.deploy("td:2", "check"))
	if v.Strategy != backend.Rolling || v.Stage != "" || v.Target.Traffic != nil {
		t.Errorf("%+v", v)
	}
	w.until(60, "steady", w.steady)
	if svc := w.rec.Service(w.tasks); svc.Foreign() != "" || svc.Current == "" || len(w.rec.ServiceDeployments()) != 2 {
		t.Errorf("%q, %q", svc.Foreign(), svc.Current)
	}
}

// TestForeignController: what another controller deploys has no service
// deployments, as in ECS.
func TestForeignController(t *testing.T) {
	s := spec(1, 100, 200, withBreaker(true))
	s.Config.Strategy, s.Config.Controller = backend.Rolling, backend.ControllerExternal
	w := newWorld(t, 3, s)
	w.until(30, "steady", w.steady)
	if svc := w.rec.Service(w.tasks); svc.Foreign() == "" || svc.Current != "" || len(w.rec.ServiceDeployments()) != 0 {
		t.Errorf("%q, %q", svc.Foreign(), svc.Current)
	}
}
