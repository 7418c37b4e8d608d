package widget

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// window shows a part of a text that is longer than its room, and scrolls it.
type window struct {
	top, most int // the first line that is shown, and the last that can be
	page      int // lines shown at once
}

// scroll takes the keys and the wheel that move it. letters says whether j and k
// do so too: they are text where something is typed.
func (w *window) scroll(msg tea.Msg, letters bool) bool {
	by := 0
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		by = map[tea.MouseButton]int{tea.MouseWheelUp: -1, tea.MouseWheelDown: 1}[msg.Button]
	case tea.KeyPressMsg:
		key := msg.String()
		by = map[string]int{"up": -1, "down": 1, "pgup": -w.page, "pgdown": w.page}[key]
		if letters && by == 0 {
			by = map[string]int{"k": -1, "j": 1}[key]
		}
	}
	w.top = clamp(w.top+by, 0, w.most)
	return by != 0
}

// cut gives the lines that there is room for. Where that is not all of them, the
// last but one says which they are.
func (w *window) cut(th *theme.Theme, lines []string, room int) []string {
	if len(lines) <= room {
		*w = window{}
		return lines
	}
	w.page = room - 2
	if w.page < 1 {
		return lines[:max(0, room)]
	}
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	w.most = max(0, len(lines)-w.page)
	w.top = clamp(w.top, 0, w.most)
	at := fmt.Sprintf("lines %d to %d of %d  ", w.top+1, w.top+w.page, len(lines))
	g := th.Glyphs()
	out := append([]string{}, lines[w.top:w.top+w.page]...)
	return append(out, th.Paint(theme.Muted, at)+th.Paint(theme.FooterKey, g.Less+" "+g.More)+th.Paint(theme.Muted, " scroll"), "")
}
