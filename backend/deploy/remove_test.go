package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

func (w *world) removal(t *testing.T, b Remover, req RemovalRequest) *Removal {
	t.Helper()
	p, err := PlanRemoval(t.Context(), b, req)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func listOf(items []RemovalItem) string {
	var out []string
	for _, i := range items {
		out = append(out, strings.TrimSuffix(fmt.Sprintf("%s %s: %s", i.Kind, i.Name, i.Why), ": "))
	}
	return strings.Join(out, "; ")
}

// shop deploys the app twice, with a schedule, autoscaling, and what others made
// and use.
func (w *world) shop(t *testing.T) RemovalRequest {
	t.Helper()
	ctx := t.Context()
	w.withSchedules(t, w, "one", backend.ScheduleSpec{Name: "shop-nightly", Expression: "rate(5 days)"})
	w.withSchedules(t, w, "two", backend.ScheduleSpec{Name: "shop-nightly", Expression: "rate(5 days)"})
	low, high := 1, 5
	if _, err := w.ChangeScaling(ctx, "demo", "web", backend.ScalingChange{Min: &low, Max: &high}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.PutSchedule(ctx, "demo", backend.ScheduleSpec{Name: "audit", Expression: "rate(9 days)", TaskDefinition: "web:1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.RegisterTaskDefinition(ctx, backend.Document(`{"family":"web","containerDefinitions":[{"name":"web","image":"shop/web:own","memory":64}]}`)); err != nil {
		t.Fatal(err)
	}
	return RemovalRequest{App: "shop", Cluster: "demo", Service: "web", Family: "web", Repositories: []string{"shop/web"}}
}

// TestRemoval: what the app made goes, and nothing else; why, is said.
func TestRemoval(t *testing.T) {
	w := newWorld(t)
	p := w.removal(t, w, w.shop(t))
	if got := listOf(p.Going); got != "service web; schedule shop-nightly; scalable target web; revision web:2" {
		t.Errorf("these go: %s", got)
	}
	for _, want := range []string{"schedule audit: not made by ecs-tui", "revision web:1: used by schedule audit", "revision web:3: not made by ecs-tui", "repository shop/web: "} {
		if got := listOf(p.Staying); !strings.Contains(got, want) {
			t.Errorf("these stay: %s; want %s", got, want)
		}
	}
	var last RemovalProgress
	for at, err := range Remove(t.Context(), w, p, Options{Clock: w.clock}) {
		if err != nil {
			t.Fatal(err)
		}
		last = at
	}
	if last.Done != len(p.Going) || len(p.Left(last)) != 0 {
		t.Errorf("%+v", last)
	}
	if all, err := w.DescribeServices(t.Context(), "demo", []string{"web"}); err != nil || activeService(all) != nil {
		t.Errorf("the service is there still: %+v, %v", all, err)
	}
	if got := w.scheduled(t); len(got) != 1 || got["audit"] == "" {
		t.Errorf("schedules: %v", got)
	}
	for ref, there := range map[string]bool{"web:1": true, "web:2": false, "web:3": true} {
		if _, err := w.DescribeTaskDefinition(t.Context(), ref); (err == nil) != there {
			t.Errorf("%s: %v", ref, err)
		}
	}
}

// TestRemovalOfImages: a repository that the app made goes with its images, unless
// they are to be kept, or somebody else made it.
func TestRemovalOfImages(t *testing.T) {
	w := newWorld(t)
	w.deploy(t, "one")
	req := RemovalRequest{App: "shop", Cluster: "demo", Service: "web", Family: "web", Repositories: []string{"shop/web"}, KeepImages: true}
	if got := listOf(w.removal(t, w, req).Staying); !strings.Contains(got, "repository shop/web: images are kept") {
		t.Errorf("these stay: %s", got)
	}
	req.KeepImages = false
	p := w.removal(t, w, req)
	if got := listOf(p.Going); !strings.HasSuffix(got, "revision web:1; repository shop/web") {
		t.Errorf("these go: %s", got)
	}
	for _, err := range Remove(t.Context(), w, p, Options{Clock: w.clock}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if found, err := w.DescribeRepositories(t.Context(), []string{"shop/web"}); err != nil || len(found) != 0 {
		t.Errorf("%+v, %v", found, err)
	}
	if again, err := PlanRemoval(t.Context(), w, req); backend.KindOf(err) != backend.NotFound {
		t.Errorf("with nothing left: %+v, %v", again, err)
	}
	if _, err := w.CreateRepository(t.Context(), backend.RepositorySpec{Name: "shop/web"}); err != nil {
		t.Fatal(err)
	}
	w.deploy(t, "one")
	if got := listOf(w.removal(t, w, req).Staying); !strings.Contains(got, "repository shop/web: not made by ecs-tui for an app") {
		t.Errorf("of somebody else's: %s", got)
	}
}

// TestRemovalOfOthers: a service of the same name elsewhere keeps the revision,
// and another app's revisions stay.
func TestRemovalOfOthers(t *testing.T) {
	w := newWorld(t)
	req := w.shop(t)
	spec, err := backend.ParseServiceSpec(backend.Document(`{"serviceName":"web","taskDefinition":"web:2","desiredCount":1}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.CreateService(t.Context(), "batch", spec); err != nil {
		t.Fatal(err)
	}
	p := w.removal(t, w, req)
	if got := listOf(p.Going); strings.Contains(got, "revision") || strings.Contains(got, "repository") {
		t.Errorf("these go: %s", got)
	}
	if got := listOf(p.Staying); !strings.Contains(got, "revision web:2: used by web") {
		t.Errorf("these stay: %s", got)
	}
	req.App = "other"
	if got := listOf(w.removal(t, w, req).Staying); !strings.Contains(got, "revision web:2: made by app shop") || !strings.Contains(got, "schedule shop-nightly: made by app shop") {
		t.Errorf("for another app, these stay: %s", got)
	}
}

// unfinished fails at the n-th change.
type unfinished struct {
	*world
	left int
}

var errHalfway = errors.New("the line was cut")

func (u *unfinished) spend() error {
	if u.left--; u.left < 0 {
		return errHalfway
	}
	return nil
}

func (u *unfinished) DeleteSchedule(ctx context.Context, cluster, name string) error {
	if err := u.spend(); err != nil {
		return err
	}
	return u.world.DeleteSchedule(ctx, cluster, name)
}

func (u *unfinished) DeleteTaskDefinitions(ctx context.Context, refs []string) ([]backend.TaskDefinition, error) {
	if err := u.spend(); err != nil {
		return nil, err
	}
	return u.world.DeleteTaskDefinitions(ctx, refs)
}

// TestRemovalCutOff: what is left is told, and goes the next time.
func TestRemovalCutOff(t *testing.T) {
	for at := range 2 {
		w := newWorld(t)
		req := w.shop(t)
		p := w.removal(t, w, req)
		var last RemovalProgress
		var failed error
		for step, err := range Remove(t.Context(), &unfinished{w, at}, p, Options{Clock: w.clock}) {
			last, failed = step, err
		}
		if !errors.Is(failed, errHalfway) || len(p.Left(last)) != len(p.Going)-last.Done || last.Done == 0 {
			t.Fatalf("%+v, %v", last, failed)
		}
		rest := w.removal(t, w, req)
		if got := listOf(rest.Going); rest.Service != nil || !strings.Contains(got, "revision web:2") {
			t.Errorf("left: %s", got)
		}
		for _, err := range Remove(t.Context(), w, rest, Options{Clock: w.clock}) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.DescribeTaskDefinition(t.Context(), "web:2"); err == nil {
			t.Error("web:2 is there still")
		}
	}
}
