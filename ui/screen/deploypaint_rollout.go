package screen

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// rolloutLine is the bar and the numbers behind it.
func (p deployPainter) rolloutLine(r *rolloutFold) string {
	desired := max(r.desired(), 1)
	healthy := float64(r.Deployment.Target.Healthy) / float64(desired)
	old := 0
	for _, s := range r.Deployment.Source {
		old += s.Running
	}
	barW, of := max(10, min(48, p.w-82)), "breaker %d of %d"
	if p.w < 80 {
		barW, of = 6, "breaker %d/%d"
	}
	held := float64(old) / float64(max(desired, old))
	if share, ok := r.share(); ok {
		healthy, held = share, 1-share
	}
	line := widget.Handover(p.th, healthy, held, barW) + "  "
	tok := theme.Strong
	if _, waits := r.Deployment.Waiting(); waits || r.rollingBack() {
		tok = theme.Warn
	}
	line += p.th.Paint(tok, r.progress())
	if t := r.Deployment.Target.Traffic; t != nil && !r.rollingBack() && p.w >= 130 { // else it stands under it only
		line += "   " + p.th.Paint(theme.Strong, fmt.Sprintf("%g %% of traffic", t.Production))
	}
	if b := r.Deployment.Breaker; b != nil && b.Threshold > 0 {
		tok := theme.Muted
		if b.Failures > 0 {
			tok = theme.Warn
		}
		line += "   " + p.th.Paint(tok, fmt.Sprintf(of, b.Failures, b.Threshold))
	}
	if text := deploy.TimeLeft(r.Deployment, r.Usual, p.now); text != "" {
		if p.w < 100 {
			text = strings.Replace(text, "about ", "~", 1)
		}
		line += "   " + p.th.Paint(theme.Muted, text)
	}
	return line
}

// rolloutDetail draws revisions, tasks with what became of them, and events.
// What is short of room is left out in this order: events, healthy tasks.
func (p deployPainter) rolloutDetail(s *deployState, room int) []string {
	if !s.Rollout.Seen {
		return nil
	}
	lines := append(p.shift(&s.Rollout), p.revisions(&s.Rollout)...)
	if room > 24 {
		lines = append(lines, "")
	}
	if p.w >= deployWide {
		return append(lines, p.beside(s, room-len(lines))...)
	}
	lines = append(lines, p.tasks(s, room-len(lines)-2)...)
	free := room - len(lines)
	if free <= 0 {
		return lines
	}
	for _, e := range lastEvents(s, min(free, 12)) {
		lines = append(lines, p.event(e, "  "))
	}
	return lines
}

// deployWide is from where on events stand beside the tasks, not under them.
const deployWide = 150

// beside draws tasks at the left and events at the right, each whole.
func (p deployPainter) beside(s *deployState, room int) []string {
	left, right := p, p
	left.w = p.w * 3 / 5
	right.w = p.w - left.w - 3
	tasks := left.tasks(s, room)
	var events []string
	for _, e := range lastEvents(s, max(8, room-1)) {
		for i, l := range widget.Wrap(e.Message, right.w-stampW) {
			stamp := strings.Repeat(" ", stampW)
			if i == 0 {
				stamp = p.stamped(e)
			}
			events = append(events, stamp+p.th.Paint(theme.Muted, l))
		}
	}
	if n := max(8, room-1); len(events) > n {
		events = events[len(events)-n:]
	}
	if len(events) > 0 {
		events = append([]string{p.th.Paint(theme.TableHeader, "EVENTS")}, events...)
	}
	lines := make([]string, max(len(tasks), len(events)))
	for i := range lines {
		l := ""
		if i < len(tasks) {
			l = tasks[i]
		}
		if i < len(events) {
			l = widget.Pad(l, left.w) + "   " + events[i]
		}
		lines[i] = l
	}
	return lines
}

func lastEvents(s *deployState, n int) []backend.Event {
	return s.Events[max(0, len(s.Events)-n):]
}

func (p deployPainter) event(e backend.Event, indent string) string {
	return indent + p.stamped(e) + p.th.Paint(theme.Muted, widget.Cut(e.Message, p.w-len(indent)-stampW))
}

