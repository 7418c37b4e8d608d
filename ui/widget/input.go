package widget

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// Input is a line to type into, with a history. The filter, the search and the
// palette use it.
type Input struct {
	th    *theme.Theme
	model textinput.Model
	label string
	seen  int // version of the theme that the model was styled for

	history []string // oldest first
	at      int      // position in history; len(history) is the line being typed
	draft   string
}

// historyKept bounds an input's history.
const historyKept = 100

// NewInput makes an input with a sign or word before it ("/", "name").
func NewInput(th *theme.Theme, label, placeholder string) *Input {
	in := &Input{th: th, label: label, model: textinput.New()}
	in.model.Prompt = ""
	in.model.Placeholder = placeholder
	in.model.CharLimit = 1024
	in.restyle()
	in.model.Focus()
	return in
}

// restyle takes the theme over, also when it changed.
func (in *Input) restyle() {
	if in.seen == in.th.Version() {
		return
	}
	in.seen = in.th.Version()
	s := in.model.Styles()
	state := textinput.StyleState{
		Text:        in.th.Style(theme.Text),
		Placeholder: in.th.Style(theme.Faint),
		Suggestion:  in.th.Style(theme.Faint),
		Prompt:      in.th.Style(theme.Accent),
	}
	s.Focused, s.Blurred = state, state
	s.Cursor.Blink = false // no timer for a cursor
	s.Cursor.Color = in.th.Style(theme.Accent).GetForeground()
	in.model.SetStyles(s)
}

// Value is what was typed.
func (in *Input) Value() string { return in.model.Value() }

// SetValue replaces what was typed; the cursor goes to its end.
func (in *Input) SetValue(s string) {
	in.model.SetValue(s)
	in.model.CursorEnd()
}

// Reset empties the line and leaves the history.
func (in *Input) Reset() {
	in.model.Reset()
	in.at = len(in.history)
}

// SetLabel changes what stands before the line.
func (in *Input) SetLabel(label string) { in.label = label }

// Mask draws dots in the place of what is typed.
func (in *Input) Mask() { in.model.EchoMode = textinput.EchoPassword }

// Focus and Blur show and hide the cursor.
func (in *Input) Focus() { in.model.Focus() }

// Blur hides the cursor.
func (in *Input) Blur() { in.model.Blur() }

// Remember puts a line at the end of the history, each only once.
func (in *Input) Remember(line string) {
	if line == "" {
		return
	}
	kept := in.history[:0]
	for _, l := range in.history {
		if l != line {
			kept = append(kept, l)
		}
	}
	in.history = append(kept, line)
	if n := len(in.history) - historyKept; n > 0 {
		in.history = in.history[n:]
	}
	in.at = len(in.history)
}

// Update takes a key or a paste. Enter accepts and remembers the line, esc
// dismisses it; up and down walk the history.
func (in *Input) Update(msg tea.Msg) (tea.Cmd, Result) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "enter":
			in.Remember(in.Value())
			return nil, Accepted
		case "esc":
			return nil, Dismissed
		case "up", "ctrl+p":
			in.walk(-1)
			return nil, Open
		case "down", "ctrl+n":
			in.walk(1)
			return nil, Open
		}
	}
	var cmd tea.Cmd
	in.model, cmd = in.model.Update(msg)
	return cmd, Open
}

func (in *Input) walk(by int) {
	to := clamp(in.at+by, 0, len(in.history))
	if to == in.at {
		return
	}
	if in.at == len(in.history) {
		in.draft = in.Value()
	}
	in.at = to
	if to == len(in.history) {
		in.SetValue(in.draft)
		return
	}
	in.SetValue(in.history[to])
}

// Line draws the input in one line of w cells; note stands at its right end
// ("3 of 14").
func (in *Input) Line(note string, w int) string {
	in.restyle()
	label := " " + in.th.Paint(theme.Accent, in.label) + " "
	in.model.SetWidth(max(1, w-Width(label)-Width(note)-3))
	line := label + in.model.View()
	if note == "" {
		return Cut(line, w)
	}
	return Spread(line, in.th.Paint(theme.Muted, note)+" ", w)
}

// View is [Input.Line] as the first of h lines.
func (in *Input) View(w, h int) string { return Fill([]string{in.Line("", w)}, w, h) }
