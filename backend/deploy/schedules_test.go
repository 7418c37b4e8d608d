package deploy

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

// withSchedules is a deploy of an app with these schedules.
func (w *world) withSchedules(t *testing.T, b Deployer, mode string, all ...backend.ScheduleSpec) (*Plan, Ended) {
	t.Helper()
	req := w.request(t, mode)
	for _, s := range all {
		s.App, s.Enabled = "shop", true
		req.Schedules = append(req.Schedules, s)
	}
	p, err := NewPlan(t.Context(), w, req)
	if err != nil {
		t.Fatal(err)
	}
	_, end := collect(t, Run(t.Context(), b, p, Options{Clock: w.clock}))
	return p, end
}

func (w *world) scheduled(t *testing.T) map[string]string {
	t.Helper()
	page, err := w.ListSchedules(t.Context(), "demo", backend.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, s := range page.Items {
		out[s.Name] = s.Expression + " " + backend.ShortName(s.TaskDefinition)
	}
	return out
}

func inDocument(p *Plan, document string) string {
	var out []string
	for _, c := range p.Changes {
		if c.Document == document {
			out = append(out, c.Path+": "+c.Old+" > "+c.New)
		}
	}
	return strings.Join(out, "; ")
}

// TestSchedulesGoAlong: schedules are put in place after a rollout that went well,
// pinned to its revision; others' stay, and a failed one changes nothing.
func TestSchedulesGoAlong(t *testing.T) {
	w := newWorld(t)
	nightly := backend.ScheduleSpec{Name: "shop-nightly", Expression: "cron(0 3 * * ? *)", Overrides: []backend.ContainerOverride{{Name: "web", Command: []string{"./report"}}}}
	tick := backend.ScheduleSpec{Name: "shop-tick", Expression: "rate(5 days)"}
	p, end := w.withSchedules(t, w, "one", nightly, tick)
	if end.Outcome != Stable || w.scheduled(t)["shop-nightly"] != "cron(0 3 * * ? *) web:1" || len(w.scheduled(t)) != 2 {
		t.Fatalf("%+v, %v", end, w.scheduled(t))
	}
	if got := inDocument(p, inSchedules); !strings.Contains(got, "shop-nightly:  > 03:00 every day, web: ./report") {
		t.Errorf("the plan says %q", got)
	}
	if _, err := w.PutSchedule(t.Context(), "demo", backend.ScheduleSpec{Name: "own", Expression: "rate(9 days)", TaskDefinition: "web:1"}); err != nil {
		t.Fatal(err)
	}
	if _, end := w.withSchedules(t, w, "crash", nightly, tick); end.Outcome != RolledBack {
		t.Fatalf("%+v", end)
	}
	if got := w.scheduled(t)["shop-nightly"]; !strings.HasSuffix(got, " web:1") {
		t.Errorf("after a failed deploy it runs %s", got)
	}
	p, end = w.withSchedules(t, w, "two", nightly)
	if got := w.scheduled(t); end.Outcome != Stable || !strings.HasSuffix(got["shop-nightly"], " web:3") || got["shop-tick"] != "" || got["own"] == "" {
		t.Errorf("%+v, %v", end, got)
	}
	if got := inDocument(p, inSchedules); got != "shop-tick: every 5 days > " {
		t.Errorf("the plan says %q", got)
	}
	if p, _ = w.withSchedules(t, w, "two", nightly); !p.Nothing() {
		t.Errorf("%+v", p.Diff())
	}
	uses, err := allUses(t.Context(), w, "web")
	if got := DescribeUses(uses["web:1"]); err != nil || got != "schedule own" {
		t.Errorf("web:1 is used by %q, %v", got, err)
	}
	// Without any in the app file, what it had goes too.
	if _, end = w.withSchedules(t, w, "two"); end.Outcome != Stable || len(w.scheduled(t)) != 1 {
		t.Errorf("%+v, %v", end, w.scheduled(t))
	}
}

// scheduleless refuses to make schedules.
type scheduleless struct{ *world }

func (s scheduleless) PutSchedule(context.Context, string, backend.ScheduleSpec) (backend.Schedule, error) {
	return backend.Schedule{}, &backend.Error{Op: "PutSchedule", Kind: backend.Denied, Resource: "shop-tick", Err: errors.New("not authorized"), Remedy: "ask for it"}
}

// TestScheduleFails: a deploy whose schedules could not be made is no success, and
// says what to do; the next one makes them.
func TestScheduleFails(t *testing.T) {
	w := newWorld(t)
	tick := backend.ScheduleSpec{Name: "shop-tick", Expression: "rate(5 days)"}
	_, end := w.withSchedules(t, scheduleless{w}, "one", tick)
	if end.Outcome != Failed || !strings.Contains(end.Reason, "not authorized") || !strings.Contains(end.Advice, "deploy again") || w.runs(t) != "web:1" {
		t.Fatalf("%+v", end)
	}
	if _, end = w.withSchedules(t, w, "one", tick); end.Outcome != Stable || w.scheduled(t)["shop-tick"] == "" {
		t.Errorf("%+v, %v", end, w.scheduled(t))
	}
}
