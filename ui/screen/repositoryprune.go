package screen

import (
	"context"
	"fmt"
	"iter"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// pruneRepositoryAction opens the plan of deleting a repository's old images.
func pruneRepositoryAction(env *Env, disabled func() string, repository func() backend.Repository) Action {
	return Action{
		Keys: []string{"X"}, Name: "prune", Help: "delete untagged and old images: keeps the newest and all in use, after showing them", Group: groupChange, Footer: true,
		Disabled: disabled,
		Run:      func() tea.Cmd { return Do(Push{newRepositoryPrune(env, repository().Name)}) },
	}
}

// newRepositoryPrune shows which images of a repository could go, and what that
// frees, and deletes them.
func newRepositoryPrune(env *Env, repository string) Screen {
	return newPrune(env, pruneConfig{
		crumb: "prune " + repository, what: "image",
		reading: "looking through the images of " + repository + ", and the services of all clusters, to see which are in use …",
		plan: func(ctx context.Context, keep int) (prunePlan, error) {
			plan, err := env.Backend.PlanRepositoryPrune(ctx, repository, keep)
			if err != nil {
				return prunePlan{}, err
			}
			return repositoryPrunePlan(env, repository, plan), nil
		},
	})
}

func repositoryPrunePlan(env *Env, repository string, plan backend.Prune) prunePlan {
	p := prunePlan{sum: ", which frees " + widget.Size(plan.Frees)}
	line := func(img backend.Image, note string) pruneItem {
		return pruneItem{orText(bareTags(img), shortImageID(img.Digest)+" (untagged)"), note}
	}
	now := env.Clock.Now()
	for _, img := range plan.Images {
		p.going = append(p.going, line(img, fmt.Sprintf("%9s  pushed %s", widget.Size(img.Size), widget.Ago(now, img.CreatedAt))))
	}
	for _, img := range plan.Kept {
		p.staying = append(p.staying, line(img.Image, fmt.Sprintf("%9s  %s", widget.Size(img.Size), img.Why)))
	}
	p.question = widget.Question{
		Title: "Delete images", Verb: "delete them", Danger: true, Typed: protectedName(env, repository),
		Target: fmt.Sprintf("%s of %s on %s, %s", widget.Plural(len(plan.Images), "image", "images"), repository, placeName(env), widget.Size(plan.Frees)),
		Body:   []string{"They can't be brought back, only built again. What came into use since stays."},
	}
	p.run = func(ctx context.Context) iter.Seq2[pruneStep, error] { return pruneImages(ctx, env.Backend, plan) }
	return p
}

// pruneAtOnce is how many images go between two looks at how far it is.
const pruneAtOnce = 100

func pruneImages(ctx context.Context, b backend.Images, plan backend.Prune) iter.Seq2[pruneStep, error] {
	return func(yield func(pruneStep, error) bool) {
		step := pruneStep{total: len(plan.Images)}
		whole := plan.Frees
		for from := 0; from < len(plan.Images); from += pruneAtOnce {
			part := backend.Prune{Images: plan.Images[from:min(from+pruneAtOnce, len(plan.Images))]}
			if len(part.Images) == len(plan.Images) {
				part.Frees = whole
			}
			step.at = part.Images[0].Name()
			done, err := b.PruneImages(ctx, part)
			step.done += len(done.Images)
			step.freed += done.Frees
			step.kept += len(part.Images) - len(done.Images)
			if err != nil {
				step.kept = 0
			}
			if !yield(step, err) || err != nil {
				return
			}
		}
	}
}
