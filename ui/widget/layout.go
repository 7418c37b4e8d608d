package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// The smallest terminal that screens are drawn on.
const (
	MinWidth  = 60
	MinHeight = 15
)

// Rect is a place on the terminal, in cells from the top left.
type Rect struct{ X, Y, W, H int }

// Contains says whether a mouse position is inside.
func (r Rect) Contains(x, y int) bool {
	return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H
}

// Layout is where everything on the terminal goes. It is computed here and
// nowhere else; what is not shown has no height.
type Layout struct {
	W, H     int
	TooSmall bool

	Header Rect // backend, account, region
	Crumbs Rect // where you are
	Notice Rect // what must be read first, until it is dismissed
	Body   Rect // the screen
	Input  Rect // the filter or search line, while one is open
	Status Rect // what happened last
	Footer Rect // live keys
}

// NewLayout divides a terminal of w×h. input says whether an input line is
// open, notice and status how many lines these have; all take them from the body.
func NewLayout(w, h int, input bool, notice, status int) Layout {
	l := Layout{W: w, H: h, TooSmall: w < MinWidth || h < MinHeight}
	y := 0
	row := func(n int) Rect {
		r := Rect{X: 0, Y: y, W: w, H: n}
		y += n
		return r
	}
	in := 0
	if input {
		in = 1
	}
	status = max(1, status)
	room := max(0, h-3-in-status)
	l.Header, l.Crumbs = row(1), row(1)
	l.Notice = row(min(notice, room/2))
	l.Body = row(room - l.Notice.H)
	l.Input = row(in)
	l.Status, l.Footer = row(status), row(1)
	return l
}

// TooSmallView says how large the terminal must be.
func TooSmallView(th *theme.Theme, w, h int) string {
	var lines []string
	say := func(tok theme.Token, text string) {
		for _, l := range Wrap(text, w) {
			lines = append(lines, th.Paint(tok, l))
		}
	}
	say(theme.Strong, "This window is too small.")
	say(theme.Muted, Count(w)+"×"+Count(h)+", at least "+Count(MinWidth)+"×"+Count(MinHeight)+" is needed")
	return Fill(middle(lines, w, h), w, h)
}

// middle centres lines on a screen of w×h.
func middle(lines []string, w, h int) []string {
	out := make([]string, max(0, (h-len(lines))/2), h+len(lines))
	for _, l := range lines {
		out = append(out, Center(l, w))
	}
	return out
}

// Overlay draws a box over the middle of a screen of w×h that is already drawn.
func Overlay(screen string, box []string, w, h int) string {
	bw := 0
	for _, l := range box {
		bw = max(bw, Width(l))
	}
	return OverlayAt(screen, box, max(0, (w-bw)/2), max(0, (h-len(box))/2), w, h)
}

// OverlayAt is [Overlay] with the box's top left corner at x, y.
func OverlayAt(screen string, box []string, x, y, w, h int) string {
	lines := strings.Split(screen, "\n")
	bw := 0
	for _, l := range box {
		bw = max(bw, Width(l))
	}
	bw = min(bw, w-x)
	out := make([]string, h)
	for i := range out {
		if i < len(lines) {
			out[i] = lines[i]
		}
		if i < y || i >= y+len(box) {
			continue
		}
		left := ansi.Truncate(out[i], x, "")
		right := ""
		if Width(out[i]) > x+bw {
			right = ansi.TruncateLeft(out[i], x+bw, "")
			// a wide character that the box cuts in half leaves a hole
			right = spaces(Width(out[i])-x-bw-Width(right)) + right
		}
		out[i] = left + "\x1b[m" + spaces(x-Width(left)) + Pad(box[i-y], bw) + "\x1b[m" + right
	}
	return Fill(out, w, h)
}