// stamped is an event's time and its sign on the timeline.
func (p deployPainter) stamped(e backend.Event) string {
	sign, tok, _ := p.eventSign(e.Message)
	return p.th.Paint(theme.Faint, e.At.Local().Format("15:04:05")) + " " + p.th.Paint(tok, sign) + " "
}

// stampW is the width of what stands before an event's text.
const stampW = 11

// revisions draws a line of counts for the new revision and each old one.
func (p deployPainter) revisions(r *rolloutFold) []string {
	label := func(rev backend.Revision, role string) string {
		return widget.Pad(backend.ShortName(rev.TaskDefinition)+" "+role, p.revisionWidth(r))
	}
	role, was := "new", "old"
	switch ended := r.Deployment.Status.Ended(); {
	case r.rollingBack() && ended:
		role, was = "gone", "is back"
	case r.rollingBack():
		role, was = "leaves", "comes back"
	case r.back && ended:
		role, was = "is back", "gone"
	case r.back:
		role, was = "comes back", "leaves"
	}
	lines := []string{p.counts(r, label(r.Deployment.Target, role), r.Deployment.Target, true)}
	for _, src := range r.Deployment.Source {
		lines = append(lines, p.counts(r, label(src, was), src, false))
	}
	return lines
}

func (p deployPainter) revisionWidth(r *rolloutFold) int {
	w := widget.Width(backend.ShortName(r.Deployment.Target.TaskDefinition))
	for _, s := range r.Deployment.Source {
		w = max(w, widget.Width(backend.ShortName(s.TaskDefinition)))
	}
	if r.rollingBack() || r.back {
		return min(w+11, 40)
	}
	return min(w+4, 40)
}

func (p deployPainter) counts(r *rolloutFold, label string, rev backend.Revision, isNew bool) string {
	tok := theme.Muted
	if isNew != r.rollingBack() {
		tok = theme.Text
	}
	line := "     " + p.th.Paint(tok, label)
	add := func(name string, n int, tok theme.Token) {
		line += "  " + p.th.Paint(theme.Muted, name+" ") + p.th.Paint(tok, strconv.Itoa(n))
	}
	add("desired", rev.Desired, tok)
	if rev.Pending > 0 {
		add("pending", rev.Pending, tok)
	}
	add("running", rev.Running, tok)
	if p.w >= 80 {
		add("healthy", rev.Healthy, tok)
	}
	if rev.Traffic != nil {
		line += "  " + p.th.Paint(theme.Muted, "traffic ") + p.th.Paint(tok, p.trafficText(*rev.Traffic))
	}
	if rev.Failed > 0 {
		add("failed", rev.Failed, theme.Bad)
	}
	if n := r.draining(isNew); n > 0 {
		line += "  " + p.th.Paint(theme.Muted, "draining "+strconv.Itoa(n))
	}
	if p.w >= 120 && len(rev.Images) > 0 {
		line += "   " + p.th.Paint(theme.Faint, imageOf(rev))
	}
	return widget.Cut(line, p.w)
}

// imageOf names what a revision runs, by content.
func imageOf(rev backend.Revision) string {
	img := rev.Images[0]
	if img.Digest != "" {
		return "image " + shortImageID(img.Digest)
	}
	return img.Image
}

// draining counts the tasks of one side that are on their way out.
func (r *rolloutFold) draining(isNew bool) int {
	n := 0
	for _, t := range r.Tasks {
		if r.isNew(t) == isNew && t.LastStatus != backend.TaskStopped && t.DesiredStatus == backend.TaskStopped {
			n++
		}
	}
	return n
}

// shownTasks are the tasks worth a line: all of the new revision, and those of
// the old one that are still there. When there are more than fit, what needs
// looking at comes first.
func (r *rolloutFold) shownTasks(room int) []backend.Task {
	tasks := slices.DeleteFunc(slices.Clone(r.Tasks), func(t backend.Task) bool {
		return t.LastStatus == backend.TaskStopped && (!r.isNew(t) || !taskBroke(t))
	})
	if len(tasks) <= room {
		return tasks
	}
	slices.SortStableFunc(tasks, func(a, b backend.Task) int {
		return cmp.Or(cmp.Compare(r.interest(a), r.interest(b)), b.StoppedAt.Compare(a.StoppedAt))
	})
	return tasks
}

