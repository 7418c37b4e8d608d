package widget

import (
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

const (
	maxSource    = 12
	maxContainer = 16
	minText      = 24 // cells that the text gets before the columns do

	// maxDrawn is how many bytes of one line are drawn. A longer line says how
	// much more there is; it is kept and saved whole.
	maxDrawn = 16 << 10
)

// View draws h rows of w cells.
func (p *LogPane) View(w, h int) string {
	if h <= 0 || w <= 0 {
		return Fill(nil, w, h)
	}
	p.w, p.h = w, h
	lines := make([]string, 0, h)
	seq, sub := p.place()
	for seq != 0 && len(lines) < h {
		rows := p.rows(seq)
		for _, r := range rows[min(sub, len(rows)):] {
			if len(lines) < h {
				lines = append(lines, r)
			}
		}
		sub = 0
		seq = p.nextLine(seq)
	}
	if len(lines) == 0 {
		lines = p.emptyLines(w, h)
	}
	if p.fresh > 0 && !p.follow {
		for len(lines) < h {
			lines = append(lines, "")
		}
		sign := " " + Plural(p.fresh, "new line", "new lines") + " " + p.th.Glyphs().More + " "
		lines[h-1] = Spread(lines[h-1], p.th.Paint(theme.MatchCurrent, sign), w)
	}
	return Fill(lines, w, h)
}

func (p *LogPane) emptyLines(w, h int) []string {
	text := "No lines yet."
	switch {
	case p.ring.n > 0 && p.Info().Busy:
		text = "Searching …"
	case p.ring.n > 0:
		text = "No line passes the filter."
	}
	return middle([]string{p.th.Paint(theme.Muted, text)}, w, h)
}

// Rows are the rows on screen as plain text, without times and names, for the
// clipboard.
func (p *LogPane) Rows() []string {
	var out []string
	seq, sub := p.place()
	for n := -sub; seq != 0 && n < p.h; seq = p.nextLine(seq) {
		n += p.rowCount(seq)
		if p.ring.has(seq) && p.ring.slot(seq).kind == logLine {
			out = append(out, stripSGR(p.ring.slot(seq).text))
		}
	}
	return out
}

// columns are the widths of what stands before the text; 0 is not shown. On a
// narrow pane the container goes first, then the time, then the source.
func (p *LogPane) columns() (timeW, sourceW, containerW, total int) {
	switch p.showTime {
	case LogClock:
		timeW = 8
	case LogAge:
		timeW = 7
	case LogNoTime:
	}
	if !p.hideSource {
		sourceW = p.sourceW
	}
	if !p.hideContainer {
		containerW = p.containerW
	}
	sum := func() int {
		n := 1
		for _, w := range []int{timeW, sourceW, containerW} {
			if w > 0 {
				n += w + 1
			}
		}
		return n
	}
	for _, drop := range []*int{&containerW, &timeW, &sourceW} {
		if p.w-sum() < minText {
			*drop = 0
		}
	}
	total = sum()
	if total > 1 {
		total++ // two spaces before the text
	}
	return timeW, sourceW, containerW, min(total, p.w-1)
}

// rowCount is how many rows a line takes on screen.
func (p *LogPane) rowCount(seq uint64) int {
	if !p.wrap || !p.ring.has(seq) {
		return 1
	}
	s := p.ring.slot(seq)
	if s.kind != logLine {
		return 1
	}
	_, _, _, pre := p.columns()
	w := p.w - pre
	text := drawn(s.text)
	if spans := p.spans(seq, s); spans != nil {
		text = joinSpans(spans)
	}
	if n := Width(text); n <= w {
		return 1
	} else if isASCII(text) {
		return (n + w - 1) / w
	}
	return len(splitRows(text, w))
}

// plain is a line's text as it is shown, without colours.
func (p *LogPane) plain(s *logSlot) string {
	if spans := p.parse(s); spans != nil {
		return joinSpans(spans)
	}
	return stripSGR(drawn(s.text))
}

// parse makes a line of JSON readable, nil for any other line.
func (p *LogPane) parse(s *logSlot) []span {
	if p.raw || len(s.text) > maxDrawn || s.text == "" || s.text[0] != '{' {
		return nil
	}
	fields, ok := jsonFields(s.text)
	if !ok {
		return nil
	}
	return readable(fields, p.showTime != LogNoTime)
}

// parsedKept bounds the lines whose readable form is kept for the next frame.
const parsedKept = 1024

// spans is [LogPane.parse] for lines near the screen, which are asked for again
// with every frame.
func (p *LogPane) spans(seq uint64, s *logSlot) []span {
	if s.text == "" || s.text[0] != '{' {
		return nil
	}
	spans, ok := p.parsed[seq]
	if ok {
		return spans
	}
	if p.parsed == nil || len(p.parsed) >= parsedKept {
		p.parsed = make(map[uint64][]span, parsedKept)
	}
	spans = p.parse(s)
	p.parsed[seq] = spans
	return spans
}

// drawn is the part of a line that is drawn.
func drawn(s string) string {
	if len(s) <= maxDrawn {
		return s
	}
	cut := maxDrawn
	for cut > 0 && s[cut]&0xc0 == 0x80 {
		cut-- // not inside a character
	}
	if i := strings.LastIndexByte(s[:cut], 0x1b); i >= 0 && !strings.Contains(s[i:cut], "m") {
		cut = i // nor inside a colour
	}
	return s[:cut] + "\x1b[m … " + Size(int64(len(s)-cut)) + " more"
}

// rows draws a line.
func (p *LogPane) rows(seq uint64) []string {
	if !p.ring.has(seq) {
		n := p.ring.dropped
		return []string{Rule(p.th, Plural(n, "earlier line", "earlier lines")+" let go (the newest "+Count(p.ring.n)+" are kept)", p.w)}
	}
	s := p.ring.slot(seq)
	switch s.kind {
	case logGap:
		about := ""
		if s.about {
			about = "about "
		}
		return []string{Rule(p.th, "skipped "+about+Plural(int(s.count), "line", "lines")+" (more than can be read)", p.w)}
	case logNotice:
		return []string{Rule(p.th, s.text, p.w)}
	case logLine:
	}
	timeW, sourceW, containerW, pre := p.columns()
	text := p.text(seq, s)
	w := p.w - pre
	if !p.wrap {
		if p.x > 0 {
			text = ansi.TruncateLeft(text, p.x, "")
		}
		return []string{p.prefix(s, timeW, sourceW, containerW, pre) + cutRow(text, w)}
	}
	rows := splitRows(text, w)
	for i, r := range rows {
		if i == 0 {
			rows[i] = p.prefix(s, timeW, sourceW, containerW, pre) + r
		} else {
			rows[i] = spaces(pre) + r
		}
	}
	return rows
}

// text is a line's text with its colours and with what the search found marked.
func (p *LogPane) text(seq uint64, s *logSlot) string {
	text := drawn(s.text)
	if spans := p.spans(seq, s); spans != nil {
		var b strings.Builder
		for _, sp := range spans {
			p.th.Write(&b, sp.tok, sp.text, false)
		}
		text = b.String()
	}
	if p.query == nil {
		return text
	}
	return p.mark(text, seq == p.hit)
}

// mark shows the matches in a line; the first one of the current line stands
// out. A line has at most so many marks that a pattern that matches everything
// stays cheap.
func (p *LogPane) mark(text string, current bool) string {
	plain := stripSGR(text)
	var ranges []lipgloss.Range
	for from := 0; from < len(plain) && len(ranges) < 64; {
		start, end, ok := p.query.next(plain, from)
		if !ok {
			break
		}
		tok := theme.Match
		if current && len(ranges) == 0 {
			tok = theme.MatchCurrent
		}
		left := Width(plain[:start])
		ranges = append(ranges, lipgloss.NewRange(left, left+Width(plain[start:end]), p.th.Style(tok)))
		from = end
	}
	if len(ranges) == 0 {
		return text
	}
	return lipgloss.StyleRanges(text, ranges...)
}

// prefix draws what stands before the text, pre cells wide.
func (p *LogPane) prefix(s *logSlot, timeW, sourceW, containerW, pre int) string {
	var b strings.Builder
	b.WriteByte(' ')
	used := 1
	put := func(tok theme.Token, text string, w int) {
		if w > 0 {
			p.th.Write(&b, tok, Pad(text, w), false)
			b.WriteByte(' ')
			used += w + 1
		}
	}
	if timeW > 0 {
		put(theme.Faint, p.stamp(s.at), timeW)
	}
	source := p.ring.names[s.source]
	put(p.colours.For(source), source, sourceW)
	container := theme.Muted
	if s.stderr {
		container = theme.Warn
	}
	put(container, p.ring.names[s.container], containerW)
	b.WriteString(spaces(pre - used))
	return b.String()
}

func (p *LogPane) stamp(at int64) string {
	if at == 0 {
		return ""
	}
	t := time.Unix(0, at)
	if p.showTime == LogAge {
		return PadLeft(Age(p.now().Sub(t)), 7)
	}
	h, m, s := t.Clock()
	digits := [8]byte{'0' + byte(h/10), '0' + byte(h%10), ':', '0' + byte(m/10), '0' + byte(m%10), ':', '0' + byte(s/10), '0' + byte(s%10)}
	return string(digits[:])
}
