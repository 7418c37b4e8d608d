package screen

import (
	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// RevisionDiff shows what is different between two revisions, field by field.
// Values of secrets never show: where they come from does.
type RevisionDiff struct {
	env      *Env
	from, to backend.TaskDefinition
	changes  []widget.Change
	view     *widget.Doc
	width    int // that the lines were made for
}

var _ Screen = (*RevisionDiff)(nil)

// NewRevisionDiff makes the screen.
func NewRevisionDiff(env *Env, from, to backend.TaskDefinition) *RevisionDiff {
	d := &RevisionDiff{env: env, view: widget.NewDoc(env.Theme)}
	d.compare(from, to)
	return d
}

func (d *RevisionDiff) compare(from, to backend.TaskDefinition) {
	d.from, d.to, d.changes, d.width = from, to, nil, 0
	for _, c := range deploy.CompareDefinitions(from, to) {
		d.changes = append(d.changes, widget.Change{Path: c.Path, Old: c.Old, New: c.New})
	}
	d.view.SetEmpty(from.Ref() + " and " + to.Ref() + " say the same.")
}

// Crumb names both.
func (d *RevisionDiff) Crumb() string { return d.from.Ref() + " → " + d.to.Ref() }

// Init does nothing: both were read with the list.
func (d *RevisionDiff) Init() tea.Cmd { return nil }

// Close does nothing.
func (d *RevisionDiff) Close() {}

// Update scrolls.
func (d *RevisionDiff) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		d.view.Key(msg)
	case tea.MouseWheelMsg:
		d.view.Scroll(wheel(msg) * wheelLines)
	}
	return nil
}

// View draws the differences.
func (d *RevisionDiff) View(w, h int) string {
	if w != d.width {
		d.width = w
		if len(d.changes) > 0 {
			d.view.SetLines(append([]string{""}, widget.ChangeLines(d.env.Theme, d.changes, w)...))
		} else {
			d.view.SetText(widget.PlainText, "")
		}
	}
	return d.view.View(w, h)
}

// Count says how many fields differ.
func (d *RevisionDiff) Count() string {
	return widget.Plural(len(d.changes), "difference", "differences")
}

// Actions turn the comparison round, show either, and copy it.
func (d *RevisionDiff) Actions() []Action {
	show := func(key string, td backend.TaskDefinition) Action {
		return Action{
			Keys: []string{key}, Name: "describe " + td.Ref(), Help: "the whole of it, as ECS has it", Group: groupGo, Footer: true,
			Run: func() tea.Cmd { return describeRevision(d.env, td) },
		}
	}
	return []Action{
		{Keys: []string{"c"}, Name: "turn round", Help: "what goes back from the one to the other", Group: groupView, Footer: true, Run: func() tea.Cmd {
			d.compare(d.to, d.from)
			return nil
		}},
		show("1", d.from),
		show("2", d.to),
		{Keys: []string{"y"}, Name: "copy", Help: "the differences into the clipboard", Group: groupView, Footer: true, Run: func() tea.Cmd {
			return tea.Batch(tea.SetClipboard(d.view.Text()), note(theme.Steady, "copied the differences"))
		}},
	}
}
