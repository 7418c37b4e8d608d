package screen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// shiftLabelW is the width of the labels of a rollout that shifts traffic.
const shiftLabelW = 12

// shift draws the stages of a rollout that shifts traffic, and the alarms that
// watch over any.
func (p deployPainter) shift(r *rolloutFold) []string {
	var lines []string
	d := r.Deployment
	if d.Shifts() {
		lines = append(lines, p.labelled(orText(d.Strategy, "stage"), p.stages(r)))
	}
	for _, h := range d.Hooks {
		if text, tok := hookText(h); text != "" {
			lines = append(lines, p.labelled("hook", p.th.Paint(tok, text)))
		}
	}
	if a := d.Alarms; a != nil && len(a.Names)+len(a.Triggered) > 0 {
		text := p.th.Paint(theme.Muted, strings.Join(a.Names, ", "))
		if len(a.Triggered) > 0 {
			text = p.th.Mark(theme.Failure) + " " + p.th.Paint(theme.Bad, strings.Join(a.Triggered, ", ")+" went off")
		} else if status := backend.StageName(a.Status); status != "" {
			text += p.th.Paint(theme.Faint, "  "+status)
		}
		lines = append(lines, p.labelled("alarms", text))
	}
	return lines
}

// hookText says what a hook does, or did. One that went well is not worth a
// line, and a pause that waits has a place of its own.
func hookText(h backend.Hook) (string, theme.Token) {
	tok := theme.Muted
	if h.Type == backend.HookPause && h.Status == backend.HookFailed {
		return "", tok // it was answered with a rollback, which the outcome says
	}
	switch h.Status {
	case backend.HookSucceeded, backend.HookAwaiting, "":
		return "", tok
	case backend.HookFailed, backend.HookTimedOut:
		tok = theme.Warn
	}
	what := orText(functionName(h.Target), h.Type)
	return what + "  " + backend.StageName(h.Status), tok
}

// functionName is the last part of a Lambda function's ARN:
// "arn:aws:lambda:eu-west-1:1:function:validate" → "validate".
func functionName(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }

func (p deployPainter) labelled(label, text string) string {
	return widget.Cut("     "+p.th.Paint(theme.Muted, widget.Pad(label, max(shiftLabelW, widget.Width(label)+2)))+text, p.w)
}

// stages draws the bar of stages. A stage that this program does not know is
// shown as it is.
func (p deployPainter) stages(r *rolloutFold) string {
	d, all := r.Deployment, backend.LifecycleStages()
	at := slices.Index(all, d.Stage)
	if r.rollingBack() {
		at = slices.Index(all, r.leftAt)
	}
	bar := widget.Stages{At: at, Broke: r.rollingBack(), Frame: p.frame}
	switch {
	case at < 0 && r.rollingBack():
		return p.th.Paint(theme.Warn, "left its stages: "+r.progress())
	case at < 0:
		return p.th.Paint(theme.Strong, orText(d.Stage, "it has not come to a stage yet"))
	case d.Status == backend.Successful:
		bar.At = len(all)
	case !r.rollingBack() && !d.Status.Ended() && !r.stageSince.IsZero():
		bar.Note = widget.Elapsed(p.now.Sub(r.stageSince))
	}
	if d.Stage != backend.StageReconcile && r.leftAt != backend.StageReconcile { // which is rare
		all, bar.At = all[1:], bar.At-1
	}
	for i, stage := range all {
		name := backend.StageName(stage)
		if bar.Names = append(bar.Names, strings.ReplaceAll(name, " traffic", "")); i == bar.At {
			bar.Now = name
		}
	}
	return bar.View(p.th, p.w-5-shiftLabelW)
}

// pause is what stands under everything while the rollout waits for an answer.
func (p deployPainter) pause(s *deployState) []string {
	hook, waits := s.waiting()
	if !waits {
		return nil
	}
	d := s.Rollout.Deployment
	text := "paused at " + orText(backend.StageName(d.Stage), "a lifecycle hook")
	if expiry := deploy.Expiry(hook, p.now); expiry != "" {
		text += ": " + expiry
	}
	keys := "   " + p.th.Paint(theme.FooterKey, "c") + " lets it go on   " + p.th.Paint(theme.FooterKey, "R") + " rolls it back"
	lines := []string{""}
	for i, l := range widget.Wrap(text, p.w-4) {
		mark := " "
		if i == 0 {
			mark = p.th.Mark(theme.Warning)
		}
		lines = append(lines, " "+mark+" "+p.th.Paint(theme.Warn, l))
	}
	return append(lines, keys)
}

// waiting is the hook that the rollout is paused at.
func (s *deployState) waiting() (backend.Hook, bool) {
	if s.Ended != nil || !s.Rollout.Seen {
		return backend.Hook{}, false
	}
	return s.Rollout.Deployment.Waiting()
}

// share is how much of the production traffic the new revision gets, between 0
// and 1; ok is false where none is shifted.
func (r *rolloutFold) share() (share float64, ok bool) {
	t := r.Deployment.Target.Traffic
	if t == nil {
		return 0, false
	}
	return t.Production / 100, true
}

// trafficText is a revision's share in a few cells: "10 %", "10 %, test 100 %".
func (p deployPainter) trafficText(t backend.Traffic) string {
	text := fmt.Sprintf("%g %%", t.Production)
	if t.Test > 0 && t.Production < 100 && p.w >= 80 {
		text += fmt.Sprintf(", test %g %%", t.Test)
	}
	return text
}
