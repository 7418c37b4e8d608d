package screen

import (
	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// prompt is a line at the bottom to type into, for a while. Each sign has its
// own history.
type prompt struct {
	inputs map[string]*widget.Input
	now    *widget.Input // nil: closed
	done   func(text string) tea.Cmd
	note   string // what is wrong with what was typed
}

// start opens the line; done takes what was typed when enter is pressed, and
// says with keep that it is wrong.
func (p *prompt) start(th *theme.Theme, sign, hint, text string, done func(string) tea.Cmd) {
	if p.inputs == nil {
		p.inputs = map[string]*widget.Input{}
	}
	in := p.inputs[sign]
	if in == nil {
		in = widget.NewInput(th, sign, hint)
		p.inputs[sign] = in
	}
	in.Reset()
	in.SetValue(text)
	in.Focus()
	p.now, p.done, p.note = in, done, ""
}

func (p *prompt) open() bool { return p.now != nil }

// refuse keeps the line open and says what is wrong with it.
func (p *prompt) refuse(in *widget.Input, why string) {
	p.now, p.note = in, why
}

// update takes keys and pastes while the line is open.
func (p *prompt) update(msg tea.Msg) (cmd tea.Cmd, mine bool) {
	switch msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg:
	default:
		return nil, false
	}
	p.note = ""
	in := p.now
	cmd, result := in.Update(msg)
	switch result {
	case widget.Accepted:
		p.now = nil
		return tea.Batch(cmd, p.done(in.Value())), true
	case widget.Dismissed:
		p.now = nil
	case widget.Open:
	}
	return cmd, true
}

func (p *prompt) line(w int) string {
	if p.now == nil {
		return ""
	}
	return p.now.Line(p.note, w)
}
