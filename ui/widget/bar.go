package widget

import (
	"strings"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// Header is the top line: the program, then where it is, most important first,
// and counts at the right.
type Header struct {
	Name  string
	Parts []string // "staging", "aws 1234-5678-9012", …; the last are left out first
	Right string
}

// View draws the line, w cells wide.
func (h Header) View(th *theme.Theme, w int) string {
	sep := th.Paint(theme.Faint, " · ")
	left := " " + th.Paint(theme.HeaderStrong, h.Name)
	room := w - Width(h.Right) - 3
	for i, p := range h.Parts {
		if p == "" {
			continue
		}
		tok, join := theme.Header, sep
		if i == 0 {
			tok, join = theme.HeaderStrong, "   "
		}
		next := left + join + th.Paint(tok, p)
		if i > 0 && Width(next) > room {
			break
		}
		left = next
	}
	if h.Right == "" {
		return Cut(left, w)
	}
	return Spread(left, th.Paint(theme.Header, h.Right)+" ", w)
}

// Crumbs is the line under the header: the way here, and at the right how
// fresh it is.
type Crumbs struct {
	Path  []string
	Note  string // beside the path: "3 tasks · follow"
	Right string
}

// View draws the line, w cells wide. A path that is too long loses its middle.
func (c Crumbs) View(th *theme.Theme, w int) string {
	sep := th.Paint(theme.Faint, " "+th.Glyphs().Separator+" ")
	room := w - Width(c.Right) - 3
	path := c.Path
	for len(path) > 2 && Width(strings.Join(path, " › "))+1 > room {
		path = append([]string{"…"}, path[2:]...)
	}
	parts := make([]string, len(path))
	for i, p := range path {
		tok := theme.Crumb
		if i == len(path)-1 {
			tok = theme.CrumbLast
		}
		parts[i] = th.Paint(tok, p)
	}
	left := " " + strings.Join(parts, sep)
	if c.Note != "" {
		left += "   " + th.Paint(theme.Muted, c.Note)
	}
	if c.Right == "" {
		return Cut(left, w)
	}
	return Spread(left, th.Paint(theme.Faint, c.Right)+" ", w)
}

// Hint is one live key of the footer.
type Hint struct {
	Key, Label string
	Disabled   bool
}

// always is how many hints at the end of a footer stay, however narrow it gets:
// those for commands and help, by custom.
const always = 2

// Footer draws the live keys in one line of w cells, as many as fit whole; the
// last ones always stay.
func Footer(th *theme.Theme, hints []Hint, w int) string {
	if len(hints) == 0 || w < 4 {
		return ""
	}
	draw := func(h Hint) string {
		if h.Disabled {
			return th.Paint(theme.Faint, h.Key+" "+h.Label)
		}
		return th.Paint(theme.FooterKey, h.Key) + " " + th.Paint(theme.FooterLabel, h.Label)
	}
	cut := max(0, len(hints)-always)
	last := draw(hints[len(hints)-1])
	if cut < len(hints)-1 && w >= MinWidth {
		last = draw(hints[cut]) + "  " + last
	}
	room := w - 1 - Width(last)
	var b strings.Builder
	b.WriteByte(' ')
	for _, h := range hints[:cut] {
		need := Width(h.Key) + 1 + Width(h.Label) + 2
		if need > room {
			break
		}
		room -= need
		b.WriteString(draw(h))
		b.WriteString("  ")
	}
	b.WriteString(last)
	return Cut(b.String(), w)
}

// What the status line may take and needs.
const (
	maxStatus = 3  // lines, for what does not fit into one
	minStatus = 30 // cells; with fewer, what is at the right gives way
)

// Status draws the status line: a sign, what happened, and something at the
// right (a deploy that runs in the background, say). What does not fit is
// wrapped, since a failure ends with what to do about it.
func Status(th *theme.Theme, s theme.Status, text, right string, w int) []string {
	switch {
	case text == "" && right == "":
		return []string{""}
	case text == "":
		return []string{Spread("", right+" ", w)}
	}
	lead, tok := " ", theme.Muted
	if s != theme.None {
		lead, tok = " "+th.Mark(s)+" ", s.Token()
	}
	room := w - Width(lead) - 1
	if beside := room - Width(right) - 2; right != "" && (beside >= Width(text) || beside >= minStatus) {
		room = beside
	} else {
		right = ""
	}
	lines := Wrap(text, max(1, room))
	if len(lines) > maxStatus {
		lines = append(lines[:maxStatus-1], strings.Join(lines[maxStatus-1:], " "))
	}
	for i, l := range lines {
		lines[i] = lead + th.Paint(tok, Cut(l, max(1, room)))
		lead = spaces(Width(lead))
	}
	if right != "" {
		lines[0] = Spread(lines[0], right+" ", w)
	}
	return lines
}

// Banner draws a line that stands above a body: stale rows, a missing engine.
func Banner(th *theme.Theme, s theme.Status, text string, w int) string {
	return Cut(" "+th.Mark(s)+" "+th.Paint(s.Token(), text), w)
}

// Rule draws a line with a label in it: ── skipped 1,204 lines ──────
func Rule(th *theme.Theme, label string, w int) string {
	g := th.Glyphs().Rule
	if label == "" {
		return th.Paint(theme.Border, strings.Repeat(g, max(0, w)))
	}
	head := strings.Repeat(g, 2) + " "
	label = Cut(label, w-6)
	rest := w - Width(head) - Width(label) - 1
	return th.Paint(theme.Border, head) + th.Paint(theme.Muted, label) + th.Paint(theme.Border, " "+strings.Repeat(g, max(0, rest)))
}

// Section draws the heading of a part of a screen.
func Section(th *theme.Theme, title string, w int) string {
	return Cut(th.Paint(theme.Title, title), w)
}
