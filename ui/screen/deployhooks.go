package screen

import (
	"fmt"
	"slices"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// hookFold is what the hooks of a deploy have said: the lines of their tasks, by
// step, and the requests of the smoke check.
type hookFold struct {
	Lines    map[deploy.Step][]backend.LogLine // oldest first, at most hookLinesKept
	Attempts []deploy.Attempt                  // likewise
}

// hookLinesKept bounds what a hook can pile up.
const hookLinesKept = 200

func (h *hookFold) log(ev deploy.HookLog) {
	if h.Lines == nil {
		h.Lines = map[deploy.Step][]backend.LogLine{}
	}
	h.Lines[ev.Step] = lastOf(append(slices.Clip(h.Lines[ev.Step]), ev.Lines...), hookLinesKept)
}

func (h *hookFold) attempt(ev deploy.Attempt) {
	h.Attempts = lastOf(append(slices.Clip(h.Attempts), ev), hookLinesKept)
}

func (h *hookFold) clone() hookFold {
	c := hookFold{Attempts: slices.Clip(h.Attempts), Lines: make(map[deploy.Step][]backend.LogLine, len(h.Lines))}
	for step, lines := range h.Lines {
		c.Lines[step] = slices.Clip(lines)
	}
	return c
}

func lastOf[T any](all []T, n int) []T { return all[max(0, len(all)-n):] }

// hookDetail draws what a hook has said, the newest at the end, in at most room
// lines.
func (p deployPainter) hookDetail(s *deployState, step deploy.Step, room int) []string {
	const indent = "     "
	var lines []string
	for _, l := range lastOf(s.Hooks.Lines[step], room) {
		text := l.Text
		if l.Task != "" {
			text = p.th.Paint(theme.Faint, l.At.Local().Format("15:04:05")) + " " + text
		}
		lines = append(lines, indent+widget.Cut(text, p.w-len(indent))+"\x1b[m")
	}
	if step != deploy.Check {
		return lines
	}
	for _, a := range lastOf(s.Hooks.Attempts, room) {
		lines = append(lines, indent+p.attempt(a, p.w-len(indent)))
	}
	return lastOf(lines, room)
}

// attempt draws one request: when, what came back, and what is wrong with it.
func (p deployPainter) attempt(a deploy.Attempt, w int) string {
	status := "  –"
	if a.Status > 0 {
		status = fmt.Sprint(a.Status)
	}
	mark, tok, text := theme.Failure, theme.Warn, a.Err
	if a.Err == "" {
		mark, tok, text = theme.Steady, theme.Muted, a.Body
	}
	line := p.th.Paint(theme.Faint, a.At.Local().Format("15:04:05")) + " " + p.th.Mark(mark) + " " +
		p.th.Paint(theme.Text, status) + p.th.Paint(theme.Muted, " "+widget.PadLeft(widget.Elapsed(a.Took), 6)) + "  "
	if p.w >= deployWide {
		line += p.th.Paint(theme.Muted, a.URL+"  ")
	}
	return widget.Cut(line+p.th.Paint(tok, text), w)
}

// attempted is how far the smoke check is, in a few words.
func (s *deployState) attempted() string {
	n := len(s.Hooks.Attempts)
	if n == 0 {
		return ""
	}
	a := s.Hooks.Attempts[n-1]
	text := widget.Plural(a.Number, "attempt", "attempts")
	switch {
	case a.Status > 0:
		text += fmt.Sprintf(", status %d", a.Status)
	case a.Err != "":
		text += ", no answer"
	}
	return text
}

// planHooks draws the hooks that a plan's deploy will run.
func (p deployPainter) planHooks(plan *deploy.Plan) []string {
	var lines []string
	for _, h := range plan.HookTexts() {
		lines = append(lines, p.field(h.Name, p.th.Paint(theme.Text, h.Text))...)
	}
	return lines
}
