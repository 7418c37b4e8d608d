package widget

import (
	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// Help is the list of the live bindings, in groups, searchable; enter gives
// back the chosen one, so that the help also does what it explains.
type Help struct {
	picker
	title string
	input *Input
	rows  int
}

// NewHelp makes the help of a screen.
func NewHelp(th *theme.Theme, title string, items []Item) *Help {
	h := &Help{picker: picker{th: th}, title: title, input: NewInput(th, "/", "type to find a key or an action"), rows: 10}
	h.set(items)
	return h
}

// Chosen is the binding under the cursor.
func (h *Help) Chosen() (Item, bool) { return h.current() }

// Update takes a key; ? closes the help as it opened it.
func (h *Help) Update(msg tea.Msg) (tea.Cmd, Result) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch {
		case h.navigate(k, h.rows):
			return nil, Open
		case k.String() == "?" && h.input.Value() == "":
			return nil, Dismissed
		case k.String() == "enter":
			if it, ok := h.current(); !ok || it.Disabled != "" {
				return nil, Open
			}
			return nil, Accepted
		case k.String() == "esc" && h.input.Value() != "":
			h.input.Reset()
			h.filter("")
			return nil, Open
		}
	}
	cmd, res := h.input.Update(msg)
	h.filter(h.input.Value())
	return cmd, res
}

// Box draws the help within w×h.
func (h *Help) Box(w, height int) []string {
	bw := clamp(w-8, 1, 92)
	h.rows = max(1, height-9)
	lines := []string{h.input.Line("enter runs it", bw-4), ""}
	lines = append(append(lines, h.lines(bw-4, h.rows, true)...), "")
	lines = append(lines, h.about(bw-4)...)
	return frame(h.th, h.title, false, lines[:min(len(lines), max(1, height-2))], bw)
}

// View draws the help alone on w×h.
func (h *Help) View(w, height int) string { return modalView(h, w, height) }
