package widget

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// ChartPoint is one value over time, and the highest one in its period.
type ChartPoint struct {
	At          time.Time
	Value, Peak float64
}

// Chart draws values over time as a line, with the peaks as faint dots over it.
// Times without a value leave a hole.
type Chart struct {
	Title    string
	Notes    []string // at the right of the title: the first one that fits whole
	From, To time.Time
	Period   time.Duration // of one point: a longer time between two is a hole
	Points   []ChartPoint  // oldest first
	Unit     string        // after the numbers of the scale: " %"
	Top      float64       // the least value that the scale ends with; 0 for none
	Empty    string        // said in the middle where there are no points
}

const (
	chartScale   = 6  // cells of the scale at the left
	chartTick    = 16 // cells between two times under it, at least
	chartAxisMin = 4  // lines from which on the times are drawn
)

// View draws the chart in exactly h lines: the title, the plot, the times.
func (c Chart) View(th *theme.Theme, w, h int) string {
	note := ""
	for _, n := range c.Notes {
		if Width(c.Title)+Width(n)+5 <= w {
			note = th.Paint(theme.Muted, n) + " "
			break
		}
	}
	lines := []string{Spread(" "+th.Paint(theme.Title, c.Title), note, w)}
	rows := h - 1
	if h >= chartAxisMin {
		rows--
	}
	plotW := w - chartScale - 2
	if rows < 1 || plotW < 4 {
		return Fill(lines, w, h)
	}
	lines = append(lines, c.plot(th, plotW, rows)...)
	if h >= chartAxisMin {
		lines = append(lines, spaces(chartScale+1)+c.times(th, plotW))
	}
	return Fill(lines, w, h)
}

// plot draws the scale and the line.
func (c Chart) plot(th *theme.Theme, w, rows int) []string {
	top := c.top()
	value, peak := newCanvas(w, rows, th.ASCII()), newCanvas(w, rows, th.ASCII())
	for i, p := range c.Points {
		x, y := c.place(value, p.At, p.Value, top)
		px, py := c.place(peak, p.At, p.Peak, top)
		peak.dot(px, py)
		if i == 0 || p.At.Sub(c.Points[i-1].At) > c.Period*3/2 {
			value.dot(x, y)
			continue
		}
		before := c.Points[i-1]
		bx, by := c.place(value, before.At, before.Value, top)
		value.line(bx, by, x, y)
	}
	out := make([]string, rows)
	for row := range rows {
		label := ""
		switch {
		case row == 0:
			label = c.number(top)
		case row == rows-1:
			label = c.number(0)
		case row == (rows-1)/2 && rows >= 5 && rows%2 == 1:
			label = c.number(top / 2)
		}
		out[row] = th.Paint(theme.Faint, PadLeft(label, chartScale)) + " " + mixRow(th, value, peak, row)
	}
	if len(c.Points) == 0 && c.Empty != "" {
		out[rows/2] = spaces(chartScale+2) + th.Paint(theme.Muted, Cut(c.Empty, w-1))
	}
	return out
}

// top is where the scale ends: a round number over all values.
func (c Chart) top() float64 {
	most := max(c.Top, 1)
	for _, p := range c.Points {
		most = max(most, p.Value, p.Peak)
	}
	unit := math.Pow(10, math.Floor(math.Log10(most)))
	for _, n := range []float64{1, 1.2, 1.5, 2, 3, 4, 5, 6, 8} {
		if most <= n*unit*1.0001 {
			return n * unit
		}
	}
	return 10 * unit
}

func (c Chart) number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) + c.Unit }

// place is where a value goes, in dots from the bottom left.
func (c Chart) place(on *canvas, at time.Time, v, top float64) (x, y int) {
	span := c.To.Sub(c.From)
	if span <= 0 {
		return 0, 0
	}
	x = int(float64(on.w) * float64(at.Sub(c.From)) / float64(span))
	y = int(math.Round(v / top * float64(on.h-1)))
	return clamp(x, 0, on.w-1), clamp(y, 0, on.h-1)
}

// times are the clock times under the plot: at both ends, and between them as
// many as there is room for.
func (c Chart) times(th *theme.Theme, w int) string {
	if !c.To.After(c.From) {
		return ""
	}
	layout := "15:04"
	if c.To.Sub(c.From) > 36*time.Hour {
		layout = "Jan 2"
	}
	n := max(1, min(6, w/chartTick))
	line := []byte(spaces(w + 1))
	for i := range n + 1 {
		text := c.From.Add(c.To.Sub(c.From) * time.Duration(i) / time.Duration(n)).Local().Format(layout)
		at := clamp(w*i/n-len(text)/2, 0, max(0, w-len(text)))
		copy(line[at:], text)
	}
	return th.Paint(theme.Faint, strings.TrimRight(string(line), " "))
}

// canvas is a grid of dots, several to a cell: 2×4 with braille, 1×2 with ASCII.
type canvas struct {
	w, h       int // in dots
	cells      int // in a row
	perX, perY int
	bits       []uint8 // by cell, row by row from the top
	ascii      bool
}

func newCanvas(cells, rows int, ascii bool) *canvas {
	c := &canvas{cells: cells, perX: 2, perY: 4, ascii: ascii, bits: make([]uint8, cells*rows)}
	if ascii {
		c.perX, c.perY = 1, 2
	}
	c.w, c.h = cells*c.perX, rows*c.perY
	return c
}

// dot sets the dot at x, y from the bottom left.
func (c *canvas) dot(x, y int) {
	y = c.h - 1 - y
	c.bits[y/c.perY*c.cells+x/c.perX] |= c.bit(x%c.perX, y%c.perY)
}

// bit is a dot's place in the pattern of its cell: the braille dots count
// 1 2 3 7 down the left column and 4 5 6 8 down the right one.
func (c *canvas) bit(x, y int) uint8 {
	if c.ascii {
		return 1 << y
	}
	return [2][4]uint8{{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}}[x][y]
}

// line sets the dots between two places, both included.
func (c *canvas) line(x1, y1, x2, y2 int) {
	steps := max(abs(x2-x1), abs(y2-y1), 1)
	for i := range steps + 1 {
		c.dot(x1+(x2-x1)*i/steps, y1+(y2-y1)*i/steps)
	}
}

// sign draws a cell.
func (c *canvas) sign(bits uint8) string {
	if c.ascii {
		return [4]string{" ", "'", ".", ":"}[bits&3]
	}
	return string(rune(0x2800 + int(bits)))
}

// mixRow draws a row of the line, and where it has nothing, of the peaks.
func mixRow(th *theme.Theme, value, peak *canvas, row int) string {
	var b strings.Builder
	from := row * value.cells
	for i := from; i < from+value.cells; {
		tok, on := theme.Text, value
		bits := value.bits[i]
		switch {
		case bits != 0:
			tok = theme.Accent
		case peak.bits[i] != 0:
			tok, on, bits = theme.Faint, peak, peak.bits[i]
		}
		if bits == 0 {
			b.WriteByte(' ')
			i++
			continue
		}
		j := i
		var run strings.Builder
		for j < from+value.cells && on.bits[j] != 0 && (on == value || value.bits[j] == 0) {
			run.WriteString(on.sign(on.bits[j]))
			j++
		}
		th.Write(&b, tok, run.String(), false)
		i = j
	}
	return b.String()
}

func abs(n int) int { return max(n, -n) }
