package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/config"
)

// githubProgress adds to another progress what GitHub Actions can show: each step
// as a group, failures and pauses as annotations, and at the end the summary and
// the outputs of the step.
type githubProgress struct {
	progress
	*github
	session *session
	open    bool // a group is

	images   map[string]string // by container: by digest, or id where nothing is pushed
	revision string            // "web:15", as registered
	rollout  *deploy.RolloutProgress
	failures []deploy.TaskFailed // each cause once
}

func newGitHubProgress(s *session, p progress) *githubProgress {
	return &githubProgress{progress: p, github: s.github, session: s, images: map[string]string{}}
}

func (p *githubProgress) show(e deploy.Event) {
	p.note(e)
	switch e := e.(type) {
	case deploy.StepStarted:
		p.closeGroup()
		if p.groups() { // its title is the line
			p.open = true
			p.group(e.Step.String() + " " + e.Subject)
			return
		}
	case deploy.StepFinished:
		p.closeGroup()
		if e.Warning != "" {
			p.annotate(annotation{Level: annotateWarning, Title: e.Step.String(), Text: e.Warning})
		}
	case deploy.StepFailed:
		p.closeGroup()
	case deploy.Ended:
		p.closeGroup()
		p.progress.show(e)
		p.ended(e)
		return
	case deploy.Paused:
		p.annotate(annotation{Level: annotateNotice, Title: "paused", Text: strings.Join(pausedLines(e), "\n")})
	}
	p.progress.show(e)
}

// note keeps what the end has to tell.
func (p *githubProgress) note(e deploy.Event) {
	switch e := e.(type) {
	case deploy.BuildProgress:
		if done, ok := e.Event.(backend.BuildDone); ok {
			p.images[e.Container] = done.ImageID
		}
	case deploy.PushProgress:
		if done, ok := e.Event.(backend.PushDone); ok {
			p.images[e.Container] = done.Reference
		}
	case deploy.StepFinished:
		switch {
		case e.Step == deploy.Build && e.Skipped != "" && e.Result != "":
			p.images[e.Subject] = e.Result // the registry had it
		case e.Step == deploy.Register:
			p.revision = e.Result
		}
	case deploy.RolloutProgress:
		p.rollout = &e
	case deploy.TaskFailed:
		if !slices.ContainsFunc(p.failures, func(f deploy.TaskFailed) bool { return f.Diagnosis.Cause == e.Diagnosis.Cause }) {
			p.failures = append(p.failures, e)
		}
	}
}

func (p *githubProgress) closeGroup() {
	if p.open {
		p.endGroup()
		p.open = false
	}
}

// close writes the images, which a build has too, and a build has no end.
func (p *githubProgress) close() {
	p.closeGroup()
	if len(p.images) > 0 {
		if all, err := json.Marshal(p.images); err == nil {
			p.output("images", string(all))
		}
	}
	p.progress.close()
}

// ended writes annotations, summary and outputs of what came to its end.
func (p *githubProgress) ended(e deploy.Ended) {
	level, title := annotateError, e.Outcome.String()
	switch e.Outcome {
	case deploy.Stable:
		level = annotateWarning // what went wrong on the way
	case deploy.Cancelled:
		level = annotateWarning
		fallthrough
	default:
		if name := p.what(); name != "" {
			title = name + ": " + title
		}
		text := e.Reason
		if e.Advice != "" {
			text += "\n→ " + e.Advice
		}
		p.annotate(annotation{Level: level, Title: title, Text: text})
	}
	for _, f := range p.failures {
		lines := failedTask(f)
		p.annotate(annotation{Level: level, Title: "task " + backend.ShortID(f.Task.ARN), Text: strings.TrimPrefix(strings.Join(lines, "\n"), "  ✗ ")})
	}
	p.summary(p.markdown(e))
	p.output("outcome", strings.ReplaceAll(e.Outcome.String(), " ", "-"))
	p.output("exit-code", fmt.Sprint(e.Outcome.ExitCode()))
	ref, arn := p.left(e.Outcome)
	p.output("revision", ref)
	p.output("revision-arn", arn)
}

// what was deployed: the service, else the app.
func (p *githubProgress) what() string {
	switch {
	case p.rollout != nil:
		return p.rollout.Deployment.Service
	case p.plan != nil:
		return p.plan.Request.App
	}
	return ""
}

// left is the revision that the service was left on, or, where the deployment
// did not end well and nothing came back, the one that was tried.
func (p *githubProgress) left(o deploy.Outcome) (ref, arn string) {
	if r := p.rollout; r != nil {
		arn = r.Deployment.Target.TaskDefinition
		switch {
		case o != deploy.Stable && o != deploy.RolledBack:
		case r.Deployment.RollbackTo != "":
			arn = r.Deployment.RollbackTo
		case o == deploy.RolledBack:
			arn = r.Service.TaskDefinition
		}
		return backend.ShortName(arn), arn
	}
	if p.plan != nil && p.plan.Running != nil && p.plan.Running.Ref() == p.revision {
		return p.revision, p.plan.Running.ARN
	}
	return p.revision, ""
}

