package backend

import (
	"strings"
	"unicode/utf8"
)

// Clean makes one line of text from outside safe to draw: every control
// sequence (CSI, OSC, DCS, SOS, PM, APC, single escapes, C0, C1, DEL) is
// removed, tabs and line breaks become a space, invalid UTF-8 becomes U+FFFD,
// and bidirectional overrides are dropped, since they can make a name read as
// another one.
func Clean(s string) string { return clean(s, false) }

// CleanLog is [Clean] for log lines: complete SGR sequences (colour, bold) stay,
// and tabs become four spaces. Whoever draws the line resets the style after it.
func CleanLog(s string) string { return clean(s, true) }

func clean(s string, keepSGR bool) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == 0x1b:
			n, sgr := escape(s[i:])
			if sgr && keepSGR {
				b.WriteString(s[i : i+n])
			}
			i += n
			continue
		case r == 0x9b: // C1 CSI
			n, _ := csi(s[i:], size)
			i += n
			continue
		case r == 0x90, r == 0x98, r == 0x9d, r == 0x9e, r == 0x9f: // C1 DCS, SOS, OSC, PM, APC
			i += controlString(s[i:], size)
			continue
		case r == '\t' && keepSGR:
			b.WriteString("    ")
		case r == '\t', r == '\n', r == '\r':
			if i+size < len(s) {
				b.WriteByte(' ')
			}
		case r < 0x20, r == 0x7f, r >= 0x80 && r < 0xa0:
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029:
		case r == utf8.RuneError && size == 1:
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// plain says whether s is printable ASCII, the common case, checked without
// allocating.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// escape measures the sequence that starts with ESC at s[0] and says whether
// it is a complete SGR.
func escape(s string) (n int, sgr bool) {
	if len(s) < 2 {
		return len(s), false
	}
	switch s[1] {
	case '[':
		return csi(s, 2)
	case ']', 'P', 'X', '^', '_':
		return controlString(s, 2), false
	}
	// ESC, intermediates 0x20-0x2f, one final byte.
	i := 1
	for i < len(s) && s[i] >= 0x20 && s[i] <= 0x2f {
		i++
	}
	if i < len(s) && s[i] >= 0x30 && s[i] <= 0x7e {
		i++
	}
	return i, false
}

// csi measures a CSI sequence whose parameters start at from. A sequence that
// is broken off ends before the byte that breaks it.
func csi(s string, from int) (n int, sgr bool) {
	sgr = from == 2
	i := from
	for i < len(s) && s[i] >= 0x20 && s[i] <= 0x3f {
		if (s[i] < '0' || s[i] > ';') && s[i] != ':' {
			sgr = false // private or intermediate bytes: not a plain SGR
		}
		i++
	}
	if i < len(s) && s[i] >= 0x40 && s[i] <= 0x7e {
		return i + 1, sgr && s[i] == 'm'
	}
	return i, false
}

// controlString measures an OSC, DCS, SOS, PM or APC: up to BEL, ST or CAN and
// SUB. One that never ends takes the whole rest: better lost than interpreted.
func controlString(s string, from int) int {
	for i := from; i < len(s); i++ {
		switch s[i] {
		case 0x07, 0x18, 0x1a:
			return i + 1
		case 0x1b:
			if i+1 < len(s) && s[i+1] == '\\' {
				return i + 2
			}
			return i // ESC starts something new
		case 0xc2:
			if i+1 < len(s) && s[i+1] == 0x9c {
				return i + 2
			}
		}
	}
	return len(s)
}
