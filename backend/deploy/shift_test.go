package deploy

import (
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

const canaryService = `{"serviceName":"web","desiredCount":2,"deploymentConfiguration":{
	"strategy":"CANARY","bakeTimeInMinutes":1,"canaryConfiguration":{"canaryPercent":20,"canaryBakeTimeInMinutes":1},
	"deploymentCircuitBreaker":{"enable":true,"rollback":true},
	"lifecycleHooks":[{"targetType":"PAUSE","lifecycleStages":["POST_TEST_TRAFFIC_SHIFT"]}]}}`

// canary asks for a service that shifts traffic, and pauses before it does.
func (w *world) canary(t *testing.T, mode string) *Plan {
	t.Helper()
	req := w.request(t, mode)
	spec, err := backend.ParseServiceSpec(backend.Document(canaryService))
	if err != nil {
		t.Fatal(err)
	}
	req.Service = &spec
	p, err := NewPlan(t.Context(), w, req)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestCanaryPauses: the pause is told once, and answered by going on or back;
// whoever follows sees stages, weights and the outcome.
func TestCanaryPauses(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w *world, d backend.ServiceDeployment) error
		want   Outcome
		runs   string
	}{
		"continue": {func(w *world, d backend.ServiceDeployment) error {
			h, _ := d.Waiting()
			_, err := w.ContinueServiceDeployment(t.Context(), d.ARN, h.ID, backend.HookContinue)
			return err
		}, Stable, "web:2"},
		"undo": {func(w *world, d backend.ServiceDeployment) error { return Undo(t.Context(), w, d) }, RolledBack, "web:1"},
		"stop": {func(w *world, d backend.ServiceDeployment) error {
			_, err := w.StopServiceDeployment(t.Context(), d.ARN)
			return err
		}, RolledBack, "web:1"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if _, end := collect(t, Run(t.Context(), w, w.canary(t, "one"), Options{Clock: w.clock})); end.Outcome != Stable {
				t.Fatalf("the first deployment: %+v", end)
			}
			pauses, stages := 0, map[string]bool{}
			events, end := collect(t, func(yield func(Event) bool) {
				for e := range Run(t.Context(), w, w.canary(t, "two"), Options{Clock: w.clock}) {
					switch e := e.(type) {
					case Paused:
						pauses++
						if e.Hook.Type != backend.HookPause || e.Deployment.Stage != backend.StagePostTest {
							t.Errorf("paused at %s by %+v", e.Deployment.Stage, e.Hook)
						}
						if err := c.answer(w, e.Deployment); err != nil {
							t.Error(err)
						}
					case RolloutProgress:
						stages[e.Deployment.Stage] = true
						if text := Weights(e.Deployment); text == "" && e.Deployment.Stage != "" {
							t.Errorf("no weights at %s", e.Deployment.Stage)
						}
					}
					if !yield(e) {
						return
					}
				}
			})
			if pauses != 1 || end.Outcome != c.want || !stages[backend.StageScaleUp] || len(events) == 0 {
				t.Errorf("%d pauses, %+v, through %v", pauses, end, stages)
			}
			if got := w.runs(t); got != c.runs {
				t.Errorf("it runs %s, want %s", got, c.runs)
			}
		})
	}
}

// TestContinue answers from elsewhere and follows to the end.
func TestContinue(t *testing.T) {
	w := newWorld(t)
	run := func(mode string) (Ended, bool) {
		var end Ended
		for e := range Run(t.Context(), w, w.canary(t, mode), Options{Clock: w.clock}) {
			switch e := e.(type) {
			case Paused:
				return end, true // and is left alone
			case Ended:
				end = e
			}
		}
		return end, false
	}
	if end, paused := run("one"); paused || end.Outcome != Stable {
		t.Fatalf("%+v", end)
	}
	if _, end := collect(t, Continue(t.Context(), w, "demo", "web", Options{Clock: w.clock})); end.Outcome != Failed || backend.KindOf(end.Err) != backend.Conflict {
		t.Errorf("with nothing to continue: %+v", end)
	}
	if _, paused := run("two"); !paused {
		t.Fatal("it did not pause")
	}
	if _, end := collect(t, Continue(t.Context(), w, "demo", "web", Options{Clock: w.clock})); end.Outcome != Stable {
		t.Errorf("continued: %+v", end)
	}
	if _, end := collect(t, Continue(t.Context(), w, "demo", "nobody", Options{Clock: w.clock})); backend.KindOf(end.Err) != backend.NotFound {
		t.Errorf("no such service: %+v", end)
	}
	if _, paused := run("three"); !paused {
		t.Fatal("it did not pause")
	}
	if _, end := collect(t, Rollback(t.Context(), w, web(), "", Options{Clock: w.clock})); end.Outcome != Stable || w.runs(t) != "web:2" {
		t.Errorf("rolled back: %+v, it runs %s", end, w.runs(t))
	}
}

