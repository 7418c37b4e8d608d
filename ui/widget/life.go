package widget

import (
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// LifePhase is what a task was doing for a while.
type LifePhase int

// The phases, in a task's order. Failed ends a life and takes one cell.
const (
	Provisioning LifePhase = iota
	Pulling
	Starting // it runs, and is not healthy yet
	Running
	Draining
	Failed
)

func (p LifePhase) String() string {
	return [...]string{"provisioning", "pulling", "running", "healthy", "stopping", "failed"}[p]
}

// LifePart is one phase of a task's life. Failed is a moment, at From.
type LifePart struct {
	Phase    LifePhase
	From, To time.Time
}

// Timeline is a stretch of time drawn in W cells, under which lives and marks
// stand where they belong.
type Timeline struct {
	From time.Time
	For  time.Duration
	W    int
}

// NewTimeline is one from a moment to at least another, of a round length: it
// grows by steps, so that what stands on it does not move all the time.
func NewTimeline(from, to time.Time, w int) Timeline {
	for _, step := range []time.Duration{
		20 * time.Second, 40 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 20 * time.Minute,
		40 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 24 * time.Hour,
	} {
		if !from.Add(step).Before(to) {
			return Timeline{from, step, w}
		}
	}
	days := to.Sub(from)/(24*time.Hour) + 1
	return Timeline{from, days * 24 * time.Hour, w}
}

// cell is where a moment stands; outside it is below 0, or W and more.
func (l Timeline) cell(at time.Time) int {
	if at.Before(l.From) {
		return -1
	}
	if l.For <= 0 {
		return 0
	}
	return int(float64(at.Sub(l.From)) / float64(l.For) * float64(l.W))
}

// Life draws a task's life as a bar in its place: ░ provisioning ▒ pulling
// ▓ running █ healthy ▄ stopping ✗ failed. A phase takes a cell at least, unless
// the next one needs it. healthy colours the healthy part.
func (l Timeline) Life(th *theme.Theme, parts []LifePart, healthy bool) string {
	cells := make([]int, max(l.W, 0))
	for i := range cells {
		cells[i] = -1
	}
	for _, p := range parts {
		from, to := l.cell(p.From), l.cell(p.To)
		if p.Phase == Failed {
			to = from
		}
		if to < 0 || from >= l.W {
			continue
		}
		for i := max(from, 0); i < min(max(to, from+1), l.W); i++ {
			cells[i] = int(p.Phase)
		}
	}
	glyphs := th.Glyphs().Life
	var b strings.Builder
	blank := 0
	for i := 0; i < len(cells); {
		j := i
		for j < len(cells) && cells[j] == cells[i] {
			j++
		}
		if cells[i] < 0 {
			blank = j - i
		} else {
			b.WriteString(strings.Repeat(" ", blank))
			th.Write(&b, lifeToken(LifePhase(cells[i]), healthy), strings.Repeat(glyphs[cells[i]], j-i), false)
			blank = 0
		}
		i = j
	}
	return b.String()
}

func lifeToken(p LifePhase, healthy bool) theme.Token {
	switch {
	case p == Failed:
		return theme.Bad
	case p == Running && healthy:
		return theme.Good
	case p == Running, p == Starting:
		return theme.Accent
	default:
		return theme.Muted
	}
}

// Mark is a moment on a timeline. Of several in one cell the one of the highest
// rank is seen.
type Mark struct {
	At    time.Time
	Sign  string // one cell
	Token theme.Token
	Rank  int
}

// Marks draws moments in their places.
func (l Timeline) Marks(th *theme.Theme, marks []Mark) string {
	cells := make([]*Mark, max(l.W, 0))
	for i := range marks {
		if at := l.cell(marks[i].At); at >= 0 && at < len(cells) && (cells[at] == nil || cells[at].Rank < marks[i].Rank) {
			cells[at] = &marks[i]
		}
	}
	var b strings.Builder
	blank := 0
	for _, m := range cells {
		if m == nil {
			blank++
			continue
		}
		b.WriteString(strings.Repeat(" ", blank))
		th.Write(&b, m.Token, m.Sign, false)
		blank = 0
	}
	return b.String()
}

// axisCell is the least room that a label of the axis needs.
const axisCell = 8

// Axis names moments of the timeline, from its beginning: "0 s  10 s  20 s".
func (l Timeline) Axis() string {
	parts := 4
	for parts > 1 && l.W/parts < axisCell {
		parts /= 2
	}
	var b strings.Builder
	for i := range parts {
		for Width(b.String()) < i*l.W/parts {
			b.WriteByte(' ')
		}
		label := "0 s"
		if i > 0 {
			label = Elapsed((l.For * time.Duration(i) / time.Duration(parts)).Round(time.Second))
			label = strings.Replace(label, ".0 s", " s", 1)
		}
		b.WriteString(label)
	}
	return Cut(b.String(), l.W)
}

// LifeLegend says what the parts of a life look like.
func LifeLegend(th *theme.Theme) string {
	var parts []string
	for p := Provisioning; p <= Failed; p++ {
		parts = append(parts, th.Paint(lifeToken(p, true), th.Glyphs().Life[p])+" "+th.Paint(theme.Faint, p.String()))
	}
	return strings.Join(parts, "  ")
}
