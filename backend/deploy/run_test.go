package deploy

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
)

// world is a demo whose clock runs a hundred times as fast.
type world struct {
	*demo.Backend
	clock *demo.ManualClock
	dir   string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{clock: demo.NewManualClock(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)), dir: t.TempDir()}
	w.Backend = demo.New(demo.Options{Clock: w.clock, Empty: true, Quiet: true})
	if err := os.WriteFile(filepath.Join(w.dir, "Dockerfile"), []byte("FROM scratch\nCOPY . .\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				w.clock.Advance(100 * time.Millisecond)
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-done; w.Close() })
	return w
}

// request asks for a service of three tasks; mode is a word of the demo's fates.
func (w *world) request(t *testing.T, mode string) Request {
	t.Helper()
	td, err := backend.ParseTaskDefinition(backend.Document(fmt.Sprintf(`{"family":"web","containerDefinitions":[
		{"name":"web","image":"<image>","memory":256,"environment":[{"name":"MODE","value":%q},{"name":"DB_PASSWORD","value":"hunter2"}]}]}`, mode)))
	if err != nil {
		t.Fatal(err)
	}
	spec, err := backend.ParseServiceSpec(backend.Document(`{"serviceName":"web","desiredCount":3,
		"deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"rollback":true}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return Request{
		App: "shop", Dir: w.dir, Cluster: "demo", Definition: td, Service: &spec,
		Images: []ImageSource{{Container: "web", Repository: "shop/web", Build: backend.BuildRequest{Context: w.dir}}},
	}
}

func (w *world) plan(t *testing.T, mode string) *Plan {
	t.Helper()
	p, err := NewPlan(t.Context(), w, w.request(t, mode))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// collect reads a stream and holds its rules: one Ended, last; everything once.
func collect(t *testing.T, events iter.Seq[Event]) ([]Event, Ended) {
	t.Helper()
	var all []Event
	seen := map[string]bool{}
	once := func(key string) {
		if seen[key] {
			t.Errorf("%s came twice", key)
		}
		seen[key] = true
	}
	for e := range events {
		if len(all) > 0 {
			if _, over := all[len(all)-1].(Ended); over {
				t.Errorf("%T after Ended", e)
			}
		}
		switch e := e.(type) {
		case ServiceEvent:
			once("event " + e.Event.ID)
		case TaskFailed:
			once("task " + e.Task.ARN)
		case StepStarted:
			once(fmt.Sprint("start ", e.Step, e.Subject))
		}
		all = append(all, e)
	}
	end, ok := all[len(all)-1].(Ended)
	if !ok {
		t.Fatalf("the stream ends with %T", all[len(all)-1])
	}
	return all, end
}

func (w *world) deploy(t *testing.T, mode string) ([]Event, Ended) {
	t.Helper()
	return collect(t, Run(t.Context(), w, w.plan(t, mode), Options{Clock: w.clock}))
}

func (w *world) runs(t *testing.T) string {
	t.Helper()
	all, err := w.DescribeServices(t.Context(), "demo", []string{"web"})
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	return backend.ShortName(all[0].TaskDefinition)
}

func TestDeployLives(t *testing.T) {
	w := newWorld(t)
	if _, end := w.deploy(t, "one"); end.Outcome != Stable {
		t.Fatalf("%+v", end)
	}
	if p := w.plan(t, "one"); !p.Nothing() {
		t.Errorf("something changes: %+v", p.Diff())
	}
	events, end := w.deploy(t, "one")
	if end.Outcome != Stable || w.runs(t) != "web:1" {
		t.Errorf("unchanged: %s, %+v", w.runs(t), end)
	}
	skipped := 0
	for _, e := range events {
		if s, ok := e.(StepFinished); ok && s.Skipped != "" {
			skipped++
		}
	}
	if skipped < 3 { // register, update, rollout
		t.Errorf("%d steps skipped", skipped)
	}

	events, end = w.deploy(t, "oom")
	if end.Outcome != RolledBack || w.runs(t) != "web:1" {
		t.Fatalf("broken: %s, %+v", w.runs(t), end)
	}
	var failed []TaskFailed
	for _, e := range events {
		if f, ok := e.(TaskFailed); ok {
			failed = append(failed, f)
		}
	}
	if len(failed) < 3 || failed[0].Diagnosis.Row != 11 || len(failed[0].LastLines) == 0 ||
		!strings.Contains(failed[0].Diagnosis.Remedy, "256") {
		t.Errorf("failures: %+v", failed)
	}

	if _, end = w.deploy(t, "two"); end.Outcome != Stable || w.runs(t) != "web:3" {
		t.Fatalf("%s %+v", w.runs(t), end)
	}
	_, end = collect(t, Rollback(t.Context(), w, web(), "", Options{Clock: w.clock}))
	if end.Outcome != Stable || w.runs(t) != "web:1" {
		t.Errorf("rollback: %s, %+v", w.runs(t), end)
	}
}

// A change that begins no deployment is followed until the service is what it
// should be, whatever became of the deployment before.
func TestDeployScales(t *testing.T) {
	w := newWorld(t)
	w.deploy(t, "one")
	if _, end := w.deploy(t, "oom"); end.Outcome != RolledBack {
		t.Fatalf("%+v", end)
	}
	for _, desired := range []int{5, 2} {
		req := w.request(t, "one")
		req.Service.Desired = desired
		req.Service.Document = bytes.Replace(req.Service.Document, []byte(`"desiredCount":3`), fmt.Appendf(nil, `"desiredCount":%d`, desired), 1)
		p, err := NewPlan(t.Context(), w, req)
		if err != nil {
			t.Fatal(err)
		}
		events, end := collect(t, Run(t.Context(), w, p, Options{Clock: w.clock}))
		if end.Outcome != Stable {
			t.Errorf("%+v", end)
		}
		for _, e := range events {
			if f, ok := e.(TaskFailed); ok {
				t.Errorf("tells of a task of the deployment before: %+v", f.Task)
			}
		}
		all, err := w.DescribeServices(t.Context(), "demo", []string{"web"})
		if err != nil || all[0].Running != desired || backend.ShortName(all[0].TaskDefinition) != "web:1" {
			t.Errorf("want %d tasks of web:1: %+v, %v", desired, all, err)
		}
	}
}

func TestRollbackWithNothingBefore(t *testing.T) {
	w := newWorld(t)
	w.deploy(t, "one")
	if _, end := collect(t, Rollback(t.Context(), w, web(), "", Options{Clock: w.clock})); end.Outcome != Failed || end.Advice == "" {
		t.Errorf("%+v", end)
	}
}

func TestCancel(t *testing.T) {
	for _, at := range []Step{Build, Push, Register, Update, Rollout} {
		t.Run(at.String(), func(t *testing.T) {
			w := newWorld(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			_, end := collect(t, func(yield func(Event) bool) {
				for e := range Run(ctx, w, w.plan(t, "one"), Options{Clock: w.clock}) {
					if s, ok := e.(StepStarted); ok && s.Step == at {
						cancel()
					}
					if !yield(e) {
						return
					}
				}
			})
			if end.Outcome != Cancelled {
				t.Errorf("%+v", end)
			}
			all, err := w.DescribeServices(t.Context(), "demo", []string{"web"})
			if err != nil {
				t.Fatal(err)
			}
			if touched := len(all) > 0; touched != (at >= Update) {
				t.Errorf("service touched: %v", touched)
			}
		})
	}
}

// shaky fails some reads, as a network does.
type shaky struct {
	*world
	fail int
}

func (s *shaky) DescribeServiceDeployments(ctx context.Context, arns []string) ([]backend.ServiceDeployment, error) {
	if s.fail > 0 {
		s.fail--
		return nil, backend.Errorf("DescribeServiceDeployments", backend.Throttled, "web", "slow down")
	}
	return s.world.DescribeServiceDeployments(ctx, arns)
}

func TestTroubleIsNotTheEnd(t *testing.T) {
	w := newWorld(t)
	s := &shaky{world: w, fail: 3}
	events, end := collect(t, Run(t.Context(), s, w.plan(t, "one"), Options{Clock: w.clock}))
	troubles := troublesOf(events)
	if end.Outcome != Stable || len(troubles) != 2 || troubles[0].Err == nil || troubles[1].Err != nil {
		t.Errorf("%+v, %+v", end, troubles)
	}
}

func TestTimeout(t *testing.T) {
	w := newWorld(t)
	s := &shaky{world: w, fail: 1 << 30}
	_, end := collect(t, Run(t.Context(), s, w.plan(t, "one"), Options{Clock: w.clock, Timeout: 5 * time.Minute}))
	if end.Outcome != Failed || !strings.Contains(end.Reason, "slow down") {
		t.Errorf("%+v", end)
	}
}

// A rollout that can't be read for too long is left: it goes on, and nobody
// waits for ever. What could be read again in time was no reason to.
func TestGivesUpReading(t *testing.T) {
	w := newWorld(t)
	s := &shaky{world: w, fail: 1 << 30}
	events, end := collect(t, Run(t.Context(), s, w.plan(t, "one"), Options{Clock: w.clock, GiveUp: 5 * time.Minute}))
	if end.Outcome != Failed || backend.KindOf(end.Err) != backend.Throttled || !strings.Contains(end.Reason, "could not be read for 5 min") {
		t.Errorf("%+v", end)
	}
	if took := end.At.Sub(troublesOf(events)[0].Since); took < 5*time.Minute || took > 5*time.Minute+maxPause {
		t.Errorf("given up after %s", took)
	}
	s.fail = 3
	if _, end := collect(t, Follow(t.Context(), s, "demo", "web", "", Options{Clock: w.clock, GiveUp: 5 * time.Minute})); end.Outcome != Stable {
		t.Errorf("%+v", end)
	}
}

func troublesOf(events []Event) (out []Trouble) {
	for _, e := range events {
		if tr, ok := e.(Trouble); ok {
			out = append(out, tr)
		}
	}
	return out
}

func TestPlanHidesSecrets(t *testing.T) {
	w := newWorld(t)
	w.deploy(t, "one")
	p := w.plan(t, "two")
	for i, c := range p.Request.Definition.Containers[0].Environment {
		if c.Name == "DB_PASSWORD" {
			doc := bytes.Replace(p.Request.Definition.Document, []byte("hunter2"), []byte("hunter3"), 1)
			td, err := backend.ParseTaskDefinition(doc)
			if err != nil {
				t.Fatal(i, err)
			}
			p.Request.Definition = td
		}
	}
	p, err := NewPlan(t.Context(), w, p.Request)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := p.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	want := "environment[DB_PASSWORD]: (hidden) → (hidden) changed"
	if strings.Contains(text.String(), "hunter") || !strings.Contains(text.String(), want) ||
		!strings.Contains(text.String(), "environment[MODE]: one → two") {
		t.Error(text.String())
	}
}

func TestPlanFindsProblems(t *testing.T) {
	w := newWorld(t)
	req := w.request(t, "one")
	req.Images[0].Container = "wbe"
	req.Images[0].Build.Dockerfile = "Missing"
	p, err := NewPlan(t.Context(), w, req)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, f := range p.Findings {
		if f.Severity == backend.Problem {
			found[f.Path] = true
		}
	}
	for _, path := range []string{"images.wbe", "images.wbe.dockerfile", "containerDefinitions[0].image"} {
		if !found[path] {
			t.Errorf("no problem at %s: %+v", path, p.Findings)
		}
	}
	if _, end := collect(t, Run(t.Context(), w, p, Options{Clock: w.clock})); end.Outcome != Failed {
		t.Errorf("a blocked plan ended %s", end.Outcome)
	}
}

// What ECS fills in, and the order of named lists, is no change.
func TestDefaultsAreNoChange(t *testing.T) {
	parse := func(doc string) backend.TaskDefinition {
		td, err := backend.ParseTaskDefinition(backend.Document(doc))
		if err != nil {
			t.Fatal(err)
		}
		return td
	}
	mine := parse(`{"family":"a","networkMode":"awsvpc","containerDefinitions":[{"name":"x","image":"i","environment":[{"name":"A","value":"1"},{"name":"B","value":"2"}],
		"portMappings":[{"containerPort":80}]},{"name":"y","image":"j"}]}`)
	theirs := parse(`{"taskDefinitionArn":"arn:x","revision":4,"status":"ACTIVE","family":"a","networkMode":"awsvpc","placementConstraints":[],"volumes":[],
		"containerDefinitions":[{"name":"y","image":"j","cpu":0,"essential":true,"mountPoints":[]},{"name":"x","image":"i","essential":true,
		"environment":[{"name":"B","value":"2"},{"name":"A","value":"1"}],"portMappings":[{"containerPort":80,"hostPort":80,"protocol":"tcp"}]}]}`)
	if c := definitionChanges(&theirs, mine, nil); len(c) > 0 {
		t.Errorf("%+v", c)
	}
	if changed := parse(strings.Replace(string(mine.Document), `"image":"j"`, `"image":"j","essential":false`, 1)); sameDefinition(mine, changed) {
		t.Error("essential: false is a change")
	}
}