// markdown is the summary of a deployment.
func (p *githubProgress) markdown(e deploy.Ended) string {
	sign := "❌"
	if e.Outcome == deploy.Stable {
		sign = "✅"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "### %s %s: %s\n\n", sign, inline(p.what()), e.Outcome)
	if e.Reason != "" {
		fmt.Fprintf(&b, "%s\n", inline(e.Reason))
		if e.Advice != "" {
			fmt.Fprintf(&b, "<br>→ %s\n", inline(e.Advice))
		}
		b.WriteString("\n")
	}
	b.WriteString("| | |\n|---|---|\n")
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", name, inline(value))
		}
	}
	if r := p.rollout; r != nil {
		row("where", p.session.where(r.Deployment.Cluster))
	}
	ref, _ := p.left(e.Outcome)
	row("revision", ref)
	if p.plan != nil && p.plan.Running != nil && p.plan.Running.Ref() != ref {
		row("before", p.plan.Running.Ref())
	}
	for _, container := range slices.Sorted(maps.Keys(p.images)) {
		row("image of "+inline(container), p.images[container])
	}
	row("took", elapsed(e.Elapsed.Round(100*time.Millisecond)))
	b.WriteString("\n")
	if link := p.consoleLink(); link != "" {
		fmt.Fprintf(&b, "[Deployments in the console](%s)\n\n", link)
	}
	for _, f := range p.failures {
		b.WriteString(fenced("", strings.Join(failedTask(f), "\n")))
	}
	if p.plan != nil {
		b.WriteString(planMarkdown(p.plan))
	}
	return b.String()
}

// consoleLink is the page of the service's deployments in AWS's console.
func (p *githubProgress) consoleLink() string {
	if p.rollout == nil || p.session.cfg.Backend != config.AWS {
		return ""
	}
	// arn:PARTITION:ecs:REGION:ACCOUNT:service/CLUSTER/NAME
	parts := strings.Split(p.rollout.Service.ARN, ":")
	if len(parts) < 6 {
		return ""
	}
	host := map[string]string{"aws": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}[parts[1]]
	if host == "" {
		return ""
	}
	d := p.rollout.Deployment
	return fmt.Sprintf("https://%s.%s/ecs/v2/clusters/%s/services/%s/deployments?region=%[1]s", parts[3], host, d.Cluster, d.Service)
}

// planned annotates what the plan remarks, and keeps the plan for the summary.
// Problems are left to the error that refuses the plan.
func (g *github) planned(plan *deploy.Plan, docs *documents) {
	if g == nil {
		return
	}
	g.plan = plan
	g.findings(docs, slices.DeleteFunc(slices.Clone(plan.Findings), func(f backend.Finding) bool { return f.Severity == backend.Problem }))
}

// findings annotates findings, each at its place.
func (g *github) findings(docs *documents, findings []backend.Finding) {
	if g == nil {
		return
	}
	for _, f := range findings {
		g.finding(docs, f)
	}
}

// finding annotates one finding.
func (g *github) finding(docs *documents, f backend.Finding) {
	level := map[backend.Severity]string{backend.Note: annotateNotice, backend.Warning: annotateWarning, backend.Problem: annotateError}[f.Severity]
	a := annotation{Level: level, Title: f.Path, Text: f.Message}
	if f.Path != "" {
		a.Place = docs.position(f.Path)
	}
	if f.Remedy != "" {
		a.Text += "\n→ " + f.Remedy
	}
	g.annotate(a)
}

// longestDiff bounds a diff in a summary, of which GitHub takes 1 MiB a step.
const longestDiff = 64 << 10

// planMarkdown is what a plan would change, as a coloured diff.
func planMarkdown(plan *deploy.Plan) string {
	diff := plan.Diff()
	if len(diff) == 0 {
		return "Nothing changes.\n\n"
	}
	var b strings.Builder
	document := ""
	for i, c := range diff {
		if b.Len() > longestDiff {
			fmt.Fprintf(&b, "  … and %s more\n", plural(len(diff)-i, "change"))
			break
		}
		if c.Document != document {
			document = c.Document
			fmt.Fprintf(&b, "@@ %s @@\n", document)
		}
		if c.Old != "" {
			fmt.Fprintf(&b, "- %s: %s\n", c.Path, oneLine(c.Old))
		}
		if c.New != "" {
			fmt.Fprintf(&b, "+ %s: %s\n", c.Path, oneLine(c.New))
		}
	}
	return fmt.Sprintf("<details><summary>%s</summary>\n\n%s</details>\n\n", plural(len(diff), "change"), fenced("diff", b.String()))
}

// oneLine keeps a value on its line, at a length that a page can show.
func oneLine(s string) string {
	return ansi.Truncate(strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(ansi.Strip(s)), 2000, "…")
}

// fenced is a block of text as it is: its fence is longer than any in it.
func fenced(kind, text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + kind + "\n" + strings.TrimRight(ansi.Strip(text), "\n") + "\n" + fence + "\n\n"
}

// inline is text in Markdown of which nothing is taken for markup or a link.
func inline(s string) string {
	var b strings.Builder
	for _, r := range oneLine(s) {
		if strings.ContainsRune("\\`*_[]<>#|~&@", r) {
			fmt.Fprintf(&b, "&#%d;", r)
			continue
		}
		b.WriteRune(r)
	}
	return strings.ReplaceAll(b.String(), "://", "&#58;//")
}
