package widget_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/ui/theme"
	. "github.com/ecs-tui/ecs-tui/ui/widget"
)

// press types keys into a modal and gives the last result.
func press(m Modal, keys ...string) Result {
	res := Open
	for _, k := range keys {
		_, res = m.Update(key(k))
		if res != Open {
			return res
		}
	}
	return res
}

func letters(s string) []string { return strings.Split(s, "") }

func TestConfirm(t *testing.T) {
	ask := func(danger bool, typed string) *Confirm {
		return NewConfirm(plainTheme(), Question{Title: "Delete", Target: "shop-web on prod", Verb: "delete", Danger: danger, Typed: typed})
	}
	for _, c := range []struct {
		name   string
		danger bool
		typed  string
		keys   []string
		want   Result
	}{
		{"enter on a harmless one", false, "", []string{"enter"}, Accepted},
		{"enter on a dangerous one", true, "", []string{"enter"}, Dismissed},
		{"y on a dangerous one", true, "", []string{"y"}, Accepted},
		{"the button has to be reached first", true, "", []string{"tab", "enter"}, Accepted},
		{"esc", false, "", []string{"esc"}, Dismissed},
		{"n", false, "", []string{"n"}, Dismissed},
		{"another key", false, "", []string{"x"}, Open},
		{"y is a letter where a name is asked for", true, "web", []string{"y"}, Open},
		{"half a name", true, "web", []string{"w", "e", "enter"}, Open},
		{"the name", true, "web", []string{"w", "e", "b", "enter"}, Accepted},
		{"esc while typing", true, "web", []string{"w", "esc"}, Dismissed},
	} {
		if got := press(ask(c.danger, c.typed), c.keys...); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// The target must be readable to its end on the smallest terminal.
func TestConfirmNamesItsTargetInFull(t *testing.T) {
	arn := "arn:aws:ecs:eu-west-1:123456789012:service/" + strings.Repeat("production-", 6) + "/the-end"
	q := Question{Title: "Delete", Target: arn, Body: []string{strings.Repeat("long words ", 60)}, Verb: "delete", Danger: true}
	var shown strings.Builder
	for _, l := range strings.Split(ansi.Strip(NewConfirm(plainTheme(), q).View(60, 15)), "\n") {
		shown.WriteString(strings.Trim(l, " │"))
	}
	if !strings.Contains(shown.String(), arn) {
		t.Errorf("the target is not whole in\n%s", shown.String())
	}
	if !strings.Contains(shown.String(), "[y] delete") {
		t.Errorf("the answer is out of sight in\n%s", shown.String())
	}
}

// What does not fit is scrolled to; nothing of what goes is kept from who answers.
func TestConfirmScrolls(t *testing.T) {
	for _, typed := range []string{"", "web"} {
		q := Question{Title: "Delete", Target: "30 images", Verb: "delete", Danger: true, Typed: typed}
		for i := range 30 {
			q.Body = append(q.Body, fmt.Sprintf("image-%02d", i))
		}
		c := NewConfirm(plainTheme(), q)
		seen := func() string { return ansi.Strip(c.View(60, 15)) }
		var all strings.Builder
		for range 40 {
			all.WriteString(seen())
			if got := press(c, "down"); got != Open {
				t.Fatalf("down: %v", got)
			}
		}
		for i := range 30 {
			if name := fmt.Sprintf("image-%02d", i); !strings.Contains(all.String(), name) {
				t.Errorf("%s was never in sight", name)
			}
		}
		if !strings.Contains(seen(), "of 32  ↑ ↓ scroll") {
			t.Errorf("it does not say that there is more:\n%s", seen())
		}
		press(c, "pgup", "pgup", "pgup", "pgup", "pgup", "pgup")
		c.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
		if !strings.Contains(seen(), "lines 2 to") {
			t.Errorf("after the wheel:\n%s", seen())
		}
	}
}

func TestPalette(t *testing.T) {
	p := NewPalette(plainTheme(), "Commands", paletteItems())
	if got := press(p, "s", "c", "a", "enter"); got != Accepted {
		t.Fatalf("enter: %v", got)
	}
	if it, _ := p.Chosen(); it.ID != "scale" {
		t.Errorf("chose %q", it.ID)
	}
	p = NewPalette(plainTheme(), "Commands", paletteItems())
	if got := press(p, "r", "o", "l", "l", "enter"); got != Open {
		t.Errorf("a disabled entry was chosen: %v", got)
	}
	if view := p.View(100, 20); !strings.Contains(view, "there is no earlier deployment") {
		t.Errorf("no reason in\n%s", view)
	}
	p = NewPalette(plainTheme(), "Commands", paletteItems())
	if got := press(p, "q", "!", "enter"); got != Accepted || p.Query() != "q!" {
		t.Errorf("typed command: %v %q", got, p.Query())
	}
	if _, ok := p.Chosen(); ok {
		t.Error("something was chosen where nothing matches")
	}
	p = NewPalette(plainTheme(), "Commands", paletteItems())
	press(p, "down", "down", "down")
	items := paletteItems()
	p.SetItems(append([]Item{{ID: "new", Title: "new one"}}, items...))
	if it, _ := p.Chosen(); it.ID != "logs" {
		t.Errorf("the cursor moved to %q when an entry came", it.ID)
	}
}

func TestHelpGivesBackWhatItExplains(t *testing.T) {
	h := NewHelp(plainTheme(), "Keys", paletteItems())
	if got := press(h, "i", "m", "a", "enter"); got != Accepted {
		t.Fatalf("%v", got)
	}
	if it, _ := h.Chosen(); it.ID != "images" {
		t.Errorf("chose %q", it.ID)
	}
	h = NewHelp(plainTheme(), "Keys", paletteItems())
	if got := press(h, "x", "esc"); got != Open {
		t.Errorf("the first esc clears the search: %v", got)
	}
	if got := press(h, "?"); got != Dismissed {
		t.Errorf("? does not close it: %v", got)
	}
}

func TestChoose(t *testing.T) {
	c := NewChoose(plainTheme(), "Which?", nil, paletteItems())
	if got := press(c, "2"); got != Open {
		t.Errorf("a disabled one was chosen by its digit: %v", got)
	}
	if got := press(c, "3"); got != Accepted {
		t.Errorf("%v", got)
	}
	if it, _ := c.Chosen(); it.ID != "scale" {
		t.Errorf("chose %q", it.ID)
	}
}

func TestForm(t *testing.T) {
	f := NewForm(plainTheme(), "Scale", nil, "scale", []Field{
		{Key: "n", Label: "Tasks", Kind: NumberField, Value: "3", Max: 10, Required: true},
		{Key: "how", Label: "How", Kind: ChoiceField, Value: "rolling", Choices: []string{"rolling", "at once"}},
		{Key: "why", Label: "Why", Check: func(s string) error {
			if s == "no" {
				return errors.New("say more")
			}
			return nil
		}},
	})
	press(f, "backspace", "1", "1", "enter")
	if view := f.View(80, 20); !strings.Contains(view, "must be from 0 to 10") {
		t.Errorf("no word about 11 tasks:\n%s", view)
	}
	press(f, "backspace", "enter", "right", "enter", "n", "o")
	if got := press(f, "enter"); got != Open || !strings.Contains(f.View(80, 20), "say more") {
		t.Errorf("%v\n%s", got, f.View(80, 20))
	}
	if got := press(f, "t", "enter"); got != Accepted {
		t.Errorf("%v\n%s", got, f.View(80, 20))
	}
	if f.Int("n") != 1 || f.Value("how") != "at once" || f.Value("why") != "not" {
		t.Errorf("%d %q %q", f.Int("n"), f.Value("how"), f.Value("why"))
	}
}

func TestInputHistory(t *testing.T) {
	in := NewInput(plainTheme(), "/", "")
	for _, line := range []string{"one", "two", "one"} {
		in.SetValue(line)
		in.Update(key("enter"))
		in.Reset()
	}
	for _, k := range letters("dra") {
		in.Update(key(k))
	}
	var got []string
	for _, k := range []string{"up", "up", "up", "down", "down"} {
		in.Update(key(k))
		got = append(got, in.Value())
	}
	if want := "one two two one dra"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", got, want)
	}
	in.Update(tea.PasteMsg{Content: "pasted\nlines"})
	if !strings.HasPrefix(in.Value(), "drapasted") || strings.Contains(in.Value(), "\n") {
		t.Errorf("paste: %q", in.Value())
	}
}

func TestTabs(t *testing.T) {
	tabs := NewTabs(plainTheme(), "a", "b", "c")
	for _, c := range []struct {
		key  string
		want int
	}{{"3", 2}, {"tab", 0}, {"[", 2}, {"]", 0}, {"shift+tab", 2}} {
		if !tabs.Key(key(c.key)) || tabs.Active() != c.want {
			t.Errorf("%s: tab %d, want %d", c.key, tabs.Active(), c.want)
		}
	}
	if tabs.Key(key("4")) || tabs.Key(key("x")) {
		t.Error("took keys that are not its own")
	}
}

func TestDocSearch(t *testing.T) {
	d := NewDoc(theme.New(true, colorprofile.TrueColor))
	d.SetText(YAML, strings.Repeat(yamlDoc, 40))
	d.View(80, 20)
	must(nil, d.Search("memory"))
	if at, n := d.Matches(); at != 1 || n != 40 {
		t.Errorf("%d of %d", at, n)
	}
	d.Key(key("N"))
	if at, _ := d.Matches(); at != 40 {
		t.Errorf("N from the first goes to %d", at)
	}
	if view := ansi.Strip(d.View(80, 20)); !strings.Contains(view, "360/360") {
		t.Errorf("not at the end:\n%s", view)
	}
	if got, want := d.Text(), strings.TrimRight(strings.Repeat(yamlDoc, 40), "\n"); got != want {
		t.Error("colours changed the text")
	}
}

// Nothing may be drawn as all, and something never as nothing.
func TestBarsTellTheTruth(t *testing.T) {
	th := plainTheme()
	for _, c := range []struct {
		done float64
		want string
	}{{0, "──────────"}, {0.001, "╸─────────"}, {0.5, "━━━━╸─────"}, {0.999, "━━━━━━━━╸─"}, {1, "━━━━━━━━━━"}, {7, "━━━━━━━━━━"}, {-1, "──────────"}} {
		if got := Progress(th, c.done, 10); got != c.want {
			t.Errorf("%v: %s, want %s", c.done, got, c.want)
		}
	}
	if got := Handover(th, 0.5, 0.8, 10); Width(got) != 10 || strings.Contains(got, "─") {
		t.Errorf("more old tasks than room: %q", got)
	}
}

func TestTimeline(t *testing.T) {
	th := plainTheme()
	at := func(s int) time.Time { return time.Unix(int64(1000+s), 0) }
	life := []LifePart{
		{Provisioning, at(2), at(3)},
		{Pulling, at(3), at(5)},
		{Starting, at(5), at(8)},
		{Running, at(8), at(14)},
		{Draining, at(14), at(15)},
		{Phase: Failed, From: at(15)},
	}
	line := NewTimeline(at(0), at(18), 20)
	if got := line.Life(th, life, true); line.For != 20*time.Second || got != "  ░▒▒▓▓▓██████▄✗" {
		t.Errorf("life: %q of %s", got, line.For)
	}
	if got := NewTimeline(at(0), at(30), 10).Life(th, life, true); got != "▒▓█✗" {
		t.Errorf("with fewer cells: %q", got)
	}
	if got := NewTimeline(at(10), at(28), 10).Life(th, life, true); got != "██✗" {
		t.Errorf("one that began before: %q", got)
	}
	marks := []Mark{{at(3), "+", theme.Accent, 1}, {at(19), "-", theme.Muted, 0}, {at(-4), "x", theme.Muted, 0}, {at(3), "✗", theme.Bad, 3}, {at(70), "y", theme.Bad, 3}}
	if got := line.Marks(th, marks); got != "   ✗               -" {
		t.Errorf("marks: %q", got)
	}
	for w, want := range map[int]string{40: "0 s       5 s       10 s      15 s", 20: "0 s       10 s", 8: "0 s"} {
		if got := NewTimeline(at(0), at(18), w).Axis(); got != want {
			t.Errorf("axis of %d cells: %q", w, got)
		}
	}
	if got := NewTimeline(at(0), at(90), 40).Axis(); got != "0 s       30 s      1 min     1 min 30 s" {
		t.Errorf("axis: %q", got)
	}
}

// A running step keeps its newest lines when there is little room, and no
// step's head is ever pushed out.
func TestStepsKeepTheirHeads(t *testing.T) {
	steps := stepList()
	for i := range 50 {
		steps[3].Body = append(steps[3].Body, strings.Repeat("x", i))
	}
	lines := StepLines(plainTheme(), steps, 0, 80, 12)
	if len(lines) != 12 {
		t.Fatalf("%d lines", len(lines))
	}
	if !strings.Contains(lines[11], "rollout") || !strings.Contains(lines[10], strings.Repeat("x", 49)) {
		t.Errorf("%s", strings.Join(lines, "\n"))
	}
}

func TestLayoutCoversTheTerminal(t *testing.T) {
	for _, input := range []bool{false, true} {
		for w := 60; w <= 200; w += 35 {
			for h := 15; h <= 60; h += 9 {
				l := NewLayout(w, h, input, h/4, 1+h/20)
				y := 0
				for _, r := range []Rect{l.Header, l.Crumbs, l.Notice, l.Body, l.Input, l.Status, l.Footer} {
					if r.Y != y || r.W != w || r.X != 0 {
						t.Errorf("%d×%d: %+v does not start at %d", w, h, r, y)
					}
					y += r.H
				}
				if y != h || l.TooSmall {
					t.Errorf("%d×%d: %d lines are laid out, too small %v", w, h, y, l.TooSmall)
				}
			}
		}
	}
	if !NewLayout(59, 40, false, 0, 1).TooSmall || !NewLayout(200, 14, false, 0, 1).TooSmall {
		t.Error("too small a terminal is not seen")
	}
}
