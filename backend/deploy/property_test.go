package deploy

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
)

// TestWhateverHappens: deploys, rollbacks and scales in any order and into each
// other, watched to the end or left alone in the middle, over a line that loses
// calls and answers. In the end the service is what was accepted last, and no
// revision was registered twice in a row.
func TestWhateverHappens(t *testing.T) {
	seeds := []uint64{309, 661, 1060} // a deploy into a rollback that had no task left was never taken back
	for seed := range uint64(40) {
		seeds = append(seeds, seed)
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { whatever(t, seed) })
		})
	}
}

func whatever(t *testing.T, seed uint64) {
	w := &world{dir: t.TempDir(), Backend: demo.New(demo.Options{Empty: true, Quiet: true, Seed: seed})}
	defer w.Close()
	if err := os.WriteFile(filepath.Join(w.dir, "Dockerfile"), []byte("FROM scratch\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	u := &unsteady{Backend: w.Backend, rnd: rand.New(rand.NewPCG(seed, 7))}
	for range 8 {
		u.act(t, w, 2)
	}
	time.Sleep(5 * time.Minute) // of the bubble: everything settles

	got, err := w.DescribeServices(t.Context(), "demo", []string{"web"})
	if err != nil {
		t.Fatal(err)
	}
	if u.wish == nil {
		if len(got) != 0 {
			t.Errorf("nothing was accepted, and there is %+v", got)
		}
		return
	}
	s, want := got[0], *u.wish
	if u.broken(want.definition) { // it can't run: the newest that completed comes back
		if want.definition = u.completed(t); want.definition == "" {
			return // there is none: it goes on trying
		}
	}
	if s.TaskDefinition != want.definition || s.Desired != want.desired || s.Running != want.desired {
		t.Errorf("runs %s with %d of %d tasks, want %s with %d\n%s", backend.ShortName(s.TaskDefinition), s.Running, s.Desired,
			backend.ShortName(want.definition), want.desired, strings.Join(u.told, "\n"))
		for _, e := range s.Events {
			t.Log(e.At.Format("04:05.0"), e.Message)
		}
	}
	for i := 1; i < len(u.registered); i++ {
		if a, b := u.registered[i-1], u.registered[i]; sameDefinition(a, b) {
			t.Errorf("%s and %s are the same\n%s", a.Ref(), b.Ref(), strings.Join(u.told, "\n"))
		}
	}
}

// wish is what a service was last asked to be, by a call that was carried out.
type wish struct {
	definition string
	desired    int
}

// unsteady is a demo at the end of a bad line, that keeps what was carried out.
type unsteady struct {
	*demo.Backend
	rnd        *rand.Rand
	wish       *wish
	registered []backend.TaskDefinition
	told       []string
}

var errLine = &backend.Error{Op: "Call", Kind: backend.Unreachable, Err: errors.New("connection reset")}

func (u *unsteady) tell(format string, args ...any) {
	u.told = append(u.told, time.Now().Format("04:05.0 ")+fmt.Sprintf(format, args...))
}

// act does one thing to its end, or to some point of it; now and then another
// comes in between.
func (u *unsteady) act(t *testing.T, w *world, depth int) {
	if depth == 0 {
		return
	}
	opts := Options{Clock: backend.SystemClock{}}
	var events iter.Seq[Event]
	switch n := u.rnd.IntN(10); {
	case n < 6:
		mode := []string{"one", "two", "three", "oom"}[u.rnd.IntN(4)]
		p, err := NewPlan(t.Context(), u, w.request(t, mode))
		if err != nil {
			t.Fatal(err)
		}
		u.tell("deploy %s", mode)
		events = Run(t.Context(), u, p, opts)
	case n < 8:
		u.tell("roll back")
		events = Rollback(t.Context(), u, web(), "", opts)
	default:
		desired := 1 + u.rnd.IntN(5)
		u.tell("scale to %d", desired)
		_, _ = u.UpdateService(t.Context(), "demo", "web", backend.ServiceChange{Desired: &desired})
		return
	}
	left := u.rnd.IntN(60) // events until nobody looks any more
	for e := range events {
		if end, over := e.(Ended); over {
			u.tell("ended: %s, %s", end.Outcome, end.Reason)
		}
		if left--; left == 0 {
			u.tell("left alone at %T", e)
			return
		}
		if u.rnd.IntN(25) == 0 {
			u.act(t, w, depth-1)
		}
	}
}

// line carries a call out, or loses it, or its answer.
func line[T any](u *unsteady, name string, do func() (T, error)) (T, error) {
	var none T
	switch n := u.rnd.IntN(8); n {
	case 0:
		u.tell("%s is lost", name)
		return none, errLine
	case 1:
		_, err := do()
		u.tell("the answer of %s is lost (%v)", name, err)
		return none, errLine
	default:
		v, err := do()
		u.tell("%s (%v)", name, err)
		return v, err
	}
}

func (u *unsteady) RegisterTaskDefinition(ctx context.Context, doc backend.Document) (backend.TaskDefinition, error) {
	return line(u, "register", func() (backend.TaskDefinition, error) {
		td, err := u.Backend.RegisterTaskDefinition(ctx, doc)
		if err == nil {
			u.registered = append(u.registered, td)
		}
		return td, err
	})
}

func (u *unsteady) CreateService(ctx context.Context, cluster string, spec backend.ServiceSpec) (backend.Service, error) {
	return line(u, "create", func() (backend.Service, error) {
		s, err := u.Backend.CreateService(ctx, cluster, spec)
		return s, u.accept(s, err)
	})
}

func (u *unsteady) UpdateService(ctx context.Context, cluster, service string, change backend.ServiceChange) (backend.Service, error) {
	return line(u, "update", func() (backend.Service, error) {
		s, err := u.Backend.UpdateService(ctx, cluster, service, change)
		if err == nil && change.TaskDefinition == nil && u.wish != nil { // scaled, whatever is rolled out or back now
			u.wish.desired = s.Desired
			return s, nil
		}
		return s, u.accept(s, err)
	})
}

func (u *unsteady) StopServiceDeployment(ctx context.Context, arn string) (backend.ServiceDeployment, error) {
	return line(u, "stop", func() (backend.ServiceDeployment, error) {
		d, err := u.Backend.StopServiceDeployment(ctx, arn)
		if err == nil {
			u.wish.definition = d.RollbackTo
		}
		return d, err
	})
}

func (u *unsteady) accept(s backend.Service, err error) error {
	if err == nil {
		u.wish = &wish{s.TaskDefinition, s.Desired}
	}
	return err
}

// broken says whether a revision's tasks end by themselves.
func (u *unsteady) broken(arn string) bool {
	td, err := u.DescribeTaskDefinition(context.Background(), arn)
	return err == nil && strings.Contains(string(td.Document), `"oom"`)
}

// completed is the revision of the newest deployment that succeeded.
func (u *unsteady) completed(t *testing.T) string {
	t.Helper()
	all, err := deploymentsOf(t.Context(), u, "demo", "web", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if d.Status == backend.Successful {
			return d.Target.TaskDefinition
		}
	}
	return ""
}
