package widget

import "time"

// LogEntry is one line of a log. Text has no line break and no control
// sequences but SGR.
type LogEntry struct {
	At        time.Time
	Source    string // task id; each has its colour
	Container string
	Stderr    bool
	Text      string
}

// logKind says what a slot of the ring holds.
type logKind uint8

const (
	logLine   logKind = iota
	logGap            // lines that were skipped: count
	logNotice         // something that happened: text
)

// logSlot is a line as the ring keeps it: small, since there are a hundred
// thousand. Source and container are indexes into the ring's names.
type logSlot struct {
	at        int64 // Unix nanoseconds
	text      string
	count     int32 // of a gap
	source    uint16
	container uint16
	kind      logKind
	stderr    bool
	about     bool
}

// logRing holds the newest lines, bounded in lines and bytes. A slot has a
// number that never changes; numbers start at 1 and leave no gaps.
type logRing struct {
	maxLines, maxBytes int

	slots   []logSlot // circular
	head    int       // index of the oldest
	n       int
	first   uint64 // number of the oldest
	bytes   int
	dropped int // lines that were let go

	names  []string // sources and containers
	byName map[string]uint16
	last   string // the name looked up last, and its index
	lastAt uint16
}

// slotBytes is what a line costs beside its text.
const slotBytes = 48

func newLogRing(lines, bytes int) *logRing {
	return &logRing{maxLines: lines, maxBytes: bytes, first: 1, byName: map[string]uint16{}}
}

// next is the number that the next slot gets.
func (r *logRing) next() uint64 { return r.first + uint64(r.n) }

func (r *logRing) has(seq uint64) bool { return seq >= r.first && seq < r.next() }

func (r *logRing) slot(seq uint64) *logSlot {
	i := r.head + int(seq-r.first)
	if i >= len(r.slots) {
		i -= len(r.slots)
	}
	return &r.slots[i]
}

// name interns a source or container. Names that come after the 65,535th share
// the last one; no log has so many tasks.
func (r *logRing) name(s string) uint16 {
	if s == r.last && r.byName != nil && len(r.names) > 0 {
		return r.lastAt
	}
	i, ok := r.byName[s]
	if !ok {
		i = uint16(min(len(r.names), 1<<16-1))
		if int(i) == len(r.names) {
			r.names = append(r.names, s)
		}
		r.byName[s] = i
	}
	r.last, r.lastAt = s, i
	return i
}

// push adds a slot and lets go of the oldest while there are too many.
func (r *logRing) push(s logSlot) uint64 {
	for r.n > 0 && (r.n >= r.maxLines || r.bytes+len(s.text)+slotBytes > r.maxBytes) {
		r.drop()
	}
	if r.n == len(r.slots) {
		r.growTo(min(max(1024, 2*len(r.slots)), r.maxLines))
	}
	i := r.head + r.n
	if i >= len(r.slots) {
		i -= len(r.slots)
	}
	r.slots[i] = s
	r.n++
	r.bytes += len(s.text) + slotBytes
	return r.next() - 1
}

func (r *logRing) drop() {
	s := &r.slots[r.head]
	r.bytes -= len(s.text) + slotBytes
	switch s.kind {
	case logLine:
		r.dropped++
	case logGap:
		r.dropped += int(s.count)
	case logNotice:
	}
	*s = logSlot{}
	r.head++
	if r.head == len(r.slots) {
		r.head = 0
	}
	r.n--
	r.first++
}

func (r *logRing) growTo(size int) {
	slots := make([]logSlot, max(1, size))
	n := copy(slots, r.slots[r.head:])
	copy(slots[n:], r.slots[:r.head])
	r.slots, r.head = slots, 0
}

func (r *logRing) entry(s *logSlot) LogEntry {
	e := LogEntry{Source: r.names[s.source], Container: r.names[s.container], Stderr: s.stderr, Text: s.text}
	if s.at != 0 {
		e.At = time.Unix(0, s.at)
	}
	return e
}
