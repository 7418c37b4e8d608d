package widget

import (
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// LifePhase is what a task was doing for a while.
type LifePhase int

// The phases, in a task's order. Failed ends a life and takes one cell.
const (
	Provisioning LifePhase = iota
	Starting
	Running
	Draining
	Failed
)

// LifePart is one phase of a task's life.
type LifePart struct {
	Phase LifePhase
	For   time.Duration
}

// Life draws a task's life as a bar of at most w cells, where w cells are span
// long: ░ provisioning ▒ starting █ running ▓ draining ✗ failed. A life that is
// longer than span loses its beginning, so that bars of different tasks can be
// compared. healthy colours the running part.
func Life(th *theme.Theme, parts []LifePart, span time.Duration, healthy bool, w int) string {
	if w <= 0 || span <= 0 {
		return ""
	}
	g := th.Glyphs()
	var phases []LifePhase
	var at time.Duration
	for _, p := range parts {
		if p.Phase == Failed {
			continue
		}
		from := int(int64(at) * int64(w) / int64(span))
		at += p.For
		to := int(int64(at) * int64(w) / int64(span))
		if p.For > 0 && to == from {
			to++ // a short phase is a phase too
		}
		for range min(to-from, w) {
			phases = append(phases, p.Phase)
		}
	}
	if n := len(parts); n > 0 && parts[n-1].Phase == Failed {
		phases = append(phases, Failed)
	}
	if len(phases) > w {
		phases = phases[len(phases)-w:]
	}
	var b strings.Builder
	for i := 0; i < len(phases); {
		j := i
		for j < len(phases) && phases[j] == phases[i] {
			j++
		}
		th.Write(&b, lifeToken(phases[i], healthy), strings.Repeat(g.Life[phases[i]], j-i), false)
		i = j
	}
	return b.String()
}

func lifeToken(p LifePhase, healthy bool) theme.Token {
	switch {
	case p == Failed:
		return theme.Bad
	case p == Running && healthy:
		return theme.Good
	case p == Running, p == Starting:
		return theme.Accent
	default:
		return theme.Muted
	}
}
