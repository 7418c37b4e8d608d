package widget

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// Question is what a [Confirm] asks.
type Question struct {
	Title  string   // "Stop task"
	Target string   // what it is done to, in full; never shortened
	Body   []string // what will happen, a paragraph each
	Verb   string   // on the button: "stop"
	Danger bool     // starts on No
	Typed  string   // must be typed before Yes works, "" for no typing
}

// Confirm asks before something is changed. It names its target in full.
type Confirm struct {
	th    *theme.Theme
	q     Question
	yes   bool // where the focus is
	input *Input
	text  window
}

// NewConfirm makes the dialog.
func NewConfirm(th *theme.Theme, q Question) *Confirm {
	if q.Verb == "" {
		q.Verb = "yes"
	}
	c := &Confirm{th: th, q: q, yes: !q.Danger}
	if q.Typed != "" {
		c.input = NewInput(th, "name", "")
	}
	return c
}

// Question is what was asked.
func (c *Confirm) Question() Question { return c.q }

// Update takes a key: y and n answer, enter takes the button in focus, tab and
// the arrows to the sides move it, those up and down and the wheel scroll what is
// longer than the screen, esc dismisses. With a name to type, only enter answers,
// and only when the name is right.
func (c *Confirm) Update(msg tea.Msg) (tea.Cmd, Result) {
	if c.text.scroll(msg, c.input == nil) {
		return nil, Open
	}
	if c.input != nil {
		cmd, res := c.input.Update(msg)
		if res == Accepted && c.input.Value() != c.q.Typed {
			return cmd, Open
		}
		return cmd, res
	}
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil, Open
	}
	switch k.String() {
	case "y", "Y":
		return nil, Accepted
	case "n", "N", "esc", "q":
		return nil, Dismissed
	case "left", "right", "h", "l", "tab", "shift+tab":
		c.yes = !c.yes
	case "enter", "space":
		if c.yes {
			return nil, Accepted
		}
		return nil, Dismissed
	}
	return nil, Open
}

// Box draws the dialog within w×h.
func (c *Confirm) Box(w, h int) []string {
	inner := clamp(w-8, 1, 72)
	var lines []string
	add := func(tok theme.Token, text string) {
		for _, l := range Wrap(text, inner) {
			lines = append(lines, c.th.Paint(tok, l))
		}
	}
	if c.q.Target != "" {
		add(theme.Strong, c.q.Target)
		lines = append(lines, "")
	}
	for _, p := range c.q.Body {
		add(theme.Text, p)
	}
	if len(c.q.Body) > 0 {
		lines = append(lines, "")
	}
	foot := c.foot(inner)
	width := frameWidth(c.q.Title, append(slices.Clone(lines), foot...), 44, min(w, inner+4))
	lines = append(c.text.cut(c.th, lines, h-2-len(foot)), foot...) // the answer always stays in sight
	return frame(c.th, c.q.Title, c.q.Danger, lines, width)
}

func (c *Confirm) foot(w int) []string {
	if c.input != nil {
		note := "enter " + c.q.Verb
		tok := theme.FooterLabel
		if c.input.Value() != c.q.Typed {
			note, tok = "type it to go on", theme.Faint
		}
		return []string{
			c.th.Paint(theme.Muted, "Type ") + c.th.Paint(theme.Strong, c.q.Typed) + c.th.Paint(theme.Muted, " to confirm:"),
			c.input.Line("", w),
			"",
			c.th.Paint(tok, note) + c.th.Paint(theme.Muted, "   esc cancel"),
		}
	}
	button := func(key, label string, focus bool, tok theme.Token) string {
		if focus {
			return c.th.Paint(tok, "▸ ["+key+"] "+label)
		}
		return "  " + c.th.Paint(theme.FooterKey, "["+key+"]") + " " + c.th.Paint(theme.FooterLabel, label)
	}
	tok := theme.CrumbLast
	if c.q.Danger {
		tok = theme.Danger
	}
	return []string{button("y", c.q.Verb, c.yes, tok) + "    " + button("n", "cancel", !c.yes, theme.CrumbLast)}
}

// View draws the dialog alone on w×h.
func (c *Confirm) View(w, h int) string { return modalView(c, w, h) }
