package screen

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// pruneConfig is a cleaning-up as data: what would go and what stays is shown
// first, and how many of the newest stay can be changed; then it is asked, and
// done.
type pruneConfig struct {
	crumb, what string // "prune web", "revisions"
	verb, past  string // what is done to them; "delete" and "deleted" where empty
	reading     string // what a plan has to read, while it does
	stays       string // what is told of the rest where all goes that can; "": the newest stay
	once        bool   // when it is done there is nothing to plan again
	plan        func(ctx context.Context, keep int) (prunePlan, error)
}

// prunePlan is what would be done.
type prunePlan struct {
	going, staying []pruneItem
	sum            string // told of what goes: "3 of them are still active"
	question       widget.Question
	run            func(context.Context) iter.Seq2[pruneStep, error]
	began          func() // when it is carried out; nil: nothing
}

// pruneItem is a line of a plan.
type pruneItem struct{ name, note string }

// pruneStep is how far it is. Done is what has gone, and freed what that gave
// back in bytes, where it is known.
type pruneStep struct {
	at          string
	done, total int
	freed       int64
	kept        int // in use since the plan was made
}

// keepNewest is how many of the newest stay unless something else is chosen.
const keepNewest = 10

// pruneScreen shows a plan, then carries it out.
type pruneScreen struct {
	env  *Env
	cfg  pruneConfig
	keep int

	planning context.CancelFunc // nil: not planning
	plan     *prunePlan
	err      error
	view     *widget.Doc
	width    int // that the lines were made for; 0: make them anew

	run   Stream[pruneNews]
	state pruneState
	step  pruneStep
}

type pruneState int

const (
	prunePlanned pruneState = iota
	pruneRuns
	pruneEnded
)

// pruneNews is a step, or why it ended.
type pruneNews struct {
	step pruneStep
	err  error
}

var _ Screen = (*pruneScreen)(nil)

func newPrune(env *Env, cfg pruneConfig) *pruneScreen {
	cfg.verb, cfg.past = cmp.Or(cfg.verb, "delete"), cmp.Or(cfg.past, "deleted")
	return &pruneScreen{env: env, cfg: cfg, keep: keepNewest, view: widget.NewDoc(env.Theme)}
}

// Crumb names what is cleaned up.
func (p *pruneScreen) Crumb() string { return p.cfg.crumb }

// Init makes the plan, unless there is one.
func (p *pruneScreen) Init() tea.Cmd {
	if p.plan != nil || p.state != prunePlanned {
		return nil
	}
	return p.makePlan()
}

// Close ends what goes on: after the call that is under way.
func (p *pruneScreen) Close() {
	if p.planning != nil {
		p.planning()
		p.planning = nil
	}
	if p.state == pruneRuns {
		p.run.Stop()
		p.ended(context.Canceled)
	}
}

// pruneReady is the answer to makePlan.
type pruneReady struct {
	of   *pruneScreen
	keep int
	plan prunePlan
	err  error
}

func (p *pruneScreen) makePlan() tea.Cmd {
	if p.planning != nil {
		p.planning()
	}
	ctx, cancel := context.WithCancel(p.env.Ctx)
	p.planning, p.plan, p.err, p.width, p.state = cancel, nil, nil, 0, prunePlanned
	keep := p.keep
	return func() tea.Msg {
		plan, err := p.cfg.plan(ctx, keep)
		if ctx.Err() != nil {
			return nil // another one was asked for
		}
		return pruneReady{p, keep, plan, err}
	}
}

// Update takes the plan, the steps, and the keys that scroll.
func (p *pruneScreen) Update(msg tea.Msg) tea.Cmd {
	if news, done, next, mine := p.run.Receive(msg); mine {
		return p.heard(news, done, next)
	}
	switch msg := msg.(type) {
	case pruneReady:
		if msg.of == p && msg.keep == p.keep && p.planning != nil {
			p.planning()
			p.planning = nil
			if p.err = msg.err; msg.err == nil {
				p.plan = &msg.plan
			}
		}
	case tea.KeyPressMsg:
		p.view.Key(msg)
	case tea.MouseWheelMsg:
		p.view.Scroll(wheel(msg) * wheelLines)
	}
	return nil
}

