package widget

import (
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// StepState is where a step stands.
type StepState int

// The states of a step.
const (
	StepWaiting StepState = iota
	StepRunning
	StepDone
	StepSkipped
	StepFailed
)

// Step is one line of a list of steps. A running step is unfolded: its Body
// stands under it. So is one that failed.
type Step struct {
	Name, Subject   string // "build", "web"
	State           StepState
	Elapsed         time.Duration
	Summary, Result string   // "18 steps, 15 cached", "image 9f3c1ab"
	Headline        string   // painted text in the place of Elapsed, Summary and Result
	Body            []string // painted lines
	Unfold          bool     // show Body also when it is done
}

// Steps draws steps under each other in w×h. frame turns the sign of the
// running ones; whoever owns the clock counts it up. When there is too little
// room, the bodies lose their beginnings, the newest lines stay.
func Steps(th *theme.Theme, steps []Step, frame, w, h int) string {
	return Fill(StepLines(th, steps, frame, w, h), w, h)
}

// StepLines is [Steps] as lines, at most h of them (0 for no limit), for
// screens that put more under them.
func StepLines(th *theme.Theme, steps []Step, frame, w, h int) []string {
	cols := stepColumns(steps, w)
	room := h - len(steps)
	var lines []string
	for _, s := range steps {
		lines = append(lines, stepHead(th, s, frame, cols, w))
		if s.State != StepRunning && s.State != StepFailed && !s.Unfold {
			continue
		}
		body := s.Body
		if h > 0 {
			if len(body) > room {
				body = body[len(body)-max(0, room):]
			}
			room -= len(body)
		}
		for _, l := range body {
			lines = append(lines, Cut("     "+l, w))
		}
	}
	return lines
}

type stepWidths struct{ name, subject, elapsed, summary int }

func stepColumns(steps []Step, w int) stepWidths {
	c := stepWidths{elapsed: 6}
	for _, s := range steps {
		c.name = max(c.name, Width(s.Name))
		c.subject = max(c.subject, Width(s.Subject))
		if s.State != StepWaiting && s.State != StepSkipped {
			c.elapsed = max(c.elapsed, Width(Elapsed(s.Elapsed)))
		}
		c.summary = max(c.summary, Width(s.Summary))
	}
	c.subject = clamp(c.subject, 8, max(8, w/4))
	c.summary = clamp(c.summary, 0, max(12, w/2))
	return c
}

func stepHead(th *theme.Theme, s Step, frame int, c stepWidths, w int) string {
	sign, tok := stepSign(th, s.State, frame)
	name := theme.Text
	switch s.State {
	case StepRunning:
		name = theme.Strong
	case StepWaiting, StepSkipped:
		name = theme.Muted
	case StepFailed:
		name = theme.Danger
	case StepDone:
	}
	var b strings.Builder
	b.WriteString(" " + th.Paint(tok, sign) + " ")
	b.WriteString(th.Paint(name, Pad(s.Name, c.name)))
	b.WriteString("   " + th.Paint(theme.Text, Pad(s.Subject, c.subject)))
	if s.Headline != "" {
		b.WriteString("  " + s.Headline)
		return Cut(b.String(), w)
	}
	elapsed := ""
	if s.State != StepWaiting && s.State != StepSkipped {
		elapsed = Elapsed(s.Elapsed)
	}
	b.WriteString("  " + th.Paint(theme.Muted, PadLeft(elapsed, c.elapsed)))
	b.WriteString("   " + th.Paint(theme.Muted, Pad(s.Summary, c.summary)))
	if s.Result != "" {
		b.WriteString("   " + s.Result)
	}
	return Cut(strings.TrimRight(b.String(), " "), w)
}

func stepSign(th *theme.Theme, s StepState, frame int) (string, theme.Token) {
	g := th.Glyphs()
	switch s {
	case StepRunning:
		return g.Spinner[max(0, frame)%len(g.Spinner)], theme.Moving
	case StepDone:
		return g.Done, theme.Good
	case StepSkipped:
		return g.Skipped, theme.Muted
	case StepFailed:
		return g.Failed, theme.Bad
	default:
		return g.Waiting, theme.Faint
	}
}
