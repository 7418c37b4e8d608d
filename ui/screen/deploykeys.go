package screen

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// Actions are the keys of where the deploy stands.
func (d *deployScreen) Actions() []Action {
	switch {
	case d.show == showBuild:
		return d.buildLogActions()
	case d.run != nil && d.state.Ended == nil:
		return append(d.runningActions(), d.pageActions()...)
	case d.run != nil:
		return append(d.endedActions(), d.pageActions()...)
	default:
		return d.planActions()
	}
}

// startAction begins what is planned, after asking where it takes that.
func (d *deployScreen) startAction() Action {
	verb, help := "deploy", "build, push, register, update and watch the rollout"
	if d.target.BuildOnly {
		verb, help = "build", "build the images of the app"
	}
	if d.target.From != "" {
		verb, help = "promote", "copy the images, register, update and watch the rollout"
	}
	start := Action{
		Keys: []string{"enter"}, Name: verb, Help: help, Group: groupChange, Footer: true,
		Disabled: d.whyNotStart,
		Run:      func() tea.Cmd { return d.start(d.plan) },
	}
	if plan := d.plan; plan != nil && !d.target.BuildOnly {
		yes := func() tea.Cmd { return d.start(plan) }
		switch {
		case plan.Request.Protected, d.goesOn():
			start.Ask = func() (widget.Question, func() tea.Cmd) { return d.startQuestion(plan), yes }
		case len(plan.Missing) > 0:
			start.Ask = func() (widget.Question, func() tea.Cmd) { return d.repositoryQuestion(plan), yes }
		}
	}
	return start
}

// planActions are the keys before anything was started.
func (d *deployScreen) planActions() []Action {
	actions := []Action{d.startAction()}
	if d.goesOn() {
		actions = append(actions, Action{
			Keys: []string{"w"}, Name: "follow it first", Help: "watch the deployment that goes on; D there plans anew", Group: groupGo, Footer: true,
			Run: func() tea.Cmd { d.over = false; return d.begin(d.followJob(d.plan.GoingOn.ARN)) },
		})
	}
	return append(actions,
		Action{
			Keys: []string{"F"}, Name: "force", Help: "deploy though nothing changed", Group: groupChange,
			Disabled: func() string {
				if d.plan == nil || !d.plan.Nothing() {
					return "there is something to deploy: enter does it"
				}
				return d.env.Backend.Unsupported(backend.CanWrite)
			},
			Run: func() tea.Cmd { d.force = true; return d.makePlan() },
		},
		Action{Keys: []string{"ctrl+r"}, Name: "plan again", Help: "read the app's files and the service again", Group: groupView, Footer: true, Run: d.makePlan},
	)
}

// goesOn says whether the plan would take over from another deployment.
func (d *deployScreen) goesOn() bool {
	return d.plan != nil && d.plan.GoingOn != nil && !d.plan.Nothing()
}

func (d *deployScreen) whyNotStart() string {
	switch {
	case d.env.Backend.Unsupported(backend.CanWrite) != "":
		return d.env.Backend.Unsupported(backend.CanWrite)
	case d.plan == nil && d.planErr != nil:
		return "there is no plan: ctrl+r tries again"
	case d.plan == nil:
		return "the plan is not ready yet"
	case d.plan.Blocked():
		return "the plan has problems: correct them, then ctrl+r"
	case !d.target.BuildOnly && d.plan.Nothing():
		return "nothing would change: F deploys it all the same"
	}
	return ""
}

// planOver plans a deploy that takes over from the deployment that is followed.
func (d *deployScreen) planOver() Action {
	return Action{
		Keys: []string{"D"}, Name: "deploy over it", Help: "plan a deploy that takes over from this deployment", Group: groupChange,
		Disabled: func() string {
			if d.run.Job.Kind != DeployFollow {
				return "this deploy goes on: R or ctrl+x end it"
			}
			return cannotDeploy(d.env, d.key.Service)
		},
		Run: func() tea.Cmd {
			d.env.Deploys.Leave(d.run)
			d.run, d.state, d.over, d.target.Follow = nil, nil, true, ""
			d.show, d.scroll = showDeploy, 0
			return d.makePlan()
		},
	}
}

