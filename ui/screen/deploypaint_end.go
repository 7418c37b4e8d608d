package screen

import (
	"strings"

	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// outcome draws how the deploy ended: what, after how long, why, what next.
// Nothing while it goes on.
func (p deployPainter) outcome(s *deployState) []string {
	e := s.Ended
	if e == nil {
		return nil
	}
	sign, tok := theme.Failure, theme.Bad
	switch e.Outcome {
	case deploy.Stable:
		sign, tok = theme.Steady, theme.Good
	case deploy.Cancelled:
		sign, tok = theme.Idle, theme.Muted
	case deploy.RolledBack:
		sign, tok = theme.Warning, theme.Warn
	case deploy.Failed:
	}
	word := e.Outcome.String()
	if p.kind == DeployBuild && e.Outcome == deploy.Stable {
		word = "built"
	}
	head := " " + p.th.Mark(sign) + " " + p.th.Paint(theme.Strong, word) +
		p.th.Paint(theme.Muted, " after "+widget.Elapsed(s.elapsed(p.now)))
	lines := []string{"", head}
	reason := e.Reason
	if reason == "" && e.Err != nil {
		reason = oneLine(e.Err)
	}
	if reason != "" {
		lines = append(lines, p.wrapped(reason, tok)...)
	}
	if e.Advice != "" {
		lines = append(lines, p.wrapped(e.Advice, theme.Text)...)
	}
	return lines
}

// wrapped breaks a sentence into at most three indented lines.
func (p deployPainter) wrapped(text string, tok theme.Token) []string {
	var lines []string
	for i, l := range widget.Wrap(strings.Join(strings.Fields(text), " "), min(p.w-6, 110)) {
		if i == 3 {
			lines[2] += " …"
			break
		}
		lines = append(lines, "   "+p.th.Paint(tok, l))
	}
	return lines
}
