package widget

import (
	"strings"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// Change is one thing that will be different. Old is "" where something new
// comes, New where something goes.
type Change struct {
	Group    string // "task definition"; a heading before its first change
	Path     string // "containerDefinitions[0].memory"
	Old, New string
}

// ChangeLines draws a list of changes, w cells wide: a sign, the path, old and
// new. Values that don't fit beside each other stand under each other.
func ChangeLines(th *theme.Theme, changes []Change, w int) []string {
	pathw := 0
	for _, c := range changes {
		pathw = max(pathw, Width(c.Path))
	}
	pathw = min(pathw, max(16, w/2))
	var lines []string
	for i, c := range changes {
		if c.Group != "" && (i == 0 || changes[i-1].Group != c.Group) {
			if i > 0 {
				lines = append(lines, "")
			}
			lines = append(lines, th.Paint(theme.Muted, " "+c.Group))
		}
		lines = append(lines, changeLines(th, c, pathw, w)...)
	}
	return lines
}

func changeLines(th *theme.Theme, c Change, pathw, w int) []string {
	sign, tok := "~", theme.Changed
	switch {
	case c.Old == "" && c.New != "":
		sign, tok = "+", theme.Added
	case c.New == "" && c.Old != "":
		sign, tok = "-", theme.Removed
	}
	head := "  " + th.Paint(tok, sign) + " " + th.Paint(theme.Text, Pad(CutStart(c.Path, pathw), pathw)) + "  "
	room := w - pathw - 6
	arrow := " → "
	if th.ASCII() {
		arrow = " -> "
	}
	short := !strings.ContainsAny(c.Old+c.New, "\n")
	switch {
	case c.Old == "" && short && Width(c.New) <= room:
		return []string{head + th.Paint(theme.Added, c.New)}
	case c.New == "" && short && Width(c.Old) <= room:
		return []string{head + th.Paint(theme.Removed, c.Old)}
	case short && Width(c.Old)+Width(arrow)+Width(c.New) <= room:
		return []string{head + th.Paint(theme.Removed, c.Old) + th.Paint(theme.Muted, arrow) + th.Paint(theme.Added, c.New)}
	}
	lines := []string{"  " + th.Paint(tok, sign) + " " + th.Paint(theme.Text, Cut(c.Path, max(1, w-4)))}
	put := func(mark, text string, tok theme.Token) {
		if text == "" {
			return
		}
		for _, l := range Wrap(text, max(8, w-8)) {
			lines = append(lines, "      "+th.Paint(tok, mark+" "+l))
		}
	}
	put("-", c.Old, theme.Removed)
	put("+", c.New, theme.Added)
	return lines
}

// UnifiedLines paints a unified diff.
func UnifiedLines(th *theme.Theme, diff string) []string {
	lines := strings.Split(strings.TrimRight(diff, "\n"), "\n")
	for i, l := range lines {
		switch {
		case strings.HasPrefix(l, "+++"), strings.HasPrefix(l, "---"):
			lines[i] = th.Paint(theme.Muted, l)
		case strings.HasPrefix(l, "@@"):
			lines[i] = th.Paint(theme.Accent, l)
		case strings.HasPrefix(l, "+"):
			lines[i] = th.Paint(theme.Added, l)
		case strings.HasPrefix(l, "-"):
			lines[i] = th.Paint(theme.Removed, l)
		}
	}
	return lines
}
