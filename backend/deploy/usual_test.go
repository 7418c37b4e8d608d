package deploy

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

func TestUsual(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	d := func(status backend.ServiceDeploymentStatus, took int) backend.ServiceDeployment {
		return backend.ServiceDeployment{Status: status, Strategy: "ROLLING", StartedAt: at, FinishedAt: at.Add(time.Duration(took) * time.Second)}
	}
	past := []backend.ServiceDeployment{d(backend.Successful, 40), d(backend.RollbackSuccessful, 1), d(backend.Successful, 200), d(backend.Successful, 30)}
	if got := Usual(past, "ROLLING"); got != 40*time.Second {
		t.Error(got)
	}
	if got := Usual(past, "CANARY"); got != 0 {
		t.Error(got)
	}
	now := backend.ServiceDeployment{Status: backend.InProgress, StartedAt: at}
	for after, want := range map[int]string{0: "about 40 s left", 14: "about 30 s left", 37: "about 3 s left", 40: "about 1 s left", 41: "longer than usual"} {
		if got := TimeLeft(now, 40*time.Second, at.Add(time.Duration(after)*time.Second)); got != want {
			t.Errorf("after %d s: %q, want %q", after, got, want)
		}
	}
	if got := TimeLeft(now, 0, at); got != "" {
		t.Error(got)
	}
	now.Status = backend.RollbackInProgress
	if got := TimeLeft(now, time.Minute, at); got != "" {
		t.Error(got)
	}
}

// The second deploy knows how long the first one took, and says so from early on.
func TestUsualIsKnown(t *testing.T) {
	onStage(t, func(s *stage) {
		events, _ := s.runs("fine", nil, nil)
		for _, p := range of[RolloutProgress](events) {
			if p.Usual != 0 {
				t.Errorf("the first deploy is known to take %s", p.Usual)
			}
		}
		said := 0
		s.runs("two", nil, func(e Event, _ context.CancelFunc) {
			if p, ok := e.(RolloutProgress); ok && strings.HasPrefix(TimeLeft(p.Deployment, p.Usual, time.Now()), "about ") {
				said++
			}
		})
		if said < 2 {
			t.Errorf("said %d times", said)
		}
	})
}
