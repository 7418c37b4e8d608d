package screen

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// storyBuilding is a deploy in the middle of its build.
func storyBuilding() *deployState {
	s := newDeployState(at(0))
	s.apply(deploy.StepStarted{Step: deploy.Build, Subject: "web", At: at(0)}, at(0))
	build := func(ev backend.BuildEvent) { s.apply(deploy.BuildProgress{Container: "web", Event: ev}, at(3)) }
	for i := range 12 {
		build(backend.BuildVertex{ID: fmt.Sprint("c", i), Name: fmt.Sprintf("[%d/14] COPY part%d .", i+1, i+1), Started: at(0), Completed: at(0), Cached: i < 9})
	}
	build(backend.BuildVertex{ID: "run", Name: "[13/14] RUN go build -o /server ./cmd/server", Started: at(1)})
	for i := range 6 {
		build(backend.BuildLog{Vertex: "run", Text: fmt.Sprintf("compiling package %d", i)})
	}
	build(backend.BuildWarning{Text: "FromAsCasing: 'as' and 'FROM' keywords' casing do not match", File: "Dockerfile", Line: 1})
	build(backend.BuildVertex{ID: "last", Name: "[14/14] COPY --from=build /server /server"})
	return s
}

// storyRollout is a deploy whose rollout has one task that failed.
func storyRollout() *deployState {
	s := newDeployState(at(0))
	for i, subject := range []string{"web", "shop/web", "web:15", "web"} {
		step := deploy.Step(i)
		s.apply(deploy.StepStarted{Step: step, Subject: subject, At: at(i)}, at(i))
		s.apply(deploy.StepFinished{Step: step, Subject: subject, Elapsed: 1200 * time.Millisecond, Summary: []string{"18 steps, 15 cached", "4 layers, 3 already there", "", "ecs-svc/7712093"}[i], Result: []string{"image 9f3c1ab", "sha256:77e0a1", "", ""}[i]}, at(i+1))
	}
	s.apply(deploy.StepStarted{Step: deploy.Rollout, Subject: "web", At: at(5)}, at(5))
	code := 137
	oom := newTask("arn:aws:ecs:local:1:task/local/91c3e0aa", 6, 9)
	oom.LastStatus, oom.StoppedAt, oom.StopCode = backend.TaskStopped, at(20), "EssentialContainerExited"
	oom.Containers = []backend.Container{{Name: "web", Essential: true, ExitCode: &code, Reason: "OutOfMemoryError: killed"}}
	old := backend.Task{
		ARN: "arn:aws:ecs:local:1:task/local/77aa10bb", TaskDefinition: oldRev, StartedBy: "ecs-svc/1", CreatedAt: at(-300), StartedAt: at(-295),
		LastStatus: backend.Running, DesiredStatus: backend.TaskStopped, StoppingAt: at(30), Health: backend.Healthy,
	}
	a, b := newTask("arn:aws:ecs:local:1:task/local/3fa9c1aa", 6, 9), newTask("arn:aws:ecs:local:1:task/local/b07d22aa", 7, 10)
	a.Health, b.Health = backend.Healthy, backend.Healthy
	ev := rollout(2, old, a, b, oom)
	ev.Deployment.Target.Running, ev.Deployment.Target.Pending, ev.Deployment.Target.Failed = 2, 1, 1
	ev.Deployment.Source[0].Running, ev.Deployment.Source[0].Healthy, ev.Deployment.Source[0].Desired = 1, 1, 1
	ev.Deployment.Breaker = &backend.Breaker{Failures: 1, Threshold: 3, Status: "MONITORING"}
	ev.Started = at(5)
	early := ev
	early.Tasks = []backend.Task{old, newTask(a.ARN, 6, 0)}
	s.apply(early, at(8))
	s.apply(ev, at(22))
	s.apply(deploy.TaskFailed{
		Task:      oom,
		Diagnosis: deploy.Diagnosis{Row: 11, Cause: "the container hit its 256 MiB limit", Remedy: "raise memory to 512, or find the leak"},
		LastLines: []backend.LogLine{{At: at(19), Text: "loading model … 180 MiB"}, {At: at(20), Text: "loading model … 212 MiB"}},
	}, at(22))
	s.apply(deploy.ServiceEvent{Event: backend.Event{ID: "1", At: at(6), Message: "(service web) has started 3 tasks: (task 3fa9c1) (task b07d22) (task 91c3e0)."}}, at(22))
	s.apply(deploy.ServiceEvent{Event: backend.Event{ID: "2", At: at(21), Message: "(service web) has started 1 tasks: (task 5d0f1c)."}}, at(22))
	return s
}

