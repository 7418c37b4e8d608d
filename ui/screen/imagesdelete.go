package screen

import (
	"context"
	"fmt"
	"iter"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

func deleteImageAction(env *Env, l *list[imageRow]) Action {
	a := Action{
		Keys: []string{"ctrl+d"}, Name: "delete", Help: "delete the tag, or the image with its last one", Group: groupChange, Footer: true,
		Disabled: firstReason(unlessChosen(l, env, backend.CanWrite), func() string { return whyKeptAll(l.chosen()) }),
		Ask: func() (widget.Question, func() tea.Cmd) {
			r := l.chosen()[0]
			return deleteImageQuestion(env, r), func() tea.Cmd {
				return l.changing(func(ctx context.Context) (string, error) {
					return "deleted " + r.Name(), env.Backend.RemoveImage(ctx, r.Ref())
				})
			}
		},
	}
	return a.orShow(l.table.SelectedCount(), func() Screen { return deleteImages(env, l) })
}

// deleteImageQuestion asks before a tag, or an image with its last one, goes.
func deleteImageQuestion(env *Env, r imageRow) widget.Question {
	q := widget.Question{Title: "Delete image", Verb: "delete it", Danger: true, Target: r.Ref(), Typed: protectedName(env, r.Name())}
	if others := len(r.Image.Tags) - 1; others > 0 {
		q.Title = "Delete tag"
		q.Body = []string{fmt.Sprintf("The image keeps its %s; nothing is freed.", widget.Plural(others, "other tag", "other tags"))}
	} else {
		q.Body = []string{fmt.Sprintf("%s, %s: it can't be brought back, only built again.", shortImageID(r.Image.ID), widget.Size(r.Image.Size))}
	}
	return q
}

// deleteImages shows several tags that go, each with its image where it is the
// last one.
func deleteImages(env *Env, l *list[imageRow]) Screen {
	rows := l.chosen()
	return newBulk(env, bulk[imageRow]{
		verb: "delete", past: "deleted", what: "tag", rows: rows, began: l.table.ClearSelection,
		item: func(r imageRow) pruneItem {
			return pruneItem{r.Ref(), fmt.Sprintf("%9s  %s", widget.Size(r.Image.Size), shortImageID(r.Image.ID))}
		},
		question: widget.Question{
			Target: widget.Plural(len(rows), "tag", "tags") + " on " + placeName(env), Typed: protectedName(env, rows[0].Name()),
			Body: []string{"An image goes with its last tag, and can't be brought back, only built again."},
		},
		do: func(ctx context.Context, r imageRow) error { return env.Backend.RemoveImage(ctx, r.Ref()) },
	})
}

// prunedAtOnce is how many images go between two looks at how far it is: an
// engine finds out anew each time what is still unused.
const prunedAtOnce = 10

// newImagesPrune shows all images that nothing uses, and deletes them.
func newImagesPrune(env *Env) Screen {
	return newPrune(env, pruneConfig{
		crumb: "prune images", what: "image", reading: "looking for the images that nothing uses …",
		stays: "No service and no container uses them.",
		plan: func(ctx context.Context, _ int) (prunePlan, error) {
			plan, err := env.Backend.PlanPrune(ctx)
			return imagesPrunePlan(env, plan), err
		},
	})
}

func imagesPrunePlan(env *Env, plan backend.Prune) prunePlan {
	p := prunePlan{sum: ", which frees " + widget.Size(plan.Frees)}
	for _, img := range plan.Images {
		p.going = append(p.going, pruneItem{deploy.ImageName(img), widget.Size(img.Size)})
	}
	p.question = widget.Question{
		Title: "Prune images", Verb: "delete them", Danger: true, Typed: protectedName(env, placeName(env)),
		Target: fmt.Sprintf("%s on %s, %s", widget.Plural(len(plan.Images), "image", "images"), placeName(env), widget.Size(plan.Frees)),
		Body:   []string{"They can't be brought back, only built again. What came into use since stays."},
	}
	parts := &deploy.PrunePlan{}
	for images := range slices.Chunk(plan.Images, prunedAtOnce) {
		part := deploy.PrunePart{Prune: backend.Prune{Images: images}}
		if len(images) == len(plan.Images) {
			part.Prune.Frees = plan.Frees
		}
		parts.Parts = append(parts.Parts, part)
	}
	p.run = func(ctx context.Context) iter.Seq2[pruneStep, error] { return pruneImages(ctx, env.Backend, parts) }
	return p
}
