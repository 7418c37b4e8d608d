package screen

import (
	"fmt"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

func buildCounts(b *buildFold) string {
	total, done, cached := b.counts()
	if total == 0 {
		return "sending the context"
	}
	text := fmt.Sprintf("%d of %d steps", done, total)
	if cached > 0 {
		text += fmt.Sprintf(", %d cached", cached)
	}
	return text
}

func pushCounts(f *pushFold) string {
	total, done, there := f.counts()
	text := fmt.Sprintf("%d of %d layers", done, total)
	if there > 0 {
		text += fmt.Sprintf(", %d already there", there)
	}
	if current, size := f.bytes(); size > 0 {
		text += fmt.Sprintf(" · %s of %s", widget.Size(current), widget.Size(size))
	}
	return text
}

// buildDetail draws a build: what is finished as far as there is room, folded
// into a count otherwise; then what runs, with the last lines it wrote.
func (p deployPainter) buildDetail(s *deployState, l stepLine, room int) []string {
	b := s.buildOf(l.Subject)
	if b == nil || (l.Phase == stepDone && p.kind != DeployBuild) {
		return nil
	}
	var open []string
	active := b.active()
	for i, v := range active {
		open = append(open, p.vertex(v))
		if i < len(active)-1 {
			continue // only the newest one shows what it writes
		}
		tail := v.Tail
		if n := max(1, min(vertexTailKept, room-len(active)-1)); len(tail) > n {
			tail = tail[len(tail)-n:]
		}
		for _, text := range tail {
			open = append(open, "       "+p.th.Paint(theme.Faint, "│ ")+widget.Cut(text, p.w-10))
		}
	}
	if l.Phase == stepFailed && l.Err != nil {
		open = append(open, p.failedBuild(l)...)
	}
	for _, n := range b.Notices {
		open = append(open, "     "+p.th.Mark(theme.Warning)+" "+p.th.Paint(theme.Muted, n))
	}
	done := b.finished()
	free := room - len(open) - p.warnings(b)
	lines := p.foldedVertexes(done, free)
	lines = append(lines, open...)
	for i, w := range b.Warnings {
		if i >= 3 {
			break
		}
		lines = append(lines, "     "+p.th.Mark(theme.Warning)+" "+p.th.Paint(theme.Warn, warningText(w)))
	}
	return lines
}

func (p deployPainter) warnings(b *buildFold) int { return min(len(b.Warnings), 3) }

// foldedVertexes draws the newest finished vertexes in room lines, and the
// others as one line with their count.
func (p deployPainter) foldedVertexes(done []vertexFold, room int) []string {
	if len(done) == 0 || room <= 0 {
		return nil
	}
	shown := done
	if len(done) > room {
		shown = done[len(done)-(room-1):]
	}
	var lines []string
	if folded := done[:len(done)-len(shown)]; len(folded) > 0 {
		cached := 0
		for _, v := range folded {
			if v.Cached {
				cached++
			}
		}
		text := widget.Plural(len(folded), "step", "steps") + " done"
		if cached > 0 {
			text += fmt.Sprintf(", %d cached", cached)
		}
		lines = append(lines, "     "+p.th.Paint(theme.Good, p.th.Glyphs().Done)+" "+p.th.Paint(theme.Muted, text))
	}
	for _, v := range shown {
		lines = append(lines, p.vertex(v))
	}
	return lines
}

// vertex draws one step of a build: sign, name, time or "cached".
func (p deployPainter) vertex(v vertexFold) string {
	const timeW = 9
	g := p.th.Glyphs()
	sign, tok := p.th.Paint(theme.Moving, g.Spinner[p.frame%len(g.Spinner)]), theme.Text
	note := widget.Elapsed(vertexTime(v.BuildVertex, p.now))
	switch {
	case v.Err != "":
		sign, tok = p.th.Paint(theme.Bad, g.Failed), theme.Bad
	case v.Cached:
		sign, tok, note = p.th.Paint(theme.Good, g.Done), theme.Muted, "cached"
	case !v.Completed.IsZero():
		sign, tok = p.th.Paint(theme.Good, g.Done), theme.Muted
	case v.Total > 0:
		note = widget.Size(v.Current) + " of " + widget.Size(v.Total)
	case v.Current > 0:
		note = widget.Size(v.Current)
	}
	nameW := min(p.w-7-timeW-3, 90)
	if v.Total > 0 && v.Completed.IsZero() {
		nameW -= 12
	}
	return "     " + sign + " " + p.th.Paint(tok, widget.Pad(v.Name, nameW)) + "  " +
		p.th.Paint(theme.Muted, widget.PadLeft(note, max(timeW, widget.Width(note))))
}

// failedBuild says why a build failed, and what to do.
func (p deployPainter) failedBuild(l stepLine) []string {
	var lines []string
	_, more, _ := strings.Cut(l.Err.Error(), "\n")
	for text := range strings.SplitSeq(more, "\n") {
		if text = strings.TrimRight(text, " "); text != "" {
			lines = append(lines, "     "+p.th.Paint(theme.Bad, backend.Clean(text)))
		}
	}
	return lines
}

// pushDetail draws the layers that are on their way.
func (p deployPainter) pushDetail(s *deployState, room int) []string {
	var lines []string
	for _, f := range s.Pushes {
		if f.Done != nil {
			continue
		}
		for _, l := range f.Layers {
			if layerDone(l.Status) {
				continue
			}
			share := 0.0
			if l.Total > 0 {
				share = float64(l.Current) / float64(l.Total)
			}
			lines = append(lines, "     "+p.th.Paint(theme.Muted, widget.Pad(shortImageID(l.ID), 13))+
				widget.Progress(p.th, share, min(30, max(6, p.w/4)))+" "+
				p.th.Paint(theme.Muted, widget.Pad(strings.ToLower(l.Status), 24))+" "+
				p.th.Paint(theme.Muted, layerSize(l)))
		}
		for _, n := range f.Notices {
			lines = append(lines, "     "+p.th.Mark(theme.Warning)+" "+p.th.Paint(theme.Muted, n))
		}
	}
	if len(lines) > room {
		lines = lines[len(lines)-room:]
	}
	return lines
}

func layerSize(l backend.PushLayer) string {
	if l.Total == 0 {
		return ""
	}
	return widget.Size(min(l.Current, l.Total)) + " of " + widget.Size(l.Total)
}
