package widget

import (
	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// Choose asks for one of a few things: a container, a revision, a cluster.
type Choose struct {
	picker
	title string
	body  []string
	rows  int
}

// NewChoose makes the dialog; body are paragraphs over the list.
func NewChoose(th *theme.Theme, title string, body []string, items []Item) *Choose {
	c := &Choose{picker: picker{th: th}, title: title, body: body, rows: 10}
	c.set(items)
	return c
}

// Select puts the cursor on an item.
func (c *Choose) Select(id string) {
	for i, m := range c.shown {
		if c.items[m.Index].ID == id {
			c.cursor = i
		}
	}
}

// Chosen is the item under the cursor.
func (c *Choose) Chosen() (Item, bool) { return c.current() }

// Update takes a key: arrows, j, k, g and G move, a digit or enter chooses.
func (c *Choose) Update(msg tea.Msg) (tea.Cmd, Result) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok || c.navigate(k, c.rows) {
		return nil, Open
	}
	switch s := k.String(); s {
	case "j":
		c.move(1)
	case "k":
		c.move(-1)
	case "g":
		c.move(-len(c.shown))
	case "G":
		c.move(len(c.shown))
	case "esc", "q":
		return nil, Dismissed
	case "enter", "space":
		return nil, c.accept()
	default:
		if len(s) == 1 && s[0] >= '1' && s[0] <= '9' && int(s[0]-'1') < len(c.shown) {
			c.cursor = int(s[0] - '1')
			return nil, c.accept()
		}
	}
	return nil, Open
}

func (c *Choose) accept() Result {
	if it, ok := c.current(); !ok || it.Disabled != "" {
		return Open
	}
	return Accepted
}

// Box draws the dialog within w×h.
func (c *Choose) Box(w, h int) []string {
	inner := clamp(w-8, 1, 76)
	var lines []string
	for _, p := range c.body {
		lines = append(lines, Wrap(p, inner)...)
		lines = append(lines, "")
	}
	if room := h - 6; len(lines) > room {
		lines = lines[:max(0, room)]
	}
	c.rows = clamp(h-5-len(lines), 1, 16)
	lines = append(lines, c.lines(inner, c.rows, false)...)
	lines = append(lines, "", Footer(c.th, []Hint{{Key: "enter", Label: "choose"}, {Key: "esc", Label: "cancel"}}, inner))
	return frame(c.th, c.title, false, lines, inner+4)
}

// View draws the dialog alone on w×h.
func (c *Choose) View(w, h int) string { return modalView(c, w, h) }
