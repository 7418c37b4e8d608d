package screen

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// bulk is the same change of several rows that were selected: all of them are
// shown, it is asked, and then it goes from one to the next. What can't be changed
// is told with its reason and does not stop the others.
type bulk[T any] struct {
	verb, past string // "delete", "deleted"
	what       string // "image"
	rows       []T
	item       func(T) pruneItem
	question   widget.Question // without the names: they are on the page
	do         func(context.Context, T) error
	began      func() // a yes was given
}

func newBulk[T any](env *Env, b bulk[T]) Screen {
	plan := prunePlan{question: b.question, run: b.run, began: b.began}
	for _, r := range b.rows {
		plan.going = append(plan.going, b.item(r))
	}
	plan.question.Danger = true
	if plan.question.Verb == "" {
		plan.question.Verb = b.verb + " them"
	}
	count := widget.Plural(len(b.rows), b.what, b.what+"s")
	plan.question.Title = strings.ToUpper(b.verb[:1]) + b.verb[1:] + " " + count
	return newPrune(env, pruneConfig{
		crumb: b.verb + " " + count, what: b.what, verb: b.verb, past: b.past, stays: "Nothing else is touched.", once: true,
		plan: func(context.Context, int) (prunePlan, error) { return plan, nil },
	})
}

// run changes one row after the other.
func (b bulk[T]) run(ctx context.Context) iter.Seq2[pruneStep, error] {
	return func(yield func(pruneStep, error) bool) {
		step := pruneStep{total: len(b.rows)}
		var failed []error
		for _, r := range b.rows {
			step.at = b.item(r).name
			if !yield(step, nil) {
				return
			}
			one, cancel := context.WithTimeout(ctx, changeTimeout)
			err := b.do(one, r)
			cancel()
			if err != nil {
				failed = append(failed, err)
				continue
			}
			step.done++
		}
		yield(step, errors.Join(failed...))
	}
}
