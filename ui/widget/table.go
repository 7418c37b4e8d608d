package widget

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// Align says at which side of its column a cell stands.
type Align int

// The alignments.
const (
	Left Align = iota
	Right
)

// Cell is one cell of a table. Status puts a sign in its colour before the text.
type Cell struct {
	Text   string
	Style  theme.Token
	Status theme.Status
}

// Column is one column of a table, as data.
type Column[T any] struct {
	Title    string
	Min, Max int // cells; 0 for the title's width, and for no limit
	Flex     int // its share of the room that is left over, and the first to shrink
	Align    Align
	Priority int // 0 always stays; of the others the highest goes first when it gets narrow
	Cell     func(T) Cell
	Less     func(a, b T) bool // nil: can't be sorted by
	Hidden   bool
}

// Table is a list of rows with a cursor. Rows have an identity, so that cursor
// and selection stay on the same thing when the rows are read again, whatever
// else came, went or moved.
//
// What a View costs depends on the lines on screen only: cells of other rows
// are never rendered.
type Table[T any] struct {
	th   *theme.Theme
	cols []Column[T]
	id   func(T) string

	rows  []T
	order []int // indexes into rows: filtered and sorted
	fresh bool  // a SetRows has happened

	cursor   int    // into order
	cursorID string // the row that the cursor is on
	wantID   string // the row that it shall be on when it comes
	top      int    // first row on screen, into order
	height   int    // rows on screen at the last View
	selected map[string]bool

	sortBy   int // column, or -1 for the order in which rows were given
	sortDown bool

	filter filter
	hay    []string // lower-case text of every row, only while a filter is on
	widths []int    // natural widths seen so far, by column
	cells  []Cell   // of the rows on screen, only while a View draws
	layout tableLayout

	empty, emptyHint string
}

// NewTable makes a table; id is a row's identity (its ARN).
func NewTable[T any](th *theme.Theme, cols []Column[T], id func(T) string) *Table[T] {
	return &Table[T]{
		th: th, cols: cols, id: id, sortBy: -1, height: 1,
		selected: map[string]bool{}, widths: make([]int, len(cols)), empty: "Nothing here.",
	}
}

// SetEmpty says what stands in the place of rows when there are none.
func (t *Table[T]) SetEmpty(text, hint string) { t.empty, t.emptyHint = text, hint }

// SetColumns replaces the columns; the sort goes back to the given order.
func (t *Table[T]) SetColumns(cols []Column[T]) {
	t.cols, t.widths, t.sortBy = cols, make([]int, len(cols)), -1
	t.hay, t.layout = nil, tableLayout{}
	t.reorder()
}

// SetHidden hides or shows a column by its title.
func (t *Table[T]) SetHidden(title string, hidden bool) {
	for i := range t.cols {
		if t.cols[i].Title == title {
			t.cols[i].Hidden = hidden
			t.layout = tableLayout{}
		}
	}
}

// SetRows replaces the rows. Cursor and selection stay with their rows; where
// the cursor's row is gone, the cursor stays at its height.
func (t *Table[T]) SetRows(rows []T) {
	if len(rows) == 0 {
		clear(t.widths)
	}
	t.rows, t.hay, t.fresh = rows, nil, true
	t.forget()
	t.reorder()
}

// forget drops the selection of rows that are gone.
func (t *Table[T]) forget() {
	if len(t.selected) == 0 {
		return
	}
	here := make(map[string]bool, len(t.selected))
	for _, r := range t.rows {
		if id := t.id(r); t.selected[id] {
			here[id] = true
		}
	}
	t.selected = here
}

// Rows are all rows, as they were set.
func (t *Table[T]) Rows() []T { return t.rows }

// Loaded says whether SetRows was ever called.
func (t *Table[T]) Loaded() bool { return t.fresh }

// Len is the number of rows that pass the filter.
func (t *Table[T]) Len() int { return len(t.order) }

// Visible are the rows that were on screen at the last View, so that details
// are fetched for them and not for the others.
func (t *Table[T]) Visible() []T {
	from := clamp(t.top, 0, len(t.order))
	to := min(from+t.height, len(t.order))
	out := make([]T, 0, to-from)
	for _, i := range t.order[from:to] {
		out = append(out, t.rows[i])
	}
	return out
}

// Cursor is the row under the cursor.
func (t *Table[T]) Cursor() (T, bool) {
	if t.cursor < 0 || t.cursor >= len(t.order) {
		var zero T
		return zero, false
	}
	return t.rows[t.order[t.cursor]], true
}

// SetCursor puts the cursor on the row with that identity. A row that is not
// there yet gets the cursor when it comes.
func (t *Table[T]) SetCursor(id string) {
	t.wantID = id
	t.restore()
}

// Selected are the selected rows in the order on screen, then those that a
// filter hides; or, when none is selected, the one under the cursor.
func (t *Table[T]) Selected() []T {
	if len(t.selected) == 0 {
		if r, ok := t.Cursor(); ok {
			return []T{r}
		}
		return nil
	}
	var out []T
	shown := map[string]bool{}
	for _, i := range t.order {
		if id := t.id(t.rows[i]); t.selected[id] {
			out, shown[id] = append(out, t.rows[i]), true
		}
	}
	for _, r := range t.rows {
		if len(out) == len(t.selected) {
			break
		}
		if id := t.id(r); t.selected[id] && !shown[id] {
			out = append(out, r)
		}
	}
	return out
}