// start carries the plan out.
func (p *pruneScreen) start(plan *prunePlan) tea.Cmd {
	p.state, p.step, p.err = pruneRuns, pruneStep{total: len(plan.going)}, nil
	run := plan.run
	if plan.began != nil {
		plan.began()
	}
	p.run.Keep = 1
	return p.run.Start(p.env.Ctx, func(ctx context.Context) iter.Seq[pruneNews] {
		return func(yield func(pruneNews) bool) {
			for step, err := range run(ctx) {
				if !yield(pruneNews{step, err}) {
					return
				}
			}
		}
	})
}

func (p *pruneScreen) heard(news []pruneNews, done bool, next tea.Cmd) tea.Cmd {
	for _, n := range news {
		if n.err != nil {
			p.err = n.err
			continue
		}
		p.step = n.step
	}
	if done {
		p.ended(p.err)
	}
	return next
}

func (p *pruneScreen) ended(err error) {
	p.state, p.err = pruneEnded, err
}

// View draws the plan under a line that says how it stands.
func (p *pruneScreen) View(w, h int) string {
	switch {
	case p.err != nil && p.plan == nil:
		return failurePage(p.env.Theme, p.err, askAgain, w, h)
	case p.plan == nil:
		return message(p.env.Theme, p.cfg.reading, "", w, h)
	}
	if w != p.width {
		p.width = w
		p.view.SetLines(p.lines(w))
	}
	head := append(append([]string{""}, p.head(w)...), "")
	return widget.Fill(head, w, len(head)) + "\n" + p.view.View(w, h-len(head))
}

// head says what would be done, is being done, or was done.
func (p *pruneScreen) head(w int) []string {
	th := p.env.Theme
	what := func(n int) string { return widget.Plural(n, p.cfg.what, p.cfg.what+"s") }
	switch {
	case p.state == pruneRuns:
		bar := widget.Progress(th, share(p.step.done, p.step.total), min(30, max(8, w/4)))
		return []string{widget.Cut(" "+th.Mark(theme.InMotion)+" "+bar+"  "+widget.Count(p.step.done)+" of "+what(p.step.total)+"  "+th.Paint(theme.Muted, p.step.at), w)}
	case p.state == pruneEnded && p.err == nil:
		text := p.cfg.past + " " + what(p.step.done)
		if p.step.freed > 0 {
			text += ", freed " + widget.Size(p.step.freed)
		}
		if p.step.kept > 0 {
			text += "; " + widget.Count(p.step.kept) + " stayed: in use by now"
		}
		return []string{" " + th.Mark(theme.Steady) + " " + text}
	case p.state == pruneEnded:
		sign, why := theme.Failure, oneLine(p.err)
		if errors.Is(p.err, context.Canceled) {
			sign, why = theme.Warning, "ended before all was done"
		}
		lines := widget.Wrap(widget.Count(p.step.done)+" of "+what(p.step.total)+" "+p.cfg.past+": "+why, w-4)
		lines[0] = " " + th.Mark(sign) + " " + lines[0]
		for i := range lines[1:] {
			lines[i+1] = "   " + lines[i+1]
		}
		if advice := backend.AdviceFor(p.err); advice != "" {
			lines = append(lines, "   "+th.Paint(theme.Accent, widget.Cut(advice, w-3)))
		}
		return lines
	case len(p.plan.going) == 0 && p.cfg.stays != "":
		return []string{" " + th.Mark(theme.Steady) + " Nothing goes: all are in use."}
	case len(p.plan.going) == 0:
		return []string{" " + th.Mark(theme.Steady) + " Nothing goes: all are in use, or among the newest " + strconv.Itoa(p.keep) + "."}
	}
	key := func(k string) string { return th.Paint(theme.FooterKey, k) }
	if p.cfg.stays != "" {
		return []string{
			widget.Cut(" "+th.Paint(theme.Strong, what(len(p.plan.going)))+" would be "+p.cfg.past+p.plan.sum+".", w),
			widget.Cut(" "+th.Paint(theme.Muted, p.cfg.stays), w),
		}
	}
	return []string{
		widget.Cut(" "+th.Paint(theme.Strong, what(len(p.plan.going))+" of "+widget.Count(len(p.plan.going)+len(p.plan.staying)))+" would be deleted"+p.plan.sum+".", w),
		widget.Cut(" "+th.Paint(theme.Muted, "The newest "+strconv.Itoa(p.keep)+" and all in use stay: ")+key("+")+th.Paint(theme.Muted, " keeps more, ")+key("-")+th.Paint(theme.Muted, " fewer"), w),
	}
}

