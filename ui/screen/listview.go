package screen

import (
	"strings"

	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// View draws the list: its rows, over them since when they are old, and under
// them what the row under the cursor has no room for.
func (l *list[T]) View(w, h int) string {
	head := l.banner(w)
	l.head = len(head)
	body := l.body(w, h-len(head))
	l.publishVisible()
	for _, line := range head {
		body = line + "\n" + body
	}
	return body
}

// banner says that the rows are old, and why.
func (l *list[T]) banner(w int) []string {
	if l.snap.Err == nil || !l.table.Loaded() {
		return nil
	}
	text := oneLine(l.snap.Err)
	if !l.snap.At.IsZero() {
		text = "from " + widget.Ago(l.env.Clock.Now(), l.snap.At) + " · " + text
	}
	return []string{widget.Banner(l.env.Theme, theme.Warning, text, w)}
}

func (l *list[T]) body(w, h int) string {
	switch {
	case l.table.Loaded():
		foot := l.foot(w, h)
		return strings.Join(append([]string{l.table.View(w, h-len(foot))}, foot...), "\n")
	case l.snap.Err != nil:
		return failurePage(l.env.Theme, l.snap.Err, "it is tried again by itself; ctrl+r tries now", w, h)
	default:
		return message(l.env.Theme, "reading "+l.cfg.many+" …", "", w, h)
	}
}

// footLines is how many lines of the row under the cursor are told in full,
// and footFrom in how high a list.
const (
	footLines = 3
	footFrom  = 12
)

// foot tells of the row under the cursor what its columns have no room for.
func (l *list[T]) foot(w, h int) []string {
	if l.cfg.detail == nil || h < footFrom || l.table.Len() == 0 {
		return nil
	}
	text := ""
	if r, ok := l.table.Cursor(); ok && r.Loaded {
		text = l.cfg.detail(r.Item)
	}
	return footOf(l.env.Theme, text, w)
}

// footOf tells something in full under a table.
func footOf(th *theme.Theme, text string, w int) []string {
	foot := make([]string, footLines)
	lines := widget.Wrap(text, w-3)
	if len(lines) > footLines {
		lines = lines[:footLines]
		lines[footLines-1] += th.Glyphs().Ellipsis
	}
	for i, line := range lines {
		foot[i] = widget.Cut("  "+th.Paint(theme.Muted, line), w)
	}
	return append([]string{widget.Rule(th, "", w)}, foot...)
}

// Capturing says whether the filter is being typed.
func (l *list[T]) Capturing() bool { return l.filtering }

// InputLine is the filter's line.
func (l *list[T]) InputLine(w int) string {
	return l.input.Line(widget.Plural(l.table.Len(), "match", "matches"), w)
}

// Escape clears the filter, then the selection.
func (l *list[T]) Escape() bool {
	switch {
	case l.table.FilterText() != "":
		l.input.Reset()
		l.table.Filter("")
	case l.table.SelectedCount() > 0:
		l.table.ClearSelection()
	default:
		return false
	}
	return true
}

// Note says which filter is on, and how many rows are selected.
func (l *list[T]) Note() (beside, right string) {
	if f := l.table.FilterText(); f != "" && !l.filtering {
		beside = "filter: " + f
	}
	if n := l.table.SelectedCount(); n > 0 {
		right = widget.Count(n) + " selected"
	} else if at := l.readAt.Load(); at > 0 && l.snap.Err == nil {
		right = refreshedAt(l.env, at)
	}
	return beside, right
}

// Count is the number of rows, for the header.
func (l *list[T]) Count() string {
	if !l.table.Loaded() {
		return ""
	}
	if l.cfg.count != nil {
		return l.total
	}
	if l.snap.Partial {
		return widget.Count(l.table.Len()) + "+ " + l.cfg.many + l.total
	}
	return widget.Plural(l.table.Len(), l.cfg.one, l.cfg.many) + l.total
}
