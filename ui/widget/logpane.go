package widget

import (
	"iter"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// What a log pane keeps unless told otherwise.
const (
	LogLines = 100_000
	LogBytes = 32 << 20
)

// LogTime is how times are shown.
type LogTime int

// The ways to show a time.
const (
	LogClock LogTime = iota // 12:03:41
	LogAge                  // 48 s, before now
	LogNoTime
)

// LogPane shows a log that is being written. It keeps the newest lines in a
// ring; only the rows on screen are wrapped and drawn. While it follows, the
// newest line is at the bottom; otherwise the text stands still, however much
// comes in.
type LogPane struct {
	th      *theme.Theme
	ring    *logRing
	colours theme.Colours
	now     func() time.Time

	follow, wrap, raw         bool
	showTime                  LogTime
	hideSource, hideContainer bool
	sourceW, containerW       int

	include, exclude *matcher
	filter           *logIndex // nil: all lines are shown
	query            *matcher
	search           *logIndex // nil: no search
	hit              uint64    // the line that n and N are on, 0 for none
	seek             bool      // the search has still to find its first line

	top     uint64 // the first line on screen, unless following
	sub     int    // its first row on screen
	x       int    // columns scrolled to the right, without wrap
	w, h    int    // of the last View
	fresh   int    // lines that came since following ended
	skipped int    // lines that were never seen
	working bool   // a LogWorkMsg is under way

	parsed map[uint64][]span // JSON lines near the screen, readable; nil spans: no JSON
}

// LogWorkMsg asks a pane to go on with a filter or search over a long log. Hand
// it to [LogPane.Update].
type LogWorkMsg struct{ pane *LogPane }

// How much is tested at a time, a few milliseconds' worth: lines, and bytes, since
// a line may have 64 KiB of them.
const (
	logBudget      = 8_000
	logBytesBudget = 512 << 10
)

// NewLogPane makes an empty pane that follows.
func NewLogPane(th *theme.Theme) *LogPane {
	return &LogPane{th: th, ring: newLogRing(LogLines, LogBytes), now: time.Now, follow: true, wrap: true, w: 80, h: 20}
}

// SetLimits bounds how much is kept, and empties the pane.
func (p *LogPane) SetLimits(lines, bytes int) {
	p.ring = newLogRing(max(1, lines), max(slotBytes, bytes))
	p.Clear()
}

// SetClock gives the time that ages are counted from.
func (p *LogPane) SetClock(now func() time.Time) { p.now = now }

// Clear lets go of all lines, and keeps filter, search and toggles.
func (p *LogPane) Clear() {
	p.ring = newLogRing(p.ring.maxLines, p.ring.maxBytes)
	p.top, p.sub, p.x, p.hit, p.fresh, p.skipped = 0, 0, 0, 0, 0, 0
	p.sourceW, p.containerW, p.parsed = 0, 0, nil
	p.rebuild()
}

// Append adds lines in time order. skipped lines were lost just before them;
// about says that the number is an estimate.
func (p *LogPane) Append(entries []LogEntry, skipped int, about bool) {
	if skipped > 0 {
		p.gap(skipped, about)
	}
	for i := range entries {
		e := &entries[i]
		if len(e.Source) > p.sourceW {
			p.sourceW = min(len(e.Source), maxSource)
		}
		if len(e.Container) > p.containerW {
			p.containerW = min(len(e.Container), maxContainer)
		}
		known := len(p.ring.names)
		source := p.ring.name(e.Source)
		if len(p.ring.names) > known {
			p.colours.For(e.Source) // in the order of coming, whatever is drawn
		}
		p.push(logSlot{
			at: stampOf(e.At), text: e.Text, source: source,
			container: p.ring.name(e.Container), stderr: e.Stderr,
		})
	}
	p.drop()
	p.nudge()
}

// nudge does a little of a filter or search that is under way.
func (p *LogPane) nudge() {
	const little = 500
	if p.filter != nil && p.filter.scan(p.ring, little) {
		return
	}
	if p.search != nil {
		p.search.scan(p.ring, little)
	}
}

// stampOf is a time as slots keep it, 0 for none.
func stampOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// Notice adds a rule with a text in it: something that happened to the log.
func (p *LogPane) Notice(text string) {
	if text != "" {
		p.push(logSlot{kind: logNotice, text: text})
		p.drop()
	}
}

func (p *LogPane) gap(n int, about bool) {
	p.skipped += n
	if p.ring.n > 0 {
		if last := p.ring.slot(p.ring.next() - 1); last.kind == logGap {
			last.count += int32(n)
			last.about = last.about || about
			return
		}
	}
	p.push(logSlot{kind: logGap, count: int32(n), about: about})
}

func (p *LogPane) push(s logSlot) {
	seq := p.ring.push(s)
	kept := p.ring.slot(seq)
	shown := true
	if p.filter != nil {
		before := p.filter.len()
		p.filter.add(seq, kept)
		shown = p.filter.len() > before
	}
	if p.search != nil && shown {
		p.search.add(seq, kept)
	}
	if shown && !p.follow && kept.kind == logLine {
		p.fresh++
	}
}

// drop follows the ring, which may have let lines go.
func (p *LogPane) drop() {
	if p.filter != nil {
		p.filter.drop(p.ring.first)
	}
	if p.search != nil {
		p.search.drop(p.ring.first)
	}
	if p.hit != 0 && p.hit < p.ring.first {
		p.hit = 0
	}
}

// Filter keeps the lines that include matches and exclude does not, both
// regular expressions, "" for none. Lines of JSON match by their key=value form
// too. err says what is wrong with a pattern that is then taken as plain text.
func (p *LogPane) Filter(include, exclude string) (tea.Cmd, error) {
	in, err := newMatcher(include)
	ex, err2 := newMatcher(exclude)
	if err == nil {
		err = err2
	}
	p.include, p.exclude = in, ex
	return p.rebuild(), err
}

// Search marks every line that matches, and goes to the newest one above the
// end of the screen. "" ends the search.
func (p *LogPane) Search(pattern string) (tea.Cmd, error) {
	m, err := newMatcher(pattern)
	p.query, p.hit, p.seek = m, 0, m != nil
	p.research()
	return p.work(), err
}

// rebuild starts filter and search anew.
func (p *LogPane) rebuild() tea.Cmd {
	p.filter = nil
	if p.include != nil || p.exclude != nil {
		p.filter = newLogIndex(p.ring, p.passes)
	}
	p.fresh = 0
	p.research()
	return p.work()
}

func (p *LogPane) research() {
	p.search = nil
	if p.query != nil {
		p.search = newLogIndex(p.ring, func(s *logSlot) bool {
			return s.kind == logLine && p.passes(s) && p.query.find(p.plain(s))
		})
	}
}

// passes is the filter. Rules always pass: what was skipped is never hidden.
func (p *LogPane) passes(s *logSlot) bool {
	if s.kind != logLine || p.include == nil && p.exclude == nil {
		return true
	}
	text := stripSGR(s.text)
	var flat string
	if !p.raw {
		if fields, ok := jsonFields(text); ok {
			flat = logfmt(fields)
		}
	}
	match := func(m *matcher) bool { return m.find(text) || flat != "" && m.find(flat) }
	return (p.include == nil || match(p.include)) && (p.exclude == nil || !match(p.exclude))
}

// Update goes on with a filter or a search, and ignores every other message.
func (p *LogPane) Update(msg tea.Msg) tea.Cmd {
	if m, ok := msg.(LogWorkMsg); ok && m.pane == p {
		p.working = false
		return p.work()
	}
	return nil
}

// Resume goes on with a filter or a search whose message was lost with the screen
// that was left.
func (p *LogPane) Resume() tea.Cmd {
	p.working = false
	return p.work()
}

// work does one piece of what a filter or search has left to do, and asks for
// the next one.
func (p *LogPane) work() tea.Cmd {
	more := false
	if p.filter != nil {
		more = p.filter.scan(p.ring, logBudget)
	}
	if p.search != nil && !more {
		more = p.search.scan(p.ring, logBudget)
	}
	if p.seek && p.search != nil && p.search.len() > 0 {
		p.seek = false
		p.first()
	}
	if !more {
		p.seek = false
		return nil
	}
	if p.working {
		return nil
	}
	p.working = true
	return func() tea.Msg { return LogWorkMsg{p} }
}

// stripSGR is s without colours, or any other sequence.
func stripSGR(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] == 0x1b {
			return ansi.Strip(s)
		}
	}
	return s
}

