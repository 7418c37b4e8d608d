package deploy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
)

// stage is a demo in which a first version runs, for deploys with hooks over it.
type stage struct {
	*testing.T
	*world
	breaker string // of the service, as JSON
	desired int
}

// onStage runs a test in time of its own, which passes as fast as it can.
func onStage(t *testing.T, test func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{dir: t.TempDir(), Backend: demo.New(demo.Options{Empty: true, Quiet: true, Seed: 5})}
		defer w.Close()
		if err := os.WriteFile(filepath.Join(w.dir, "Dockerfile"), []byte("FROM scratch\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s := &stage{T: t, world: w, breaker: `{"enable":true,"rollback":true}`, desired: 2}
		test(s)
	})
}

// planned is the plan of a deploy; mode is a word of the demo's fates.
func (s *stage) planned(mode string, edit func(*Request)) *Plan {
	s.Helper()
	td, err := backend.ParseTaskDefinition(backend.Document(fmt.Sprintf(`{"family":"web","containerDefinitions":[{"name":"web","image":"<image>","memory":256,
		"portMappings":[{"containerPort":8080}],"environment":[{"name":"MODE","value":%q}]}]}`, mode)))
	if err != nil {
		s.Fatal(err)
	}
	spec, err := backend.ParseServiceSpec(backend.Document(fmt.Sprintf(`{"serviceName":"web","desiredCount":%d,
		"deploymentConfiguration":{"deploymentCircuitBreaker":%s}}`, s.desired, s.breaker)))
	if err != nil {
		s.Fatal(err)
	}
	req := Request{
		App: "shop", Environment: "prod", By: "anna@desk", Dir: s.dir, Cluster: "demo", Definition: td, Service: &spec,
		Images: []ImageSource{{Container: "web", Repository: "shop/web", Build: backend.BuildRequest{Context: s.dir}}},
	}
	if edit != nil {
		edit(&req)
	}
	p, err := NewPlan(s.Context(), s, req)
	if err != nil {
		s.Fatal(err)
	}
	return p
}

// runs carries a deploy out. at is called with every event; it may cancel.
func (s *stage) runs(mode string, edit func(*Request), at func(Event, context.CancelFunc)) ([]Event, Ended) {
	s.Helper()
	ctx, cancel := context.WithCancel(s.Context())
	defer cancel()
	return collect(s.T, func(yield func(Event) bool) {
		for e := range Run(ctx, s, s.planned(mode, edit), Options{Clock: backend.SystemClock{}}) {
			if at != nil {
				at(e, cancel)
			}
			if !yield(e) {
				return
			}
		}
	})
}

// first deploys the version that is there before.
func (s *stage) first() {
	s.Helper()
	if _, end := s.runs("fine", nil, nil); end.Outcome != Stable {
		s.Fatalf("the version before: %+v", end)
	}
}

// expect compares the outcome and what the service runs in the end.
func (s *stage) expect(end Ended, outcome Outcome, runs string, words ...string) {
	s.Helper()
	if got := s.world.runs(s.T); end.Outcome != outcome || got != runs {
		s.Errorf("%s with %s, want %s with %s: %+v", end.Outcome, got, outcome, runs, end)
	}
	for _, w := range words {
		if !strings.Contains(end.Reason, w) {
			s.Errorf("the reason lacks %q: %s", w, end.Reason)
		}
	}
}

func of[E Event](events []Event) []E {
	var out []E
	for _, e := range events {
		if e, ok := e.(E); ok {
			out = append(out, e)
		}
	}
	return out
}

// soon holds a failure against the event that decided it.
func (s *stage) soon(events []Event, step Step, since time.Time) {
	s.Helper()
	for _, e := range of[StepFailed](events) {
		if e.Step == step {
			if late := e.At.Sub(since); since.IsZero() || late > decided || late < 0 {
				s.Errorf("%s was called failed %s after what decided it", step, late)
			}
			return
		}
	}
	s.Errorf("%s did not fail", step)
}

func lastStopped(events []Event) (last time.Time) {
	for _, f := range of[TaskFailed](events) {
		if f.Task.StoppedAt.After(last) {
			last = f.Task.StoppedAt
		}
	}
	return last
}

