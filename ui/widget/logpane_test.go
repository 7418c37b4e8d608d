package widget_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/ui/theme"
	. "github.com/ecs-tui/ecs-tui/ui/widget"
)

func numbered(from, n int) []LogEntry {
	out := make([]LogEntry, n)
	for i := range out {
		out[i] = LogEntry{At: t0, Source: "3fa9c1", Container: "web", Text: fmt.Sprintf("line %d", from+i)}
	}
	return out
}

// run plays the part of the program's loop: it goes on until nothing is left to do.
func run(p *LogPane, cmd tea.Cmd) {
	for cmd != nil {
		cmd = p.Update(cmd())
	}
}

var lineNumber = regexp.MustCompile(`line (\d+)`)

func firstLine(p *LogPane, w, h int) string {
	return lineNumber.FindString(p.View(w, h))
}

func lastLine(p *LogPane, w, h int) string {
	all := lineNumber.FindAllString(p.View(w, h), -1)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

func TestLogFollowsAndStandsStill(t *testing.T) {
	p := NewLogPane(plainTheme())
	p.Append(numbered(0, 1000), 0, false)
	if got := lastLine(p, 80, 20); got != "line 999" {
		t.Errorf("following: last is %s", got)
	}
	p.Key(key("pgup"))
	before := p.View(80, 20)
	p.Append(numbered(1000, 500), 0, false)
	after := p.View(80, 20)
	if b, a := strings.Split(before, "\n"), strings.Split(after, "\n"); strings.Join(b[:19], "\n") != strings.Join(a[:19], "\n") {
		t.Errorf("the text moved:\n%s\n%s", before, after)
	}
	if !strings.Contains(after, "500 new lines") {
		t.Errorf("nothing says that there are new lines:\n%s", after)
	}
	p.Key(key("G"))
	if got := lastLine(p, 80, 20); got != "line 1499" || !p.Info().Follow {
		t.Errorf("after G: last is %s, %+v", got, p.Info())
	}
	p.Key(key("up"))
	p.Key(key("down")) // coming to the end follows again
	if !p.Info().Follow {
		t.Error("scrolling back to the end does not follow")
	}
	p.Key(key("f"))
	p.Append(numbered(1500, 1), 0, false)
	if got := lastLine(p, 80, 20); got != "line 1499" {
		t.Errorf("f did not stop: last is %s", got)
	}
}

func TestLogBoundsAreKeptAndSaid(t *testing.T) {
	p := NewLogPane(plainTheme())
	p.SetLimits(100, 1<<20)
	for i := range 10 {
		p.Append(numbered(i*50, 50), 0, false)
	}
	i := p.Info()
	if i.Lines != 100 || i.Dropped != 400 {
		t.Errorf("%+v", i)
	}
	p.Key(key("g"))
	view := p.View(80, 20)
	if !strings.Contains(view, "400 earlier lines let go") || firstLine(p, 80, 20) != "line 400" {
		t.Errorf("top:\n%s", view)
	}
	n := 0
	for range p.Entries() {
		n++
	}
	if n != 100 {
		t.Errorf("%d entries", n)
	}
	p.SetLimits(1000, 10_000) // bytes bound it first
	big := LogEntry{Text: strings.Repeat("x", 990)}
	for range 50 {
		p.Append([]LogEntry{big}, 0, false)
	}
	if i := p.Info(); i.Lines < 5 || i.Lines > 10 {
		t.Errorf("%d lines of a kilobyte in ten", i.Lines)
	}
}

func TestLogSkippedLinesAreSaid(t *testing.T) {
	p := NewLogPane(plainTheme())
	p.Append(numbered(0, 3), 0, false)
	p.Append(nil, 1000, false)
	p.Append(numbered(3, 2), 204, true)
	must(p.Filter("line 4", ""))
	view := p.View(80, 20)
	if !strings.Contains(view, "── skipped about 1,204 lines (more than can be read) ──") {
		t.Errorf("the filter hides what was skipped:\n%s", view)
	}
	if strings.Contains(view, "line 3") || p.Info().Skipped != 1204 {
		t.Errorf("%+v\n%s", p.Info(), view)
	}
}

func TestLogSearch(t *testing.T) {
	p := NewLogPane(plainTheme())
	p.Append(numbered(0, 60_000), 0, false)
	p.View(80, 20)
	cmd, err := p.Search(`line \d*777$`)
	if err != nil {
		t.Fatal(err)
	}
	run(p, cmd)
	if i := p.Info(); i.Matches != 60 || i.At != 60 || i.Busy {
		t.Errorf("%+v", i)
	}
	for _, want := range []string{"line 58777", "line 57777"} {
		p.Key(key("N"))
		if view := p.View(80, 20); !strings.Contains(view, want+"\n") {
			t.Errorf("N did not go to %s:\n%s", want, view)
		}
	}
	p.Key(key("n"))
	p.Key(key("n"))
	p.Key(key("n")) // around
	if i := p.Info(); i.At != 1 || !strings.Contains(p.View(80, 20), "line 777\n") {
		t.Errorf("n does not go round: %+v\n%s", i, p.View(80, 20))
	}
	p.Append([]LogEntry{{Text: "line x 60777"}, {Text: "line 61777"}}, 0, false)
	if i := p.Info(); i.Matches != 61 {
		t.Errorf("new lines are not searched: %+v", i)
	}
	if _, err := p.Search("line ("); err == nil {
		t.Error("no word about a broken expression")
	}
}

func TestLogFilterIsIncremental(t *testing.T) {
	p := NewLogPane(plainTheme())
	p.Append(numbered(0, 60_000), 0, false)
	cmd, _ := p.Filter("7$", "77$")
	if cmd == nil {
		t.Fatal("60,000 lines were filtered at once")
	}
	if got := lastLine(p, 80, 20); got != "line 59997" {
		t.Errorf("the newest are not there at once: %s", got)
	}
	p.Append(numbered(60_000, 10), 0, false)
	run(p, cmd)
	if i := p.Info(); i.Shown != 5401 || i.Busy {
		t.Errorf("%+v", i)
	}
	p.Key(key("g"))
	if got := firstLine(p, 80, 20); got != "line 7" {
		t.Errorf("first is %s", got)
	}
	run(p, must(p.Filter("", "")))
	if i := p.Info(); i.Shown != 60_010 {
		t.Errorf("%+v", i)
	}
}

func must(cmd tea.Cmd, err error) tea.Cmd {
	if err != nil {
		panic(err)
	}
	return cmd
}

func TestLogJSON(t *testing.T) {
	p := NewLogPane(plainTheme())
	p.Append([]LogEntry{
		{At: t0, Text: `{"time":"x","level":"WARN","msg":"slow","took":"41ms","n":3,"deep":{"a":[1,"}"]}}`},
		{At: t0, Text: `{"msg":"evil \u001b[2J\u009b\u202e\n end"}`},
		{At: t0, Text: `{"broken": `},
	}, 0, false)
	view := p.View(100, 5)
	for _, want := range []string{`warn   slow  took=41ms  n=3  deep={"a":[1,"}"]}`, "evil   end", `{"broken": `} {
		if !strings.Contains(view, want) {
			t.Errorf("%q is missing in\n%s", want, view)
		}
	}
	if strings.ContainsAny(view, "\x1b\u009b\u202e") {
		t.Errorf("a control sequence got out: %q", view)
	}
	run(p, must(p.Filter("level=(warn|error)", "")))
	if i := p.Info(); i.Shown != 1 {
		t.Errorf("the readable form is not filtered: %+v", i)
	}
	must(p.Filter("", ""))
	p.Key(key("r"))
	if view := p.View(100, 5); !strings.Contains(view, `"level":"WARN"`) {
		t.Errorf("raw:\n%s", view)
	}
}

// Every line must be there once and in order, whatever is scrolled by, at any
// width, with lines that take many rows and rules between them.
func TestLogScrollingShowsEveryRowOnce(t *testing.T) {
	for _, w := range []int{40, 80, 133} {
		p := NewLogPane(plainTheme())
		p.SetLimits(300, 1<<20)
		for i := range 10 {
			p.Append(logEntries(40), i%3, false)
		}
		const h = 17
		p.View(w, h)
		p.Key(key("g"))
		whole := strings.Split(p.View(w, 5000), "\n") // all at once
		for len(whole) > 0 && whole[len(whole)-1] == "" {
			whole = whole[:len(whole)-1]
		}
		p.View(w, h)
		p.Key(key("g"))
		at := 0
		for _, by := range []int{1, 1, 5, 16, 100, -3, -40, 7, 33, -1, 200, -150, 64} {
			p.Scroll(by)
			at = max(0, min(at+by, len(whole)-h))
			got := strings.Split(p.View(w, h), "\n")
			if want := whole[at : at+h]; strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Fatalf("width %d, row %d of %d:\n%s\nwant\n%s", w, at, len(whole), strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

func TestLogMarksMatches(t *testing.T) {
	p := NewLogPane(theme.New(true, colorprofile.TrueColor))
	p.Append([]LogEntry{{Text: "a \x1b[31mneedle in red\x1b[m and a needle"}, {Text: "日本 needle"}}, 0, false)
	p.View(80, 4)
	must(p.Search("needle"))
	view := p.View(80, 4)
	if got := strings.Count(ansi.Strip(view), "needle"); got != 3 {
		t.Fatalf("%d needles:\n%s", got, view)
	}
	if !strings.Contains(view, "48;2;87;72;15") || !strings.Contains(view, "48;2;224;176;64") {
		t.Errorf("match and current match are not marked: %q", view)
	}
}

func TestLogVeryLongLine(t *testing.T) {
	p := NewLogPane(plainTheme())
	long := strings.Repeat("0123456789", 1<<17)
	p.Append([]LogEntry{{Text: long}}, 0, false)
	view := p.View(80, 24)
	check(t, "a line of a megabyte", view, 80, 24)
	if !strings.Contains(view, "more") {
		t.Errorf("the end does not say how much is left out:\n%s", view)
	}
	for e := range p.Entries() {
		if e.Text != long {
			t.Error("the line is not kept whole")
		}
	}
}

func FuzzLogRow(f *testing.F) {
	for _, e := range logEntries(6) {
		f.Add(e.Text, uint8(40))
	}
	f.Add("\x1b[0;1m\x1b[m漢\x1b[38;2;1;2;3m字", uint8(1))
	f.Add(`{"level":"\u001b","msg":"`, uint8(30))
	colour := regexp.MustCompile("\x1b\\[[0-9;:]*m")
	f.Fuzz(func(t *testing.T, text string, width uint8) {
		if bare := colour.ReplaceAllString(text, ""); !clean(bare) {
			t.Skip("log lines are cleaned where they enter")
		}
		w := int(width%150) + 1
		p := NewLogPane(theme.New(true, colorprofile.TrueColor))
		p.Append([]LogEntry{{At: t0, Source: "a", Container: "web", Text: text}}, 0, false)
		check(t, "wrapped", p.View(w, 9), w, 9)
		must(p.Search("[a-m]+"))
		p.SetWrap(false)
		check(t, "cut", p.View(w, 9), w, 9)
	})
}

// BenchmarkLogSecond is a second of a service that logs 5,000 lines: 30 batches,
// each followed by a frame.
func BenchmarkLogSecond(b *testing.B) {
	for _, c := range []struct {
		name            string
		include, search string
		entries         []LogEntry
	}{
		{name: "plain", entries: numbered(0, 5010)},
		{name: "json", entries: jsonLines(5010)},
		{name: "filter", include: "line .*[1-5]$", entries: numbered(0, 5010)},
		{name: "search", search: "line 12", entries: numbered(0, 5010)},
	} {
		for _, draw := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/draw=%v", c.name, draw), func(b *testing.B) {
				p := NewLogPane(theme.New(true, colorprofile.TrueColor))
				must(p.Filter(c.include, ""))
				must(p.Search(c.search))
				for range 20 { // a full ring
					p.Append(c.entries, 0, false)
				}
				b.ReportAllocs()
				for b.Loop() {
					for i := 0; i < 5010; i += 167 {
						p.Append(c.entries[i:i+167], 0, false)
						if draw {
							p.View(200, 50)
						}
					}
				}
			})
		}
	}
}

func jsonLines(n int) []LogEntry {
	out := numbered(0, n)
	for i := range out {
		out[i].Text = fmt.Sprintf(`{"time":"2026-11-24T12:03:41Z","level":"info","msg":"line %d","path":"/cart","status":200,"took":"41ms"}`, i)
	}
	return out
}

// BenchmarkLogView draws the middle of a full pane of wrapped lines.
func BenchmarkLogView(b *testing.B) {
	p := NewLogPane(theme.New(true, colorprofile.TrueColor))
	for range 100 {
		p.Append(logEntries(1000), 0, false)
	}
	p.View(120, 50)
	p.Key(key("g"))
	p.Scroll(50_000)
	down := key("j")
	for b.Loop() {
		p.Key(down)
		p.View(120, 50)
	}
}

// TestLogWorkIsBoundedInBytes: long lines hold nobody up, and what was left
// half-way is taken up again.
func TestLogWorkIsBoundedInBytes(t *testing.T) {
	p := NewLogPane(plainTheme())
	for i := range 200 {
		p.Append([]LogEntry{{At: t0, Source: "3fa9c1", Text: fmt.Sprintf("line %d %s", i, strings.Repeat("x", 60<<10))}}, 0, false)
	}
	if _, err := p.Filter("line", ""); err != nil {
		t.Fatal(err)
	}
	if i := p.Info(); !i.Busy || i.Shown > 20 {
		t.Errorf("%d lines of 60 KiB were tested at once", i.Shown)
	}
	run(p, p.Resume()) // the message of the filter was lost
	if i := p.Info(); i.Busy || i.Shown != 200 {
		t.Errorf("taken up again: %+v", i)
	}
}
