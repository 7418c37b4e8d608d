package demo

import (
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// The company has a deployment that waits for an answer, and goes on or back
// by it; nobody's answer takes it back.
func TestCheckoutWaits(t *testing.T) {
	for name, c := range map[string]struct {
		action backend.HookAction // "" is none
		want   backend.ServiceDeploymentStatus
	}{
		"continued":   {backend.HookContinue, backend.Successful},
		"rolled back": {backend.HookRollback, backend.RollbackSuccessful},
		"forgotten":   {"", backend.RollbackSuccessful},
	} {
		t.Run(name, func(t *testing.T) {
			b, clock := open(t, Options{Quiet: true})
			s := services(t, b)["checkout"]
			d := deployment(t, b, s.Current)
			hook, waits := d.Waiting()
			if !waits || d.Strategy != backend.Canary || d.Stage != backend.StagePostTest || d.Target.Traffic.Test != 100 {
				t.Fatalf("%+v", d)
			}
			clock.Advance(time.Minute)
			if d := deployment(t, b, s.Current); d.Stage != backend.StagePostTest {
				t.Fatalf("a minute later it is at %s", d.Stage)
			}
			if c.action != "" {
				if _, err := b.ContinueServiceDeployment(t.Context(), s.Current, hook.ID, c.action); err != nil {
					t.Fatal(err)
				}
			}
			clock.Advance(time.Hour + time.Minute) // 720 minutes of ECS, and what comes after them
			if d := deployment(t, b, s.Current); d.Status != c.want {
				t.Errorf("it ended %s at %s", d.Status, d.Stage)
			}
		})
	}
}

// A word in the definition sets off the alarm that a deployment watches, once it
// has traffic: the old revision gets it back.
func TestAlarmWord(t *testing.T) {
	b, clock := open(t, Options{Quiet: true})
	s := services(t, b)["checkout"]
	td, err := b.DescribeTaskDefinition(t.Context(), s.TaskDefinition)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := td.Document.Edit(func(tree map[string]any) {
		c := tree["containerDefinitions"].([]any)[0].(map[string]any)
		c["environment"] = []any{map[string]any{"name": "DEMO", "value": "alarm"}}
	})
	if err != nil {
		t.Fatal(err)
	}
	if td, err = b.RegisterTaskDefinition(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
	s, err = b.UpdateService(t.Context(), "demo", "checkout", backend.ServiceChange{TaskDefinition: &td.ARN})
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	hook, waits := deployment(t, b, s.Current).Waiting()
	if !waits {
		t.Fatalf("%+v", deployment(t, b, s.Current))
	}
	if _, err := b.ContinueServiceDeployment(t.Context(), s.Current, hook.ID, backend.HookContinue); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	d := deployment(t, b, s.Current)
	if d.Status != backend.RollbackSuccessful || d.Alarms == nil || d.Alarms.Status != "TRIGGERED" || len(d.Alarms.Triggered) != 1 {
		t.Errorf("%s, %+v", d.Status, d.Alarms)
	}
}

// What CodeDeploy deploys is shown and can be scaled; ECS does not deploy it.
func TestGatewayIsAnothers(t *testing.T) {
	b, _ := open(t, Options{Quiet: true})
	found, err := b.DescribeServices(t.Context(), "batch", []string{"gateway"})
	if err != nil || len(found) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	s := found[0]
	if s.Foreign() == "" || s.Current != "" || s.Running != 2 || len(s.Deployments) != 1 {
		t.Fatalf("%+v", s)
	}
	for what, change := range map[string]backend.ServiceChange{
		"another task definition": {TaskDefinition: &s.TaskDefinition}, "force": {Force: true},
	} {
		if _, err := b.UpdateService(t.Context(), "batch", "gateway", change); backend.KindOf(err) != backend.Invalid || backend.AdviceFor(err) != backend.ForeignRemedy {
			t.Errorf("%s: %v", what, err)
		}
	}
	three := 3
	if s, err := b.UpdateService(t.Context(), "batch", "gateway", backend.ServiceChange{Desired: &three}); err != nil || s.Desired != 3 {
		t.Errorf("scaled to %d, %v", s.Desired, err)
	}
}