// storyEnded is the same rollout, rolled back by the circuit breaker.
func storyEnded() *deployState {
	s := storyRollout()
	s.apply(deploy.StepFailed{Step: deploy.Rollout, Subject: "web", Elapsed: 40 * time.Second, Err: errors.New("tasks failed to start")}, at(45))
	s.apply(deploy.Ended{Outcome: deploy.RolledBack, At: at(45), Elapsed: 45 * time.Second, Reason: "OutOfMemoryError: 3 of 3 tasks failed, web:14 runs again", Advice: "raise memory in task-definition.json, then deploy again"}, at(45))
	return s
}

func storyFailedBuild() *deployState {
	s := storyBuilding()
	s.apply(deploy.BuildProgress{Container: "web", Event: backend.BuildVertex{ID: "run", Name: "[13/14] RUN go build -o /server ./cmd/server", Started: at(1), Completed: at(4), Err: "exit code: 1"}}, at(4))
	s.apply(deploy.StepFailed{Step: deploy.Build, Subject: "web", Elapsed: 4 * time.Second, Err: errors.New("Build web: Dockerfile:12: process \"go build\" did not complete successfully: exit code 1")}, at(4))
	s.apply(deploy.Ended{Outcome: deploy.Failed, At: at(4), Elapsed: 4 * time.Second, Reason: "the build of web failed", Advice: "correct line 12 of the Dockerfile"}, at(4))
	return s
}

func painter(w, h int) deployPainter {
	return deployPainter{th: theme.New(true, colorprofile.TrueColor), now: at(30), w: w, h: h}
}

func TestDeployFitsEverySize(t *testing.T) {
	stories := map[string]*deployState{
		"starting": newDeployState(at(0)), "building": storyBuilding(), "rollout": storyRollout(),
		"ended": storyEnded(), "failed build": storyFailedBuild(), "shift": storyShift(false), "tomorrow": storyShift(true),
	}
	for name, s := range stories {
		for w := 60; w <= 210; w += 7 {
			for h := 11; h <= 60; h += 7 {
				for _, scroll := range []int{0, 3, 1000} {
					lines, at := painter(w, h).body(s, scroll)
					if len(lines) > h {
						t.Fatalf("%s at %d×%d scrolled %d: %d lines", name, w, h, scroll, len(lines))
					}
					if at > scroll || at < 0 {
						t.Fatalf("%s: scroll %d became %d", name, scroll, at)
					}
					for _, l := range lines {
						if widget.Width(l) > w {
							t.Fatalf("%s at %d×%d: %d cells: %q", name, w, h, widget.Width(l), ansi.Strip(l))
						}
					}
				}
			}
		}
	}
}

