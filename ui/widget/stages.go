package widget

import (
	"cmp"
	"strings"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// Stages is a bar of stages that are gone through in their order.
type Stages struct {
	Names []string
	Now   string // the whole name of the one that goes on; "" is its name
	At    int    // the one that goes on; len(Names) when all are over
	Broke bool   // it broke off there, and nothing comes after it
	Note  string
	Frame int // turns the sign of the one that goes on
}

// View draws the bar in at most w cells: every stage by its name where there is
// room for that, else a sign for each and the name of the one that goes on.
func (s Stages) View(th *theme.Theme, w int) string {
	if whole := s.named(th); Width(whole) <= w {
		return whole
	}
	var b strings.Builder
	for i := range s.Names {
		sign, tok := s.sign(th, i)
		b.WriteString(th.Paint(tok, sign))
	}
	if s.At < len(s.Names) {
		b.WriteString("  " + th.Paint(theme.Strong, cmp.Or(s.Now, s.Names[s.At])))
	}
	if s.Note != "" {
		b.WriteString("  " + th.Paint(theme.Muted, s.Note))
	}
	return Cut(b.String(), w)
}

func (s Stages) named(th *theme.Theme) string {
	parts := make([]string, len(s.Names), len(s.Names)+1)
	for i, name := range s.Names {
		sign, tok := s.sign(th, i)
		text := theme.Muted
		if i == s.At {
			text = theme.Strong
		}
		parts[i] = th.Paint(tok, sign) + " " + th.Paint(text, name)
	}
	if s.Note != "" {
		parts = append(parts, th.Paint(theme.Muted, s.Note))
	}
	return strings.Join(parts, "  ")
}

func (s Stages) sign(th *theme.Theme, i int) (string, theme.Token) {
	switch {
	case i < s.At:
		return stepSign(th, StepDone, s.Frame)
	case i == s.At && s.Broke:
		return stepSign(th, StepFailed, s.Frame)
	case i == s.At:
		return stepSign(th, StepRunning, s.Frame)
	}
	return stepSign(th, StepWaiting, s.Frame)
}
