package main

import (
	"context"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// The exit code of a run is that of the container that it is about.
func TestTaskFailure(t *testing.T) {
	td, err := backend.ParseTaskDefinition(backend.Document(`{"family": "job", "containerDefinitions": [
		{"name": "job", "image": "a", "essential": true},
		{"name": "proxy", "image": "b", "essential": true},
		{"name": "warm", "image": "c", "essential": false}]}`))
	if err != nil {
		t.Fatal(err)
	}
	code := func(n int) *int { return &n }
	for _, c := range []struct {
		name             string
		job, proxy, warm *int
		about            string
		want             int
		well             bool
	}{
		{"all well", code(0), code(0), code(0), "job", 0, true},
		{"its own code", code(42), code(143), code(0), "job", 42, false},
		{"a code of this program's", code(3), code(0), code(0), "job", 3, false},
		{"what is not essential does not count", code(0), code(0), code(7), "job", 0, true},
		{"the other one was stopped with it", code(0), code(143), code(0), "job", 0, true},
		{"the other one failed by itself", code(0), code(1), code(0), "job", 1, false},
		{"stopped itself", code(143), code(0), code(0), "job", 143, false},
		{"about the other one", code(1), code(9), code(0), "proxy", 9, false},
		{"never started", nil, nil, nil, "job", exitFailed, false},
	} {
		task := backend.Task{Containers: []backend.Container{
			{Name: "job", ExitCode: c.job}, {Name: "proxy", ExitCode: c.proxy}, {Name: "warm", ExitCode: c.warm},
		}}
		if got, why := taskFailure(task, td, c.about); got != c.want || (why == "") != c.well {
			t.Errorf("%s: exit code %d, %q", c.name, got, why)
		}
	}
}

// unread is a backend whose tasks can't be read for some time; then they have stopped.
type unread struct {
	backend.Backend
	until time.Time
	kind  backend.Kind
}

func (u *unread) DescribeTasks(_ context.Context, _ string, arns []string) ([]backend.Task, error) {
	if time.Now().Before(u.until) {
		return nil, backend.Errorf("DescribeTasks", u.kind, arns[0], "no answer")
	}
	return []backend.Task{{ARN: arns[0], LastStatus: backend.TaskStopped}}, nil
}

func (u *unread) Logs(context.Context, backend.LogQuery) iter.Seq2[backend.LogBatch, error] {
	return func(func(backend.LogBatch, error) bool) {}
}

// A run goes on being waited for where an engine does not answer for a moment,
// and not for ever.
func TestWaitForEndThroughTrouble(t *testing.T) {
	for name, tt := range map[string]struct {
		kind   backend.Kind
		lasts  time.Duration
		ended  bool
		within time.Duration
	}{
		"for a moment": {backend.Unreachable, time.Minute, true, 2 * time.Minute},
		"for too long": {backend.Unreachable, time.Hour, false, giveUp + time.Minute},
		"for good":     {backend.Denied, time.Hour, false, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, _, errs := testFactory(t)
				began := time.Now()
				s := &session{factory: f, backend: &unread{until: began.Add(tt.lasts), kind: tt.kind}}
				ended, err := waitForEnd(t.Context(), &runOptions{factory: f}, s, "c", []backend.Task{{ARN: "arn:t"}}, began)
				if (len(ended) == 1) != tt.ended || (err == nil) != tt.ended || time.Since(began) > tt.within {
					t.Errorf("%v, %v after %s", ended, err, time.Since(began))
				}
				if said := strings.Count(errs.String(), "it is tried again"); said != 1 && tt.kind == backend.Unreachable {
					t.Errorf("said %d times", said)
				}
			})
		})
	}
}
