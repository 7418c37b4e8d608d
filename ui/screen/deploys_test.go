package screen

import (
	"context"
	"iter"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// scriptedDeploy is a deploy whose events come out of a channel; it ends with
// the channel, or with its context as a real one does.
func scriptedDeploy(events <-chan deploy.Event) func(context.Context) iter.Seq[deploy.Event] {
	return func(ctx context.Context) iter.Seq[deploy.Event] {
		return func(yield func(deploy.Event) bool) {
			for {
				select {
				case <-ctx.Done():
					yield(deploy.Ended{Outcome: deploy.Cancelled})
					return
				case ev, ok := <-events:
					if !ok || !yield(ev) {
						return
					}
				}
			}
		}
	}
}

// until waits for a change after which ok holds.
func until(t *testing.T, d *Deploys, ok func() bool) {
	t.Helper()
	for range d.Changes(t.Context()) {
		if ok() {
			return
		}
	}
	t.Fatal("never came true")
}

func TestDeploysRunOnePerService(t *testing.T) {
	d := NewDeploys(t.Context(), backend.SystemClock{})
	defer d.Close()
	web, worker := DeployKey{Cluster: "local", Service: "web"}, DeployKey{Cluster: "local", Service: "worker"}
	events := make(chan deploy.Event)
	run, err := d.Start(DeployJob{Key: web, Events: scriptedDeploy(events)})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := d.Start(DeployJob{Key: web, Events: scriptedDeploy(nil)}); backend.KindOf(err) != backend.Conflict || again != run {
		t.Errorf("a second deploy of the same service: %v", err)
	}
	if _, err := d.Start(DeployJob{Key: worker, Events: scriptedDeploy(nil)}); err != nil {
		t.Errorf("another service may deploy at the same time: %v", err)
	}
	if n := len(d.Running()); n != 2 {
		t.Errorf("%d run", n)
	}
	events <- deploy.StepStarted{Step: deploy.Build, Subject: "web"}
	until(t, d, func() bool { text, _ := run.Summary(at(0)); return text == "build web" })
	before := run.snapshot()
	events <- deploy.StepFinished{Step: deploy.Build, Subject: "web"}
	events <- deploy.Ended{Outcome: deploy.Stable}
	until(t, d, run.Over)
	if before.Lines[0].Phase != stepRunning || before.Ended != nil {
		t.Error("a snapshot changed after it was taken")
	}
	if got, ok := d.Find(web); !ok || got != run {
		t.Error("a deploy that ended is still found")
	}
	next, err := d.Start(DeployJob{Key: web, Events: scriptedDeploy(nil)})
	if err != nil || next.Number <= run.Number {
		t.Errorf("after the end the next one starts: %v", err)
	}
}

func TestDeploysAlwaysEnd(t *testing.T) {
	d := NewDeploys(t.Context(), backend.SystemClock{})
	start := func(name string, events func(context.Context) iter.Seq[deploy.Event]) *DeployRun {
		run, err := d.Start(DeployJob{Key: DeployKey{Cluster: "local", Service: name}, Events: events})
		if err != nil {
			t.Fatal(err)
		}
		return run
	}
	silent := start("silent", func(context.Context) iter.Seq[deploy.Event] { return func(func(deploy.Event) bool) {} })
	panics := start("panics", func(context.Context) iter.Seq[deploy.Event] { return func(func(deploy.Event) bool) { panic("boom") } })
	waits := start("waits", scriptedDeploy(nil))
	until(t, d, func() bool { return silent.Over() && panics.Over() })
	for _, r := range []*DeployRun{silent, panics} {
		if o, _ := r.Outcome(); o != deploy.Failed {
			t.Errorf("%s ended %v", r.Job.Key.Service, o)
		}
	}
	waits.Cancel()
	until(t, d, waits.Over)
	if o, _ := waits.Outcome(); o != deploy.Cancelled {
		t.Errorf("cancelled ended %v", o)
	}
	start("closed", scriptedDeploy(nil))
	d.Close()
	if n := len(d.Running()); n != 0 {
		t.Errorf("%d run after Close", n)
	}
}
