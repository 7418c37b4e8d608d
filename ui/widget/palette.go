package widget

import (
	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// Palette is a list to type into: every screen and every live action by name,
// with its key beside it. What can't be done now is grey, with the reason.
type Palette struct {
	picker
	title string
	input *Input
	rows  int
}

// NewPalette makes a palette over items; they may change later ([Palette.SetItems]).
func NewPalette(th *theme.Theme, title string, items []Item) *Palette {
	p := &Palette{picker: picker{th: th}, title: title, input: NewInput(th, ":", "type to find"), rows: 10}
	p.set(items)
	return p
}

// SetItems replaces the items; the cursor stays on its item.
func (p *Palette) SetItems(items []Item) { p.set(items) }

// Query is what was typed, for commands such as ":q" that are no item.
func (p *Palette) Query() string { return p.input.Value() }

// Chosen is the item under the cursor. Enter on a disabled item does nothing.
func (p *Palette) Chosen() (Item, bool) { return p.current() }

// Update takes a key. Enter accepts the item under the cursor, or, when nothing
// matches, the text as it was typed.
func (p *Palette) Update(msg tea.Msg) (tea.Cmd, Result) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		if p.navigate(k, p.rows) {
			return nil, Open
		}
		if k.String() == "enter" {
			if it, ok := p.current(); ok && it.Disabled != "" {
				return nil, Open
			}
			return nil, Accepted
		}
		if k.String() == "backspace" && p.input.Value() == "" {
			return nil, Dismissed
		}
	}
	cmd, res := p.input.Update(msg)
	p.filter(p.input.Value())
	return cmd, res
}

// Box draws the palette within w×h.
func (p *Palette) Box(w, h int) []string {
	bw := clamp(w-8, 1, 84)
	p.rows = clamp(h-10, 3, 14)
	lines := []string{p.input.Line(Plural(len(p.shown), "entry", "entries"), bw-4), ""}
	list := p.lines(bw-4, p.rows, false)
	for len(list) < p.rows {
		list = append(list, "") // the box does not jump while typing
	}
	lines = append(append(lines, list...), "")
	lines = append(lines, p.about(bw-4)...)
	return frame(p.th, p.title, false, lines[:min(len(lines), max(1, h-2))], bw)
}

// View draws the palette alone on w×h.
func (p *Palette) View(w, h int) string { return modalView(p, w, h) }
