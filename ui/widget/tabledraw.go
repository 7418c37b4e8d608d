package widget

import (
	"strings"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

const (
	tableGutter = 3 // selected sign, cursor bar, space
	tableGap    = 2
	leastFlex   = 12 // cells that a flexible column keeps, where its Min says no more
)

// tableLayout is the widths of the columns for a width of the table; 0 is not
// shown.
type tableLayout struct {
	w      int
	widths []int
	seen   []int // the natural widths it was made for
}

func (l tableLayout) shows(i int) bool { return len(l.widths) == 0 || l.widths[i] > 0 }

// render makes the cells of the rows on screen, up to the given one.
func (t *Table[T]) render(to int) {
	t.cells = t.cells[:0]
	for _, i := range t.order[t.top:max(t.top, to)] {
		for _, c := range t.cols {
			if c.Hidden {
				t.cells = append(t.cells, Cell{})
				continue
			}
			t.cells = append(t.cells, c.Cell(t.rows[i]))
		}
	}
}

// measure widens columns to the cells that are on screen. Widths never shrink
// while rows are there, so that scrolling does not make columns jump.
func (t *Table[T]) measure() {
	for c, col := range t.cols {
		n := max(t.widths[c], Width(col.Title), col.Min)
		if col.Less != nil {
			n = max(n, Width(col.Title)+1) // room for the sort sign
		}
		for i := c; i < len(t.cells); i += len(t.cols) {
			cw := Width(t.cells[i].Text)
			if t.cells[i].Status != theme.None {
				cw += 2
			}
			n = max(n, cw)
		}
		if col.Max > 0 {
			n = min(n, max(col.Max, col.Min))
		}
		t.widths[c] = n
	}
}

// columnsFor divides w cells. When they don't suffice, flexible columns shrink
// to their least; then columns go, the highest priority first; then whatever is
// left is squeezed.
func (t *Table[T]) columnsFor(w int) tableLayout {
	if t.layout.w == w && equalInts(t.layout.seen, t.widths) {
		return t.layout
	}
	widths := make([]int, len(t.cols))
	for i, c := range t.cols {
		if !c.Hidden {
			widths[i] = t.widths[i]
		}
	}
	room := w - tableGutter
	for t.shrink(widths, room) < 0 {
		if !t.dropColumn(widths) {
			squeeze(widths, room)
			break
		}
	}
	t.grow(widths, room)
	t.layout = tableLayout{w: w, widths: widths, seen: append([]int(nil), t.widths...)}
	return t.layout
}

// left is the room that the columns leave over; below 0 they need more.
func left(widths []int, room int) int {
	n := -tableGap
	for _, w := range widths {
		if w > 0 {
			n += w + tableGap
		}
	}
	return room - n
}

// shrink takes from flexible columns what is missing, and gives back what is
// still missing (below 0) or left.
func (t *Table[T]) shrink(widths []int, room int) int {
	missing := left(widths, room)
	if missing >= 0 {
		return missing
	}
	can := 0
	for i, c := range t.cols {
		if c.Flex > 0 && widths[i] > 0 {
			can += widths[i] - t.least(i)
		}
	}
	if can < -missing {
		return missing + can
	}
	for missing < 0 { // a cell at a time from the widest, so that they end alike
		widest := -1
		for i, c := range t.cols {
			if c.Flex > 0 && widths[i] > t.least(i) && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		widths[widest]--
		missing++
	}
	return 0
}

func (t *Table[T]) least(i int) int {
	return min(t.widths[i], max(t.cols[i].Min, Width(t.cols[i].Title), leastFlex))
}

func (t *Table[T]) dropColumn(widths []int) bool {
	worst := -1
	for i, c := range t.cols {
		if widths[i] > 0 && c.Priority > 0 && (worst < 0 || c.Priority >= t.cols[worst].Priority) {
			worst = i
		}
	}
	if worst < 0 {
		return false
	}
	widths[worst] = 0
	return true
}

// squeeze is for terminals below every design: the widest gives, and the last
// ones go when there is not a cell for each.
func squeeze(widths []int, room int) {
	for left(widths, room) < 0 {
		widest, last := -1, -1
		for i, w := range widths {
			if w > 0 {
				last = i
			}
			if w > 3 && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		switch {
		case widest >= 0:
			widths[widest]--
		case last > 0:
			widths[last] = 0
		default:
			return
		}
	}
}

// grow gives the flexible columns what is left over, by their shares.
func (t *Table[T]) grow(widths []int, room int) {
	extra, shares := left(widths, room), 0
	for i, c := range t.cols {
		if widths[i] > 0 {
			shares += c.Flex
		}
	}
	if extra <= 0 || shares == 0 {
		return
	}
	for i, c := range t.cols {
		if widths[i] == 0 || c.Flex == 0 {
			continue
		}
		n := widths[i] + extra*c.Flex/shares
		if c.Max > 0 {
			n = min(n, max(c.Max, widths[i]))
		}
		widths[i] = n
	}
}

func equalInts(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// header draws the titles, and at the right where in the list the rows are.
func (t *Table[T]) header(l tableLayout, w int) string {
	var b strings.Builder
	b.WriteString(spaces(tableGutter))
	g := t.th.Glyphs()
	first := true
	for i, c := range t.cols {
		if l.widths[i] == 0 {
			continue
		}
		if !first {
			b.WriteString(spaces(tableGap))
		}
		first = false
		title, tok := c.Title, theme.TableHeader
		if i == t.sortBy {
			tok = theme.SortedHeader
			if t.sortDown {
				title += g.SortDown
			} else {
				title += g.SortUp
			}
		}
		title = Cut(title, l.widths[i])
		pad := spaces(l.widths[i] - Width(title))
		if c.Align == Right {
			b.WriteString(pad)
		}
		t.th.Write(&b, tok, title, false)
		if c.Align == Left {
			b.WriteString(pad)
		}
	}
	return t.withPosition(strings.TrimRight(b.String(), " "), w)
}

// withPosition puts at the end of the header what part of the list is on screen,
// as much of it as has room beside the titles. A filter always shows: what it
// leaves out must not be missed.
func (t *Table[T]) withPosition(line string, w int) string {
	said := ""
	add := func(s string, always bool) {
		if said != "" {
			s = said + " · " + s
		}
		if always || Width(line)+2+Width(s) <= w {
			said = s
		}
	}
	if t.filter.on() {
		add(Count(len(t.order))+" of "+Count(len(t.rows))+" match", true)
	}
	if n := len(t.selected); n > 0 {
		add(Count(n)+" selected", said == "")
	}
	if len(t.order) > t.height {
		add(Count(t.cursor+1)+"/"+Count(len(t.order))+" "+t.hidden(), false)
	}
	if said == "" {
		return line
	}
	return Spread(line, t.th.Paint(theme.Faint, said)+" ", w)
}

// hidden are signs for the sides on which there are more rows.
func (t *Table[T]) hidden() string {
	g := t.th.Glyphs()
	switch {
	case t.top == 0:
		return g.More
	case t.top+t.height >= len(t.order):
		return g.Less
	default:
		return g.Less + g.More
	}
}

// row draws the i-th row of the order.
func (t *Table[T]) row(b *strings.Builder, l tableLayout, i int, cells []Cell, w int) {
	on := i == t.cursor
	marked := len(t.selected) > 0 && t.selected[t.id(t.rows[t.order[i]])]
	g := t.th.Glyphs()
	if marked {
		t.th.Write(b, theme.Marked, g.Selected, on)
	} else {
		b.WriteByte(' ')
	}
	if on {
		t.th.Write(b, theme.CursorBar, g.CursorBar, false)
		t.th.Write(b, theme.Text, " ", true)
	} else {
		b.WriteString("  ")
	}
	used := tableGutter
	first := true
	for c, col := range t.cols {
		cw := l.widths[c]
		if cw == 0 {
			continue
		}
		if !first {
			t.th.Write(b, theme.Text, spaces(tableGap), on)
			used += tableGap
		}
		first = false
		t.cell(b, cells[c], col.Align, cw, on, marked)
		used += cw
	}
	if on {
		t.th.Write(b, theme.Text, spaces(w-used), true)
	}
}

func (t *Table[T]) cell(b *strings.Builder, c Cell, align Align, w int, on, marked bool) {
	tok := c.Style
	if marked && tok == theme.Text {
		tok = theme.Strong
	}
	if c.Status != theme.None && w > 2 {
		t.th.Write(b, c.Status.Token(), t.th.Sign(c.Status), on)
		t.th.Write(b, theme.Text, " ", on)
		w -= 2
	}
	text := Cut(c.Text, w)
	pad := spaces(w - Width(text))
	if align == Right {
		t.th.Write(b, theme.Text, pad, on)
	}
	t.found(b, text, tok, on)
	if align == Left {
		t.th.Write(b, theme.Text, pad, on)
	}
}

// found draws a cell's text with what the filter found in it marked.
func (t *Table[T]) found(b *strings.Builder, text string, tok theme.Token, on bool) {
	if len(t.filter.want) == 0 {
		t.th.Write(b, tok, text, on)
		return
	}
	lower := strings.ToLower(text)
	if len(lower) != len(text) { // folding changed the bytes: leave it unmarked
		t.th.Write(b, tok, text, on)
		return
	}
	for pos := 0; pos < len(text); {
		from, n := -1, 0
		for _, word := range t.filter.want {
			if i := strings.Index(lower[pos:], word); i >= 0 && (from < 0 || i < from || i == from && len(word) > n) {
				from, n = i, len(word)
			}
		}
		if from < 0 {
			t.th.Write(b, tok, text[pos:], on)
			return
		}
		t.th.Write(b, tok, text[pos:pos+from], on)
		t.th.Write(b, theme.Match, text[pos+from:pos+from+n], on)
		pos += from + n
	}
}