func TestPlanTellsHowTrafficShifts(t *testing.T) {
	plan := storyPlan()
	plan.Request.Service.Config.Strategy, plan.Way = backend.BlueGreen, "BLUE_GREEN: all traffic at once"
	text := ansi.Strip(strings.Join(painter(100, 30).plan(plan), "\n"))
	for _, want := range []string{"3 to 6 while it rolls out", "rollout       BLUE_GREEN: all traffic at once"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestDeployShowsWhatMatters holds that the small window still has what
// somebody on call needs.
func TestDeployShowsWhatMatters(t *testing.T) {
	for _, size := range [][2]int{{60, 11}, {80, 20}, {200, 56}} {
		lines, _ := painter(size[0], size[1]).body(storyRollout(), 0)
		text := ansi.Strip(strings.Join(lines, "\n"))
		if os.Getenv("SHOW") != "" {
			t.Log("\n" + text)
		}
		for _, want := range []string{"2 of 3 healthy", "web:15 new", "failed 1", "exit 137", "256 MiB limit"} {
			if size[0] < 80 && want == "256 MiB limit" {
				continue
			}
			if !strings.Contains(text, want) {
				t.Errorf("%v: no %q in\n%s", size, want, text)
			}
		}
		lines, _ = painter(size[0], size[1]).body(storyEnded(), 0)
		text = ansi.Strip(strings.Join(lines, "\n"))
		for _, want := range []string{"rolled back after 45 s", "OutOfMemoryError: 3 of 3", "raise memory in"} {
			if !strings.Contains(text, want) {
				t.Errorf("%v: no %q in\n%s", size, want, text)
			}
		}
	}
}

// The commits in between stand one under another, each on one line whatever its
// length; an app without an environment has no place at the left of its target.
func TestPlanTellsCommits(t *testing.T) {
	plan := storyPlan()
	plan.Request.Environment = ""
	plan.Commits = deploy.Commits{Old: "77ab012", New: "9f3c1ab", Ahead: 12, List: []deploy.Commit{
		{SHA: "9f3c1ab", Subject: strings.Repeat("a subject of many words ", 9), Author: "Ann Lee"}, {SHA: "5e5e5e5", Subject: "Count in cents", Author: "Bo"},
	}}
	for _, w := range []int{60, 80, 200} {
		lines := painter(w, 30).plan(plan)
		text := ansi.Strip(strings.Join(lines, "\n"))
		for _, want := range []string{"target        cluster staging · service web", "commits       77ab012 → 9f3c1ab · 12 commits", "Ann Lee\n", "5e5e5e5 Count in cents Bo", "… and 10 more"} {
			if !strings.Contains(text, want) {
				t.Errorf("%d: no %q in\n%s", w, want, text)
			}
		}
		for _, l := range lines {
			if widget.Width(l) > w {
				t.Errorf("%d: %d cells: %q", w, widget.Width(l), ansi.Strip(l))
			}
		}
	}
	plan.Commits = deploy.Commits{Old: "77ab012", New: "9f3c1ab", Behind: 2}
	if text := ansi.Strip(strings.Join(painter(80, 30).plan(plan), "\n")); !strings.Contains(text, "2 commits back") {
		t.Error(text)
	}
}

func storyPlan() *deploy.Plan {
	current := backend.Service{Name: "web", Desired: 2, TaskDefinition: oldRev}
	running := backend.TaskDefinition{Family: "web", Revision: 14}
	return &deploy.Plan{
		Request: deploy.Request{
			App: "shop", Environment: "staging", Cluster: "staging",
			Definition: backend.TaskDefinition{Family: "web"},
			Images:     []deploy.ImageSource{{Container: "web", Repository: "shop/web"}},
			Service: &backend.ServiceSpec{Name: "web", Desired: 3, Config: backend.DeploymentConfig{
				MinimumHealthy: 100, Maximum: 200, Breaker: backend.BreakerConfig{Enable: true, Rollback: true},
			}},
		},
		Source:  deploy.Source{SHA: "9f3c1ab", Branch: "main", Dirty: true},
		Current: &current, Running: &running,
		Images: []deploy.ImagePlan{{Container: "web", From: "shop/web:77ab012", Tag: "9f3c1ab"}},
		Changes: []deploy.Change{
			{Document: "task definition", Path: "containerDefinitions[0].memory", Old: "256", New: "512"},
			{Document: "task definition", Path: "containerDefinitions[0].environment[1]", New: `{"name":"CACHE","value":"on"}`},
			{Document: "service", Path: "desiredCount", Old: "2", New: "3"},
		},
		Findings: []backend.Finding{
			{Severity: backend.Note, Message: "logConfiguration: awslogs becomes the engine's own log"},
			{Severity: backend.Problem, Path: "containerDefinitions[0].portMappings[0].hostPort", Message: "port 8080 is taken by another program", Remedy: "use hostPort 0"},
		},
	}
}

// storyShift is a canary that waits for an answer, with an alarm that went off
// and a stage and a strategy of another day where tomorrow is set.
func storyShift(tomorrow bool) *deployState {
	d := backend.ServiceDeployment{
		ARN: "arn:d", ID: "ecs-svc/2", Service: "web", Status: backend.InProgress, Strategy: backend.Canary, Stage: backend.StagePostTest,
		Target: backend.Revision{TaskDefinition: newRev, Desired: 3, Running: 3, Healthy: 3, Traffic: &backend.Traffic{Production: 12.5, Test: 100}},
		Source: []backend.Revision{{TaskDefinition: oldRev, Desired: 3, Running: 3, Healthy: 3, Traffic: &backend.Traffic{Production: 87.5}}},
		Alarms: &backend.Alarms{Names: []string{"web-5xx"}, Triggered: []string{"web-5xx"}, Status: "TRIGGERED"},
		Hooks:  []backend.Hook{{ID: "h", Type: backend.HookPause, Status: backend.HookAwaiting, ExpiresAt: at(90), TimeoutAction: backend.HookRollback}},
	}
	if tomorrow {
		d.Strategy, d.Stage, d.Status = "STRATEGY_OF_TOMORROW", "STAGE_OF_TOMORROW", "STATUS_OF_TOMORROW"
		d.Hooks = []backend.Hook{{ID: "h", Type: backend.HookLambda, Status: "HOOK_OF_TOMORROW", Target: "arn:aws:lambda:eu-west-1:1:function:validate"}}
	}
	s := newDeployState(at(0))
	s.apply(deploy.RolloutProgress{Deployment: d, Service: backend.Service{Name: "web", Desired: 3}, Started: at(0)}, at(1))
	return s
}

func TestShiftIsShownAtEverySize(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {200, 60}} {
		for tomorrow, want := range map[bool][]string{
			false: {"CANARY", "post test", "traffic 12.5 %", "87.5 %", "web-5xx went off", "paused at post test traffic shift: in 1 min it rolls", "c lets it go on"},
			true:  {"STRATEGY_OF_TOMORROW", "STAGE_OF_TOMORROW", "traffic 12.5 %", "3 of 3 healthy", "validate  hook of tomorrow"},
		} {
			lines, _ := painter(size[0], size[1]).body(storyShift(tomorrow), 0)
			text := ansi.Strip(strings.Join(lines, "\n"))
			for _, w := range want {
				if !strings.Contains(text, w) {
					t.Errorf("%v: no %q in\n%s", size, w, text)
				}
			}
		}
	}
}

func TestPlanTellsAll(t *testing.T) {
	for _, w := range []int{60, 80, 200} {
		lines := painter(w, 20).plan(storyPlan())
		text := ansi.Strip(strings.Join(lines, "\n"))
		if os.Getenv("SHOW") != "" {
			t.Log("\n" + text)
		}
		for _, l := range lines {
			if widget.Width(l) > w {
				t.Errorf("%d cells in %d: %q", widget.Width(l), w, ansi.Strip(l))
			}
		}
		for _, want := range []string{
			"staging", "9f3c1ab on main", "not committed", "shop/web:77ab012", "shop/web:9f3c1ab", "2 → 3 tasks", "3 to 6",
			"containerDefinitions[0].memory", "256", "512", "desiredCount", "port 8080 is taken", "use hostPort 0",
		} {
			if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
				t.Errorf("width %d: no %q in\n%s", w, want, text)
			}
		}
		if strings.Index(text, "port 8080") > strings.Index(text, "awslogs") {
			t.Error("the worst finding comes first")
		}
	}
}
