package screen

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// deployPainter draws a deployState into lines. It is made for one frame and
// keeps nothing: the same state, size and time give the same lines.
type deployPainter struct {
	th    *theme.Theme
	now   time.Time
	frame int // of the spinner
	w, h  int
	kind  DeployKind
	steps []deploy.Step // those that are planned; of a whole deploy
}

// body draws the deploy in at most p.h lines. scroll moves through what does
// not fit under the steps; it is clamped and the clamped value returned.
func (p deployPainter) body(s *deployState, scroll int) (lines []string, clamped int) {
	end := append(p.pause(s), p.outcome(s)...)
	steps := p.stepLines(s)
	room := p.h - len(end)
	head := []string{}
	if len(steps) > 2 && room < len(steps)+9 {
		head, steps = p.fold(steps)
	}
	if t := s.Trouble; t != nil {
		text := "the rollout can't be read since " + widget.Elapsed(p.now.Sub(t.Since)) + ": " + oneLine(t.Err)
		end = append(end, " "+p.th.Mark(theme.Warning)+" "+p.th.Paint(theme.Warn, text))
		room--
	}
	room -= len(head) + len(steps)
	detail := p.detail(s, room)
	scroll = max(0, min(scroll, len(detail)-room))
	shown := detail[scroll:]
	if len(shown) > room {
		shown = shown[:max(0, room)]
	}
	if hidden := len(detail) - scroll - len(shown); hidden > 0 && len(shown) > 0 {
		more := fmt.Sprintf("%s %s more", p.th.Glyphs().More, widget.Plural(hidden+1, "line", "lines"))
		shown = append(shown[:len(shown)-1:len(shown)-1], "     "+p.th.Paint(theme.Muted, more))
	}
	lines = append(head, p.draw(s, steps, shown)...)
	lines = append(lines, end...)
	for i, l := range lines {
		lines[i] = widget.Cut(l, p.w)
	}
	return lines, scroll
}

// draw puts the detail under the step that it belongs to.
func (p deployPainter) draw(s *deployState, steps []stepLine, detail []string) []string {
	owner := p.owner(steps)
	out := make([]widget.Step, len(steps))
	for i, l := range steps {
		out[i] = p.step(s, l)
	}
	drawn := widget.StepLines(p.th, out, p.frame, p.w, 0)
	if owner < 0 {
		return append(drawn, detail...)
	}
	lines := append([]string{}, drawn[:owner+1]...)
	lines = append(lines, detail...)
	return append(lines, drawn[owner+1:]...)
}

// owner is the step whose details are shown: the one that runs, else the one
// that failed first, else the last that ended. Who is told of the end is not
// what it was about.
func (p deployPainter) owner(steps []stepLine) int {
	last, failed := -1, -1
	for i, l := range steps {
		switch l.Phase {
		case stepRunning:
			if l.Step != deploy.Tell {
				return i
			}
		case stepFailed:
			if failed < 0 {
				failed = i
			}
		case stepDone, stepSkipped:
			if l.Step != deploy.Tell {
				last = i
			}
		case stepWaiting:
		}
	}
	if failed >= 0 {
		return failed
	}
	return last
}

// detail is what stands under the step that works.
func (p deployPainter) detail(s *deployState, room int) []string {
	steps := p.stepLines(s)
	i := p.owner(steps)
	if i < 0 || room <= 0 {
		return nil
	}
	switch l := steps[i]; l.Step {
	case deploy.Build:
		return p.buildDetail(s, l, room)
	case deploy.Push, deploy.Copy:
		if l.Phase == stepRunning {
			return p.pushDetail(s, room)
		}
	case deploy.Before:
		return p.hookDetail(s, l.Step, room)
	case deploy.Check:
		lines := p.hookDetail(s, l.Step, max(3, room/2))
		return append(lines, p.rolloutDetail(s, room-len(lines))...)
	case deploy.Rollout, deploy.Back:
		return p.rolloutDetail(s, room)
	case deploy.Register, deploy.Update, deploy.Arrange, deploy.Tell:
	}
	return nil
}

