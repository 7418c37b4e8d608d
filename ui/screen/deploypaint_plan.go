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

// planLabelW is the width of the labels at the left of a plan.
const planLabelW = 14

// plan draws what a deploy would do: where, which images, how it rolls out,
// what changes, and what is wrong. All of it, however long; the screen scrolls.
func (p deployPainter) plan(plan *deploy.Plan) []string {
	lines := p.target(plan)
	lines = append(lines, p.planImages(plan)...)
	lines = append(lines, p.scaling(plan)...)
	lines = append(lines, p.planHooks(plan)...)
	lines = append(lines, p.findings(plan)...)
	return append(lines, p.changes(plan)...)
}

// field draws a labelled value; a long value goes on under itself.
func (p deployPainter) field(label, value string) []string {
	var lines []string
	for i, l := range widget.Wrap(value, max(20, p.w-planLabelW-4)) {
		if i > 0 {
			label = ""
		}
		lines = append(lines, "   "+p.th.Paint(theme.Muted, widget.Pad(label, planLabelW))+l)
	}
	return lines
}

func (p deployPainter) target(plan *deploy.Plan) []string {
	req := plan.Request
	var where []string // an app may have no environment for this backend, and its default cluster no name
	if req.Environment != "" {
		where = append(where, p.th.Paint(theme.Strong, req.Environment))
	}
	if req.Cluster != "" {
		where = append(where, p.th.Paint(theme.Muted, "cluster ")+req.Cluster)
	}
	switch {
	case req.Service == nil:
		where = append(where, p.th.Paint(theme.Muted, "no service: the task definition is registered, nothing is started"))
	case plan.Current == nil:
		where = append(where, p.th.Paint(theme.Muted, "service ")+req.Service.Name+p.th.Paint(theme.Added, " (new)"))
	default:
		where = append(where, p.th.Paint(theme.Muted, "service ")+plan.Current.Name)
	}
	lines := p.field("target", strings.Join(where, p.th.Paint(theme.Muted, " · ")))
	if g := plan.GoingOn; g != nil {
		text := p.th.Paint(theme.Warn, g.String())
		if !plan.Nothing() { // the keys are those of a plan that can be started
			text += p.th.Paint(theme.Muted, " · enter takes over, w follows it")
		}
		lines = append(lines, p.field("going on", text)...)
	}
	if from := req.Promotion; from != nil {
		lines = append(lines, p.field("promoted", "from "+p.th.Paint(theme.Strong, from.String())+p.th.Paint(theme.Muted, ", without a build"))...)
		for _, src := range req.Images {
			lines = append(lines, p.field("", p.th.Paint(theme.Muted, src.Container+" ")+shortRef(from.Images[src.Container]))...)
		}
	}
	if note := plan.PausedNote(); note != "" {
		lines = append(lines, p.field("paused", p.th.Paint(theme.Warn, note))...)
	}
	if src := plan.Source; src.SHA != "" {
		text := src.SHA
		if src.Branch != "" {
			text += p.th.Paint(theme.Muted, " on ") + src.Branch
		}
		if src.Dirty {
			text += p.th.Paint(theme.Warn, " with changes that are not committed")
		}
		lines = append(lines, p.field("source", text)...)
	}
	lines = append(lines, p.commits(plan.Commits)...)
	family := req.Definition.Family
	if plan.Running != nil {
		family = p.th.Paint(theme.Muted, plan.Running.Ref()+" → ") + "a new revision of " + family
	}
	return append(lines, p.field("revision", family)...)
}

// commits draws what is between the commit that runs and the one that is
// deployed, a line each.
func (p deployPainter) commits(c deploy.Commits) []string {
	if !c.Known() {
		return nil
	}
	text, tok := c.Old, theme.Muted
	switch {
	case c.New == "":
		text += p.th.Paint(theme.Muted, " runs")
	case c.New != c.Old:
		text = p.th.Paint(theme.Muted, c.Old+" → ") + c.New
	}
	if c.Behind > 0 || c.Unknown != "" {
		tok = theme.Warn
	}
	lines := p.field("commits", text+p.th.Paint(theme.Muted, " · ")+p.th.Paint(tok, c.Summary()))
	indent := strings.Repeat(" ", planLabelW+3)
	for _, one := range c.List {
		head := indent + p.th.Paint(theme.Accent, one.SHA) + " "
		author := p.th.Paint(theme.Muted, " "+widget.Cut(one.Author, 20))
		room := max(10, p.w-widget.Width(head)-widget.Width(author)-1)
		lines = append(lines, head+widget.Cut(one.Subject, room)+author)
	}
	if n := c.More(); n > 0 {
		lines = append(lines, indent+p.th.Paint(theme.Muted, fmt.Sprintf("… and %d more", n)))
	}
	return lines
}

func (p deployPainter) planImages(plan *deploy.Plan) []string {
	var lines []string
	for _, img := range plan.Images {
		from := img.From
		if from == "" {
			from = "none"
		}
		to := plannedAs(plan, img.Container)
		tag := p.th.Paint(theme.Accent, to)
		if from == to {
			tag = p.th.Paint(theme.Muted, "the same")
		}
		lines = append(lines, p.field("image "+img.Container, p.th.Paint(theme.Muted, shortRef(from)+" → ")+tag)...)
	}
	return lines
}

