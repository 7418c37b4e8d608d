package widget

import (
	"slices"
	"strings"
)

// filter is what a table's rows must contain: words that all must be there, and
// words with a ! before them that must not.
type filter struct {
	text      string
	want, not []string
}

func newFilter(text string) filter {
	f := filter{text: strings.TrimSpace(text)}
	for _, word := range strings.Fields(strings.ToLower(f.text)) {
		switch {
		case word == "!":
		case word[0] == '!':
			f.not = append(f.not, word[1:])
		default:
			f.want = append(f.want, word)
		}
	}
	return f
}

func (f filter) on() bool { return len(f.want)+len(f.not) > 0 }

func (f filter) pass(hay string) bool {
	for _, w := range f.want {
		if !strings.Contains(hay, w) {
			return false
		}
	}
	for _, n := range f.not {
		if strings.Contains(hay, n) {
			return false
		}
	}
	return true
}

// Filter keeps the rows whose cells contain every word of text, in any case; a
// word with ! before it must not be there. "" keeps all.
func (t *Table[T]) Filter(text string) {
	if strings.TrimSpace(text) == t.filter.text {
		return
	}
	t.filter = newFilter(text)
	if !t.filter.on() {
		t.hay = nil
	}
	t.reorder()
}

// FilterText is the filter that is on, or "".
func (t *Table[T]) FilterText() string { return t.filter.text }

// SortBy sorts by a column's index, -1 for the order in which rows were given.
func (t *Table[T]) SortBy(col int, descending bool) {
	if col >= len(t.cols) || col >= 0 && t.cols[col].Less == nil {
		return
	}
	t.sortBy, t.sortDown = col, descending && col >= 0
	t.reorder()
}

// SortByTitle is [Table.SortBy] by a column's title.
func (t *Table[T]) SortByTitle(title string, descending bool) {
	for i, c := range t.cols {
		if c.Title == title {
			t.SortBy(i, descending)
		}
	}
}

// Sorted says which column sorts, -1 for none.
func (t *Table[T]) Sorted() (col int, descending bool) { return t.sortBy, t.sortDown }

// cycleSort goes on to the next column that can be sorted by and is on screen,
// and after the last one back to the given order.
func (t *Table[T]) cycleSort() {
	for i := t.sortBy + 1; i < len(t.cols); i++ {
		if t.cols[i].Less != nil && t.layout.shows(i) {
			t.SortBy(i, false)
			return
		}
	}
	t.SortBy(-1, false)
}

// reorder computes which rows are shown, in which order. Rows that compare
// equal keep the order of their identities, so that a refresh moves nothing
// that did not change.
func (t *Table[T]) reorder() {
	order := t.order[:0]
	if t.filter.on() {
		t.index()
	}
	for i := range t.rows {
		if !t.filter.on() || t.filter.pass(t.hay[i]) {
			order = append(order, i)
		}
	}
	t.order = order
	if t.sortBy >= 0 {
		less := t.cols[t.sortBy].Less
		compare := func(a, b int) int {
			ra, rb := t.rows[a], t.rows[b]
			if t.sortDown {
				ra, rb = rb, ra
			}
			switch {
			case less(ra, rb):
				return -1
			case less(rb, ra):
				return 1
			default:
				return strings.Compare(t.id(t.rows[a]), t.id(t.rows[b]))
			}
		}
		if !slices.IsSortedFunc(order, compare) {
			slices.SortFunc(order, compare)
		}
	}
	t.restore()
}

// index makes the text that the filter looks into, once for a set of rows.
func (t *Table[T]) index() {
	if t.hay != nil {
		return
	}
	t.hay = make([]string, len(t.rows))
	var b strings.Builder
	for i, r := range t.rows {
		b.Reset()
		for _, c := range t.cols {
			b.WriteString(c.Cell(r).Text)
			b.WriteByte('\n') // a word can't match over two cells
		}
		t.hay[i] = strings.ToLower(b.String())
	}
}
