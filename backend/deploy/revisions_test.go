package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

// family registers so many revisions of "old", of which the second is run by a
// service that stands at zero, and the fourth by a task.
func (w *world) family(t *testing.T, n int) {
	t.Helper()
	ctx := t.Context()
	for i := range n {
		doc := fmt.Sprintf(`{"family":"old","containerDefinitions":[{"name":"app","image":"shop/old:v%d","memory":64,
			"environment":[{"name":"API_TOKEN","value":"secret-%d"}]}]}`, i+1, i+1)
		if _, err := w.RegisterTaskDefinition(ctx, backend.Document(doc)); err != nil {
			t.Fatal(err)
		}
	}
	spec, err := backend.ParseServiceSpec(backend.Document(`{"serviceName":"sleeper","taskDefinition":"old:2","desiredCount":0}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.CreateService(ctx, "batch", spec); err != nil {
		t.Fatal(err)
	}
	if _, err := w.RunTask(ctx, backend.RunTaskRequest{Cluster: "demo", TaskDefinition: "old:4"}); err != nil {
		t.Fatal(err)
	}
}

func refs(all []PlannedRevision) string {
	var out []string
	for _, r := range all {
		out = append(out, strings.TrimPrefix(r.Ref(), "old:"))
	}
	return strings.Join(out, " ")
}

// What a service in another cluster wants stays, also at zero tasks, and so
// does what a task of its own runs.
func TestPlanRevisionsKeepsTheNewestAndWhatIsUsed(t *testing.T) {
	w := newWorld(t)
	w.family(t, 8)
	if _, err := w.DeregisterTaskDefinition(t.Context(), "old:7"); err != nil {
		t.Fatal(err)
	}
	p, err := PlanRevisions(t.Context(), w, "old", 2)
	if err != nil {
		t.Fatal(err)
	}
	if refs(p.Going) != "5 3 1 7" || refs(p.Staying) != "8 6 4 2" || p.Deregisters() != 3 {
		t.Errorf("going %q, staying %q, %d are active", refs(p.Going), refs(p.Staying), p.Deregisters())
	}
	var text strings.Builder
	if err := p.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"old:2  used by sleeper\n", "old:4  used by tasks of their own · 1 running\n", "old:8  one of the newest 2\n", "old:7  inactive already; deleted\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the plan does not say %q:\n%s", want, text.String())
		}
	}
	if _, err := PlanRevisions(t.Context(), w, "old", 0); backend.KindOf(err) != backend.Invalid {
		t.Errorf("keeping none: %v", err)
	}
	if _, err := PlanRevisions(t.Context(), w, "nobody", 1); backend.KindOf(err) != backend.NotFound {
		t.Errorf("a family that does not exist: %v", err)
	}
}

// What came into use after the plan was made stays; the others go, in tens.
func TestPruneRevisionsLeavesWhatIsUsedByNow(t *testing.T) {
	w := newWorld(t)
	w.family(t, 25)
	p, err := PlanRevisions(t.Context(), w, "old", 3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.RunTask(t.Context(), backend.RunTaskRequest{Cluster: "batch", TaskDefinition: "old:10"}); err != nil {
		t.Fatal(err)
	}
	var last PruneProgress
	for at, err := range PruneRevisions(t.Context(), w, p) {
		if err != nil {
			t.Fatal(err)
		}
		if at.Done < last.Done {
			t.Errorf("%d after %d", at.Done, last.Done)
		}
		last = at
	}
	if last.Done != 19 || last.Total != 19 || !slices.Equal(last.Kept, []string{"old:10"}) {
		t.Errorf("ended at %+v", last)
	}
	page, err := w.ListTaskDefinitions(t.Context(), "old", backend.ActiveDefinition, backend.PageRequest{})
	if err != nil || len(page.Items) != 6 {
		t.Errorf("%d are left: %v, %v", len(page.Items), page.Items, err)
	}
}

// Cancelling ends it between two calls, and a new plan takes up the rest.
func TestPruneRevisionsCanBeCancelled(t *testing.T) {
	w := newWorld(t)
	w.family(t, 25)
	p, err := PlanRevisions(t.Context(), w, "old", 3)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var failed error
	for at, err := range PruneRevisions(ctx, w, p) {
		if failed = err; at.Ref == p.Going[4].Ref() {
			cancel()
		}
	}
	if backend.KindOf(failed) != backend.Cancelled {
		t.Errorf("cancelled: %v", failed)
	}
	again, err := PlanRevisions(t.Context(), w, "old", 3)
	if err != nil || len(again.Going) != len(p.Going) || again.Deregisters() != len(p.Going)-5 {
		t.Errorf("going %d, %d still active, %v", len(again.Going), again.Deregisters(), err)
	}
}

func TestCompareDefinitionsHidesSecrets(t *testing.T) {
	w := newWorld(t)
	w.family(t, 4)
	a, err := w.DescribeTaskDefinition(t.Context(), "old:1")
	if err != nil {
		t.Fatal(err)
	}
	b, err := w.DescribeTaskDefinition(t.Context(), "old:3")
	if err != nil {
		t.Fatal(err)
	}
	changes := CompareDefinitions(a, b)
	if len(changes) != 2 || changes[1].Old != "shop/old:v1" || changes[1].New != "shop/old:v3" {
		t.Errorf("%+v", changes)
	}
	var text strings.Builder
	if err := WriteChanges(&text, changes); err != nil || strings.Contains(text.String(), "secret-") || !strings.Contains(text.String(), "API_TOKEN") {
		t.Errorf("%v: %s", err, text.String())
	}
}
