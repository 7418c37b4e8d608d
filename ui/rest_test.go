package ui

import (
	"testing"
	"time"
)

func TestRest(t *testing.T) {
	start := time.Now()
	var told []bool
	r := rest{tell: func(atRest bool) { told = append(told, atRest) }, since: start}
	at := func(d time.Duration) {
		t.Helper()
		if cmd := r.tick(start.Add(d)); cmd != nil {
			cmd()
		}
	}
	for d := time.Duration(0); d < restAfter; d += 2 * time.Second {
		at(d)
	}
	if len(told) != 0 {
		t.Fatal("at rest before its time")
	}
	at(restAfter)
	at(restAfter + restAgain - 1)
	if len(told) != 1 || !told[0] {
		t.Fatalf("told %v with nothing typed", told)
	}
	at(restAfter + restAgain)
	if len(told) != 2 || !told[1] {
		t.Fatalf("told %v with nothing typed for longer", told)
	}
	for range 2 {
		if cmd := r.typed(start.Add(2 * time.Hour)); cmd != nil {
			cmd()
		}
	}
	if len(told) != 3 || told[2] {
		t.Fatalf("told %v after keys", told)
	}
	at(2*time.Hour + restAfter - 1)
	at(2*time.Hour + restAfter)
	if len(told) != 4 || !told[3] {
		t.Errorf("told %v when at rest again", told)
	}
}
