package screen

import (
	"context"
	"iter"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// rollBack goes back to the revision before: while the rollout goes on by
// stopping it, after it by another one.
func (d *deployScreen) rollBack() Action {
	return Action{
		Keys: []string{"R"}, Name: "roll back", Help: "go back to the revision before", Group: groupChange, Footer: true,
		Disabled: func() string {
			switch why := d.env.Backend.Unsupported(backend.CanWrite); {
			case why != "":
				return why
			case !d.state.Rollout.Seen && d.state.Ended == nil:
				return "nothing was deployed yet: ctrl+x cancels"
			case d.state.Ended == nil && (d.state.Rollout.rollingBack() || d.state.reached(deploy.Back)):
				return "it is being rolled back already"
			case d.state.Ended == nil && d.state.reached(deploy.Check):
				return "its smoke check goes on: ctrl+x stops that"
			case !d.state.Rollout.Seen:
				return "nothing was deployed"
			case d.state.Ended != nil && d.state.Ended.Outcome == deploy.RolledBack:
				return "it was rolled back already, " + runsAgain(d.state.Rollout.Service)
			}
			return ""
		},
		Ask: func() (widget.Question, func() tea.Cmd) {
			asked, seen := d.state.Rollout.Deployment.ARN, d.state.Rollout.Service
			if d.state.Ended == nil {
				return d.rollBackQuestion(), func() tea.Cmd { return d.undo(asked) }
			}
			return d.rollBackQuestion(), func() tea.Cmd { return d.begin(d.rollBackJob(seen)) }
		},
	}
}

// runsAgain says what a service has come back to, where that is known.
func runsAgain(s backend.Service) string {
	if s.TaskDefinition == "" {
		return "and runs again what it ran before"
	}
	return "to " + backend.ShortName(s.TaskDefinition)
}

func (d *deployScreen) rollBackQuestion() widget.Question {
	r := &d.state.Rollout
	q := widget.Question{
		Title: "Roll back", Verb: "roll back", Danger: true,
		Target: d.key.Service + " on " + orText(d.env.Environment, d.key.Cluster) + ", cluster " + d.key.Cluster,
	}
	if d.env.Protected && d.env.App != nil {
		q.Typed = d.env.App.Name()
	}
	target := backend.ShortName(r.Deployment.Target.TaskDefinition)
	if d.state.Ended != nil {
		q.Body = []string{target + " was deployed. The service goes back to the revision that was complete before it."}
		return q
	}
	to := "the newest revision that was complete"
	if len(r.Deployment.Source) > 0 {
		to = backend.ShortName(r.Deployment.Source[0].TaskDefinition)
	}
	q.Body = []string{target + " is being rolled out. Its rollout stops, and " + to + " takes over again."}
	return q
}

// undo stops the rollout that is under way, or answers its pause; its stream
// then shows how it goes back. asked is the deployment that the yes was for: what
// has gone on since may have ended it, and there is another one to go back from.
func (d *deployScreen) undo(asked string) tea.Cmd {
	dep := d.state.Rollout.Deployment
	switch why := d.rollBack().Reason(); {
	case why != "":
		return Do(Refuse{"roll back", why})
	case d.state.Ended != nil, asked != "" && dep.ARN != asked:
		return Do(Refuse{"roll back", "the deployment that you were asked about has ended; look at what came of it"})
	}
	return call(d.env, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, deploy.Undo(ctx, d.env.Backend, dep)
	}, func(struct{}) tea.Msg { return nil })
}

// rollBackNow is for a rollback that was confirmed elsewhere. A deploy that
// runs here is rolled back as by its own key, or says why it can't be.
func (d *deployScreen) rollBackNow() tea.Cmd {
	if d.run == nil || d.run.Over() {
		return d.begin(d.rollBackJob(d.target.Seen))
	}
	if d.target.To != "" {
		return Do(Refuse{"roll back to it", "a deploy of " + d.key.Service + " goes on here; stop it first"})
	}
	return d.undo(d.target.Seen.Current)
}

// rollBackJob takes a service back from what it was seen to run.
func (d *deployScreen) rollBackJob(seen backend.Service) DeployJob {
	b, key, to, opts := d.env.Backend, d.key, d.target.To, d.options()
	seen.Cluster, seen.Name = key.Cluster, key.Service
	return DeployJob{
		Key: key, Kind: DeployBack, Environment: d.env.Environment, Protected: d.env.Protected,
		Events: func(ctx context.Context) iter.Seq[deploy.Event] {
			return deploy.Rollback(ctx, b, seen, to, opts)
		},
	}
}
