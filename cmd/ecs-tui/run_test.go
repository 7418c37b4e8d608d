package main

import (
	"testing"

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
