package ui

import (
	"testing"
	"time"
)

func TestRest(t *testing.T) {
	start := time.Unix(0, 0)
	times := 0
	r := rest{do: func() { times++ }, since: start}
	at := func(d time.Duration) {
		t.Helper()
		if cmd := r.tick(start.Add(d)); cmd != nil {
			cmd()
		}
	}
	for d := time.Duration(0); d < restAfter; d += 2 * time.Second {
		at(d)
	}
	if times != 0 {
		t.Fatal("at rest before its time")
	}
	at(restAfter)
	at(restAfter + time.Hour)
	if times != 1 {
		t.Fatalf("at rest %d times with nothing typed", times)
	}
	r.typed(start.Add(2 * time.Hour))
	at(2*time.Hour + restAfter - 1)
	at(2*time.Hour + restAfter)
	if times != 2 {
		t.Errorf("at rest %d times after a key", times)
	}
}