func (r *rolloutFold) interest(t backend.Task) int {
	switch now := r.now(t); {
	case t.LastStatus == backend.TaskStopped:
		return 0
	case now == "unhealthy":
		return 1
	case !r.isNew(t):
		return 4
	case now == "healthy":
		return 3
	default:
		return 2
	}
}

// tasks draws the tasks, and under those that failed why, once for each cause.
func (p deployPainter) tasks(s *deployState, room int) []string {
	r := &s.Rollout
	tasks := r.shownTasks(room - 1)
	if len(tasks) == 0 {
		return nil
	}
	line := p.timeline(s, max(10, min(60, p.w-5-9-6-30)))
	lines := []string{"     " + p.th.Paint(theme.TableHeader,
		widget.Pad("TASK", 9)+widget.Pad("REV", 6)+widget.Pad(line.Axis(), line.W+2)+"NOW")}
	if marks := line.Marks(p.th, p.marks(s)); marks != "" {
		lines = append(lines, "     "+p.th.Paint(theme.Muted, widget.Pad("events", 9+6))+marks)
	}
	explained := map[string]bool{}
	for _, t := range tasks {
		lines = append(lines, p.task(s, t, line))
		f, ok := s.failed(t.ARN)
		if !ok || explained[f.Diagnosis.Cause+f.Diagnosis.Remedy] {
			continue
		}
		explained[f.Diagnosis.Cause+f.Diagnosis.Remedy] = true
		lines = append(lines, p.failure(f, room)...)
	}
	if room > len(lines)+12 {
		lines = append(lines, "", widget.Cut(strings.Repeat(" ", 5+9+6)+widget.LifeLegend(p.th), p.w))
	}
	return lines
}

func (p deployPainter) task(s *deployState, t backend.Task, line widget.Timeline) string {
	r := &s.Rollout
	now := r.now(t)
	_, rev, _ := strings.Cut(backend.ShortName(t.TaskDefinition), ":")
	bar := line.Life(p.th, r.lifeParts(t, p.until(s)), t.Health != backend.Unhealthy)
	tok := theme.Muted
	switch {
	case now == "healthy":
		tok = theme.Good
	case t.LastStatus == backend.TaskStopped || now == "unhealthy":
		tok = theme.Bad
	case r.isNew(t):
		tok = theme.Text
	}
	id := theme.Text
	if !r.isNew(t) {
		id = theme.Muted
	}
	return "     " + p.th.Paint(id, widget.Pad(backend.ShortID(t.ARN), 9)) +
		p.th.Paint(theme.Muted, widget.Pad(rev, 6)) + widget.Pad(bar, line.W+2) +
		p.th.Paint(tok, widget.Cut(now, p.w-5-9-6-line.W-2))
}

// failure draws why a task failed: cause, remedy, and the last lines it wrote.
func (p deployPainter) failure(f deploy.TaskFailed, room int) []string {
	const indent = "                    "
	w := p.w - len(indent) - 3
	text := f.Diagnosis.Cause
	if f.Diagnosis.Remedy != "" {
		if text != "" {
			text += ": "
		}
		text += f.Diagnosis.Remedy
	}
	last := f.LastLines
	if text == "" && len(last) == 0 {
		return nil
	}
	lines := []string{}
	for i, l := range widget.Wrap(text, w) {
		mark := "  "
		if i == 0 {
			mark = p.th.Paint(theme.Border, p.th.Glyphs().Branch) + " "
		}
		lines = append(lines, indent+mark+p.th.Paint(theme.Warn, l))
	}
	if n := max(2, min(6, room/4)); len(last) > n {
		last = last[len(last)-n:]
	}
	for _, l := range last {
		lines = append(lines, indent+"  "+p.th.Paint(theme.Faint, l.At.Local().Format("15:04:05"))+" "+widget.Cut(l.Text, w-9)+"\x1b[m")
	}
	return lines
}