// tasksOf are the tasks that a hook started.
func (s *stage) tasksOf(step Step) []backend.Task {
	s.Helper()
	var out []backend.Task
	for _, stopped := range []bool{false, true} {
		page, err := s.ListTasks(s.Context(), backend.TaskQuery{Cluster: "demo", Family: "web", Stopped: stopped}, backend.PageRequest{})
		if err != nil {
			s.Fatal(err)
		}
		all, err := s.DescribeTasks(s.Context(), "demo", page.Items)
		if err != nil {
			s.Fatal(err)
		}
		for _, t := range all {
			if t.StartedBy == "ecs-tui/"+step.String() {
				out = append(out, t)
			}
		}
	}
	return out
}

func before(command ...string) func(*Request) {
	return func(r *Request) { r.Hooks.Before = &TaskHook{Command: command, Timeout: time.Minute} }
}

func smoke(within time.Duration) func(*Request) {
	return func(r *Request) { r.Hooks.Smoke = &Smoke{Path: "/healthz", Within: within} }
}

func TestBeforeFails(t *testing.T) {
	onStage(t, func(s *stage) {
		s.first()
		events, end := s.runs("two", before("exit", "3"), nil)
		s.expect(end, Failed, "web:1", "web ended with exit code 3", "not touched")
		logs := of[HookLog](events)
		if len(logs) == 0 || !strings.Contains(fmt.Sprint(logs), "exiting with 3") {
			t.Errorf("no last words: %+v", logs)
		}
		for _, e := range of[StepStarted](events) {
			if e.Step >= Update {
				t.Errorf("%s was begun", e.Step)
			}
		}
		task := s.tasksOf(Before)[0]
		s.soon(events, Before, task.StoppedAt)

		// The same again: nothing is registered twice, and the task runs again.
		_, end = s.runs("two", before("exit", "0"), nil)
		s.expect(end, Stable, "web:2")
	})
}

func TestBeforeTakesTooLong(t *testing.T) {
	onStage(t, func(s *stage) {
		s.first()
		events, end := s.runs("two", func(r *Request) {
			r.Hooks.Before = &TaskHook{Container: "web", Command: []string{"serve"}, Timeout: 20 * time.Second}
		}, nil)
		s.expect(end, Failed, "web:1", "did not end within 20 s")
		task := s.tasksOf(Before)[0]
		if task.DesiredStatus != backend.TaskStopped {
			t.Errorf("its task goes on: %+v", task)
		}
		s.soon(events, Before, task.CreatedAt.Add(20*time.Second))
	})
}

func TestSmokeFails(t *testing.T) {
	onStage(t, func(s *stage) {
		s.first()
		events, end := s.runs("badanswer", smoke(11*time.Second), nil)
		s.expect(end, RolledBack, "web:1", "GET http://127.0.0.1:", "gave 500 instead of 2xx", "does not exist", "web runs web:1 again")
		tries := of[Attempt](events)
		if len(tries) < 3 || tries[0].Status != 500 || tries[0].Err == "" || tries[0].Number != 1 {
			t.Errorf("%+v", tries)
		}
		s.soon(events, Check, tries[len(tries)-1].At)

		// The history tells it, and nobody goes back to that version by himself,
		// until it passes.
		past := func() map[string]bool {
			t.Helper()
			all, err := History(t.Context(), s, "demo", "web", 0)
			if err != nil {
				t.Fatal(err)
			}
			bad := map[string]bool{}
			for _, p := range all {
				bad[backend.ShortName(p.Target.TaskDefinition)] = p.Unfit
			}
			return bad
		}
		if bad := past(); !bad["web:2"] || bad["web:1"] {
			t.Errorf("%+v", bad)
		}
		if _, end := collect(t, Rollback(t.Context(), s, web(), "", Options{Clock: backend.SystemClock{}})); end.Outcome != Failed {
			t.Errorf("it goes back to what was not fit: %+v", end)
		}
		_, end = s.runs("badanswer", func(r *Request) { r.Hooks.Smoke = &Smoke{Path: "/", Status: "500", Within: time.Minute} }, nil)
		s.expect(end, Stable, "web:2")
		if bad := past(); bad["web:2"] {
			t.Errorf("it passed: %+v", bad)
		}
	})
}

func TestSmokeFailsTheFirstTime(t *testing.T) {
	onStage(t, func(s *stage) {
		_, end := s.runs("badanswer", smoke(5*time.Second), nil)
		s.expect(end, Failed, "web:1", "not rolled back", "no other version")
	})
}

