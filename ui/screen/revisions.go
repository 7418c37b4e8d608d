package screen

import (
	"context"
	"iter"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

type revisionRow = listRow[backend.TaskDefinition]

// NewRevisions lists the revisions of a task definition family, newest first.
func NewRevisions(env *Env, family string) Screen {
	return newList(env, listConfig[backend.TaskDefinition]{
		crumb: family + " revisions", one: "revision", many: "revisions",
		columns: []widget.Column[revisionRow]{
			{Title: "REVISION", Min: 10, Flex: 1, Cell: func(r revisionRow) widget.Cell { return widget.Cell{Text: backend.ShortName(r.Ref)} }},
			{Title: "REGISTERED", Min: 11, Align: widget.Right, Cell: func(r revisionRow) widget.Cell {
				if r.Item.RegisteredAt.IsZero() {
					return widget.Cell{Text: "–", Style: theme.Faint}
				}
				return widget.Cell{Text: widget.Ago(env.Clock.Now(), r.Item.RegisteredAt), Style: theme.Muted}
			}},
			{Title: "CPU", Min: 5, Align: widget.Right, Priority: 2, Cell: func(r revisionRow) widget.Cell { return widget.Cell{Text: r.Item.CPU} }},
			{Title: "MEM", Min: 5, Align: widget.Right, Priority: 2, Cell: func(r revisionRow) widget.Cell { return widget.Cell{Text: r.Item.Memory} }},
			{Title: "NETWORK", Min: 8, Priority: 3, Cell: func(r revisionRow) widget.Cell { return widget.Cell{Text: r.Item.NetworkMode, Style: theme.Muted} }},
			{Title: "IMAGES", Min: 16, Flex: 3, Priority: 1, Cell: func(r revisionRow) widget.Cell {
				images := make([]string, len(r.Item.Containers))
				for i, c := range r.Item.Containers {
					images[i] = c.Name + " " + shortImage(c.Image)
				}
				return widget.Cell{Text: names(images), Style: theme.Muted}
			}},
		},
		watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[backend.TaskDefinition]] {
			return watch.Revisions(ctx, env.Backend, family, o)
		},
		enter:     func(r revisionRow) tea.Cmd { return Do(Push{NewDescribe(env, r.Item.Ref(), r.Item.Document)}) },
		enterName: "describe",
		actions:   func(l *list[backend.TaskDefinition]) []Action { return revisionActions(env, l) },
		empty:     "Family " + family + " has no active revision.",
	})
}

func revisionActions(env *Env, l *list[backend.TaskDefinition]) []Action {
	return []Action{
		{
			Keys: []string{"r"}, Name: "run", Help: "run one task of this revision that belongs to no service", Group: groupChange, Footer: true,
			Disabled: unlessRow(l, env, backend.CanWrite),
			Confirm: func() widget.Question {
				return widget.Question{Title: "Run a task", Target: l.current().Ref() + " (cluster " + env.Cluster + ")", Verb: "run", Body: []string{"It runs until it ends by itself, or is stopped."}}
			},
			Run: func() tea.Cmd { return runTask(env, l.current()) },
		},
		{
			Keys: []string{"ctrl+d"}, Name: "deregister", Help: "make the revision inactive; tasks of it go on", Group: groupChange,
			Disabled: unlessRow(l, env, backend.CanWrite),
			Confirm: func() widget.Question {
				return widget.Question{Title: "Deregister", Target: l.current().Ref(), Verb: "deregister", Danger: true, Body: []string{"No new task can start from it, and nothing rolls back to it."}}
			},
			Run: func() tea.Cmd { return deregister(env, l.current()) },
		},
		copyAction(l, func(td backend.TaskDefinition) string { return td.ARN }),
	}
}

// runTask starts one and shows its log.
func runTask(env *Env, td backend.TaskDefinition) tea.Cmd {
	cluster := env.Cluster
	return call(env, func(ctx context.Context) ([]backend.Task, error) {
		return env.Backend.RunTask(ctx, backend.RunTaskRequest{Cluster: cluster, TaskDefinition: td.ARN, StartedBy: "ecs-tui"})
	}, func(tasks []backend.Task) tea.Msg { return Push{env.Make.Logs(env, LogTarget{Tasks: tasks})} })
}

func deregister(env *Env, td backend.TaskDefinition) tea.Cmd {
	return call(env, func(ctx context.Context) (backend.TaskDefinition, error) {
		return env.Backend.DeregisterTaskDefinition(ctx, td.ARN)
	}, func(backend.TaskDefinition) tea.Msg { return Say{theme.Steady, td.Ref() + " is inactive"} })
}

// NewFamilies lists the task definition families.
func NewFamilies(env *Env) Screen {
	type familyRow = listRow[string]
	return newList(env, listConfig[string]{
		crumb: "task definitions", one: "family", many: "families",
		columns: []widget.Column[familyRow]{
			{Title: "FAMILY", Min: 20, Flex: 1, Cell: func(r familyRow) widget.Cell { return widget.Cell{Text: r.Ref} }},
		},
		watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[string]] {
			return watch.List(ctx, watch.Source[string]{
				List:     env.Backend.ListFamilies,
				Describe: func(_ context.Context, refs []string) ([]string, error) { return refs, nil },
				Ref:      func(s string) string { return s }, Batch: 1000,
			}, o)
		},
		enter:     func(r familyRow) tea.Cmd { return Do(Push{NewRevisions(env, r.Ref)}) },
		enterName: "revisions",
		empty:     "No task definition is registered.",
	})
}