// shortRef shortens a digest inside a reference.
func shortRef(ref string) string {
	if strings.HasPrefix(ref, "sha256:") {
		return shortImageID(ref)
	}
	if name, digest, ok := strings.Cut(ref, "@sha256:"); ok {
		return name + "@" + digest[:min(len(digest), 12)]
	}
	return ref
}

// scaling says how many tasks there will be, and how many at least and at most
// on the way.
func (p deployPainter) scaling(plan *deploy.Plan) []string {
	if plan.Request.Service == nil {
		return nil
	}
	spec := plan.Request.Service
	text := widget.Plural(spec.Desired, "task", "tasks")
	if plan.Current != nil && plan.Current.Desired != spec.Desired {
		text = fmt.Sprintf("%d → %s", plan.Current.Desired, text)
	}
	low := (spec.Desired*spec.Config.MinimumHealthy + 99) / 100
	high := spec.Desired * spec.Config.Maximum / 100
	if plan.Way != "" && backend.ShiftsTraffic(spec.Config.Strategy) { // both revisions run whole
		low, high = spec.Desired, 2*spec.Desired
	}
	text += p.th.Paint(theme.Muted, fmt.Sprintf(" · %d to %d while it rolls out", low, high))
	switch b := spec.Config.Breaker; {
	case b.Enable && b.Rollback:
		text += p.th.Paint(theme.Muted, " · rolls back by itself")
	case b.Enable:
		text += p.th.Paint(theme.Muted, " · stops by itself when tasks fail, no rollback")
	case plan.Request.Rollback:
		text += p.th.Paint(theme.Muted, " · no circuit breaker")
	default:
		text += p.th.Paint(theme.Warn, " · no circuit breaker: a broken version is retried for ever")
	}
	lines := p.field("tasks", text)
	if plan.Way != "" {
		lines = append(lines, p.field("rollout", p.th.Paint(theme.Text, plan.Way))...)
	}
	return lines
}

// findings draws what is wrong, the worst first, each with its remedy.
func (p deployPainter) findings(plan *deploy.Plan) []string {
	found := slices.Clone(plan.Findings)
	slices.SortStableFunc(found, func(a, b backend.Finding) int { return int(b.Severity) - int(a.Severity) })
	var lines []string
	for _, f := range found {
		sign, tok := theme.Idle, theme.Muted
		switch f.Severity {
		case backend.Problem:
			sign, tok = theme.Failure, theme.Bad
		case backend.Warning:
			sign, tok = theme.Warning, theme.Warn
		case backend.Note:
		}
		text := f.Message
		if f.Path != "" {
			text = f.Path + ": " + text
		}
		for i, l := range widget.Wrap(text, max(20, p.w-8)) {
			mark := " "
			if i == 0 {
				mark = p.th.Mark(sign)
			}
			lines = append(lines, "   "+mark+" "+p.th.Paint(tok, l))
		}
		if f.Remedy != "" {
			for i, l := range widget.Wrap(f.Remedy, max(20, p.w-10)) {
				mark := " "
				if i == 0 {
					mark = "→"
				}
				lines = append(lines, "     "+p.th.Paint(theme.Muted, mark+" ")+p.th.Paint(theme.Text, l))
			}
		}
	}
	if len(lines) > 0 {
		lines = append([]string{""}, lines...)
	}
	return lines
}

// changes draws the diff of task definition and service, apart from images.
func (p deployPainter) changes(plan *deploy.Plan) []string {
	if len(plan.Changes) == 0 {
		return nil
	}
	pathW := 0
	for _, c := range plan.Changes {
		pathW = max(pathW, widget.Width(c.Path))
	}
	pathW = min(pathW, max(20, p.w/2))
	var lines []string
	document := ""
	for _, c := range plan.Changes {
		if c.Document != document {
			document = c.Document
			lines = append(lines, "", "   "+p.th.Paint(theme.Title, document))
		}
		lines = append(lines, p.change(c, pathW)...)
	}
	return lines
}

// change draws one changed field: on one line where it fits, else old over new.
func (p deployPainter) change(c deploy.Change, pathW int) []string {
	sign, tok := "~", theme.Changed
	value := p.th.Paint(theme.Removed, c.Old) + p.th.Paint(theme.Muted, " → ") + p.th.Paint(theme.Added, c.New)
	switch {
	case c.Old == "":
		sign, tok, value = "+", theme.Added, p.th.Paint(theme.Added, c.New)
	case c.New == "":
		sign, tok, value = "-", theme.Removed, p.th.Paint(theme.Removed, c.Old)
	}
	head := "   " + p.th.Paint(tok, sign) + " " + widget.Pad(c.Path, pathW) + "  "
	if widget.Width(head)+widget.Width(value) <= p.w {
		return []string{head + value}
	}
	lines := []string{"   " + p.th.Paint(tok, sign) + " " + c.Path}
	side := func(mark string, tok theme.Token, text string) {
		if text == "" {
			return
		}
		for i, l := range widget.Wrap(text, max(20, p.w-10)) {
			if i > 0 {
				mark = " "
			}
			if i == 6 {
				lines = append(lines, "         "+p.th.Paint(tok, "…"))
				return
			}
			lines = append(lines, "       "+p.th.Paint(tok, mark+" "+l))
		}
	}
	side("-", theme.Removed, c.Old)
	side("+", theme.Added, c.New)
	return lines
}