// runningActions are the keys while it runs.
func (d *deployScreen) runningActions() []Action {
	return []Action{
		d.goOn(),
		d.planOver(),
		d.rollBack(),
		d.openLogs(),
		{
			Keys: []string{"ctrl+x"}, Name: "cancel", Help: "stop before anything is changed, or the check after it", Group: groupChange, Footer: true,
			Disabled: func() string {
				if l, ok := d.state.running(); ok && l.Step == deploy.Check {
					return ""
				}
				if d.run.Job.Kind == DeployFollow || d.state.reached(deploy.Update) {
					return "the service is updated already: R rolls back"
				}
				return ""
			},
			Run: func() tea.Cmd { d.run.Cancel(); return note(theme.InMotion, "cancelling …") },
		},
		{
			Keys: []string{"esc"}, Name: "leave it running", Help: "go back; it goes on, and the footer says how far it is", Group: groupGo, Footer: true,
			Run: d.leave,
		},
	}
}

// leave goes back to the deploy from its pages, and from there out of it.
func (d *deployScreen) leave() tea.Cmd {
	if d.Escape() {
		return nil
	}
	return Do(Pop{})
}

// endedActions are the keys after the outcome.
func (d *deployScreen) endedActions() []Action {
	again := Action{
		Keys: []string{"D", "enter"}, Name: "deploy again", Help: "plan another deploy", Group: groupChange, Footer: true,
		Disabled: func() string {
			switch {
			case d.env.App == nil:
				return d.env.noApp()
			case !d.env.isApps(d.key.Service):
				return d.env.notTheApps(d.key.Service)
			}
			return ""
		},
		Run: func() tea.Cmd {
			d.env.Deploys.Forget(d.key)
			d.run, d.state, d.log, d.force, d.over = nil, nil, nil, false, false
			d.target.Follow = ""
			d.show, d.scroll = showDeploy, 0
			return d.makePlan()
		},
	}
	if d.run.Job.Kind == DeployBuild {
		again.Name, again.Help = "build again", "plan another build"
		return []Action{again}
	}
	return []Action{again, d.rollBack(), d.openLogs()}
}

// pageActions open the deploy's other pages.
func (d *deployScreen) pageActions() []Action {
	return []Action{
		{
			Keys: []string{"e"}, Name: "events", Help: "all events of this deploy", Group: groupView, Footer: true,
			Disabled: func() string {
				if len(d.state.Events) == 0 {
					return "there are no events yet"
				}
				return ""
			},
			Run: func() tea.Cmd { d.toggle(showEvents); return nil },
		},
		{
			Keys: []string{"v"}, Name: "build log", Help: "everything that the builds wrote", Group: groupView, Footer: true,
			Disabled: func() string {
				if len(d.state.Builds) == 0 {
					return "nothing was built"
				}
				return ""
			},
			Run: func() tea.Cmd { d.toggle(showBuild); return nil },
		},
	}
}

func (d *deployScreen) toggle(show deployShow) {
	if d.show == show {
		show = showDeploy
	}
	d.show, d.scroll = show, 0
	if show == showEvents {
		d.scroll = 1 << 20 // the newest are at the end
	}
	if show == showBuild && d.log == nil {
		d.log = widget.NewLogPane(d.env.Theme)
		d.log.SetTime(widget.LogNoTime)
		d.logged = 0
		d.fillLog()
	}
}

