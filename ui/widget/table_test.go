package widget_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/ui/theme"
	. "github.com/ecs-tui/ecs-tui/ui/widget"
)

func plainTheme() *theme.Theme { return theme.New(true, colorprofile.NoTTY) }

func cursorName(t *testing.T, tb *Table[svc]) string {
	t.Helper()
	r, ok := tb.Cursor()
	if !ok {
		t.Fatal("no row under the cursor")
	}
	return r.name
}

// The cursor must stay on its row whatever happens to the others: a key that
// hits another service than the one that was looked at is the worst bug a list
// can have.
func TestTableCursorFollowsItsRow(t *testing.T) {
	tb := svcTable(plainTheme(), 100)
	tb.View(80, 21)
	for range 30 {
		tb.Key(key("j"))
	}
	want := cursorName(t, tb)
	before := screenLine(tb.View(80, 21), want)

	rows := services(100)
	rows = append([]svc{{name: "aaa"}, {name: "aab"}}, slices.Delete(rows, 3, 5)...)
	rows = append(rows, svc{name: "zzz"})
	tb.SetRows(rows)
	if got := cursorName(t, tb); got != want {
		t.Errorf("after new rows the cursor is on %s, want %s", got, want)
	}
	slices.Reverse(rows)
	tb.SetRows(rows)
	if got := cursorName(t, tb); got != want {
		t.Errorf("after a new order the cursor is on %s, want %s", got, want)
	}
	slices.Reverse(rows)
	tb.SetRows(rows)
	if after := screenLine(tb.View(80, 21), want); after != before {
		t.Errorf("the cursor's row moved on screen from line %d to %d", before, after)
	}

	// its row goes: the next one at its height takes over, and keeps it
	tb.SetRows(slices.DeleteFunc(slices.Clone(rows), func(s svc) bool { return s.name == want }))
	took := cursorName(t, tb)
	tb.SetRows(rows)
	if got := cursorName(t, tb); got != took {
		t.Errorf("the cursor jumped from %s to %s when a row came back", took, got)
	}
}

func screenLine(view, text string) int {
	for i, l := range strings.Split(view, "\n") {
		if strings.Contains(l, text) {
			return i
		}
	}
	return -1
}

func TestTableCursorWaitsForItsRow(t *testing.T) {
	tb := svcTable(plainTheme(), 5)
	tb.SetCursor(services(10)[8].name)
	tb.SetRows(services(10))
	if got, want := cursorName(t, tb), services(10)[8].name; got != want {
		t.Errorf("cursor on %s, want %s", got, want)
	}
	tb.Key(key("k"))
	tb.SetRows(services(10))
	if got, want := cursorName(t, tb), services(10)[7].name; got != want {
		t.Errorf("cursor on %s, want %s", got, want)
	}
}

func TestTableSelectionSurvives(t *testing.T) {
	tb := svcTable(plainTheme(), 10)
	tb.Key(key("space"))
	tb.Key(key("j"))
	tb.Key(key("space")) // rows 0 and 2
	rows := services(10)
	slices.Reverse(rows)
	tb.SetRows(rows)
	var got []string
	for _, r := range tb.Selected() {
		got = append(got, r.rev)
	}
	if want := "[web:2 web:0]"; fmt.Sprint(got) != want {
		t.Errorf("selected %v, want %s", got, want)
	}
	tb.Filter("web:0")
	got = nil
	for _, r := range tb.Selected() {
		got = append(got, r.rev)
	}
	if want := "[web:0 web:2]"; fmt.Sprint(got) != want {
		t.Errorf("selected behind a filter %v, want %s", got, want)
	}
	tb.Filter("")
	tb.SetRows(services(2)) // row 2 is gone: it must not be acted on when it comes back
	tb.SetRows(services(10))
	if got := tb.SelectedCount(); got != 1 {
		t.Errorf("%d selected, want 1", got)
	}
}

func TestTableFilterAndSort(t *testing.T) {
	tb := svcTable(plainTheme(), 200)
	tb.View(120, 20)
	tb.Filter("ROLLED !0007")
	if got := tb.Len(); got != 39 {
		t.Errorf("%d rows pass, want 39", got)
	}
	tb.Filter("0001-😀é rolling")
	if r := tb.Selected(); tb.Len() != 1 || r[0].rev != "web:1" {
		t.Errorf("words over two cells: %v", r)
	}
	tb.Filter("")
	if got := tb.Len(); got != 200 {
		t.Errorf("%d rows after the filter was cleared", got)
	}
	tb.Key(key("o"))
	tb.Key(key("o")) // by CPU
	tb.Key(key("g"))
	if col, _ := tb.Sorted(); col != 3 {
		t.Fatalf("sorted by column %d", col)
	}
	vis := tb.Visible()
	if len(vis) != 19 {
		t.Errorf("%d rows visible, want 19", len(vis))
	}
	if !slices.IsSortedFunc(vis, func(a, b svc) int { return int(1000 * (a.cpu - b.cpu)) }) {
		t.Errorf("not sorted by CPU: %v", vis)
	}
	if head := strings.Split(tb.View(120, 20), "\n")[0]; !strings.Contains(head, "CPU↑") {
		t.Errorf("no sign of the sort in %q", head)
	}
	tb.Key(key("o"))
	if col, _ := tb.Sorted(); col != -1 {
		t.Errorf("the third o sorts by column %d", col)
	}
}

