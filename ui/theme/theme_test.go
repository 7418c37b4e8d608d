package theme

import (
	"fmt"
	"image/color"
	"math"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// luminance and contrast are WCAG's.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		f := float64(v) / 0xffff
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}

func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	if la < lb {
		la, lb = lb, la
	}
	return (la + 0.05) / (lb + 0.05)
}

// Every token must be readable on the backgrounds that terminals have, and on
// the row under the cursor.
func TestContrast(t *testing.T) {
	backgrounds := map[bool][]string{true: {"#000000", "#1a1b26", "#282c34"}, false: {"#ffffff", "#fafafa"}}
	for dark, bgs := range backgrounds {
		for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256} {
			th := New(dark, profile)
			for tok := range tokens {
				l := th.looks[tok]
				if l.fg == nil {
					continue
				}
				least := 4.0
				switch tok {
				case Faint, Border, SyntaxComment:
					least = 2.2 // decoration: nothing that has to be read
				}
				on := []color.Color{th.looks[Selected].bg}
				for _, bg := range bgs {
					on = append(on, lipgloss.Color(bg))
				}
				if l.bg != nil {
					on = []color.Color{l.bg}
				}
				for _, bg := range on {
					if got := contrast(l.fg, bg); got < least {
						t.Errorf("dark=%v %v: token %d %s on %s has a contrast of %.1f, want %.1f", dark, profile, tok, hex(l.fg), hex(bg), got, least)
					}
				}
			}
		}
	}
}

func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

// With 16 colours, those that common palettes make unreadable must not be used
// for text: bright black on dark; yellow, cyan and white on light.
func TestSixteenColours(t *testing.T) {
	for dark, bad := range map[bool][]string{true: {"30", "34", "90"}, false: {"33", "37", "93", "97", "92"}} {
		th := New(dark, colorprofile.ANSI)
		for tok := range tokens {
			if th.looks[tok].bg != nil {
				continue
			}
			for _, p := range strings.FieldsFunc(th.Paint(tok, "x"), func(r rune) bool { return strings.ContainsRune("\x1b[;mx", r) }) {
				for _, b := range bad {
					if p == b {
						t.Errorf("dark=%v: token %d is drawn in %s", dark, tok, p)
					}
				}
			}
		}
	}
}

func TestNoColour(t *testing.T) {
	for _, dark := range []bool{true, false} {
		th := New(dark, colorprofile.ASCII)
		for tok := range tokens {
			for _, s := range []string{th.Paint(tok, "x"), th.PaintOn(tok, "x")} {
				for _, p := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("\x1b[;mx", r) }) {
					if len(p) > 1 {
						t.Errorf("token %d has a colour without colours: %q", tok, s)
					}
				}
			}
		}
		for _, pair := range [][2]Token{{Selected, Text}, {Match, Text}, {MatchCurrent, Match}, {Bad, Text}, {FooterKey, FooterLabel}} {
			if th.Paint(pair[0], "x") == th.Paint(pair[1], "x") {
				t.Errorf("tokens %v look the same without colours", pair)
			}
		}
		if got := New(dark, colorprofile.NoTTY).Paint(Bad, "x"); got != "x" {
			t.Errorf("styled without a terminal: %q", got)
		}
	}
}

// A status must be told apart by its sign alone.
func TestSigns(t *testing.T) {
	th := New(true, colorprofile.TrueColor)
	for _, ascii := range []bool{false, true} {
		th.SetASCII(ascii)
		seen := map[string]bool{}
		for s := Steady; s <= Failure; s++ {
			sign := th.Sign(s)
			if seen[sign] || ansi.StringWidth(sign) != 1 {
				t.Errorf("sign %q of status %d", sign, s)
			}
			seen[sign] = true
		}
	}
	text := fmt.Sprint(th.Glyphs())
	for _, r := range text {
		if r > 0x7e {
			t.Errorf("%q among the ASCII signs", r)
		}
	}
}

// What is left of the richer signs must go in the last step, without moving
// anything.
func TestFinish(t *testing.T) {
	th := New(true, colorprofile.TrueColor)
	rich := fmt.Sprint(th.Glyphs()) + "╭─╮│╰╯ “x” ‹a› – 日本 ●◐○▲✗"
	if th.Finish(rich) != rich {
		t.Error("signs were replaced where they can be drawn")
	}
	th.SetASCII(true)
	got := th.Finish(rich)
	if ansi.StringWidth(got) != ansi.StringWidth(rich) || !strings.Contains(got, "日本") {
		t.Errorf("the width or the text changed: %q", got)
	}
	for _, r := range strings.ReplaceAll(got, "日本", "") {
		if r > 0x7e {
			t.Errorf("%q is left", r)
		}
	}
}

func TestColours(t *testing.T) {
	var c Colours
	given := map[Token]string{}
	for i := range TaskTokens {
		key := fmt.Sprintf("task-%d", i)
		tok := c.For(key)
		if other, taken := given[tok]; taken {
			t.Errorf("%s has the colour of %s", key, other)
		}
		given[tok] = key
	}
	for tok, key := range given {
		if c.For(key) != tok {
			t.Errorf("%s changed its colour", key)
		}
	}
	var a, b Colours
	if a.For("3fa9c1") != b.For("3fa9c1") {
		t.Error("a task has another colour in another pane")
	}
}

func TestAdapt(t *testing.T) {
	th := New(true, colorprofile.TrueColor)
	before, version := th.Paint(Accent, "x"), th.Version()
	th.Adapt(false, colorprofile.TrueColor)
	if th.Paint(Accent, "x") == before || th.Version() == version || th.Dark() {
		t.Error("the theme did not change")
	}
}
