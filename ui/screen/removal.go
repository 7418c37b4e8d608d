package screen

import (
	"context"
	"fmt"
	"iter"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// deleteAction deletes services. The app's own goes with everything that the app
// made, after that was shown.
func deleteAction(env *Env, disabled func() string, chosen func() []backend.Service) Action {
	a := Action{Keys: []string{"ctrl+d"}, Name: "delete", Help: "delete the service and stop its tasks; the app's with all that it made, which is shown first", Group: groupChange, Disabled: disabled}
	if disabled() == "" {
		if all := chosen(); len(all) == 1 && env.App != nil && env.isApps(all[0].Name) {
			a.Run = func() tea.Cmd { return Do(Push{newRemoval(env, all[0].Name)}) }
			return a
		}
	}
	a.Ask = func() (widget.Question, func() tea.Cmd) {
		s := chosen()[0]
		return deleteServiceQuestion(env, s), func() tea.Cmd { return deleteService(env, s) }
	}
	return a.orShow(len(chosen()), func() Screen { return deleteServices(env, chosen()) })
}

func deleteServiceQuestion(env *Env, s backend.Service) widget.Question {
	return widget.Question{
		Title: "Delete service", Target: serviceTarget(env, s), Verb: "delete", Danger: true, Typed: protectedName(env, s.Name),
		Body: []string{fmt.Sprintf("Its %s stop. Its task definition and images stay.", widget.Plural(s.Running, "task", "tasks"))},
	}
}

func deleteService(env *Env, s backend.Service) tea.Cmd {
	cluster := env.Cluster
	return call(env, func(ctx context.Context) (backend.Service, error) {
		return env.Backend.DeleteService(ctx, cluster, s.Name, true)
	}, func(backend.Service) tea.Msg { return Say{theme.InMotion, s.Name + " is being deleted"} })
}

// deleteServices shows several that go.
func deleteServices(env *Env, services []backend.Service) Screen {
	cluster := env.Cluster
	return newBulk(env, bulk[backend.Service]{
		verb: "delete", past: "deleted", what: "service", rows: services,
		item: func(s backend.Service) pruneItem {
			return pruneItem{s.Name, "with its " + widget.Plural(s.Running, "task", "tasks")}
		},
		question: widget.Question{
			Target: widget.Plural(len(services), "service", "services") + " of cluster " + cluster + " on " + placeName(env), Typed: protectedName(env, cluster),
			Body: []string{"All their tasks stop. Their task definitions and images stay."},
		},
		do: func(ctx context.Context, s backend.Service) error {
			_, err := env.Backend.DeleteService(ctx, cluster, s.Name, true)
			return err
		},
	})
}

// newRemoval shows what goes with the app's service and what stays, and deletes it.
func newRemoval(env *Env, service string) Screen {
	cluster, environment := env.Cluster, env.Environment
	return newPrune(env, pruneConfig{
		crumb: "delete " + service, what: "thing", stays: "What others use or made stays, each with its reason.",
		reading: "looking for everything that app " + env.App.Name() + " made, and for who uses it …",
		plan: func(ctx context.Context, _ int) (prunePlan, error) {
			req := deploy.RemovalRequest{App: env.App.Name(), Cluster: cluster, Service: service}
			app, err := env.App.Request(ctx, environment)
			if err != nil {
				return prunePlan{}, err
			}
			for _, image := range app.Images {
				req.Repositories = append(req.Repositories, image.Repository)
			}
			plan, err := deploy.PlanRemoval(ctx, env.Backend, req)
			if err != nil {
				return prunePlan{}, err
			}
			return removalPlan(env, plan), nil
		},
	})
}

func removalPlan(env *Env, plan *deploy.Removal) prunePlan {
	p := prunePlan{sum: ", in this order"}
	for _, i := range plan.Going {
		p.going = append(p.going, pruneItem{string(i.Kind) + " " + i.Name, i.Note})
	}
	for _, i := range plan.Staying {
		p.staying = append(p.staying, pruneItem{string(i.Kind) + " " + i.Name, i.Why})
	}
	p.question = widget.Question{
		Title: "Delete app " + plan.Request.App, Target: plan.Request.Service + " on " + placeName(env), Verb: "delete all of it", Danger: true,
		Typed: protectedName(env, plan.Request.App),
		Body:  []string{widget.Plural(len(plan.Going), "thing goes", "things go") + ", and can't be brought back but by another deploy. What others use or made stays."},
	}
	p.run = func(ctx context.Context) iter.Seq2[pruneStep, error] {
		return func(yield func(pruneStep, error) bool) {
			for at, err := range deploy.Remove(ctx, env.Backend, plan, deploy.Options{Clock: env.Clock}) {
				step := pruneStep{at: string(at.Item.Kind) + " " + at.Item.Name, done: at.Done, total: at.Total, kept: len(at.Kept)}
				if !yield(step, err) {
					return
				}
			}
		}
	}
	return p
}
