package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Hooks are what runs around a deploy; nil ones are not there.
type Hooks struct {
	Before *TaskHook
	Smoke  *Smoke
	Notify *Notify
}

// TaskHook is a task of the revision that is deployed, with another command, on
// the service's network. It is fine when its container ends with 0.
type TaskHook struct {
	Container string // "" for the first of the task definition
	Command   []string
	Timeout   time.Duration
}

// Smoke is the check after a rollout: a GET that is tried again for a while, or a
// task.
type Smoke struct {
	Task *TaskHook // else nil

	URL       string // whole; else Path on the service's address
	Path      string
	Container string
	Port      int    // of the container; 0 where it maps only one
	Status    string // "200", "2xx"; "" for any 2xx
	Body      string // that the answer must contain
	Within    time.Duration
}

// Notify is a command on this machine that is told how a deploy ended.
type Notify struct {
	Command []string
	Env     []string // variables that it gets though their names look secret
}

// HookText is what a hook does, in a line.
type HookText struct{ Name, Text string }

// HookTexts says which hooks a plan's deploy runs, in their order; none where it
// changes nothing.
func (p *Plan) HookTexts() []HookText {
	var out []HookText
	h := p.Request.Hooks
	if p.Nothing() || p.Request.Service == nil {
		return nil
	}
	if t := h.Before; t != nil && p.newRevision() {
		out = append(out, HookText{"before", fmt.Sprintf("%s, at most %s; where it fails, the service stays as it is", t.text(p.Request.Definition), spell(t.Timeout))})
	}
	if s := h.Smoke; s != nil {
		what := ""
		if s.Task != nil {
			what = fmt.Sprintf("%s, at most %s", s.Task.text(p.Request.Definition), spell(s.Task.Timeout))
		} else {
			what = fmt.Sprintf("GET %s gives %s", p.smokeURL(), s.wanted())
			what += ", tried for " + spell(s.Within)
		}
		out = append(out, HookText{"smoke", what + "; where it fails, it is rolled back"})
	}
	if n := h.Notify; n != nil {
		out = append(out, HookText{"notify", strings.Join(n.Command, " ")})
	}
	if p.Request.Rollback && (p.Request.Service == nil || !p.Request.Service.Config.Breaker.Enable || !p.Request.Service.Config.Breaker.Rollback) {
		out = append(out, HookText{"rollback", "by this program, which has to watch until then: ECS's circuit breaker does not do it for this service"})
	}
	for i := range out {
		out[i].Text = backend.Clean(out[i].Text) // an app file is somebody's, as a document is
	}
	return out
}

// newRevision says whether the plan brings one, as far as a plan can know.
func (p *Plan) newRevision() bool {
	return p.Current == nil || p.Request.Force || slices.ContainsFunc(p.Diff(), func(c Change) bool { return c.Document == inDefinition })
}

// PlannedSteps are those that the plan's deploy goes through, in their order.
// A rollback is none of them.
func (p *Plan) PlannedSteps() []Step {
	steps := []Step{Build, Push, Register, Update, Rollout}
	if p.Request.Promotion != nil {
		steps = []Step{Copy, Register, Update, Rollout}
	}
	for _, h := range p.HookTexts() {
		switch h.Name {
		case "before":
			steps = append(steps, Before)
		case "smoke":
			steps = append(steps, Check)
		case "notify":
			steps = append(steps, Tell)
		}
	}
	slices.Sort(steps)
	return steps
}

// container is the one that the hook is about.
func (h *TaskHook) container(td backend.TaskDefinition) string {
	if h.Container == "" && len(td.Containers) > 0 {
		return td.Containers[0].Name
	}
	return h.Container
}

func (h *TaskHook) text(td backend.TaskDefinition) string {
	return fmt.Sprintf("a task runs %s in %s", strings.Join(h.Command, " "), h.container(td))
}

// subject is what the check's step works on.
func (s *Smoke) subject(td backend.TaskDefinition) string {
	switch {
	case s.Task != nil:
		return s.Task.container(td)
	case s.URL != "":
		return s.URL
	}
	return s.Path
}

// wanted is the answer that the check is fine with, in words.
func (s *Smoke) wanted() string {
	want := s.Status
	if want == "" {
		want = "2xx"
	}
	if s.Body != "" {
		want += fmt.Sprintf(" with %q", s.Body)
	}
	return want
}

// smokeURL is what the check asks, as far as the plan knows.
func (p *Plan) smokeURL() string {
	s := p.Request.Hooks.Smoke
	if s.URL != "" || p.reach.Scheme == "" {
		return s.URL + s.Path
	}
	return p.reach.URL(s.Path) + " (" + p.reach.Via + ")"
}

// spell writes a duration as a user would: "10 min", "90 s".
func spell(d time.Duration) string {
	if d >= 2*time.Minute && d%time.Minute == 0 {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%g s", d.Seconds())
}

// checkSmoke finds out whether there is an address to check, before anything is
// touched.
func (p *Plan) checkSmoke(ctx context.Context, b Planner, want backend.TaskDefinition) ([]backend.Finding, error) {
	s := p.Request.Hooks.Smoke
	if s == nil || s.Task != nil || s.URL != "" || p.Request.Service == nil {
		return nil, nil
	}
	found := func(severity backend.Severity, message, remedy string) []backend.Finding {
		return []backend.Finding{{Severity: severity, Message: "the smoke check: " + message, Remedy: remedy}}
	}
	container, port, problem := want.MappedPort(s.Container, s.Port)
	if problem != "" {
		return found(backend.Problem, problem, "name the check's port, and its container where several map it, or give it a url"), nil
	}
	addresses, err := b.ServiceAddresses(ctx, backend.AddressQuery{
		Cluster: p.Request.Cluster, Service: p.serviceDocument(), TaskDefinition: want, Container: container, Port: port,
	})
	switch {
	case ctx.Err() != nil:
		return nil, err
	case backend.KindOf(err) == backend.NotFound:
		return found(backend.Problem, err.Error(), backend.AdviceFor(err)), nil
	case err != nil: // it may be known by then
		return found(backend.Warning, "its address can't be found out: "+err.Error(), backend.AdviceFor(err)), nil
	case len(addresses) == 0:
		return nil, nil
	}
	p.reach = addresses[0]
	if p.reach.Doubt != "" {
		return found(backend.Warning, "it asks "+p.reach.Via+": "+p.reach.Doubt, "give it a url that this machine reaches, or a command that runs as a task"), nil
	}
	return nil, nil
}

// serviceDocument is the service as the deploy leaves it: what runs now, with
// the fields of the wanted document over it.
func (p *Plan) serviceDocument() backend.Document {
	want := p.Request.Service.Document
	if p.Current == nil || len(p.Current.Document) == 0 {
		return want
	}
	tree, err := want.Tree()
	if err != nil {
		return want
	}
	doc, err := p.Current.Document.Edit(func(now map[string]any) {
		for k, v := range tree {
			now[k] = v
		}
	})
	if err != nil {
		return want
	}
	return doc
}