// TestForeignIsRefused: what another controller deploys is not built for
// nothing, and not rolled back by us.
func TestForeignIsRefused(t *testing.T) {
	w := newWorld(t)
	spec, err := backend.ParseServiceSpec(backend.Document(`{"serviceName":"web","desiredCount":1,"deploymentController":{"type":"CODE_DEPLOY"}}`))
	if err != nil {
		t.Fatal(err)
	}
	td, err := w.RegisterTaskDefinition(t.Context(), backend.Document(`{"family":"web","containerDefinitions":[{"name":"web","image":"shop/web:1","memory":64}]}`))
	if err != nil {
		t.Fatal(err)
	}
	spec.TaskDefinition = td.ARN
	if _, err := w.CreateService(t.Context(), "demo", spec); err != nil {
		t.Fatal(err)
	}
	p := w.plan(t, "one") // whose document says nothing of a controller
	blocked := ""
	for _, f := range p.Findings {
		if f.Severity == backend.Problem {
			blocked += f.Path + ": " + f.Message + " " + f.Remedy + "\n"
		}
	}
	if !p.Blocked() || strings.Count(blocked, "deploymentController") != 1 || !strings.Contains(blocked, "CodeDeploy") || !strings.Contains(blocked, "--deployment-controller") {
		t.Errorf("the plan says %q", blocked)
	}
	events, end := collect(t, Run(t.Context(), w, p, Options{Clock: w.clock}))
	if len(events) != 1 || end.Outcome != Failed {
		t.Errorf("%d events, %+v", len(events), end)
	}
	if _, end := collect(t, Rollback(t.Context(), w, web(), "", Options{Clock: w.clock})); backend.KindOf(end.Err) != backend.Unsupported {
		t.Errorf("rolled back: %+v", end)
	}
}

// TestShiftDefaultsAreNoChange: what ECS fills in for a strategy is no change.
func TestShiftDefaultsAreNoChange(t *testing.T) {
	want := `{"deploymentConfiguration":{"strategy":"CANARY","canaryConfiguration":{"canaryPercent":12.5},
		"alarms":{"alarmNames":["b","a"],"enable":true,"rollback":false},
		"lifecycleHooks":[{"targetType":"PAUSE","lifecycleStages":["POST_SCALE_UP"]},{"hookTargetArn":"arn:f","roleArn":"arn:r","lifecycleStages":["PRE_SCALE_UP"]}]}}`
	now := `{"deploymentConfiguration":{"strategy":"CANARY","bakeTimeInMinutes":0,"canaryConfiguration":{"canaryPercent":12.50,"canaryBakeTimeInMinutes":10},
		"alarms":{"alarmNames":["a","b"],"enable":true,"rollback":false},
		"lifecycleHooks":[{"targetType":"PAUSE","lifecycleStages":["POST_SCALE_UP"],"timeoutConfiguration":{"timeoutInMinutes":1440,"action":"ROLLBACK"}},
			{"targetType":"AWS_LAMBDA","hookTargetArn":"arn:f","roleArn":"arn:r","lifecycleStages":["PRE_SCALE_UP"]}]}}`
	if changes := serviceChanges(backend.Document(now), backend.Document(want)); len(changes) != 0 {
		t.Errorf("%+v", changes)
	}
	other := strings.Replace(want, `"canaryPercent":12.5`, `"canaryPercent":25`, 1)
	if changes := serviceChanges(backend.Document(now), backend.Document(other)); len(changes) != 1 || changes[0].New != "25" {
		t.Errorf("%+v", changes)
	}
	ten := strings.Replace(now, `"canaryPercent":12.50`, `"canaryPercent":10.0`, 1)
	if changes := serviceChanges(backend.Document(ten), backend.Document(strings.Replace(want, "12.5", "10", 1))); len(changes) != 0 {
		t.Errorf("10 and 10.0 differ: %+v", changes)
	}
}

func TestWords(t *testing.T) {
	spec, err := backend.ParseServiceSpec(backend.Document(canaryService))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := Way(spec.Config), "CANARY: 20 % of the traffic for 1 min, then all of it · the old revision stays 1 min longer · pauses at post test traffic shift"; got != want {
		t.Errorf("%q", got)
	}
	if got := Way(backend.DeploymentConfig{Strategy: "OF_TOMORROW"}); got != "OF_TOMORROW" {
		t.Errorf("%q", got)
	}
	if got := Way(backend.DeploymentConfig{Strategy: backend.Rolling}); got != "" {
		t.Errorf("%q", got)
	}
	now := time.Unix(1000, 0)
	h := backend.Hook{ExpiresAt: now.Add(90 * time.Second), TimeoutAction: backend.HookRollback}
	if got := Expiry(h, now); got != "in 1 min it rolls back by itself" {
		t.Errorf("%q", got)
	}
	h.TimeoutAction = backend.HookContinue
	if got := Expiry(h, now.Add(time.Minute)); got != "in 30 s it goes on by itself" {
		t.Errorf("%q", got)
	}
}
