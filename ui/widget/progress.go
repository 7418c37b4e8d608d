package widget

import (
	"math"
	"strings"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// Progress draws how much is done as a bar of w cells: ━━━━━╸────. done is a
// share between 0 and 1.
func Progress(th *theme.Theme, done float64, w int) string {
	return progress(th, done, theme.Accent, theme.Border, w)
}

// Handover draws a rollout as a bar of w cells: the share that the new
// revision has taken in front, in the accent colour, what the old one still
// holds behind it, and the rest empty. Shares are of the same whole.
func Handover(th *theme.Theme, fresh, old float64, w int) string {
	if w <= 0 {
		return ""
	}
	g := th.Glyphs()
	n := cells(fresh, w)
	o := min(cells(old, w), w-n)
	tip := ""
	if n > 0 && n < w {
		tip, n = g.BarTip, n-1
	}
	rest := w - n - o - len([]rune(tip))
	return th.Paint(theme.Accent, strings.Repeat(g.BarDone, n)+tip) +
		th.Paint(theme.Muted, strings.Repeat(g.BarDone, o)) +
		th.Paint(theme.Border, strings.Repeat(g.BarRest, max(0, rest)))
}

func progress(th *theme.Theme, done float64, full, empty theme.Token, w int) string {
	if w <= 0 {
		return ""
	}
	g := th.Glyphs()
	n := cells(done, w)
	tip := ""
	if n > 0 && n < w {
		tip, n = g.BarTip, n-1
	}
	return th.Paint(full, strings.Repeat(g.BarDone, n)+tip) +
		th.Paint(empty, strings.Repeat(g.BarRest, w-n-len([]rune(tip))))
}

// cells turns a share of w into whole cells: something is never drawn as
// nothing, and not quite all never as all.
func cells(share float64, w int) int {
	switch {
	case math.IsNaN(share) || share <= 0:
		return 0
	case share >= 1:
		return w
	default:
		return clamp(int(math.Round(share*float64(w))), 1, max(1, w-1))
	}
}

// Spark draws values as a small chart, one cell each, the newest at the right;
// top is the value of a full cell, 0 for the largest one.
func Spark(th *theme.Theme, values []float64, top float64, w int) string {
	if len(values) > w {
		values = values[len(values)-max(0, w):]
	}
	if top <= 0 {
		for _, v := range values {
			top = max(top, v)
		}
	}
	g := th.Glyphs().Spark
	var b strings.Builder
	for _, v := range values {
		i := 0
		if top > 0 && v > 0 {
			i = clamp(int(v/top*float64(len(g)-1)+0.5), 0, len(g)-1)
		}
		b.WriteString(g[i])
	}
	return th.Paint(theme.Accent, b.String())
}
