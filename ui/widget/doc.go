package widget

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// Syntax is the language that a document is coloured for.
type Syntax int

// The languages.
const (
	PlainText Syntax = iota
	YAML
	JSON
)

// Doc shows a document to scroll and search in. Only the lines on screen are
// coloured.
type Doc struct {
	th     *theme.Theme
	syntax Syntax
	lines  []string
	styled bool // lines bring their own styles
	empty  string

	top, x  int
	w, h    int
	query   *matcher
	matches []int // lines that match
	hit     int   // index into matches, -1 for none
}

// NewDoc makes an empty viewer.
func NewDoc(th *theme.Theme) *Doc {
	return &Doc{th: th, h: 1, w: 80, hit: -1, empty: "Nothing to show."}
}

// SetText shows a document; the place in it stays where it can.
func (d *Doc) SetText(syntax Syntax, text string) {
	d.set(strings.Split(strings.TrimRight(strings.ReplaceAll(text, "\t", "  "), "\n"), "\n"), syntax, false)
	if text == "" {
		d.lines = nil
	}
}

// SetLines shows lines that are painted already.
func (d *Doc) SetLines(lines []string) { d.set(lines, PlainText, true) }

func (d *Doc) set(lines []string, syntax Syntax, styled bool) {
	d.lines, d.syntax, d.styled = lines, syntax, styled
	d.rematch()
	d.scrollTo(d.top)
}

// SetEmpty says what stands in the place of an empty document.
func (d *Doc) SetEmpty(text string) { d.empty = text }

// Text is the document as plain text.
func (d *Doc) Text() string { return stripSGR(strings.Join(d.lines, "\n")) }

// Len is how many lines there are.
func (d *Doc) Len() int { return len(d.lines) }

func (d *Doc) scrollTo(line int) { d.top = clamp(line, 0, max(0, len(d.lines)-d.h)) }

// Scroll moves by so many lines.
func (d *Doc) Scroll(by int) { d.scrollTo(d.top + by) }

// Key takes a key and says whether it was for the viewer.
func (d *Doc) Key(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "up", "k":
		d.Scroll(-1)
	case "down", "j":
		d.Scroll(1)
	case "pgup", "ctrl+b":
		d.Scroll(-d.h)
	case "pgdown", "ctrl+f", "space":
		d.Scroll(d.h)
	case "K", "shift+up", "ctrl+u":
		d.Scroll(-max(1, d.h/2))
	case "J", "shift+down":
		d.Scroll(max(1, d.h/2))
	case "g", "home":
		d.scrollTo(0)
	case "G", "end":
		d.scrollTo(len(d.lines))
	case "left", "h":
		d.x = max(0, d.x-8)
	case "right":
		d.x = min(d.x+8, max(0, d.longest()-d.w+4))
	case "n":
		d.Next()
	case "N":
		d.Prev()
	default:
		return false
	}
	return true
}

// longest is the width of the widest line on screen.
func (d *Doc) longest() int {
	n := 0
	for _, l := range d.lines[d.top:min(d.top+d.h, len(d.lines))] {
		n = max(n, Width(l))
	}
	return n
}

// Search marks what matches and goes to the first match from here on; "" ends
// it. err says what is wrong with a pattern that is then taken as plain text.
func (d *Doc) Search(pattern string) error {
	m, err := newMatcher(pattern)
	d.query, d.hit = m, -1
	d.rematch()
	for i, line := range d.matches {
		if line >= d.top {
			d.show(i)
			return err
		}
	}
	if len(d.matches) > 0 {
		d.show(0)
	}
	return err
}

func (d *Doc) rematch() {
	d.matches = nil
	if d.query == nil {
		return
	}
	for i, l := range d.lines {
		if d.query.find(stripSGR(l)) {
			d.matches = append(d.matches, i)
		}
	}
	d.hit = min(d.hit, len(d.matches)-1)
}

// Matches says how many lines match, and which of them is current, from 1.
func (d *Doc) Matches() (at, count int) { return d.hit + 1, len(d.matches) }

// Next goes to the next match, and from the last one to the first.
func (d *Doc) Next() { d.step(1) }

// Prev goes to the match before, and from the first one to the last.
func (d *Doc) Prev() { d.step(-1) }

func (d *Doc) step(by int) {
	if n := len(d.matches); n > 0 {
		d.show((d.hit + by + n) % n)
	}
}

func (d *Doc) show(match int) {
	d.hit = match
	if line := d.matches[match]; line < d.top || line >= d.top+d.h {
		d.scrollTo(line - d.h/2)
	}
}

// View draws the lines on screen.
func (d *Doc) View(w, h int) string {
	d.w, d.h = w, max(1, h)
	d.scrollTo(d.top)
	if len(d.lines) == 0 {
		return Fill(middle([]string{d.th.Paint(theme.Muted, d.empty)}, w, h), w, h)
	}
	out := make([]string, 0, h)
	for i := d.top; i < min(d.top+h, len(d.lines)); i++ {
		out = append(out, d.line(i, w))
	}
	if len(d.lines) > h && h > 0 {
		pos := " " + Count(min(d.top+h, len(d.lines))) + "/" + Count(len(d.lines)) + " "
		last := len(out) - 1
		if Width(out[last])+Width(pos) <= w {
			out[last] = Spread(out[last], d.th.Paint(theme.Faint, pos), w)
		}
	}
	return Fill(out, w, h)
}

func (d *Doc) line(i, w int) string {
	text := d.lines[i]
	if !d.styled {
		text = d.colour(text)
	}
	if d.query != nil {
		text = d.mark(text, i)
	}
	text = " " + text
	if d.x > 0 {
		text = " " + ansi.TruncateLeft(text, d.x+1, "")
	}
	return Cut(text, w)
}

func (d *Doc) mark(text string, line int) string {
	plain := stripSGR(text)
	tok := theme.Match
	if d.hit >= 0 && d.hit < len(d.matches) && d.matches[d.hit] == line {
		tok = theme.MatchCurrent
	}
	var ranges []lipgloss.Range
	for from := 0; from < len(plain) && len(ranges) < 64; {
		start, end, ok := d.query.next(plain, from)
		if !ok {
			break
		}
		left := Width(plain[:start])
		ranges = append(ranges, lipgloss.NewRange(left, left+Width(plain[start:end]), d.th.Style(tok)))
		from = end
	}
	if len(ranges) == 0 {
		return text
	}
	return lipgloss.StyleRanges(text, ranges...)
}

func (d *Doc) colour(line string) string {
	switch d.syntax {
	case YAML:
		return colourYAML(d.th, line)
	case JSON:
		return colourJSON(d.th, line)
	default:
		return line
	}
}
