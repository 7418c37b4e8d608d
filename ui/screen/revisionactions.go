package screen

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

func revisionActions(env *Env, family string, l *list[backend.TaskDefinition]) []Action {
	return []Action{
		{
			Keys: []string{"c"}, Name: "compare", Help: "the two selected revisions, or this one with the one before it", Group: groupGo, Footer: true,
			Disabled: func() string { _, _, why := twoToCompare(l); return why },
			Run: func() tea.Cmd {
				from, to, _ := twoToCompare(l)
				return Do(Push{NewRevisionDiff(env, from, to)})
			},
		},
		{
			Keys: []string{"r"}, Name: "run", Help: "run one task of this revision that belongs to no service", Group: groupChange, Footer: true,
			Disabled: firstReason(unlessRow(l, env, backend.CanWrite), func() string {
				if td := l.current(); td.Status != backend.ActiveDefinition {
					return td.Ref() + " is " + td.Status + ": nothing starts from it any more"
				}
				return ""
			}),
			Run: func() tea.Cmd { return askRun(env, l.current(), "") },
		},
		retireAction(env, l),
		pruneRevisionsAction(env, nothing, func() string { return family }),
		{
			Keys: []string{"d"}, Name: "describe", Help: "the whole of it, as ECS has it", Group: groupGo, Disabled: l.needRow,
			Run: func() tea.Cmd {
				return describeRevision(env, l.current())
			},
		},
		copyAction(l, func(td backend.TaskDefinition) string { return td.ARN }),
	}
}

// nothing is the reason of what can always be done.
func nothing() string { return "" }

// twoToCompare gives the two revisions to compare, the older first, or why there
// are not two.
func twoToCompare(l *list[backend.TaskDefinition]) (from, to backend.TaskDefinition, why string) {
	if n := l.table.SelectedCount(); n > 0 {
		two := l.chosen()
		if len(two) != 2 {
			return from, to, fmt.Sprintf("%d are selected: space selects two to compare", n)
		}
		if two[0].Revision > two[1].Revision {
			two[0], two[1] = two[1], two[0]
		}
		return two[0], two[1], ""
	}
	if why := l.needRow(); why != "" {
		return from, to, why
	}
	to = l.current()
	for _, r := range l.snap.Rows {
		if r.Loaded && r.Item.Revision < to.Revision && r.Item.Revision > from.Revision {
			from = r.Item
		}
	}
	if from.ARN == "" {
		return from, to, "there is none before " + to.Ref() + ": space selects two to compare"
	}
	return from, to, ""
}

// retireAction deregisters what is ACTIVE, and deletes what is not any more.
func retireAction(env *Env, l *list[backend.TaskDefinition]) Action {
	deletes := func() bool { return l.needChosen() == "" && allInactive(l.chosen()) }
	a := Action{
		Keys: []string{"ctrl+d"}, Name: "deregister", Help: "make it inactive; tasks of it go on. What is inactive is deleted", Group: groupChange, Footer: true,
		Disabled: firstReason(unlessChosen(l, env, backend.CanWrite), func() string { return notRetirable(l.chosen()) }),
		Ask: func() (widget.Question, func() tea.Cmd) {
			td := l.chosen()[0]
			if td.Status != backend.ActiveDefinition {
				return deleteRevisionQuestion(env, td), func() tea.Cmd { return deleteRevision(env, l, td) }
			}
			return deregisterQuestion(env, td), func() tea.Cmd { return deregisterRevision(env, l, td) }
		},
	}
	if deletes() {
		a.Name, a.Help = "delete", "delete the revision for good"
	}
	return a.orShow(l.table.SelectedCount(), func() Screen { return retireRevisions(env, l) })
}

func allInactive(rows []backend.TaskDefinition) bool {
	return len(rows) > 0 && !slices.ContainsFunc(rows, func(td backend.TaskDefinition) bool { return td.Status == backend.ActiveDefinition })
}

// notRetirable is why a choice of revisions can be neither deregistered nor
// deleted, or "".
func notRetirable(rows []backend.TaskDefinition) string {
	active := 0
	for _, td := range rows {
		switch td.Status {
		case backend.ActiveDefinition:
			active++
		case backend.DeletingDefinition:
			return td.Ref() + " is being deleted already"
		}
	}
	if active > 0 && active < len(rows) {
		return "some are active and some are not: select the one or the other"
	}
	return ""
}

func deregisterQuestion(env *Env, td backend.TaskDefinition) widget.Question {
	return widget.Question{
		Title: "Deregister", Verb: "deregister", Danger: true, Target: td.Ref(), Typed: protectedName(env, td.Ref()), Body: []string{afterDeregister},
	}
}

func deleteRevisionQuestion(env *Env, td backend.TaskDefinition) widget.Question {
	return widget.Question{
		Title: "Delete revision", Verb: "delete", Danger: true, Target: td.Ref(), Typed: protectedName(env, td.Ref()), Body: []string{afterDeleteRevision},
	}
}

const (
	afterDeregister     = "No new task can start from it, and nothing rolls back to it. What runs it goes on."
	afterDeleteRevision = "It can't be brought back. One that something still runs goes when that has ended."
)

func deregisterRevision(env *Env, l *list[backend.TaskDefinition], td backend.TaskDefinition) tea.Cmd {
	return l.changing(func(ctx context.Context) (string, error) {
		_, err := env.Backend.DeregisterTaskDefinition(ctx, td.ARN)
		return td.Ref() + " is inactive", err
	})
}

func deleteRevision(env *Env, l *list[backend.TaskDefinition], td backend.TaskDefinition) tea.Cmd {
	return l.changing(func(ctx context.Context) (string, error) {
		_, err := env.Backend.DeleteTaskDefinitions(ctx, []string{td.ARN})
		return "deleted " + td.Ref(), err
	})
}

// retireRevisions shows several that are deregistered, or deleted.
func retireRevisions(env *Env, l *list[backend.TaskDefinition]) Screen {
	rows := l.chosen()
	b := bulk[backend.TaskDefinition]{
		verb: "deregister", past: "deregistered", what: "revision", rows: rows, began: l.table.ClearSelection,
		item: func(td backend.TaskDefinition) pruneItem { return pruneItem{td.Ref(), strings.ToLower(td.Status)} },
		question: widget.Question{
			Target: widget.Plural(len(rows), "revision", "revisions") + " of " + rows[0].Family + " on " + placeName(env), Typed: protectedName(env, rows[0].Family),
			Body: []string{afterDeregister},
		},
		do: func(ctx context.Context, td backend.TaskDefinition) error {
			_, err := env.Backend.DeregisterTaskDefinition(ctx, td.ARN)
			return err
		},
	}
	if allInactive(rows) {
		b.verb, b.past, b.question.Body = "delete", "deleted", []string{afterDeleteRevision}
		b.do = func(ctx context.Context, td backend.TaskDefinition) error {
			_, err := env.Backend.DeleteTaskDefinitions(ctx, []string{td.ARN})
			return err
		}
	}
	return newBulk(env, b)
}

// changing runs a change of the list's rows, says how it went, and reads the
// list again.
func (l *list[T]) changing(fn func(context.Context) (string, error)) tea.Cmd {
	return tea.Sequence(
		callFor(l.env, changeTimeout, fn, func(done string) tea.Msg { return Say{theme.Steady, done} }),
		Do(reread[T]{l}),
	)
}

// reread asks a list to read its rows again.
type reread[T any] struct{ list *list[T] }
