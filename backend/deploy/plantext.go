package deploy

import (
	"fmt"
	"io"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Diff is every change that the plan makes, images first.
func (p *Plan) Diff() []Change {
	var out []Change
	for i, img := range p.Images {
		to := p.Request.Images[i].Repository + ":" + img.Tag
		if img.From != to {
			out = append(out, Change{inDefinition, "containerDefinitions[" + img.Container + "].image", img.From, to})
		}
	}
	return append(out, p.Changes...)
}

// Nothing says whether a deploy would leave everything as it is: the same
// source, documents and service.
func (p *Plan) Nothing() bool {
	exists := p.Running != nil && (p.Request.Service == nil || p.Current != nil)
	return exists && !p.Request.Force && len(p.Diff()) == 0
}

// WriteText writes the plan for people, without colour.
func (p *Plan) WriteText(w io.Writer) error {
	var b strings.Builder
	p.writeHead(&b)
	diff := p.Diff()
	if p.Nothing() {
		b.WriteString("\nNothing changes.\n")
	}
	writeChanges(&b, diff)
	if hooks := p.HookTexts(); len(hooks) > 0 {
		b.WriteString("\nhooks\n")
		for _, h := range hooks {
			fmt.Fprintf(&b, "  %s: %s\n", h.Name, h.Text)
		}
	}
	if len(p.Findings) > 0 {
		b.WriteString("\nfindings\n")
	}
	for _, f := range p.Findings {
		writeFinding(&b, f)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteChanges writes differences for people, without colour, each document
// under its name.
func WriteChanges(w io.Writer, changes []Change) error {
	var b strings.Builder
	writeChanges(&b, changes)
	_, err := io.WriteString(w, b.String())
	return err
}

func writeChanges(b *strings.Builder, changes []Change) {
	last := ""
	for _, c := range changes {
		if c.Document != last {
			fmt.Fprintf(b, "\n%s\n", c.Document)
			last = c.Document
		}
		switch {
		case c.Old == "":
			fmt.Fprintf(b, "  + %s: %s\n", c.Path, c.New)
		case c.New == "":
			fmt.Fprintf(b, "  - %s: %s\n", c.Path, c.Old)
		default:
			fmt.Fprintf(b, "  ~ %s: %s → %s\n", c.Path, c.Old, c.New)
		}
	}
}

// WriteText writes what goes and what stays for people, without colour.
func (p *RevisionPlan) WriteText(w io.Writer) error {
	var b strings.Builder
	list := func(title string, items []PlannedRevision, note func(PlannedRevision) string) {
		if len(items) > 0 {
			fmt.Fprintf(&b, "%s\n", title)
		}
		for _, r := range items {
			fmt.Fprintf(&b, "  %s  %s\n", r.Ref(), note(r))
		}
	}
	list("These go:", p.Going, func(r PlannedRevision) string {
		if r.Active {
			return "deregistered, then deleted"
		}
		return "inactive already; deleted"
	})
	list("These stay:", p.Staying, func(r PlannedRevision) string { return r.Why })
	_, err := io.WriteString(w, b.String())
	return err
}

func (p *Plan) writeHead(b *strings.Builder) {
	req := p.Request
	what := req.Definition.Family
	if req.Service != nil {
		what = req.Service.Name
	}
	fmt.Fprintf(b, "Deploy %s", what)
	if req.Cluster != "" {
		fmt.Fprintf(b, " to cluster %s", req.Cluster)
	}
	switch {
	case req.Service == nil:
		b.WriteString(" (register only)")
	case p.Current == nil:
		b.WriteString(" (new service)")
	case p.Running != nil:
		fmt.Fprintf(b, " (runs %s)", p.Running.Ref())
	}
	b.WriteByte('\n')
	if p.Way != "" {
		fmt.Fprintf(b, "Rollout %s\n", p.Way)
	}
	if note := p.PausedNote(); note != "" {
		fmt.Fprintf(b, "Paused: %s\n", note)
	}
	if p.GoingOn != nil {
		fmt.Fprintf(b, "Going on: %s\n", p.GoingOn)
	}
	if from := p.Request.Promotion; from != nil {
		fmt.Fprintf(b, "Promoted from %s, without a build\n", from)
		for _, i := range p.Request.Images {
			fmt.Fprintf(b, "  %s: %s\n", i.Container, from.Images[i.Container])
		}
	}
	p.writeSource(b)
}

func (p *Plan) writeSource(b *strings.Builder) {
	if p.Source.SHA != "" {
		fmt.Fprintf(b, "Source %s", p.Source.SHA)
		if p.Source.Branch != "" {
			fmt.Fprintf(b, " on %s", p.Source.Branch)
		}
		if p.Source.Dirty {
			b.WriteString(", with uncommitted changes")
		}
		b.WriteByte('\n')
	}
	c := p.Commits
	if !c.Known() {
		return
	}
	fmt.Fprintf(b, "Commit %s runs", c.Old)
	if c.New != "" {
		fmt.Fprintf(b, ", %s is deployed", c.New)
	}
	fmt.Fprintf(b, ": %s\n", c.Summary())
	for _, one := range c.List {
		fmt.Fprintf(b, "  %s %s (%s)\n", one.SHA, one.Subject, one.Author)
	}
	if n := c.More(); n > 0 {
		fmt.Fprintf(b, "  … and %d more\n", n)
	}
}

func writeFinding(b *strings.Builder, f backend.Finding) {
	fmt.Fprintf(b, "  %s: ", f.Severity)
	if f.Path != "" {
		fmt.Fprintf(b, "%s: ", f.Path)
	}
	b.WriteString(f.Message)
	if f.Remedy != "" {
		fmt.Fprintf(b, " (%s)", f.Remedy)
	}
	b.WriteByte('\n')
}
