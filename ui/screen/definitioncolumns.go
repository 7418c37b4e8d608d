package screen

import (
	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// definition is a revision as columns see it; known says whether it was read.
type definition struct {
	backend.TaskDefinition
	known bool
}

// definitionColumn makes a column of revisions fit rows that have one.
func definitionColumn[T any](c widget.Column[definition], of func(T) definition) widget.Column[T] {
	out := widget.Column[T]{
		Title: c.Title, Min: c.Min, Max: c.Max, Flex: c.Flex, Align: c.Align, Priority: c.Priority,
		Cell: func(r T) widget.Cell {
			d := of(r)
			if !d.known {
				return widget.Cell{}
			}
			return c.Cell(d)
		},
	}
	if c.Less != nil {
		out.Less = func(a, b T) bool { return c.Less(of(a), of(b)) }
	}
	return out
}

func registeredColumn(env *Env) widget.Column[definition] {
	return widget.Column[definition]{
		Title: "REGISTERED", Min: 11, Align: widget.Right, Priority: 1,
		Cell: func(d definition) widget.Cell {
			if d.RegisteredAt.IsZero() {
				return widget.Cell{Text: "–", Style: theme.Faint}
			}
			return widget.Cell{Text: widget.Ago(env.Clock.Now(), d.RegisteredAt), Style: theme.Muted}
		},
		Less: func(a, b definition) bool { return a.RegisteredAt.After(b.RegisteredAt) },
	}
}

func cpuColumn() widget.Column[definition] {
	return widget.Column[definition]{
		Title: "CPU", Min: 5, Align: widget.Right, Priority: 3,
		Cell: func(d definition) widget.Cell { return widget.Cell{Text: d.CPU} },
	}
}

func memoryColumn() widget.Column[definition] {
	return widget.Column[definition]{
		Title: "MEM", Min: 5, Align: widget.Right, Priority: 3,
		Cell: func(d definition) widget.Cell { return widget.Cell{Text: d.Memory} },
	}
}

func imagesColumn() widget.Column[definition] {
	return widget.Column[definition]{
		Title: "IMAGES", Min: 16, Flex: 3, Priority: 2,
		Cell: func(d definition) widget.Cell {
			images := make([]string, len(d.Containers))
			for i, c := range d.Containers {
				images[i] = c.Name + " " + shortImage(c.Image)
			}
			return widget.Cell{Text: names(images), Style: theme.Muted}
		},
	}
}

// describeDefinition shows a revision's whole document.
func describeDefinition(env *Env, ref string) tea.Cmd {
	return Do(Push{NewDescribe(env, backend.ShortName(ref), nil, revisionReader(env, ref))})
}
