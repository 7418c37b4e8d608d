package screen

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// pauseAction brings a service to zero, or back to what it was. What is asked
// depends on its autoscaling, which is read first.
func pauseAction(env *Env, disabled func() string, current func() backend.Service) Action {
	name, help := "pause", "stop all its tasks, and remember how many there were"
	if disabled() == "" {
		if _, paused := current().Paused(); paused {
			name, help = "resume", "start as many tasks as there were before the pause"
		}
	}
	return Action{
		Keys: []string{"Z"}, Name: name, Help: help, Group: groupChange, Disabled: disabled,
		Run: func() tea.Cmd {
			s, cluster := current(), env.Cluster
			return call(env, func(ctx context.Context) (*deploy.Pausing, error) {
				return deploy.ReadPause(ctx, env.Backend, cluster, s.Name)
			}, func(p *deploy.Pausing) tea.Msg { return askPause(env, p) })
		},
	}
}

// askPause asks for what can be done to a service as it stands.
func askPause(env *Env, p *deploy.Pausing) tea.Msg {
	s := p.Service
	if p.Paused {
		return Ask{
			widget.NewConfirm(env.Theme, widget.Question{Title: "Resume", Target: serviceTarget(env, s), Verb: "resume", Body: p.Explain()}),
			func() tea.Cmd {
				return pausing(env, s, func(ctx context.Context, p *deploy.Pausing) (backend.Service, error) { return p.Resume(ctx) },
					s.Name+" comes back with "+widget.Plural(p.Count, "task", "tasks"))
			},
		}
	}
	if why := p.WhyNotPause(); why != "" {
		return Refuse{"pause", why}
	}
	return Ask{
		widget.NewConfirm(env.Theme, widget.Question{
			Title: "Pause", Target: serviceTarget(env, s), Verb: "pause", Danger: true, Typed: protectedName(env, s.Name), Body: p.Explain(),
		}),
		func() tea.Cmd {
			return pausing(env, s, func(ctx context.Context, p *deploy.Pausing) (backend.Service, error) { return p.Pause(ctx) }, s.Name+" is paused")
		},
	}
}

// pausing does something to a service as it stands by then.
func pausing(env *Env, s backend.Service, do func(context.Context, *deploy.Pausing) (backend.Service, error), done string) tea.Cmd {
	cluster := env.Cluster
	return call(env, func(ctx context.Context) (backend.Service, error) {
		p, err := deploy.ReadPause(ctx, env.Backend, cluster, s.Name)
		if err != nil {
			return backend.Service{}, err
		}
		return do(ctx, p)
	}, func(backend.Service) tea.Msg { return Say{theme.InMotion, done} })
}
