package screen

import (
	"context"
	"fmt"
	"iter"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// pruneRepositoryAction opens the plan of deleting the old images of
// repositories.
func pruneRepositoryAction(env *Env, disabled func() string, repositories func() []backend.Repository) Action {
	return Action{
		Keys: []string{"X"}, Name: "prune", Help: "delete untagged and old images: keeps the newest and all in use, after showing them", Group: groupChange, Footer: true,
		Disabled: disabled,
		Run: func() tea.Cmd {
			var names []string
			for _, r := range repositories() {
				names = append(names, r.Name)
			}
			return Do(Push{newRepositoryPrune(env, names...)})
		},
	}
}

// pruneAllAction is that for all repositories at once.
func pruneAllAction(env *Env) Action {
	return Action{
		Keys: []string{"P"}, Name: "prune all", Help: "prune all repositories at once, after showing what goes", Group: groupChange, Footer: true,
		Run: func() tea.Cmd { return Do(Push{newRepositoryPrune(env)}) },
	}
}

// newRepositoryPrune shows which images of repositories could go, and what that
// frees, and deletes them. Without repositories it is about all of them.
func newRepositoryPrune(env *Env, repositories ...string) Screen {
	of := "all repositories"
	if len(repositories) > 0 {
		of = names(repositories)
	}
	return newPrune(env, pruneConfig{
		crumb: "prune " + of, what: "image",
		reading: "looking through the images of " + of + ", and the services of all clusters, to see which are in use …",
		plan: func(ctx context.Context, keep int) (prunePlan, error) {
			plan, err := deploy.PlanImages(ctx, env.Backend, repositories, keep)
			if err != nil {
				return prunePlan{}, err
			}
			return repositoryPrunePlan(env, of, plan), nil
		},
	})
}

func repositoryPrunePlan(env *Env, of string, plan *deploy.PrunePlan) prunePlan {
	p := prunePlan{sum: ", which frees " + widget.Size(plan.Frees())}
	now := env.Clock.Now()
	for _, part := range plan.Parts {
		line := func(img backend.Image, note string) pruneItem {
			name := pushedTags(img)
			if len(plan.Parts) > 1 {
				name = part.Repository + ":" + name
			}
			return pruneItem{name, note}
		}
		for _, img := range part.Images {
			p.going = append(p.going, line(img, fmt.Sprintf("%9s  pushed %s", widget.Size(img.Size), widget.Ago(now, img.CreatedAt))))
		}
		for _, img := range part.Kept {
			p.staying = append(p.staying, line(img.Image, fmt.Sprintf("%9s  %s", widget.Size(img.Size), img.Why)))
		}
	}
	p.question = widget.Question{
		Title: "Delete images", Verb: "delete them", Danger: true, Typed: protectedName(env, of),
		Target: fmt.Sprintf("%s of %s on %s, %s", widget.Plural(plan.Going(), "image", "images"), of, placeName(env), widget.Size(plan.Frees())),
		Body:   []string{"They can't be brought back, only built again. What came into use since stays."},
	}
	p.run = func(ctx context.Context) iter.Seq2[pruneStep, error] { return pruneImages(ctx, env.Backend, plan) }
	return p
}

func pruneImages(ctx context.Context, b backend.Images, plan *deploy.PrunePlan) iter.Seq2[pruneStep, error] {
	return func(yield func(pruneStep, error) bool) {
		for at, err := range deploy.PruneImages(ctx, b, plan) {
			if !yield(pruneStep{at: at.At, done: at.Done, total: at.Total, freed: at.Freed, kept: at.Kept}, err) {
				return
			}
		}
	}
}
