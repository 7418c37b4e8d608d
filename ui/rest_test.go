package ui

import (
	"slices"
	"testing"
	"time"
)

func TestRest(t *testing.T) {
	start := time.Now()
	var told []bool
	r := rest{tell: func(atRest bool) { told = append(told, atRest) }, since: start}
	tick := func(d time.Duration) {
		if cmd := r.tick(start.Add(d)); cmd != nil {
			cmd()
		}
	}
	expect := func(when string, want ...bool) {
		t.Helper()
		if !slices.Equal(told, want) {
			t.Fatalf("%s it was told %v, want %v", when, told, want)
		}
		told = nil
	}
	for d := time.Duration(0); d < restAfter; d += time.Second {
		tick(d)
	}
	expect("before its time")
	tick(restAfter)
	tick(restAfter + 2*time.Second)
	expect("with nothing typed", true, true)
	for range 2 {
		if cmd := r.typed(start.Add(time.Hour)); cmd != nil {
			cmd()
		}
	}
	expect("after two keys", false)
	tick(time.Hour + restAfter - 1)
	tick(time.Hour + restAfter)
	expect("when at rest again", true)
}
