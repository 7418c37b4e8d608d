package screen

import (
	"maps"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// logMarks say up to where a log is known, so that reading can go on there: each
// container has a pace of its own, and a line of one may come after a later line
// of another.
type logMarks struct {
	newest time.Time // of all
	of     map[logSourceID]logMark
}

type logSourceID struct{ task, container string }

// logMark is the end of what one container wrote.
type logMark struct {
	at    time.Time
	texts []string // those at that very time: CloudWatch counts milliseconds
}

func (m *logMarks) clone() logMarks {
	c := logMarks{m.newest, maps.Clone(m.of)}
	for id, mark := range c.of {
		mark.texts = slices.Clone(mark.texts)
		c.of[id] = mark
	}
	return c
}

// add takes lines that are known from now on.
func (m *logMarks) add(lines []backend.LogLine) {
	if m.of == nil {
		m.of = map[logSourceID]logMark{}
	}
	for _, l := range lines {
		if l.At.After(m.newest) {
			m.newest = l.At
		}
		id := logSourceID{l.Task, l.Container}
		switch mark := m.of[id]; {
		case l.At.After(mark.at):
			m.of[id] = logMark{l.At, append(mark.texts[:0:0], l.Text)}
		case l.At.Equal(mark.at):
			mark.texts = append(mark.texts, l.Text)
			m.of[id] = mark
		}
	}
}

// replayed says whether a line is one that was known. Each is told once.
func (m *logMarks) replayed(l backend.LogLine) bool {
	id := logSourceID{l.Task, l.Container}
	mark, ok := m.of[id]
	if !ok || l.At.After(mark.at) {
		return false
	}
	if l.At.Before(mark.at) {
		return true
	}
	i := slices.Index(mark.texts, l.Text)
	if i < 0 {
		return false
	}
	mark.texts = slices.Delete(mark.texts, i, i+1)
	m.of[id] = mark
	return true
}

// missing estimates how many lines lie between what is known and what comes
// first of each container. It is told every batch, in order; a container that is
// not known yet misses nothing.
func (m *logMarks) missing(lines []backend.LogLine, met map[logSourceID]bool) int {
	n := 0
	for i, l := range lines {
		id := logSourceID{l.Task, l.Container}
		mark, known := m.of[id]
		if met[id] || !known {
			continue
		}
		met[id] = true
		if l.At.After(mark.at) { // the end that is known would have come before it
			n += max(1, int(pace(lines[i:], id)*l.At.Sub(mark.at).Seconds()))
		}
	}
	return n
}

// pace is how many lines a second a container writes, by those that are here.
func pace(lines []backend.LogLine, id logSourceID) float64 {
	n, last := 0, lines[0].At
	for _, l := range lines {
		if l.Task == id.task && l.Container == id.container {
			n, last = n+1, l.At
		}
	}
	if took := last.Sub(lines[0].At).Seconds(); took > 0 {
		return float64(n) / took
	}
	return 0
}
