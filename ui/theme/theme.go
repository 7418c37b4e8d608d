// Package theme turns semantic tokens into styles. A screen or widget says what
// a piece of text means ([Muted], [Bad], [Match]); this package alone knows
// which colour that is on a dark or light background, with 16 million colours,
// 256, 16 or none.
//
// You are between the widgets and the terminal. Nothing here draws, and there
// is no global: a [Theme] is made once and passed in. It may change in place,
// since a terminal tells its background only after the first frame
// ([Theme.Adapt]); whoever keeps painted text compares [Theme.Version].
package theme

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// Token is what a piece of text means.
type Token uint8

// The tokens. Text is the terminal's own foreground.
const (
	Text   Token = iota
	Muted        // secondary: labels, units, times
	Faint        // barely there: rules, placeholders, disabled
	Strong       // the terminal's own foreground, bold
	Accent       // the one accent colour: what is active, what moves

	Selected     // the row under the cursor
	Marked       // a row that was selected with space
	CursorBar    // the bar at the left of the row under the cursor
	TableHeader  // column titles
	SortedHeader // the title of the column that sorts

	Good    // ● steady
	Moving  // ◐ moving
	Warn    // ▲ warning
	Bad     // ✗ failed
	Stopped // ○ stopped

	Header       // the top line
	HeaderStrong // the program's name and what is current in it
	Crumb        // breadcrumbs
	CrumbLast    // where you are
	FooterKey
	FooterLabel
	Border
	Title // of dialogs and sections
	Danger

	Added
	Removed
	Changed

	Match        // found by a search
	MatchCurrent // the match that n and N are on

	SyntaxKey
	SyntaxString
	SyntaxNumber
	SyntaxWord // true, false, null
	SyntaxComment

	Task0 // Task0 … Task7 tell the tasks of a service apart
	Task1
	Task2
	Task3
	Task4
	Task5
	Task6
	Task7

	tokens // how many there are
)

// TaskTokens is how many task colours there are.
const TaskTokens = int(tokens - Task0)

// Theme is a set of styles for one kind of terminal.
type Theme struct {
	dark    bool
	profile colorprofile.Profile
	ascii   bool
	plain   *strings.Replacer // signs → ASCII, while ascii is on
	version int

	looks  [tokens]look
	open   [tokens]string // SGR that starts the token
	openOn [tokens]string // the same on the row under the cursor
}

// look is a style before it is made for lipgloss or as an SGR.
type look struct {
	fg, bg                          color.Color
	bold, faint, under, rev, italic bool
}

const reset = "\x1b[m"

// New makes the theme for a terminal with a dark or light background.
func New(dark bool, profile colorprofile.Profile) *Theme {
	t := &Theme{}
	t.Adapt(dark, profile)
	return t
}

// Adapt changes the theme in place, once the terminal has told its background
// and its colours.
func (t *Theme) Adapt(dark bool, profile colorprofile.Profile) {
	t.dark, t.profile = dark, profile
	t.version++
	t.looks = looksFor(dark, profile)
	for tok := range t.looks {
		t.open[tok] = t.looks[tok].sgr()
		t.openOn[tok] = t.onSelected(t.looks[tok]).sgr()
	}
}

// SetASCII draws signs and bars with ASCII characters only.
func (t *Theme) SetASCII(on bool) {
	t.ascii, t.plain = on, nil
	if on {
		t.plain = strings.NewReplacer(asciiSigns()...)
	}
	t.version++
}

// Finish gives a whole screen its last touch before it goes to the terminal:
// where only ASCII may be drawn, the signs and lines that are left become
// characters of the same width. Text of other scripts stays as it is.
func (t *Theme) Finish(screen string) string {
	if t.plain == nil {
		return screen
	}
	return t.plain.Replace(screen)
}

// Dark says whether the theme is for a dark background.
func (t *Theme) Dark() bool { return t.dark }

// ASCII says whether only ASCII characters may be drawn.
func (t *Theme) ASCII() bool { return t.ascii }

// Profile is how many colours the theme uses.
func (t *Theme) Profile() colorprofile.Profile { return t.profile }

// Version changes whenever the theme does.
func (t *Theme) Version() int { return t.version }

// Paint gives s the look of a token. It is the fast way, for one line of text
// that brings no style of its own.
func (t *Theme) Paint(tok Token, s string) string {
	if s == "" || t.open[tok] == "" {
		return s
	}
	return t.open[tok] + s + reset
}

// PaintOn is [Theme.Paint] on the row under the cursor.
func (t *Theme) PaintOn(tok Token, s string) string {
	if s == "" || t.openOn[tok] == "" {
		return s
	}
	return t.openOn[tok] + s + reset
}

// Write appends painted text to b without an allocation of its own.
func (t *Theme) Write(b *strings.Builder, tok Token, s string, on bool) {
	open := t.open[tok]
	if on {
		open = t.openOn[tok]
	}
	if open == "" || s == "" {
		b.WriteString(s)
		return
	}
	b.WriteString(open)
	b.WriteString(s)
	b.WriteString(reset)
}

// Style is the token as a lipgloss style, for borders, padding and the like.
func (t *Theme) Style(tok Token) lipgloss.Style { return t.looks[tok].style() }

// onSelected puts a look on the background of the row under the cursor. Where
// that row is drawn in reverse, its own colours would make confetti: all cells
// take the row's.
func (t *Theme) onSelected(l look) look {
	sel := t.looks[Selected]
	if sel.rev {
		return look{rev: true, bold: l.bold || sel.bold}
	}
	if l.bg == nil {
		l.bg = sel.bg
	}
	return l
}

func (l look) sgr() string {
	var s ansi.Style
	if l.bold {
		s = s.Bold()
	}
	if l.faint {
		s = s.Faint()
	}
	if l.italic {
		s = s.Italic(true)
	}
	if l.under {
		s = s.Underline(true)
	}
	if l.rev {
		s = s.Reverse(true)
	}
	if l.fg != nil {
		s = s.ForegroundColor(l.fg)
	}
	if l.bg != nil {
		s = s.BackgroundColor(l.bg)
	}
	if len(s) == 0 {
		return ""
	}
	return s.String()
}

func (l look) style() lipgloss.Style {
	s := lipgloss.NewStyle().Bold(l.bold).Faint(l.faint).Italic(l.italic).Underline(l.under).Reverse(l.rev)
	if l.fg != nil {
		s = s.Foreground(l.fg)
	}
	if l.bg != nil {
		s = s.Background(l.bg)
	}
	return s
}
