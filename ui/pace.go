package ui

import (
	"reflect"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Bubble Tea looks for a new frame at a fixed rate. At 60 a second a key waits up
// to 17 ms to be seen; a screen on which nothing happens spends half of its time
// on looking; and while garbage is collected on every core, a timer may be 10 ms
// late. Here nothing is looked for: a frame goes out when it was made, that of a
// key at once, others no more often than anybody can see.
const (
	frameRate  = 75 // a second, where the program's own rate can't be taken over
	framePause = 10 * time.Millisecond
)

// paced is a root model in a program that draws when there is something new.
type paced struct {
	root  tea.Model
	send  func(tea.Msg)
	flush chan<- time.Time // has the renderer write its frame; nil: it does at its own rate

	frame tea.View
	made  time.Time // the frame
	news  bool      // since then
	stale bool      // the next View makes a new one
	due   bool      // a draw is under way
}

type (
	draw  struct{} // it is time for a frame
	drawn struct{} // the renderer has it
)

// pace makes root's program.
func pace(root tea.Model, options ...tea.ProgramOption) *tea.Program {
	model := &paced{root: root, stale: true}
	program := tea.NewProgram(model, append(options, tea.WithFPS(frameRate))...)
	model.send, model.flush = program.Send, takeTicker(program)
	return program
}

func (p *paced) Init() tea.Cmd { return p.root.Init() }

func (p *paced) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg.(type) {
	case drawn:
		select {
		case p.flush <- time.Now():
		default: // it has not come to the one before, and will write this one
		}
		return p, nil
	case draw:
		p.due, p.stale = false, p.news
		return p, nil
	}
	var cmd tea.Cmd
	p.root, cmd = p.root.Update(msg)
	p.news = true
	p.plan(msg)
	return p, cmd
}

// plan decides when what a message changed is drawn.
func (p *paced) plan(msg tea.Msg) {
	_, key := msg.(tea.KeyPressMsg)
	wait := framePause - time.Since(p.made)
	switch {
	case p.flush == nil || key || !p.due && wait <= 0:
		p.stale = true
	case !p.due:
		p.due = true
		time.AfterFunc(wait, func() { p.send(draw{}) })
	}
}

// View is the frame. Only a message that comes after it finds it with the
// renderer, so that is what a new one sends.
func (p *paced) View() tea.View {
	if !p.stale {
		return p.frame
	}
	p.frame, p.made, p.news, p.stale = p.root.View(), time.Now(), false, false
	if p.flush != nil {
		go p.send(drawn{})
	}
	return p.frame
}

// takeTicker puts a channel in the place of the ticks by which a program, before
// it runs, will have its frames written. The library has no way to it: in a
// version where the ticker is called otherwise this is nil, and a test says so.
func takeTicker(p *tea.Program) chan<- time.Time {
	field := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*time.Ticker]() {
		return nil
	}
	ticks := make(chan time.Time, 1)
	ticker := time.NewTicker(time.Hour) // which the library starts and stops; nobody waits for it
	ticker.C = ticks
	*(**time.Ticker)(field.Addr().UnsafePointer()) = ticker
	return ticks
}