// The most important columns must be there on the smallest terminal.
func TestTableDropsColumnsByPriority(t *testing.T) {
	tb := svcTable(plainTheme(), 20)
	for _, c := range []struct {
		w    int
		here []string
		gone []string
	}{
		{200, []string{"SERVICE", "STATE", "REVISION", "CPU", "NOTE"}, nil},
		{60, []string{"SERVICE", "STATE", "REVISION", "NOTE"}, []string{"CPU"}},
		{50, []string{"SERVICE", "STATE", "REVISION"}, []string{"CPU", "NOTE"}},
		{36, []string{"SERVICE", "STATE"}, []string{"CPU", "NOTE", "REVISION"}},
	} {
		head := strings.Split(tb.View(c.w, 30), "\n")[0]
		for _, s := range c.here {
			if !strings.Contains(head, s) {
				t.Errorf("at %d: %s is missing in %q", c.w, s, head)
			}
		}
		for _, s := range c.gone {
			if strings.Contains(head, s) {
				t.Errorf("at %d: %s is still in %q", c.w, s, head)
			}
		}
	}
}

// Only what is on screen may be rendered.
func TestTableRendersVisibleRowsOnly(t *testing.T) {
	calls := 0
	tb := NewTable(plainTheme(), []Column[int]{{Title: "N", Cell: func(i int) Cell {
		calls++
		return Cell{Text: fmt.Sprint(i)}
	}}}, func(i int) string { return fmt.Sprint(i) })
	rows := make([]int, 10_000)
	for i := range rows {
		rows[i] = i
	}
	tb.SetRows(rows)
	if calls > 0 {
		t.Errorf("SetRows rendered %d cells", calls)
	}
	tb.View(80, 41)
	tb.Key(key("G"))
	view := tb.View(80, 41)
	if calls > 4*41 {
		t.Errorf("two views of 40 rows rendered %d cells", calls)
	}
	if !strings.Contains(view, "9999") {
		t.Errorf("the last row is not on screen after G")
	}
}

func TestTableCursorRowIsFilled(t *testing.T) {
	th := theme.New(true, colorprofile.TrueColor)
	tb := svcTable(th, 3)
	line := strings.Split(tb.View(100, 5), "\n")[1]
	if n := ansi.StringWidth(line); n != 100 {
		t.Errorf("the row under the cursor is %d cells wide", n)
	}
}

func bigTable() *Table[svc] {
	tb := svcTable(theme.New(true, colorprofile.TrueColor), 10_000)
	tb.View(200, 60)
	return tb
}

// A key and the frame it leads to, in the middle of 10,000 rows.
func BenchmarkTableKeyToView(b *testing.B) {
	tb := bigTable()
	for range 5000 {
		tb.Key(key("j"))
	}
	down, up := key("j"), key("k")
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		if i%2 == 0 {
			tb.Key(down)
		} else {
			tb.Key(up)
		}
		tb.View(200, 60)
	}
}

func BenchmarkTableSetRows(b *testing.B) {
	for _, sort := range []int{-1, 0} {
		b.Run(fmt.Sprintf("sort=%d", sort), func(b *testing.B) {
			tb, rows := bigTable(), services(10_000)
			tb.SortBy(sort, false)
			for b.Loop() {
				tb.SetRows(rows)
			}
		})
	}
}

func BenchmarkTableFilterKey(b *testing.B) {
	tb := bigTable()
	tb.Filter("s")
	words := []string{"service-09", "service-1 roll"}
	for i := 0; b.Loop(); i++ {
		tb.Filter(words[i%2])
		tb.View(200, 60)
	}
}

// A refresh while a filter is on has to look into every row again.
func BenchmarkTableSetRowsFiltered(b *testing.B) {
	tb, rows := bigTable(), services(10_000)
	tb.Filter("service-09 rolling")
	for b.Loop() {
		tb.SetRows(rows)
	}
}
