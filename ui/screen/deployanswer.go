package screen

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// goOn answers the pause of the rollout that is shown. Rolling back is the
// other answer.
func (d *deployScreen) goOn() Action {
	_, waits := d.state.waiting()
	return continueAction(d.env, waits, func() backend.ServiceDeployment { return d.state.Rollout.Deployment })
}

// continueAction lets a deployment go on that is paused at a lifecycle hook.
// footer says whether it is worth a place there.
func continueAction(env *Env, footer bool, of func() backend.ServiceDeployment) Action {
	return Action{
		Keys: []string{"c"}, Name: "continue", Help: "let the deployment go on that is paused at a lifecycle hook", Group: groupChange, Footer: footer,
		Disabled: func() string {
			if why := env.Backend.Unsupported(backend.CanWrite); why != "" {
				return why
			}
			if _, waits := of().Waiting(); !waits {
				return "it does not wait for an answer"
			}
			return ""
		},
		Ask: func() (widget.Question, func() tea.Cmd) {
			dep := of()
			hook, _ := dep.Waiting()
			return continueQuestion(env, dep), func() tea.Cmd {
				return call(env, func(ctx context.Context) (backend.ServiceDeployment, error) {
					return env.Backend.ContinueServiceDeployment(ctx, dep.ARN, hook.ID, backend.HookContinue)
				}, func(backend.ServiceDeployment) tea.Msg {
					return Say{theme.InMotion, "the deployment of " + dep.Service + " goes on"}
				})
			}
		},
	}
}

func continueQuestion(env *Env, d backend.ServiceDeployment) widget.Question {
	q := widget.Question{
		Title: "Continue the deployment", Verb: "continue", Typed: protectedName(env, d.Service),
		Target: d.Service + " on " + orText(env.Environment, env.Cluster) + ", cluster " + env.Cluster,
		Body:   []string{"It is paused at " + backend.StageName(d.Stage) + ", and goes on to the next stage."},
	}
	if text := deploy.Weights(d); text != "" {
		q.Body = append(q.Body, "Now: "+text+".")
	}
	return q
}