// SelectedCount is how many rows are selected.
func (t *Table[T]) SelectedCount() int { return len(t.selected) }

// ClearSelection selects nothing.
func (t *Table[T]) ClearSelection() { clear(t.selected) }

// Key takes a key and says whether it was for the table: arrows, j, k, g, G,
// page up and down, J and K for half a page, space to select, o to sort and O
// to turn the order round.
func (t *Table[T]) Key(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "up", "k":
		t.Move(-1)
	case "down", "j":
		t.Move(1)
	case "pgup", "ctrl+b":
		t.Move(-t.height)
	case "pgdown", "ctrl+f":
		t.Move(t.height)
	case "K", "shift+up", "ctrl+u":
		t.Move(-max(1, t.height/2))
	case "J", "shift+down":
		t.Move(max(1, t.height/2))
	case "g", "home":
		t.Move(-len(t.order))
	case "G", "end":
		t.Move(len(t.order))
	case "space":
		t.toggle()
	case "o":
		t.cycleSort()
	case "O":
		t.SortBy(t.sortBy, !t.sortDown)
	default:
		return false
	}
	return true
}

// Move moves the cursor by so many rows and stops at the ends.
func (t *Table[T]) Move(by int) {
	if len(t.order) == 0 {
		return
	}
	t.cursor, t.wantID = clamp(t.cursor+by, 0, len(t.order)-1), ""
	t.cursorID = t.id(t.rows[t.order[t.cursor]])
	t.scroll()
}

// Click puts the cursor on the row at line y of the view and says whether there
// is one.
func (t *Table[T]) Click(y int) bool {
	i := t.top + y - 1
	if y < 1 || y > t.height || i >= len(t.order) {
		return false
	}
	t.Move(i - t.cursor)
	return true
}

func (t *Table[T]) toggle() {
	r, ok := t.Cursor()
	if !ok {
		return
	}
	if id := t.id(r); t.selected[id] {
		delete(t.selected, id)
	} else {
		t.selected[id] = true
	}
	t.Move(1)
}

// restore puts the cursor back on its row after the order changed. Where that
// row is gone, the one at its height takes its place; where a filter only hides
// it, it gets the cursor again when it is back.
func (t *Table[T]) restore() {
	at := t.find(t.wantID)
	if at >= 0 {
		t.wantID = ""
	} else if at = t.find(t.cursorID); at < 0 && t.filter.on() && t.wantID == "" {
		t.wantID = t.cursorID
	}
	if at >= 0 {
		t.top += at - t.cursor // the row stays at its height on screen
		t.cursor = at
	} else {
		t.cursor = clamp(t.cursor, 0, max(0, len(t.order)-1))
	}
	if len(t.order) > 0 {
		t.cursorID = t.id(t.rows[t.order[t.cursor]])
	}
	t.scroll()
}

func (t *Table[T]) find(id string) int {
	if id == "" {
		return -1
	}
	for i, r := range t.order {
		if t.id(t.rows[r]) == id {
			return i
		}
	}
	return -1
}

// scroll brings the cursor into sight, and leaves no empty lines at the end.
func (t *Table[T]) scroll() {
	t.top = clamp(t.top, t.cursor-t.height+1, t.cursor)
	t.top = clamp(t.top, 0, max(0, len(t.order)-t.height))
}

// View draws the header and the rows around the cursor.
func (t *Table[T]) View(w, h int) string {
	if h <= 0 {
		return ""
	}
	if t.height != max(1, h-1) {
		t.height = max(1, h-1)
		t.scroll()
	}
	lines := make([]string, 0, h)
	if len(t.order) == 0 {
		return Fill(append(lines, t.emptyLines(w, h)...), w, h)
	}
	to := min(t.top+h-1, len(t.order))
	t.render(to)
	t.measure()
	l := t.columnsFor(w)
	lines = append(lines, t.header(l, w))
	var b strings.Builder
	for i := t.top; i < to; i++ {
		b.Reset()
		n := (i - t.top) * len(t.cols)
		t.row(&b, l, i, t.cells[n:n+len(t.cols)], w)
		lines = append(lines, b.String())
	}
	return Fill(lines, w, h)
}

func (t *Table[T]) emptyLines(w, h int) []string {
	text, hint := t.empty, t.emptyHint
	switch {
	case !t.fresh:
		text, hint = "Loading …", ""
	case len(t.rows) > 0:
		text, hint = "No row matches “"+t.filter.text+"”.", "esc clears the filter"
	}
	var lines []string
	for _, l := range Wrap(text, max(1, w-4)) {
		lines = append(lines, t.th.Paint(theme.Text, l))
	}
	if hint != "" {
		lines = append(lines, "")
		for _, l := range Wrap(hint, max(1, w-4)) {
			lines = append(lines, t.th.Paint(theme.Muted, l))
		}
	}
	return middle(lines, w, h)
}
