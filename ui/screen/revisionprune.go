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

// pruneRevisionsAction opens the plan of deleting a family's old revisions.
func pruneRevisionsAction(env *Env, disabled func() string, family func() string) Action {
	return Action{
		Keys: []string{"X"}, Name: "prune", Help: "delete old revisions: keeps the newest and all in use, after showing them", Group: groupChange, Footer: true,
		Disabled: disabled,
		Run:      func() tea.Cmd { return Do(Push{newRevisionPrune(env, family())}) },
	}
}

// newRevisionPrune shows which revisions of a family could go, and deletes them.
func newRevisionPrune(env *Env, family string) Screen {
	return newPrune(env, pruneConfig{
		crumb: "prune " + family, what: "revision",
		reading: "looking through the services of all clusters, to see which revisions of " + family + " are in use …",
		plan: func(ctx context.Context, keep int) (prunePlan, error) {
			plan, err := deploy.PlanRevisions(ctx, env.Backend, family, keep)
			if err != nil {
				return prunePlan{}, err
			}
			return revisionPrunePlan(env, plan), nil
		},
	})
}

func revisionPrunePlan(env *Env, plan *deploy.RevisionPlan) prunePlan {
	var p prunePlan
	for _, r := range plan.Going {
		note := "inactive: deleted"
		if r.Active {
			note = "active: deregistered, then deleted"
		}
		p.going = append(p.going, pruneItem{r.Ref(), note})
	}
	for _, r := range plan.Staying {
		p.staying = append(p.staying, pruneItem{r.Ref(), r.Why})
	}
	if n := plan.Deregisters(); n > 0 {
		p.sum = fmt.Sprintf("; %s still active", widget.Plural(n, "is", "are"))
	}
	p.question = widget.Question{
		Title: "Delete revisions", Verb: "delete them", Danger: true, Typed: protectedName(env, plan.Family),
		Target: fmt.Sprintf("%s of %s on %s", widget.Plural(len(plan.Going), "revision", "revisions"), plan.Family, placeName(env)),
		Body:   []string{"They can't be brought back, and nothing rolls back to them. What came into use since stays."},
	}
	p.run = func(ctx context.Context) iter.Seq2[pruneStep, error] { return pruneRevisions(ctx, env.Backend, plan) }
	return p
}

func pruneRevisions(ctx context.Context, b backend.Backend, plan *deploy.RevisionPlan) iter.Seq2[pruneStep, error] {
	return func(yield func(pruneStep, error) bool) {
		for at, err := range deploy.PruneRevisions(ctx, b, plan) {
			if !yield(pruneStep{at: at.Ref, done: at.Done, total: at.Total, kept: len(at.Kept)}, err) {
				return
			}
		}
	}
}