// stepLines are the steps in their order, with those that still wait.
func (p deployPainter) stepLines(s *deployState) []stepLine {
	planned := []deploy.Step{deploy.Build, deploy.Push, deploy.Register, deploy.Update, deploy.Rollout}
	switch p.kind {
	case DeployBuild:
		planned = planned[:1]
	case DeployBack:
		planned = planned[3:]
	case DeployFollow:
		planned = planned[4:]
	case DeployWhole:
		if p.steps != nil {
			planned = p.steps
		}
	}
	var out []stepLine
	for step := range deploy.Steps {
		found := false
		for _, l := range s.Lines {
			if l.Step == step {
				out, found = append(out, l), true
			}
		}
		if !found && s.Ended == nil && slices.Contains(planned, step) {
			out = append(out, stepLine{Step: step})
		}
	}
	return out
}

// step makes a step for the widget. A rollout shows its bar instead of a time.
func (p deployPainter) step(s *deployState, l stepLine) widget.Step {
	w := widget.Step{
		Name: l.Step.String(), Subject: l.Subject, Elapsed: l.Elapsed,
		Summary: l.Summary, Result: p.th.Paint(theme.Text, l.Result),
	}
	switch l.Phase {
	case stepRunning:
		w.State, w.Elapsed = widget.StepRunning, max(0, p.now.Sub(l.Started))
		w.Summary = p.progress(s, l)
	case stepDone:
		w.State = widget.StepDone
		if l.Warning != "" {
			w.Headline = p.th.Mark(theme.Warning) + " " + p.th.Paint(theme.Warn, backend.Clean(l.Warning))
		}
	case stepSkipped:
		w.State = widget.StepSkipped
		w.Headline = p.th.Paint(theme.Muted, l.Skipped)
	case stepFailed:
		w.State = widget.StepFailed
		if l.Err != nil {
			w.Result = p.th.Paint(theme.Bad, oneLine(l.Err))
			w.Summary = ""
		}
	case stepWaiting:
	}
	if (l.Step == deploy.Rollout && !s.reached(deploy.Check) || l.Step == deploy.Back) && s.Rollout.Seen && (l.Phase == stepRunning || l.Phase == stepFailed) {
		w.Headline = p.rolloutLine(&s.Rollout)
	}
	return w
}

// fold draws what is over and what waits on one line, for small windows; the
// rest keeps its lines.
func (p deployPainter) fold(steps []stepLine) (head []string, rest []stepLine) {
	keep := p.owner(steps)
	var parts []string
	used := 1
	for i, l := range steps {
		if i == keep {
			rest = append(rest, l)
			continue
		}
		sign, tok := p.th.Glyphs().Waiting, theme.Faint
		text := l.Step.String()
		switch l.Phase {
		case stepDone:
			sign, tok = p.th.Glyphs().Done, theme.Good
			if l.Result != "" && widget.Width(l.Result) <= 16 {
				text += " " + l.Result
			}
		case stepSkipped:
			sign, tok = p.th.Glyphs().Skipped, theme.Muted
		case stepWaiting, stepRunning, stepFailed:
		}
		if used += widget.Width(text) + 4; used > p.w {
			continue
		}
		parts = append(parts, p.th.Paint(tok, sign)+" "+p.th.Paint(theme.Muted, text))
	}
	return []string{" " + strings.Join(parts, "  ")}, rest
}

// progress is what a running step says of itself.
func (p deployPainter) progress(s *deployState, l stepLine) string {
	switch l.Step {
	case deploy.Build:
		if b := s.buildOf(l.Subject); b != nil {
			return buildCounts(b)
		}
	case deploy.Push, deploy.Copy:
		for _, f := range s.Pushes {
			if f.Done == nil {
				return pushCounts(f)
			}
		}
	case deploy.Check:
		return s.attempted()
	case deploy.Register, deploy.Before, deploy.Update, deploy.Rollout, deploy.Arrange, deploy.Back, deploy.Tell:
	}
	return ""
}

// buildOf finds the build that a step line speaks of: by container, or the
// only one there is.
func (s *deployState) buildOf(subject string) *buildFold {
	if b := s.Builds[subject]; b != nil {
		return b
	}
	if len(s.Builds) == 1 {
		for _, b := range s.Builds {
			return b
		}
	}
	return nil
}
