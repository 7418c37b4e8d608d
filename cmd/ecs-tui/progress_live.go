package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// liveProgress redraws what is going on below what is done. Lines that are
// done are written once and scroll away; only the block under them moves.
type liveProgress struct {
	out   io.Writer
	size  func() (int, int)
	clock backend.Clock
	end   chan struct{}
	ended sync.WaitGroup

	mu      sync.Mutex
	drawn   int // lines of the block on screen
	step    *deploy.StepStarted
	running []backend.BuildVertex
	tail    []string // the last lines of the build's log
	layers  []backend.PushLayer
	rollout *deploy.RolloutProgress
}

// How much of a build is shown while it runs.
const (
	shownVertexes = 6
	shownLog      = 6
	redrawEvery   = 100 * time.Millisecond
)

func newLiveProgress(io *streams, noColor bool, clock backend.Clock) *liveProgress {
	p := &liveProgress{out: io.colour(io.Out, noColor), size: io.Size, clock: clock, end: make(chan struct{})}
	p.ended.Add(1)
	go p.tick()
	return p
}

// tick redraws now and then, so that times run on. It ends with close.
func (p *liveProgress) tick() {
	defer p.ended.Done()
	for {
		select {
		case <-p.end:
			return
		case <-time.After(redrawEvery):
			p.mu.Lock()
			p.redraw(nil)
			p.mu.Unlock()
		}
	}
}

func (p *liveProgress) close() {
	close(p.end)
	p.ended.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.step, p.rollout = nil, nil
	p.redraw(nil)
}

// typed notes that the terminal has echoed a line below the block.
func (p *liveProgress) typed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drawn++
}

func (p *liveProgress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.redraw([]string{text})
}

func (p *liveProgress) show(e deploy.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var done []string
	switch e := e.(type) {
	case deploy.StepStarted:
		p.step, p.running, p.tail, p.layers = &e, nil, nil, nil
		return // the next tick draws it
	case deploy.BuildProgress:
		done = p.build(e.Event)
	case deploy.PushProgress:
		done = p.push(e.Event)
	case deploy.RolloutProgress:
		p.rollout = &e
		return
	case deploy.StepFinished:
		p.step, p.running, p.tail, p.layers = nil, nil, nil, nil
		if e.Step >= deploy.Rollout {
			p.rollout = nil
		}
		done = lasting(e)
	case deploy.StepFailed:
		done = p.failedBuild(e)
		p.step, p.running, p.tail, p.layers, p.rollout = nil, nil, nil, nil, nil
	default:
		done = lasting(e)
	}
	if len(done) > 0 {
		p.redraw(done)
	}
}

// failedBuild keeps the log of a build that failed: that is where the reason is.
func (p *liveProgress) failedBuild(e deploy.StepFailed) []string {
	lines := lasting(e)
	for _, l := range p.tail {
		lines = append(lines, "    │ "+l)
	}
	return lines
}

func (p *liveProgress) build(e backend.BuildEvent) []string {
	switch e := e.(type) {
	case backend.BuildVertex:
		for i, v := range p.running {
			if v.ID == e.ID {
				p.running = append(p.running[:i], p.running[i+1:]...)
				break
			}
		}
		if e.Completed.IsZero() && !e.Cached {
			p.running = append(p.running, e)
		}
	case backend.BuildLog:
		p.tail = append(p.tail, e.Text)
		if len(p.tail) > shownLog {
			p.tail = p.tail[len(p.tail)-shownLog:]
		}
	case backend.BuildWarning, backend.BuildNotice:
		return []string{"  " + buildRemark(e)}
	}
	return nil
}

func (p *liveProgress) push(e backend.PushEvent) []string {
	switch e := e.(type) {
	case backend.PushLayer:
		for i := range p.layers {
			if p.layers[i].ID == e.ID {
				p.layers[i] = e
				return nil
			}
		}
		p.layers = append(p.layers, e)
	case backend.PushNotice:
		return []string{"  ▲ " + e.Text}
	}
	return nil
}

// redraw takes the block away, writes what is done, and draws the block anew,
// in one write.
func (p *liveProgress) redraw(done []string) {
	width, height := p.size()
	block := p.block(width)
	if limit := max(height-2, 1); len(block) > limit {
		block = block[:limit]
	}
	if len(done) == 0 && len(block) == 0 && p.drawn == 0 {
		return
	}
	var b strings.Builder
	if p.drawn > 0 {
		fmt.Fprintf(&b, "\r%s%s", ansi.CursorUp(p.drawn), ansi.EraseScreenBelow)
	}
	for _, line := range done {
		b.WriteString(paint(line) + ansi.ResetStyle + "\n")
	}
	for _, line := range block {
		b.WriteString(ansi.Truncate(paint(line), max(width-1, 1), "…") + ansi.ResetStyle + "\n")
	}
	p.drawn = len(block)
	_, _ = io.WriteString(p.out, b.String()) // a terminal that is gone ends us by SIGHUP
}

// block are the lines that move.
func (p *liveProgress) block(width int) []string {
	now := p.clock.Now()
	var lines []string
	if p.step != nil {
		lines = append(lines, fmt.Sprintf("◐ %-8s %-16s %8s", p.step.Step, p.step.Subject, elapsed(now.Sub(p.step.At))))
	}
	running := p.running
	if len(running) > shownVertexes {
		running = running[len(running)-shownVertexes:]
	}
	for _, v := range running {
		line := fmt.Sprintf("    %s  %s", v.Name, elapsed(now.Sub(v.Started)))
		if v.Total > 0 {
			line += fmt.Sprintf("  %s of %s", size(v.Current), size(v.Total))
		}
		lines = append(lines, line)
	}
	for _, l := range p.tail {
		lines = append(lines, "    │ "+l)
	}
	if len(p.layers) > 0 {
		lines = append(lines, "    "+layersLine(p.layers))
	}
	if p.rollout != nil {
		line := rolloutLine(*p.rollout)
		if text := deploy.TimeLeft(p.rollout.Deployment, p.rollout.Usual, now); text != "" {
			line = text + "; " + line
		}
		lines = append(lines, fmt.Sprintf("    %s  %s", rolloutBar(*p.rollout, min(40, width/5)), line))
	}
	return lines
}

// layersLine sums up a push.
func layersLine(layers []backend.PushLayer) string {
	var current, total int64
	done := 0
	for _, l := range layers {
		if l.Total > 0 {
			current, total = current+min(l.Current, l.Total), total+l.Total
		}
		if l.Status == "Pushed" || strings.Contains(l.Status, "exists") {
			done++
		}
	}
	return fmt.Sprintf("%d of %d layers, %s of %s", done, len(layers), size(current), size(total))
}

// bar draws n of total in width cells.
func bar(n, total, width int) string {
	filled := 0
	if total > 0 {
		filled = min(n, total) * width / total
	}
	return strings.Repeat("━", filled) + strings.Repeat("─", max(width-filled, 0))
}

// paint colours the sign that a line starts with.
func paint(line string) string {
	trimmed := strings.TrimLeft(line, " ")
	indent := line[:len(line)-len(trimmed)]
	for sign, colour := range map[string]ansi.BasicColor{"✓": ansi.Green, "✗": ansi.Red, "▲": ansi.Yellow, "◐": ansi.Blue, "→": ansi.Cyan} {
		if rest, ok := strings.CutPrefix(trimmed, sign); ok {
			return indent + lipgloss.NewStyle().Foreground(colour).Render(sign) + rest
		}
	}
	return line
}
