package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

const sgrReset = "\x1b[m"

// splitRows breaks a line into rows of at most w cells. Colours that a row is
// left in are closed at its end and opened again on the next, so that no row
// leaks and each can be drawn alone. A wide character that does not fit goes to
// the next row whole.
func splitRows(s string, w int) []string {
	if w <= 0 {
		return []string{""}
	}
	if isASCII(s) {
		if len(s) <= w {
			return []string{s}
		}
		rows := make([]string, 0, len(s)/w+1)
		for len(s) > w {
			rows = append(rows, s[:w])
			s = s[w:]
		}
		return append(rows, s)
	}
	if Width(s) <= w {
		return []string{closed(s)}
	}
	var rows []string
	var row strings.Builder
	open, used := "", 0 // SGR in force, cells of the row
	flush := func() {
		if open != "" {
			row.WriteString(sgrReset)
		}
		rows = append(rows, row.String())
		row.Reset()
		row.WriteString(open)
		used = 0
	}
	var state byte
	for len(s) > 0 {
		seq, cells, n, next := ansi.DecodeSequence(s, state, nil)
		state = next
		s = s[n:]
		if cells == 0 {
			if strings.HasPrefix(seq, "\x1b[") {
				open = sgrAfter(open, seq)
			}
			row.WriteString(seq)
			continue
		}
		if used+cells > w && used > 0 {
			flush()
		}
		if cells > w {
			continue // wider than the whole pane
		}
		row.WriteString(seq)
		used += cells
	}
	if open != "" {
		row.WriteString(sgrReset)
	}
	return append(rows, row.String())
}

// sgrAfter is the SGR in force after another one: a reset clears what was.
func sgrAfter(open, seq string) string {
	params := strings.TrimSuffix(strings.TrimPrefix(seq, "\x1b["), "m")
	switch {
	case params == "" || params == "0":
		return ""
	case strings.HasPrefix(params, "0;"):
		return seq
	case len(open) > 256:
		return open // a line of nothing but colours
	default:
		return open + seq
	}
}

// cutRow cuts a line to w cells with … at its end, closed.
func cutRow(s string, w int) string {
	switch {
	case Width(s) <= w:
		return closed(s)
	case isASCII(s):
		return s[:max(0, w-1)] + "…"
	default:
		return closed(ansi.Truncate(s, w, "…"))
	}
}

// closed ends the colours that a line may leave open.
func closed(s string) string {
	if strings.IndexByte(s, 0x1b) < 0 || strings.HasSuffix(s, sgrReset) {
		return s
	}
	return s + sgrReset
}
