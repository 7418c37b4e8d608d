package deploy

import (
	"context"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

// web is the service that the tests deploy, by its name alone.
func web() backend.Service { return backend.Service{Cluster: "demo", Name: "web"} }

// deployAs deploys a mode in somebody's name.
func (w *world) deployAs(t *testing.T, b Deployer, mode, by string) Ended {
	t.Helper()
	req := w.request(t, mode)
	req.App, req.By = "shop", by
	p, err := NewPlan(t.Context(), w, req)
	if err != nil {
		t.Fatal(err)
	}
	_, end := collect(t, Run(t.Context(), b, p, Options{Clock: w.clock}))
	return end
}

// TestHistory: every deployment is there with how it ended and where its
// revision comes from, and any that completed can be gone back to.
func TestHistory(t *testing.T) {
	w := newWorld(t)
	for _, d := range []struct {
		mode, by string
		want     Outcome
	}{{"one", "anna@desk", Stable}, {"oom", "ben@desk", RolledBack}, {"three", "anna@desk", Stable}, {"four", "CI (nightly)", Stable}} {
		if end := w.deployAs(t, w, d.mode, d.by); end.Outcome != d.want {
			t.Fatalf("%s: %+v", d.mode, end)
		}
	}
	past, err := History(t.Context(), w, "demo", "web", 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range past {
		got = append(got, backend.ShortName(p.Target.TaskDefinition)+" "+p.Origin.By+" "+string(p.Status))
		if p.Origin.App != "shop" || p.Images["web"] == "" {
			t.Errorf("%+v", p)
		}
	}
	want := "web:4 CI _nightly_ SUCCESSFUL, web:3 anna@desk SUCCESSFUL, web:2 ben@desk ROLLBACK_SUCCESSFUL, web:1 anna@desk SUCCESSFUL"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("history:\n%s\nwant:\n%s", s, want)
	}
	if some, err := History(t.Context(), w, "demo", "web", 2); err != nil || len(some) != 2 || some[0].ARN != past[0].ARN {
		t.Errorf("the newest two: %+v, %v", some, err)
	}

	for _, to := range []string{"1", "web:3", past[0].Target.TaskDefinition} {
		if _, end := collect(t, Rollback(t.Context(), w, web(), to, Options{Clock: w.clock})); end.Outcome != Stable || !names(w.definition(t), to) {
			t.Errorf("to %s: runs %s, %+v", to, w.runs(t), end)
		}
	}
	for to, kind := range map[string]backend.Kind{"2": backend.Conflict, "9": backend.NotFound, "4": backend.Conflict, "api:1": backend.NotFound} {
		_, end := collect(t, Rollback(t.Context(), w, web(), to, Options{Clock: w.clock}))
		if end.Outcome != Failed || backend.KindOf(end.Err) != kind || end.Advice == "" || w.runs(t) != "web:4" {
			t.Errorf("to %s: runs %s, %+v", to, w.runs(t), end)
		}
	}
}

func (w *world) definition(t *testing.T) string {
	t.Helper()
	all, err := w.DescribeServices(t.Context(), "demo", []string{"web"})
	if err != nil {
		t.Fatal(err)
	}
	return all[0].TaskDefinition
}

// TestOriginIsNoChange: whoever deploys the same from elsewhere changes nothing,
// and the user's own tags are kept, and compared.
func TestOriginIsNoChange(t *testing.T) {
	w := newWorld(t)
	w.deployAs(t, w, "one", "anna@desk")
	end := w.deployAs(t, w, "one", "ben@desk")
	if end.Outcome != Stable || w.runs(t) != "web:1" {
		t.Errorf("runs %s: %+v", w.runs(t), end)
	}
	o := Origin{By: "anna@desk"}
	doc, err := o.stamp(backend.Document(`{"family":"web","tags":[{"key":"team","value":"shop"},{"key":"ecs-tui:by","value":"old"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := OriginOf(backend.TaskDefinition{Document: doc}); got != o {
		t.Errorf("origin %+v in %s", got, doc)
	}
	td := func(tags string) backend.TaskDefinition {
		td, err := backend.ParseTaskDefinition(backend.Document(`{"taskDefinition":{"family":"web","containerDefinitions":[{"name":"web"}]},"tags":[` + tags + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		return td
	}
	if !sameDefinition(td(``), td(`{"key":"ecs-tui:by","value":"x"}`)) || sameDefinition(td(``), td(`{"key":"team","value":"x"}`)) {
		t.Error("own tags count and those of the program don't")
	}
}

// untagged is a place where nobody may set tags.
type untagged struct{ *world }

func (u untagged) RegisterTaskDefinition(ctx context.Context, doc backend.Document) (backend.TaskDefinition, error) {
	if strings.Contains(string(doc), backend.TagPrefix) {
		return backend.TaskDefinition{}, backend.Errorf("RegisterTaskDefinition", backend.Denied, "web", "not authorized to perform: ecs:TagResource")
	}
	return u.world.RegisterTaskDefinition(ctx, doc)
}

func TestDeployWhereTagsAreDenied(t *testing.T) {
	w := newWorld(t)
	if end := w.deployAs(t, untagged{w}, "one", "anna@desk"); end.Outcome != Stable || w.runs(t) != "web:1" {
		t.Errorf("runs %s: %+v", w.runs(t), end)
	}
}

func TestTaggable(t *testing.T) {
	for in, want := range map[string]string{
		"anna@desk": "anna@desk", "Ännä <x>": "_nn_ _x_", " feature/a+b ": "feature/a+b", "\x1b[31mred": "__31mred",
		strings.Repeat("é", 300): strings.Repeat("_", 256), "": "",
	} {
		if got := taggable(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestSomebodyElseDeploys: a plan says who deploys what; a deploy whose plan did
// not know of it changes nothing.
func TestSomebodyElseDeploys(t *testing.T) {
	w := newWorld(t)
	w.deployAs(t, w, "one", "anna@desk")
	before := w.plan(t, "three")
	req := w.request(t, "two")
	req.By = "ben@desk"
	p, err := NewPlan(t.Context(), w, req)
	if err != nil || p.GoingOn != nil {
		t.Fatalf("%+v, %v", p.GoingOn, err)
	}
	for e := range Run(t.Context(), w, p, Options{Clock: w.clock}) {
		if s, ok := e.(StepStarted); ok && s.Step == Rollout {
			break // ben goes home
		}
	}
	if _, end := collect(t, Run(t.Context(), w, before, Options{Clock: w.clock})); backend.KindOf(end.Err) != backend.Conflict || w.runs(t) != "web:2" {
		t.Errorf("runs %s: %+v", w.runs(t), end)
	}
	over := w.plan(t, "three")
	if over.GoingOn == nil || over.GoingOn.String() != "web:2, by ben@desk" {
		t.Fatalf("going on: %+v", over.GoingOn)
	}
	if _, end := collect(t, Run(t.Context(), w, over, Options{Clock: w.clock})); end.Outcome != Stable || w.runs(t) != "web:3" {
		t.Errorf("taken over: runs %s: %+v", w.runs(t), end)
	}
}

// TestRollbackFromWhatWasSeen: whoever decided to leave one version leaves no
// other one.
func TestRollbackFromWhatWasSeen(t *testing.T) {
	w := newWorld(t)
	seen := func() backend.Service {
		all, err := w.DescribeServices(t.Context(), "demo", []string{"web"})
		if err != nil {
			t.Fatal(err)
		}
		return all[0]
	}
	back := func(from backend.Service) Ended {
		_, end := collect(t, Rollback(t.Context(), w, from, "", Options{Clock: w.clock}))
		return end
	}
	w.deploy(t, "one")
	w.deploy(t, "three")
	before := seen()
	during := before
	p := w.plan(t, "oom")
	for e := range Run(t.Context(), w, p, Options{Clock: w.clock, Detach: true}) {
		if s, ok := e.(RolloutProgress); ok && s.Service.TaskDefinition != before.TaskDefinition {
			during = s.Service
		}
	}
	if w.runs(t) != "web:2" || backend.ShortName(during.TaskDefinition) != "web:3" {
		t.Fatalf("runs %s, ran %s", w.runs(t), during.TaskDefinition)
	}
	for name, from := range map[string]backend.Service{"before the deployment that failed": before, "while it went on": during} {
		if end := back(from); end.Outcome != Failed || backend.KindOf(end.Err) != backend.Conflict || end.Advice == "" || w.runs(t) != "web:2" {
			t.Errorf("%s: runs %s, %+v", name, w.runs(t), end)
		}
	}
	if end := back(seen()); end.Outcome != Stable || w.runs(t) != "web:1" {
		t.Errorf("as it is: runs %s, %+v", w.runs(t), end)
	}
}