func share(done, total int) float64 { return float64(done) / float64(max(1, total)) }

// lines are what goes, then what stays.
func (p *pruneScreen) lines(w int) []string {
	th := p.env.Theme
	width := 0
	for _, items := range [][]pruneItem{p.plan.going, p.plan.staying} {
		for _, it := range items {
			width = max(width, widget.Width(it.name))
		}
	}
	width = min(width, max(16, w/2))
	var lines []string
	put := func(title, sign string, tok theme.Token, items []pruneItem) {
		if len(items) == 0 {
			return
		}
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, widget.Section(th, title+" "+widget.Count(len(items)), w))
		for _, it := range items {
			line := "   " + th.Paint(tok, sign) + " " + widget.Pad(widget.CutStart(it.name, width), width) + "  " + th.Paint(theme.Muted, it.note)
			lines = append(lines, widget.Cut(line, w))
		}
	}
	put("These go:", "-", theme.Removed, p.plan.going)
	put("These stay:", " ", theme.Muted, p.plan.staying)
	return lines
}

// Count says how many go, for the header.
func (p *pruneScreen) Count() string {
	if p.plan == nil {
		return ""
	}
	return widget.Count(len(p.plan.going)) + " go, " + widget.Count(len(p.plan.staying)) + " stay"
}

// Actions are the keys of where it stands.
func (p *pruneScreen) Actions() []Action {
	switch p.state {
	case pruneRuns:
		return []Action{{
			Keys: []string{"esc", "ctrl+x"}, Name: "stop", Help: "after the call that is under way; what is done stays done", Group: groupChange, Footer: true,
			Run: func() tea.Cmd {
				p.run.Stop()
				p.ended(context.Canceled)
				return nil
			},
		}}
	case pruneEnded:
		if p.cfg.once {
			return nil
		}
		return []Action{{Keys: []string{"ctrl+r"}, Name: "plan again", Help: "see what could go now", Group: groupView, Footer: true, Run: p.makePlan}}
	}
	keep := func(by int) func() tea.Cmd {
		return func() tea.Cmd { p.keep += by; return p.makePlan() }
	}
	out := []Action{{
		Keys: []string{"enter"}, Name: p.cfg.verb + " them", Help: "what stands under These go", Group: groupChange, Footer: true,
		Disabled: p.whyNot,
		Ask: func() (widget.Question, func() tea.Cmd) {
			plan := p.plan
			return plan.question, func() tea.Cmd { return p.start(plan) }
		},
	}, {
		Keys: []string{"ctrl+r"}, Name: "plan again", Help: "read everything again", Group: groupView, Run: p.makePlan,
	}}
	if p.cfg.stays != "" {
		return out
	}
	return append(out,
		Action{Keys: []string{"+", "="}, Name: "keep more", Help: "of the newest", Group: groupView, Footer: true, Run: keep(1)},
		Action{Keys: []string{"-"}, Name: "keep fewer", Help: "of the newest", Group: groupView, Footer: true, Disabled: func() string {
			if p.keep <= 1 {
				return "the newest one stays"
			}
			return ""
		}, Run: keep(-1)})
}

func (p *pruneScreen) whyNot() string {
	switch why := p.env.Backend.Unsupported(backend.CanWrite); {
	case why != "":
		return why
	case p.plan == nil:
		return "there is no plan yet"
	case len(p.plan.going) == 0:
		return "nothing would go"
	}
	return ""
}
