package widget_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	. "github.com/ecs-tui/ecs-tui/ui/widget"
)

func FuzzWidth(f *testing.F) {
	for _, s := range []string{"", "abc", "e\u0301x", "日本 a", "\x1b[1;31mred\x1b[m", "a\x1b[mb", "👩‍👩‍👧 x", "● web", "\x1b[38;2;1;2;3m─\x1b[m", "a\u200bb"} {
		f.Add(s)
	}
	colour := regexp.MustCompile("\x1b\\[[0-9;:]*m")
	f.Fuzz(func(t *testing.T, s string) {
		if !clean(colour.ReplaceAllString(s, "")) {
			t.Skip("widgets get cleaned text")
		}
		if got, want := Width(s), ansi.StringWidth(s); got != want {
			t.Errorf("Width(%q) = %d, the terminal's is %d", s, got, want)
		}
	})
}

func TestCutAndPad(t *testing.T) {
	for _, c := range []struct {
		s    string
		w    int
		want string
	}{
		{"service", 7, "service"},
		{"service", 6, "servi…"},
		{"service", 1, "…"},
		{"service", 0, ""},
		{"日本語", 5, "日本…"},
		{"日本語", 4, "日…"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
	} {
		if got := Cut(c.s, c.w); got != c.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.s, c.w, got, c.want)
		}
		if got := Width(Pad(c.s, c.w)); got != c.w {
			t.Errorf("Pad(%q, %d) is %d wide", c.s, c.w, got)
		}
	}
}

func TestHuman(t *testing.T) {
	check := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	check(Count(0), "0")
	check(Count(999), "999")
	check(Count(9213), "9,213")
	check(Count(-1234567), "-1,234,567")
	check(Size(0), "0 B")
	check(Size(1023), "1.0 KiB")
	check(Size(48<<20), "48 MiB")
	check(Size(1500<<20), "1.5 GiB")
	check(Size(-1), "–")
	check(Elapsed(340*time.Millisecond), "0.3 s")
	check(Elapsed(12400*time.Millisecond), "12 s")
	check(Elapsed(72*time.Second), "1 min 12 s")
	check(Elapsed(2*time.Hour), "2 h")
	check(Elapsed(60*time.Hour), "2 days")
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	check(Ago(now, now.Add(-12*time.Minute)), "12 min ago")
	check(Ago(now, now), "just now")
	check(Ago(now, now.Add(time.Minute)), "just now") // a clock that is ahead
	check(Ago(now, time.Time{}), "–")
	check(Plural(1, "task", "tasks"), "1 task")
	check(Plural(1200, "task", "tasks"), "1,200 tasks")
	check(Percent(2.14), "2.1 %")
}

// clean says whether text is as it is after it entered the program.
func clean(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}
