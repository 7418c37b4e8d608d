package screen

import (
	"cmp"
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// deployScreen shows one deploy, from its plan to its outcome. The deploy
// itself lives in [Deploys]: this screen may go and come back.
type deployScreen struct {
	env    *Env
	target DeployTarget
	key    DeployKey

	planning context.CancelFunc // nil: not planning
	plan     *deploy.Plan
	planErr  error
	force    bool
	over     bool // plan though a deployment goes on, to take over from it

	run     *DeployRun // nil: not started
	state   *deployState
	changes Stream[struct{}]

	show    deployShow
	scroll  int
	height  int // of the last View
	prompt  prompt
	log     *widget.LogPane
	logged  int // lines of the build that are in log
	frame   int
	beats   int // a beat of an older Init is ignored
	beating bool
}

// deployShow is which of its pages a deploy shows.
type deployShow int

const (
	showDeploy deployShow = iota
	showEvents
	showBuild
)

var (
	_ Screen   = (*deployScreen)(nil)
	_ Capturer = (*deployScreen)(nil)
	_ Escaper  = (*deployScreen)(nil)
	_ Noted    = (*deployScreen)(nil)

	_ DeployShower = (*deployScreen)(nil)
)

// NewDeploy makes the deploy screen. A deploy of that service which runs
// already, or ended while nobody looked, is shown; otherwise a plan is made.
func NewDeploy(env *Env, target DeployTarget) Screen {
	if target.Service == "" && env.App != nil {
		target.Service = env.App.Service()
	}
	d := &deployScreen{env: env, target: target, key: env.deployKey(target.Service)}
	d.changes.Keep = 1
	if run, ok := env.Deploys.Find(d.key); ok && !run.seen.Load() {
		d.attach(run)
	}
	return d
}

// attach shows a run.
func (d *deployScreen) attach(run *DeployRun) {
	d.run, d.plan, d.planErr = run, nil, nil
	d.state = run.snapshot()
	d.show, d.scroll = showDeploy, 0
	d.log, d.logged = nil, 0
}

// Crumb says what is deployed and where to.
func (d *deployScreen) Crumb() string {
	verb, at := "deploy ", " to "
	switch {
	case d.target.BuildOnly:
		return "build"
	case d.target.From != "":
		return "promote " + d.key.Service + " from " + d.target.From + at + d.env.Environment
	case d.run != nil && d.run.Job.Kind == DeployBack:
		verb, at = "roll back ", " on "
	case d.run != nil && d.run.Job.Kind == DeployFollow:
		verb, at = "deployment of ", " on "
	}
	return verb + d.key.Service + at + cmp.Or(d.env.Environment, d.env.Cluster)
}

// ShowsDeploy says whether it is this run that is on screen.
func (d *deployScreen) ShowsDeploy(r *DeployRun) bool { return d.run == r }

// Init starts watching the run, or makes the plan.
func (d *deployScreen) Init() tea.Cmd {
	d.beats++
	d.beating = false
	cmds := []tea.Cmd{d.watch(), d.beat()}
	switch {
	case d.target.Rollback:
		d.target.Rollback = false // once: not when the screen comes back
		cmds = append(cmds, d.rollBackNow())
	case d.run == nil && d.plan == nil:
		cmds = append(cmds, d.makePlan())
	}
	if d.log != nil {
		cmds = append(cmds, d.log.Resume())
	}
	return tea.Batch(cmds...)
}

// watch wakes the screen after changes of any run.
func (d *deployScreen) watch() tea.Cmd {
	return d.changes.Start(d.env.Ctx, d.env.Deploys.Changes)
}

// deployBeat moves the spinner and the clocks while something goes on.
type deployBeat struct {
	of    *deployScreen
	beats int
}

const deployBeatEvery = 125 * time.Millisecond

func (d *deployScreen) beat() tea.Cmd {
	if d.beating || !d.moving() {
		return nil
	}
	d.beating = true
	b := deployBeat{d, d.beats}
	return tea.Tick(deployBeatEvery, func(time.Time) tea.Msg { return b })
}

// moving says whether anything on the screen changes by itself.
func (d *deployScreen) moving() bool {
	return d.planning != nil || (d.state != nil && d.state.Ended == nil)
}

// Close ends the watching, not the deploy.
func (d *deployScreen) Close() {
	d.changes.Stop()
	if d.planning != nil {
		d.planning()
		d.planning = nil
	}
	d.beats++
}

// Update takes what came from the run, the plan, and the keys that scroll.
func (d *deployScreen) Update(msg tea.Msg) tea.Cmd {
	if _, _, next, mine := d.changes.Receive(msg); mine {
		return tea.Batch(next, d.refresh())
	}
	if d.prompt.open() {
		if cmd, mine := d.prompt.update(msg); mine {
			return cmd
		}
	}
	switch msg := msg.(type) {
	case deployBeat:
		if msg.of != d || msg.beats != d.beats {
			return nil
		}
		d.frame++
		d.beating = false
		return d.beat()
	case deployPlanned:
		if msg.of == d {
			return d.planned(msg)
		}
	case widget.LogWorkMsg:
		if d.log != nil {
			return d.log.Update(msg)
		}
	case tea.KeyPressMsg:
		return d.press(msg)
	case tea.MouseWheelMsg:
		if by := wheel(msg) * wheelLines; d.show == showBuild && d.log != nil {
			d.log.Scroll(by)
		} else {
			d.scroll = max(0, d.scroll+by)
		}
	}
	return nil
}

// refresh takes a snapshot of the run.
func (d *deployScreen) refresh() tea.Cmd {
	if d.run == nil {
		return nil
	}
	d.state = d.run.snapshot()
	if d.state.Ended != nil {
		d.run.seen.Store(true)
	}
	d.fillLog()
	return d.beat()
}

// press moves through what is longer than the screen.
func (d *deployScreen) press(k tea.KeyPressMsg) tea.Cmd {
	if d.show == showBuild && d.log != nil {
		cmd, _ := d.log.Key(k)
		return cmd
	}
	page := max(1, d.height-2)
	switch k.String() {
	case "up", "k":
		d.scroll--
	case "down", "j":
		d.scroll++
	case "pgup", "ctrl+b":
		d.scroll -= page
	case "pgdown", "ctrl+f", "space":
		d.scroll += page
	case "g", "home":
		d.scroll = 0
	case "G", "end":
		d.scroll = 1 << 20
	}
	d.scroll = max(0, d.scroll)
	return nil
}

func (d *deployScreen) painter(w, h int) deployPainter {
	p := deployPainter{th: d.env.Theme, now: d.env.Clock.Now(), frame: d.frame, w: w, h: h}
	if d.run != nil {
		p.kind, p.steps = d.run.Job.Kind, d.run.Job.Steps
	} else if d.target.BuildOnly {
		p.kind = DeployBuild
	}
	return p
}

// View draws the page that is shown.
func (d *deployScreen) View(w, h int) string {
	d.height = h
	p := d.painter(w, h)
	switch {
	case d.show == showBuild && d.log != nil:
		return d.log.View(w, h)
	case d.show == showEvents && d.state != nil:
		return d.window(p.allEvents(d.state), w, h)
	case d.state != nil:
		lines, scroll := p.body(d.state, d.scroll)
		d.scroll = scroll
		return widget.Fill(lines, w, h)
	case d.planErr != nil:
		return failurePage(d.env.Theme, d.planErr, askAgain, w, h)
	case d.plan != nil:
		foot := p.planQuestion(d.plan, d.target.BuildOnly)
		return d.window(p.plan(d.plan), w, h-len(foot)) + "\n" + widget.Fill(foot, w, len(foot))
	default:
		spin := d.env.Theme.Glyphs().Spinner
		sign := d.env.Theme.Paint(theme.Moving, spin[d.frame%len(spin)])
		return widget.Fill([]string{"", "   " + sign + " " + d.env.Theme.Paint(theme.Muted, "planning: reading what runs, and what would change …")}, w, h)
	}
}

// window draws the part of lines that scroll points at, and says how much more
// there is.
func (d *deployScreen) window(lines []string, w, h int) string {
	d.scroll = max(0, min(d.scroll, len(lines)-h))
	shown := lines[d.scroll:]
	if len(shown) > h && h > 0 {
		more := d.env.Theme.Glyphs().More + " " + widget.Plural(len(shown)-h+1, "more line", "more lines")
		shown = append(append([]string{}, shown[:h-1]...), "   "+d.env.Theme.Paint(theme.Muted, more))
	}
	return widget.Fill(shown, w, h)
}

// Note is how long it takes already, at the right.
func (d *deployScreen) Note() (beside, right string) {
	switch d.show {
	case showDeploy:
	case showEvents:
		beside = "events"
	case showBuild:
		beside = "build log"
		if d.log != nil {
			if info := d.log.Info(); info.Query != "" {
				beside += " · " + searchNote(info.Query, info)
			}
		}
	}
	if d.state != nil {
		right = widget.Elapsed(d.state.elapsed(d.env.Clock.Now()))
	}
	return beside, right
}

// Capturing says whether a search in the build log is being typed.
func (d *deployScreen) Capturing() bool { return d.prompt.open() }

// InputLine is the line that is typed into.
func (d *deployScreen) InputLine(w int) string { return d.prompt.line(w) }

// Escape goes back from a page of the deploy to the deploy.
func (d *deployScreen) Escape() bool {
	if d.show == showDeploy {
		return false
	}
	d.show, d.scroll = showDeploy, 0
	return true
}

// fillLog appends what the builds wrote since the last time to the pane of the
// whole build log. With several images, each line says whose it is.
func (d *deployScreen) fillLog() {
	if d.log == nil || d.state == nil {
		return
	}
	var entries []widget.LogEntry
	at := 0
	for _, l := range d.state.Lines {
		b := d.state.Builds[l.Subject]
		if l.Step != deploy.Build || b == nil {
			continue
		}
		end := at + b.Dropped + len(b.Log)
		for i := max(d.logged, at+b.Dropped); i < end; i++ {
			entries = append(entries, widget.LogEntry{Source: l.Subject, Text: b.Log[i-at-b.Dropped].Text})
		}
		at = end
	}
	d.logged = max(d.logged, at)
	d.log.ShowColumns(len(d.state.Builds) > 1, false)
	d.log.Append(entries, 0, false)
}

// allEvents are the events of the rollout, and the notes of the builds, whole.
func (p deployPainter) allEvents(s *deployState) []string {
	if len(s.Events) == 0 {
		return []string{"", "   " + p.th.Paint(theme.Muted, "No events yet: the service has not been updated.")}
	}
	var lines []string
	for _, e := range s.Events {
		for i, l := range widget.Wrap(e.Message, p.w-14) {
			stamp := "        "
			if i == 0 {
				stamp = e.At.Local().Format("15:04:05")
			}
			lines = append(lines, "   "+p.th.Paint(theme.Faint, stamp)+" "+l)
		}
	}
	return lines
}

// planQuestion is what stands under a plan: what enter does, or why nothing
// can be done.
func (p deployPainter) planQuestion(plan *deploy.Plan, buildOnly bool) []string {
	key := func(k string) string { return p.th.Paint(theme.FooterKey, k) }
	switch {
	case plan.Blocked():
		return []string{"", " " + p.th.Mark(theme.Failure) + " " + p.th.Paint(theme.Bad, "This can't be deployed as it is. Correct what is marked, then press ") + key("ctrl+r")}
	case buildOnly:
		return []string{"", " " + key("enter") + " builds " + imageList(plan) + "   " + key("esc") + " leaves"}
	case plan.Nothing():
		return []string{"", " " + p.th.Mark(theme.Steady) + " The service runs this already; a deploy would change nothing.   " + key("F") + " deploys it all the same"}
	}
	q := " " + key("enter") + " deploys it"
	if plan.Request.Promotion != nil {
		q = " " + key("enter") + " promotes it"
	}
	if plan.Request.Protected {
		q += p.th.Paint(theme.Warn, " after you typed "+plan.Request.App)
	}
	return []string{"", q + "   " + key("esc") + " leaves everything as it is"}
}

func imageList(plan *deploy.Plan) string {
	var names []string
	for _, img := range plan.Images {
		names = append(names, plannedAs(plan, img.Container))
	}
	return strings.Join(names, ", ")
}
