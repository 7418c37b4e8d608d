package ui

import (
	"reflect"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Bubble Tea looks for a new frame at a fixed rate. At 60 a second a key waits up
// to 17 ms to be seen, and a screen on which nothing happens spends half of its
// time on looking. Here it looks soon after there is a new frame, and then less
// and less often: setting a ticker drops a tick that nobody has taken yet, so that
// on a busy machine the first ones may be lost.
const frameRate = 75 // a second, where the pace can't be set

// gaits are how often to look for a new frame, and for how long.
func gaits() []gait {
	return []gait{{3 * time.Millisecond, 10 * time.Millisecond}, {15 * time.Millisecond, 50 * time.Millisecond}, {every: 500 * time.Millisecond}}
}

type gait struct{ every, during time.Duration }

// paced is the root model in a program that draws when there is something new.
type paced struct {
	*App
	program *tea.Program
	pacer   *pacer
	shown   string
}

func (p *paced) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	_, cmd := p.App.Update(msg)
	return p, cmd
}

func (p *paced) View() tea.View {
	v := p.App.View()
	if p.pacer == nil { // now it runs, and has its ticker
		p.pacer = &pacer{ticker: tickerOf(p.program)}
	}
	if v.Content != p.shown {
		p.shown = v.Content
		p.pacer.newFrame()
	}
	return v
}

// pacer sets how often a program looks for a new frame.
type pacer struct {
	ticker *time.Ticker // nil where it can't be had: then the rate stays as it is

	mu   sync.Mutex
	gait int
	next *time.Timer
}

func (p *pacer) newFrame() {
	if p.ticker == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.set(0)
}

// slower is called by the timer, beside the program.
func (p *pacer) slower() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gait+1 < len(gaits()) {
		p.set(p.gait + 1)
	}
}

func (p *pacer) set(n int) {
	p.gait = n
	g := gaits()[n]
	p.ticker.Reset(g.every)
	switch {
	case p.next == nil:
		p.next = time.AfterFunc(g.during, p.slower)
	case g.during > 0:
		p.next.Reset(g.during)
	}
}

// tickerOf is what makes a running program look for a new frame. The library has
// no way to it: in a version where it is called otherwise this is nil, and a test
// says so.
func tickerOf(p *tea.Program) *time.Ticker {
	field := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*time.Ticker]() {
		return nil
	}
	return (*time.Ticker)(field.UnsafePointer())
}
