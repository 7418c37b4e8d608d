package widget

import (
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// frame draws a rounded border around lines, w cells wide with the border, the
// title in its upper edge.
func frame(th *theme.Theme, title string, danger bool, lines []string, w int) []string {
	if w < 6 {
		return lines
	}
	b := lipgloss.RoundedBorder()
	if th.ASCII() {
		b = lipgloss.ASCIIBorder()
	}
	edge, head := theme.Border, theme.Title
	if danger {
		edge, head = theme.Bad, theme.Danger
	}
	inner := w - 4
	title = Cut(title, inner-2)
	top := th.Paint(edge, b.TopLeft+b.Top)
	rest := w - 3
	if title != "" {
		top += " " + th.Paint(head, title) + " "
		rest -= Width(title) + 2
	}
	out := []string{top + th.Paint(edge, strings.Repeat(b.Top, max(0, rest))+b.TopRight)}
	left, right := th.Paint(edge, b.Left)+" ", " "+th.Paint(edge, b.Right)
	for _, l := range lines {
		out = append(out, left+Pad(l, inner)+right)
	}
	return append(out, th.Paint(edge, b.BottomLeft+strings.Repeat(b.Bottom, w-2)+b.BottomRight))
}

// frameWidth is how wide a box around lines should be on a screen of w cells.
func frameWidth(title string, lines []string, least, w int) int {
	n := Width(title) + 2
	for _, l := range lines {
		n = max(n, Width(l))
	}
	return clamp(n+4, min(least, w), max(1, w))
}

// modalView draws a modal alone in the middle of w×h.
func modalView(m Modal, w, h int) string {
	return Overlay("", m.Box(w, h), w, h)
}
