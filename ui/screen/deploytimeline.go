package screen

import (
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// timeline is the deployment's own, from its beginning to now or its end: lives
// of tasks and events stand on it in their places.
func (p deployPainter) timeline(s *deployState, w int) widget.Timeline {
	return widget.NewTimeline(s.Rollout.origin, p.until(s), w)
}

// until is the end of the deploy, or now.
func (p deployPainter) until(s *deployState) time.Time {
	if s.Ended != nil {
		return s.Ended.At
	}
	return p.now
}

// eventSign is how an event looks on the timeline and in front of its text, by
// what ECS's wording says of it.
func (p deployPainter) eventSign(message string) (sign string, tok theme.Token, rank int) {
	g := p.th.Glyphs()
	text := strings.ToLower(message)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
	}
	switch {
	case has("failed", "unable", "rolling back", "unhealthy"):
		return g.Failed, theme.Bad, 3
	case has("deployment completed", "steady state"):
		return g.Done, theme.Good, 2
	case has("deregistered", "draining", "has stopped"):
		return "-", theme.Muted, 0
	case has("has started", "registered"):
		return "+", theme.Accent, 1
	}
	return "*", theme.Muted, 0
}

// marks are the events of the deployment, and the last word on it.
func (p deployPainter) marks(s *deployState) []widget.Mark {
	var out []widget.Mark
	for _, e := range s.Events {
		sign, tok, rank := p.eventSign(e.Message)
		out = append(out, widget.Mark{At: e.At, Sign: sign, Token: tok, Rank: rank})
	}
	for _, a := range s.Hooks.Attempts { // where the check failed is an event too
		if a.Err != "" {
			out = append(out, widget.Mark{At: a.At, Sign: "!", Token: theme.Warn, Rank: 2})
		}
	}
	return out
}

// lifeParts is a task's life as the widget draws it.
func (r *rolloutFold) lifeParts(t backend.Task, now time.Time) []widget.LifePart {
	phases := map[lifePhase]widget.LifePhase{
		lifePending: widget.Provisioning, lifePulling: widget.Pulling, lifeStarting: widget.Starting,
		lifeHealthy: widget.Running, lifeStopping: widget.Draining, lifeFailed: widget.Failed,
	}
	var parts []widget.LifePart
	for _, s := range r.life(t, now) {
		if phase, drawn := phases[s.Phase]; drawn {
			parts = append(parts, widget.LifePart{Phase: phase, From: s.From, To: s.To})
		}
	}
	return parts
}
