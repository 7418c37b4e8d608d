package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// aDeploy is one that goes wrong, with every kind of event in it.
func aDeploy() []deploy.Event {
	at := time.Date(2026, 1, 2, 12, 3, 4, 0, time.Local)
	code := 137
	target := backend.Revision{TaskDefinition: "arn:aws:ecs:local:1:task-definition/web:15", Desired: 3, Running: 2, Healthy: 1, Failed: 1}
	return []deploy.Event{
		deploy.StepStarted{Step: deploy.Build, Subject: "web", At: at},
		deploy.BuildProgress{Container: "web", Event: backend.BuildVertex{ID: "1", Name: "[1/2] RUN make", Started: at}},
		deploy.BuildProgress{Container: "web", Event: backend.BuildLog{Vertex: "1", Text: "\x1b[31mcompiling\x1b[m"}},
		deploy.BuildProgress{Container: "web", Event: backend.BuildVertex{ID: "1", Name: "[1/2] RUN make", Started: at, Completed: at.Add(2 * time.Second)}},
		deploy.BuildProgress{Container: "web", Event: backend.BuildVertex{ID: "2", Name: "[2/2] COPY . .", Cached: true}},
		deploy.BuildProgress{Container: "web", Event: backend.BuildWarning{Text: "no default", File: "Dockerfile", Line: 3}},
		deploy.BuildProgress{Container: "web", Event: backend.BuildDone{ImageID: "sha256:1", Size: 6_100_000}},
		deploy.StepFinished{Step: deploy.Build, Subject: "web", Elapsed: 12400 * time.Millisecond, Summary: "2 steps, 1 cached", Result: "image 9f3c1ab"},
		deploy.StepFinished{Step: deploy.Push, Subject: "web", Skipped: "the engine has it"},
		deploy.StepStarted{Step: deploy.Rollout, Subject: "web", At: at},
		deploy.RolloutProgress{Deployment: backend.ServiceDeployment{Target: target, Breaker: &backend.Breaker{Failures: 1, Threshold: 3}}},
		deploy.RolloutProgress{Deployment: backend.ServiceDeployment{Target: target, Breaker: &backend.Breaker{Failures: 1, Threshold: 3}}},
		deploy.Trouble{Since: at, Err: errors.New("the engine does not answer")},
		deploy.Trouble{Since: at},
		deploy.ServiceEvent{Event: backend.Event{At: at, Message: "(service web) has started 1 tasks."}},
		deploy.TaskFailed{
			Task:      backend.Task{ARN: "arn:aws:ecs:local:1:task/c/91c3e0aa", Containers: []backend.Container{{Name: "web", ExitCode: &code}}},
			Diagnosis: deploy.Diagnosis{Cause: "OutOfMemoryError, exit code 137", Remedy: "raise memory"},
			LastLines: []backend.LogLine{{At: at, Container: "web", Text: "loading model"}},
		},
		deploy.StepFailed{Step: deploy.Rollout, Subject: "web", Elapsed: time.Minute, Err: errors.New("tasks failed")},
		deploy.Ended{Outcome: deploy.RolledBack, Elapsed: 72 * time.Second, Reason: "tasks failed to start", Advice: "look at the log"},
	}
}

func TestPlainProgress(t *testing.T) {
	var out bytes.Buffer
	p := newPlainProgress(&out)
	for _, e := range aDeploy() {
		p.show(e)
	}
	p.close()
	const want = `build web
  [1/2] RUN make
    compiling
  [1/2] RUN make  2.0 s
  [2/2] COPY . .  cached
  ▲ Dockerfile:3: no default
✓ build    web                12.4 s  2 steps, 1 cached           image 9f3c1ab
✓ push     web                     –  the engine has it
rollout web
  web:15: 1 of 3 healthy, 2 running, 0 pending, 1 failed, breaker 1 of 3
▲ the rollout can't be read, it is tried again: the engine does not answer
  the rollout can be read again
  12:03:04 (service web) has started 1 tasks.
  ✗ task 91c3e0  OutOfMemoryError, exit code 137
    → raise memory
    │ 12:03:04 web  loading model
✗ rollout  web              1 min 0 s
✗ rolled back after 1 min 12 s: tasks failed to start
  → look at the log
`
	if got := out.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestJSONProgressIsOneDocumentALine(t *testing.T) {
	var out bytes.Buffer
	p := newJSONProgress(&out)
	for _, e := range aDeploy() {
		p.show(e)
	}
	var types []string
	var last map[string]any
	for line := range strings.Lines(out.String()) {
		last = nil
		if err := json.Unmarshal([]byte(line), &last); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		types = append(types, last["type"].(string))
	}
	if len(types) != len(aDeploy()) {
		t.Errorf("%d lines for %d events", len(types), len(aDeploy()))
	}
	if last["type"] != "ended" || last["outcome"] != "rolled back" || last["exitCode"] != 3.0 {
		t.Errorf("the last line is %v", last)
	}
	if strings.Contains(strings.Join(types, " "), "unknown") {
		t.Errorf("an event has no type: %v", types)
	}
	if strings.Contains(out.String(), `\u001b`) {
		t.Error("a control sequence got through")
	}
}

// TestLiveProgressLeavesACleanScreen draws on a real terminal emulator: when
// it ends, what stays is what a pipe would have got, and no trace of the block.
func TestLiveProgressLeavesACleanScreen(t *testing.T) {
	const width, height = 90, 24
	screen := vt.NewSafeEmulator(width, height)
	io := &streams{
		Out: screenWriter{screen}, OutTTY: true,
		Getenv:  func(string) string { return "" },
		Environ: func() []string { return []string{"TERM=xterm-256color", "TTY_FORCE=1"} },
		Size:    func() (int, int) { return width, height },
	}
	p := newLiveProgress(io, true, backend.SystemClock{})
	for _, e := range aDeploy() {
		p.show(e)
		p.mu.Lock()
		p.redraw(nil) // as the ticker would
		p.mu.Unlock()
	}
	p.close()
	var got []string
	for line := range strings.Lines(screen.Render()) {
		if text := strings.TrimRight(line, " \r\n"); text != "" {
			got = append(got, text)
		}
	}
	want := []string{
		"  ▲ Dockerfile:3: no default",
		"✓ build    web                12.4 s  2 steps, 1 cached           image 9f3c1ab",
		"✓ push     web                     –  the engine has it",
		"▲ the rollout can't be read, it is tried again: the engine does not answer",
		"  the rollout can be read again",
		"  12:03:04 (service web) has started 1 tasks.",
		"  ✗ task 91c3e0  OutOfMemoryError, exit code 137",
		"    → raise memory",
		"    │ 12:03:04 web  loading model",
		"✗ rollout  web              1 min 0 s",
		"✗ rolled back after 1 min 12 s: tasks failed to start",
		"  → look at the log",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// screenWriter gives an emulator the line discipline of a terminal: a line
// feed also returns the carriage.
type screenWriter struct{ screen *vt.SafeEmulator }

func (w screenWriter) Write(p []byte) (int, error) {
	_, err := w.screen.Write(bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n")))
	return len(p), err
}