func TestSmokeOfTheSameRevision(t *testing.T) {
	onStage(t, func(s *stage) {
		if _, end := s.runs("badanswer", nil, nil); end.Outcome != Stable {
			t.Fatal(end)
		}
		_, end := s.runs("badanswer", func(r *Request) { r.Force = true; smoke(5 * time.Second)(r) }, nil)
		s.expect(end, Failed, "web:1", "it ran web:1 before as well")
	})
}

func TestSmokePassesInTheEnd(t *testing.T) {
	onStage(t, func(s *stage) {
		s.first()
		events, end := s.runs("warmup", smoke(time.Minute), nil)
		s.expect(end, Stable, "web:2")
		tries := of[Attempt](events)
		if len(tries) != 3 || tries[1].Status != 503 || tries[2].Status != 200 || tries[2].Err != "" {
			t.Errorf("%+v", tries)
		}
		for _, e := range of[StepFinished](events) {
			if e.Step == Check && e.Summary != "status 200, 3 attempts" {
				t.Errorf("%+v", e)
			}
		}
		// What does not change is not checked.
		events, end = s.runs("warmup", smoke(time.Minute), nil)
		if end.Outcome != Stable || len(of[Attempt](events)) > 0 {
			t.Errorf("%+v", end)
		}
	})
}

func TestSmokeLooksIntoTheBody(t *testing.T) {
	onStage(t, func(s *stage) {
		s.first()
		_, end := s.runs("two", func(r *Request) {
			r.Hooks.Smoke = &Smoke{URL: "http://shop.example/", Status: "200", Body: "ready", Within: 3 * time.Second}
		}, nil)
		s.expect(end, RolledBack, "web:1", `a body without "ready"`, `{"status":"ok"}`)
	})
}

func TestSmokeTask(t *testing.T) {
	onStage(t, func(s *stage) {
		s.first()
		check := func(code string) func(*Request) {
			return func(r *Request) {
				r.Hooks.Smoke = &Smoke{Task: &TaskHook{Command: []string{"exit", code}, Timeout: time.Minute}}
			}
		}
		events, end := s.runs("two", check("7"), nil)
		s.expect(end, RolledBack, "web:1", "web ended with exit code 7")
		s.soon(events, Check, s.tasksOf(Check)[0].StoppedAt)
		_, end = s.runs("three", check("0"), nil)
		s.expect(end, Stable, "web:3")
	})
}

// Cancelling ends what goes on: a task is stopped, and the outcome says what is
// left.
func TestHooksCancelled(t *testing.T) {
	cut := func(step Step) func(Event, context.CancelFunc) {
		return func(e Event, cancel context.CancelFunc) {
			switch e := e.(type) {
			case HookLog:
				if e.Step == step && step != Tell {
					cancel()
				}
			case Attempt:
				if step == Check {
					cancel()
				}
			case StepStarted:
				if e.Step == step && step >= Back {
					cancel()
				}
			}
		}
	}
	t.Run("before", func(t *testing.T) {
		onStage(t, func(s *stage) {
			s.first()
			_, end := s.runs("two", before("serve"), cut(Before))
			s.expect(end, Cancelled, "web:1", "cancelled at before", "not touched")
			if task := s.tasksOf(Before)[0]; task.DesiredStatus != backend.TaskStopped {
				t.Errorf("its task goes on: %+v", task)
			}
		})
	})
	t.Run("smoke", func(t *testing.T) {
		onStage(t, func(s *stage) {
			s.first()
			_, end := s.runs("badanswer", smoke(time.Minute), cut(Check))
			s.expect(end, Cancelled, "web:2", "which was not checked")
		})
	})
	t.Run("rollback", func(t *testing.T) {
		onStage(t, func(s *stage) {
			s.first()
			_, end := s.runs("badanswer", smoke(3*time.Second), cut(Back))
			if end.Outcome != Cancelled || !strings.Contains(end.Reason, "gave 500") {
				t.Errorf("%+v", end)
			}
		})
	})
	t.Run("notify", func(t *testing.T) {
		onStage(t, func(s *stage) {
			_, end := s.runs("fine", func(r *Request) { r.Hooks.Notify = &Notify{Command: []string{"true"}} }, cut(Tell))
			s.expect(end, Stable, "web:1")
		})
	})
}

