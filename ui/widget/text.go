package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Width is the number of cells that s takes on screen. Most text is ASCII with
// colours in it, which is counted here; the rest is measured by grapheme.
func Width(s string) int {
	n := 0
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= 0x20 && c < 0x7f && (i+1 == len(s) || s[i+1] < 0x80):
			n++
			i++
		case c == 0x1b:
			m := sgrLen(s[i:])
			if m == 0 {
				return n + ansi.StringWidth(s[i:])
			}
			i += m
		default: // with the letter that a combining mark may stand on
			from := i
			for i < len(s) && (s[i] >= 0x80 || i+1 < len(s) && s[i+1] >= 0x80 && s[i] != 0x1b) {
				i++
			}
			if i == from || i < len(s) && s[i] >= 0x20 && s[i] < 0x7f {
				i++ // a character may prepend itself to the next one
			}
			n += ansi.StringWidth(s[from:i])
		}
	}
	return n
}

// sgrLen is the length of the SGR at the start of s, 0 when there is none.
func sgrLen(s string) int {
	if len(s) < 3 || s[1] != '[' {
		return 0
	}
	for i := 2; i < len(s); i++ {
		switch c := s[i]; {
		case c == 'm':
			return i + 1
		case c < '0' || c > ';':
			return 0
		}
	}
	return 0
}

// isASCII says whether every byte of s is one printable cell.
func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// Cut shortens s to at most w cells, ending in … where something was lost. It
// keeps styles whole and closes them.
func Cut(s string, w int) string { return cutWith(s, w, "…") }

func cutWith(s string, w int, tail string) string {
	if w <= 0 {
		return ""
	}
	if isASCII(s) {
		if len(s) <= w {
			return s
		}
		return s[:w-1] + tail
	}
	if Width(s) <= w {
		return s
	}
	out := ansi.Truncate(s, w, tail)
	if strings.IndexByte(s, 0x1b) >= 0 {
		out += "\x1b[m"
	}
	return out
}

// CutStart shortens s to w cells from its start: of a path the end tells more.
func CutStart(s string, w int) string {
	n := Width(s)
	if n <= w {
		return s
	}
	if w < 1 {
		return ""
	}
	return ansi.TruncateLeft(s, n-w+1, "…")
}

// Pad makes s exactly w cells wide: cut, or filled with spaces at the right.
func Pad(s string, w int) string {
	s = Cut(s, w)
	return s + spaces(w-Width(s))
}

// PadLeft is [Pad] with the spaces at the left, for numbers.
func PadLeft(s string, w int) string {
	s = Cut(s, w)
	return spaces(w-Width(s)) + s
}

// Spread puts left and right at the two ends of a line of w cells. What is at
// the right goes first when there is no room for both.
func Spread(left, right string, w int) string {
	rw := Width(right)
	if rw == 0 || rw+2 > w {
		return Cut(left, w)
	}
	left = Cut(left, w-rw-1)
	return left + spaces(w-rw-Width(left)) + right
}

// Center puts s in the middle of a line of w cells.
func Center(s string, w int) string {
	s = Cut(s, w)
	return spaces((w-Width(s))/2) + s
}

// Fill makes a view of exactly h lines out of lines, none wider than w.
func Fill(lines []string, w, h int) string {
	if h <= 0 {
		return ""
	}
	var b strings.Builder
	for i := range h {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i < len(lines) {
			b.WriteString(Cut(lines[i], w))
		}
	}
	return b.String()
}

// Wrap breaks text at words into lines of at most w cells.
func Wrap(text string, w int) []string {
	if w <= 0 {
		return nil
	}
	return strings.Split(ansi.Wrap(text, w, ""), "\n")
}

const blanks = "                                                                                                                                "

func spaces(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(blanks):
		return blanks[:n]
	default:
		return strings.Repeat(" ", n)
	}
}

func clamp(n, lo, hi int) int { return max(lo, min(n, hi)) }