// LogInfo is what a screen says about a pane.
type LogInfo struct {
	Lines, Shown  int // kept, and those of them that pass the filter
	Matches, At   int // lines that match the search, and which of them is current (from 1)
	New           int // lines that came since following ended
	Skipped       int // lines that could not be read
	Dropped       int // lines that were let go, the oldest first
	Busy          bool
	Follow, Wrap  bool
	Raw           bool
	Time          LogTime
	Query         string
	Include, Excl string
}

// Info tells where the pane stands.
func (p *LogPane) Info() LogInfo {
	i := LogInfo{
		Lines: p.ring.n, Shown: p.ring.n, New: p.fresh, Skipped: p.skipped, Dropped: p.ring.dropped,
		Follow: p.follow, Wrap: p.wrap, Raw: p.raw, Time: p.showTime,
	}
	if p.filter != nil {
		i.Shown = p.filter.len()
		i.Busy = p.filter.low > p.ring.first
	}
	if p.search != nil {
		i.Matches = p.search.len()
		i.Busy = i.Busy || p.search.low > p.ring.first
		if p.hit != 0 {
			i.At = p.search.search(p.hit) + 1
		}
	}
	for m, to := range map[*matcher]*string{p.query: &i.Query, p.include: &i.Include, p.exclude: &i.Excl} {
		if m != nil {
			*to = m.pattern
		}
	}
	return i
}

// Entries are the lines that are kept, oldest first, whether they pass the
// filter or not.
func (p *LogPane) Entries() iter.Seq[LogEntry] {
	return func(yield func(LogEntry) bool) {
		for seq := p.ring.first; seq < p.ring.next(); seq++ {
			if s := p.ring.slot(seq); s.kind == logLine && !yield(p.ring.entry(s)) {
				return
			}
		}
	}
}

// Colour is the colour of a source, for a legend.
func (p *LogPane) Colour(source string) theme.Token { return p.colours.For(source) }