func TestNotify(t *testing.T) {
	t.Setenv("DB_PASSWORD", "hunter2")
	t.Setenv("CHAT_TOKEN", "chatter")
	t.Setenv("COLOUR", "green")
	onStage(t, func(s *stage) {
		script := "#!/bin/sh\ncat > told.json; env > env\necho told $ECS_TUI_OUTCOME; echo hunter2\n"
		if err := os.WriteFile(filepath.Join(s.dir, "notify.sh"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		notify := func(r *Request) {
			r.Hooks.Notify = &Notify{Command: []string{"./notify.sh"}, Env: []string{"CHAT_TOKEN"}}
			r.Hidden = []string{"hunter2"}
		}
		told := func() (Report, string) {
			t.Helper()
			env, err := os.ReadFile(filepath.Join(s.dir, "env"))
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(filepath.Join(s.dir, "told.json"))
			if err != nil {
				t.Fatal(err)
			}
			os.Remove(filepath.Join(s.dir, "told.json"))
			var p Report
			if err := json.Unmarshal(data, &p); err != nil {
				t.Fatal(err)
			}
			return p, string(env)
		}
		events, end := s.runs("fine", notify, nil)
		s.expect(end, Stable, "web:1")
		p, env := told()
		if p.Outcome != "stable" || p.ExitCode != 0 || p.App != "shop" || p.Environment != "prod" || p.Service != "web" || p.Revision != "web:1" || p.By != "anna@desk" || p.Seconds <= 0 {
			t.Errorf("%+v", p)
		}
		for _, want := range []string{"ECS_TUI_APP=shop\n", "ECS_TUI_ENVIRONMENT=prod\n", "ECS_TUI_SERVICE=web\n", "ECS_TUI_OUTCOME=stable\n", "ECS_TUI_REVISION=web:1\n", "ECS_TUI_BY=anna@desk\n", "ECS_TUI_REASON=web runs web:1\n", "ECS_TUI_DURATION=", "ECS_TUI_COMMIT=", "CHAT_TOKEN=chatter\n", "COLOUR=green\n"} {
			if !strings.Contains(env, want) {
				t.Errorf("no %q in\n%s", want, env)
			}
		}
		if strings.Contains(env, "hunter2") {
			t.Error("it was told a secret")
		}
		if logs := fmt.Sprint(of[HookLog](events)); !strings.Contains(logs, "told stable") || strings.Contains(logs, "hunter2") {
			t.Error(logs)
		}

		// Every end is told, of one that never began too.
		_, end = s.runs("badanswer", func(r *Request) { notify(r); smoke(3 * time.Second)(r) }, nil)
		s.expect(end, RolledBack, "web:1")
		if p, _ := told(); p.Outcome != "rolled back" || p.ExitCode != 3 || p.Revision != "web:2" || p.Before != "web:1" || !strings.Contains(p.Reason, "gave 500") {
			t.Errorf("%+v", p)
		}
		s.runs("two", func(r *Request) { notify(r); before("exit", "3")(r) }, nil)
		if p, _ := told(); p.Outcome != "failed" || p.ExitCode != 4 {
			t.Errorf("%+v", p)
		}
		s.runs("three", notify, func(e Event, cancel context.CancelFunc) {
			if e, ok := e.(StepStarted); ok && e.Step == Build {
				cancel()
			}
		})
		if p, _ := told(); p.Outcome != "cancelled" || p.ExitCode != 130 || p.Revision != "" {
			t.Errorf("%+v", p)
		}
		s.runs("fine", notify, nil)
		if _, err := os.Stat(filepath.Join(s.dir, "told.json")); err == nil {
			t.Error("told of nothing")
		}
	})
}

func TestNotifyFails(t *testing.T) {
	onStage(t, func(s *stage) {
		for _, command := range [][]string{{"sh", "-c", "echo no >&2; exit 5"}, {"./nobody"}} {
			events, end := s.runs("fine", func(r *Request) { r.Force = true; r.Hooks.Notify = &Notify{Command: command} }, nil)
			s.expect(end, Stable, "web:1")
			done := of[StepFinished](events)
			if last := done[len(done)-1]; last.Step != Tell || !strings.Contains(last.Warning, command[0]) {
				t.Errorf("%+v", last)
			}
		}
	})
	// One that hangs is ended.
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := runNotify(ctx, t.TempDir(), &Notify{Command: []string{"sleep", "60"}}, Report{}); err == nil {
		t.Error("it was waited for")
	}
}

// Without a circuit breaker, ECS starts broken tasks for ever: the deploy calls
// it failed, and goes back.
func TestRollbackWithoutBreaker(t *testing.T) {
	for _, c := range []struct {
		name, breaker, fate string
		within              time.Duration
		words               string
	}{
		{"tasks fail", `{"enable":false,"rollback":false}`, "crash", 0, "tasks failed and none is healthy"},
		{"tasks do not start", `{"enable":false,"rollback":false}`, "pullfail", 0, "tasks failed and none is healthy"},
		{"breaker without rollback", `{"enable":true,"rollback":false}`, "oom", 0, "web:2"},
		{"takes too long", `{"enable":false,"rollback":false}`, "fine slow", 4 * time.Second, "is not stable after 4 s"},
		{"with the breaker", `{"enable":true,"rollback":true}`, "crash", 0, "rolled back to web:1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onStage(t, func(s *stage) {
				s.first()
				s.breaker = c.breaker
				began := time.Time{}
				events, end := s.runs(c.fate, func(r *Request) { r.Rollback, r.RolloutWithin = true, c.within }, func(e Event, _ context.CancelFunc) {
					if e, ok := e.(StepStarted); ok && e.Step == Rollout {
						began = e.At
					}
				})
				s.expect(end, RolledBack, "web:1", c.words)
				since := lastStopped(events)
				if c.within > 0 {
					since = began.Add(c.within)
				}
				if c.name == "with the breaker" {
					if end.At.Sub(since) > decided {
						t.Errorf("called failed %s after its last task", end.At.Sub(since))
					}
					for _, e := range of[StepStarted](events) {
						if e.Step == Back {
							t.Error("it was rolled back twice")
						}
					}
					return
				}
				s.soon(events, Rollout, since)
			})
		})
	}
	// Nobody asked for it: it is watched until somebody has enough.
	onStage(t, func(s *stage) {
		s.first()
		s.breaker = `{"enable":false,"rollback":false}`
		failures := 0
		_, end := s.runs("crash", nil, func(e Event, cancel context.CancelFunc) {
			if _, ok := e.(TaskFailed); ok {
				if failures++; failures == 6 {
					cancel()
				}
			}
		})
		if end.Outcome != Cancelled {
			t.Errorf("%+v", end)
		}
	})
	onStage(t, func(s *stage) {
		s.breaker = `{"enable":false,"rollback":false}`
		_, end := s.runs("crash", func(r *Request) { r.Rollback = true }, nil)
		if end.Outcome != Failed || !strings.Contains(end.Reason, "not rolled back") || end.Advice == "" {
			t.Errorf("the first version: %+v", end)
		}
	})
}