// buildLogActions are the keys of the build log.
func (d *deployScreen) buildLogActions() []Action {
	view := func(key, name, help string) Action {
		return Action{Keys: []string{key}, Name: name, Help: help, Group: groupView, Footer: true, Run: func() tea.Cmd {
			cmd, _ := d.log.Key(tea.KeyPressMsg{Code: rune(key[0]), Text: key})
			return cmd
		}}
	}
	return []Action{
		view("f", "follow", "follow the newest line, or let the text stand still"),
		{Keys: []string{"/"}, Name: "search", Help: "mark what matches; n and N go through it", Group: groupView, Footer: true, Run: func() tea.Cmd {
			d.prompt.start(d.env.Theme, "/", "regular expression", "", func(text string) tea.Cmd {
				cmd, _ := d.log.Search(text)
				return cmd
			})
			return nil
		}},
		view("w", "wrap", "break long lines, or cut them"),
		{Keys: []string{"v", "esc"}, Name: "back to the deploy", Group: groupGo, Footer: true, Run: func() tea.Cmd { d.Escape(); return nil }},
	}
}

func (d *deployScreen) openLogs() Action {
	return Action{
		Keys: []string{"l"}, Name: "logs", Help: "what the tasks of the new revision write", Group: groupGo, Footer: true,
		Disabled: func() string {
			switch {
			case len(d.newTasks()) == 0:
				return "there are no new tasks yet"
			case d.env.Make.Logs == nil:
				return "there is no logs screen here"
			}
			return d.env.Backend.Unsupported(backend.CanLogs)
		},
		Run: func() tea.Cmd {
			return Do(Push{d.env.Make.Logs(d.env, LogTarget{Tasks: d.newTasks()})})
		},
	}
}

// newTasks are the tasks of the new revision, also those that stopped.
func (d *deployScreen) newTasks() []backend.Task {
	if d.state == nil {
		return nil
	}
	var out []backend.Task
	for _, t := range d.state.Rollout.Tasks {
		if d.state.Rollout.isNew(t) {
			out = append(out, t)
		}
	}
	return out
}

// deployPlanned is the answer to makePlan.
type deployPlanned struct {
	of     *deployScreen
	plan   *deploy.Plan
	follow string // ARN of a deployment that goes on already
	err    error
}

// makePlan reads the app and the service, and plans; or finds that somebody
// else's deployment is under way, which is then followed.
func (d *deployScreen) makePlan() tea.Cmd {
	if d.planning != nil {
		d.planning()
	}
	ctx, cancel := context.WithCancel(d.env.Ctx)
	d.planning, d.plan, d.planErr = cancel, nil, nil
	look := d.target.Follow == "" && d.target.From == "" && !d.target.BuildOnly && !d.force && !d.over
	follow := d.target.Follow
	job := planJob{env: d.env, target: d.target, key: d.key, force: d.force}
	ask := func() tea.Msg {
		msg := deployPlanned{of: d, follow: follow}
		if look {
			msg.follow = job.underWay(ctx)
		}
		if msg.follow == "" {
			msg.plan, msg.err = job.plan(ctx)
		}
		if ctx.Err() != nil {
			return nil // somebody else has asked since
		}
		return msg
	}
	return tea.Batch(ask, d.beat())
}

func (d *deployScreen) planned(msg deployPlanned) tea.Cmd {
	if d.planning != nil {
		d.planning()
		d.planning = nil
	}
	d.scroll = 0
	if msg.follow != "" {
		return d.begin(d.followJob(msg.follow))
	}
	d.plan, d.planErr = msg.plan, msg.err
	if d.force && d.plan != nil && !d.plan.Blocked() {
		return d.startAction().Perform(d.env) // F was the key for it; what has to be asked first still is
	}
	return nil
}

// begin starts a job and shows it. When one of this service runs already, that
// one is shown, and the status bar says so.
func (d *deployScreen) begin(job DeployJob) tea.Cmd {
	run, err := d.env.Deploys.Start(job)
	if run == nil {
		return Do(Fail{err})
	}
	d.attach(run)
	if err != nil {
		return tea.Batch(Do(Fail{err}), d.beat())
	}
	return d.beat()
}
