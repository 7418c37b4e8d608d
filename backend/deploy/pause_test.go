package deploy

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

// standing reads how the service web stands for a pause.
func (w *world) standing(t *testing.T, b Pauser) *Pausing {
	t.Helper()
	p, err := ReadPause(t.Context(), b, "demo", "web")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (w *world) must(t *testing.T, do func(context.Context) (backend.Service, error)) {
	t.Helper()
	if _, err := do(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestPause: a service goes to zero and comes back with as many tasks, its
// autoscaling suspended meanwhile, as it was before; a deploy leaves it paused.
func TestPause(t *testing.T) {
	w := newWorld(t)
	w.deploy(t, "one")
	low, high := 2, 6
	before := backend.Suspension{Scheduled: true}
	if _, err := w.ChangeScaling(t.Context(), "demo", "web", backend.ScalingChange{Min: &low, Max: &high, Suspended: &before}); err != nil {
		t.Fatal(err)
	}
	p := w.standing(t, w)
	if p.Paused || p.Count != 3 || len(p.Explain()) != 2 {
		t.Fatalf("before: %+v, %q", p, p.Explain())
	}
	w.must(t, p.Pause)
	w.must(t, w.standing(t, w).Pause) // again: as it is
	p = w.standing(t, w)
	if !p.Paused || p.Count != 3 || p.Scaling.Suspended != allSuspended {
		t.Fatalf("paused: %+v", p)
	}
	plan := w.plan(t, "two")
	if plan.Paused != 3 {
		t.Errorf("the plan does not say that it is paused: %+v", plan)
	}
	for _, c := range plan.Diff() {
		if c.Document == inService {
			t.Errorf("the plan changes %+v", c)
		}
	}
	if _, end := collect(t, Run(t.Context(), w, plan, Options{Clock: w.clock})); end.Outcome != Stable {
		t.Fatalf("a deploy of a paused service: %+v", end)
	}
	if p = w.standing(t, w); !p.Paused || p.Count != 3 || w.runs(t) != "web:2" {
		t.Errorf("deployed while paused: %+v, %s", p, w.runs(t))
	}
	w.must(t, p.Resume)
	w.must(t, w.standing(t, w).Resume) // again: as it is
	p = w.standing(t, w)
	if p.Paused || p.Service.Desired != 3 || p.Scaling.Suspended != before || len(p.Service.Tags) != 0 {
		t.Errorf("resumed: %+v", p)
	}
}

// TestScaleEndsPause: who scales by hand does not want the old count back.
func TestScaleEndsPause(t *testing.T) {
	w := newWorld(t)
	w.deploy(t, "one")
	w.must(t, w.standing(t, w).Pause)
	scale := func(n int) func(context.Context) (backend.Service, error) {
		return func(ctx context.Context) (backend.Service, error) { return w.standing(t, w).Scale(ctx, n) }
	}
	w.must(t, scale(0))
	if p := w.standing(t, w); !p.Paused {
		t.Errorf("scaled to the zero that it stands at: %+v", p)
	}
	w.must(t, scale(1))
	if p := w.standing(t, w); p.Paused || p.Service.Desired != 1 || len(p.Service.Tags) != 0 {
		t.Errorf("scaled: %+v", p)
	}
	w.must(t, scale(0))
	if _, err := w.standing(t, w).Resume(t.Context()); backend.KindOf(err) != backend.Conflict {
		t.Errorf("resumed what was never paused: %v", err)
	}
	two := 2
	w.must(t, scale(3))
	w.must(t, w.standing(t, w).Pause)
	w.must(t, func(ctx context.Context) (backend.Service, error) { // elsewhere, by who knows nothing of pauses
		return w.UpdateService(ctx, "demo", "web", backend.ServiceChange{Desired: &two})
	})
	if p := w.standing(t, w); p.Paused {
		t.Errorf("scaled elsewhere: %+v", p)
	}
	w.must(t, w.standing(t, w).Pause)
	if p := w.standing(t, w); !p.Paused || p.Count != 2 {
		t.Errorf("paused anew: %+v", p)
	}
}

// cutOff fails from its n-th change on.
type cutOff struct {
	*world
	left int
}

var errCut = errors.New("cut off")

func (c *cutOff) spend() error {
	if c.left--; c.left < 0 {
		return errCut
	}
	return nil
}

func (c *cutOff) TagResource(ctx context.Context, arn string, tags map[string]string) error {
	if err := c.spend(); err != nil {
		return err
	}
	return c.world.TagResource(ctx, arn, tags)
}

func (c *cutOff) UntagResource(ctx context.Context, arn string, keys []string) error {
	if err := c.spend(); err != nil {
		return err
	}
	return c.world.UntagResource(ctx, arn, keys)
}

func (c *cutOff) ChangeScaling(ctx context.Context, cluster, service string, change backend.ScalingChange) (backend.Scaling, error) {
	if err := c.spend(); err != nil {
		return backend.Scaling{}, err
	}
	return c.world.ChangeScaling(ctx, cluster, service, change)
}

func (c *cutOff) UpdateService(ctx context.Context, cluster, service string, change backend.ServiceChange) (backend.Service, error) {
	if err := c.spend(); err != nil {
		return backend.Service{}, err
	}
	return c.world.UpdateService(ctx, cluster, service, change)
}

// TestPauseCutOff: wherever a pause or its end is cut off, another call ends it,
// and nothing that was remembered is lost.
func TestPauseCutOff(t *testing.T) {
	w := newWorld(t)
	w.deploy(t, "one")
	low, high := 1, 6
	before := backend.Suspension{In: true}
	if _, err := w.ChangeScaling(t.Context(), "demo", "web", backend.ScalingChange{Min: &low, Max: &high, Suspended: &before}); err != nil {
		t.Fatal(err)
	}
	for at := range 3 {
		t.Run(fmt.Sprint("after ", at), func(t *testing.T) {
			if _, err := w.standing(t, &cutOff{w, at}).Pause(t.Context()); !errors.Is(err, errCut) {
				t.Fatal(err)
			}
			w.must(t, w.standing(t, w).Pause)
			if p := w.standing(t, w); !p.Paused || p.Count != 3 || p.Scaling.Suspended != allSuspended {
				t.Fatalf("%+v", p)
			}
			if _, err := w.standing(t, &cutOff{w, at}).Resume(t.Context()); !errors.Is(err, errCut) {
				t.Fatal(err)
			}
			w.must(t, w.standing(t, w).Resume)
			if p := w.standing(t, w); p.Paused || p.Service.Desired != 3 || p.Scaling.Suspended != before || len(p.Service.Tags) != 0 {
				t.Fatalf("%+v", p)
			}
		})
	}
}