// A plan says which hooks will run, and what is wrong with them.
func TestPlanNamesHooks(t *testing.T) {
	onStage(t, func(s *stage) {
		all := func(r *Request) {
			before("./migrate", "up")(r)
			smoke(time.Minute)(r)
			r.Hooks.Notify, r.Rollback = &Notify{Command: []string{"./notify.sh"}}, true
			r.Service.Config.Breaker = backend.BreakerConfig{}
		}
		p := s.planned("fine", all)
		var text bytes.Buffer
		if err := p.WriteText(&text); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			"  before: a task runs ./migrate up in web, at most 60 s; where it fails, the service stays as it is\n",
			"  smoke: GET http://127.0.0.1:<port>/healthz (the port that the task publishes) gives 2xx, tried for 60 s; where it fails, it is rolled back\n",
			"  notify: ./notify.sh\n", "  rollback: by this program",
		} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("no %q in\n%s", want, text.String())
			}
		}
		if got := fmt.Sprint(p.PlannedSteps()); got != "[build push register before update rollout smoke notify]" {
			t.Error(got)
		}
		s.first()
		if p := s.planned("fine", all); !p.Nothing() || len(p.HookTexts()) > 0 {
			t.Errorf("hooks with nothing to do: %+v", p.HookTexts())
		}
		p = s.planned("two", func(r *Request) { r.Hooks.Smoke = &Smoke{Path: "/", Port: 81, Within: time.Minute} })
		if !p.Blocked() || !strings.Contains(fmt.Sprint(p.Findings), "maps no port 81") {
			t.Errorf("%+v", p.Findings)
		}
	})
}
