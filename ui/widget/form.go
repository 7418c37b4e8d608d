package widget

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// FieldKind is what a field of a form takes.
type FieldKind int

// The kinds of fields.
const (
	TextField FieldKind = iota
	NumberField
	ChoiceField // one of Choices, by left and right
	SecretField // text that is not shown
)

// Field is one line of a form.
type Field struct {
	Key      string // name of the value in [Form.Value]
	Label    string
	Hint     string // shown under it while it is in focus
	Kind     FieldKind
	Value    string
	Choices  []string
	Min, Max int // of numbers; both 0 for no limit
	Required bool
	Check    func(string) error // after the kind's own check; its text is shown
}

// Form is a few fields under each other. Enter goes on, and accepts on the last
// field when all are right.
type Form struct {
	th      *theme.Theme
	title   string
	body    []string
	verb    string
	fields  []Field
	inputs  []*Input
	at      int
	touched []bool
}

// NewForm makes a form; verb says what accepting does ("scale").
func NewForm(th *theme.Theme, title string, body []string, verb string, fields []Field) *Form {
	f := &Form{th: th, title: title, body: body, verb: verb, fields: slices.Clone(fields), touched: make([]bool, len(fields))}
	for _, fd := range f.fields {
		in := NewInput(th, "", "")
		in.SetValue(fd.Value)
		if fd.Kind == SecretField {
			in.Mask()
		}
		f.inputs = append(f.inputs, in)
	}
	f.focus(0)
	return f
}

func (f *Form) focus(i int) {
	f.at = i
	for j, in := range f.inputs {
		if j == i {
			in.Focus()
		} else {
			in.Blur()
		}
	}
}

// Value is a field's value by its key.
func (f *Form) Value(key string) string {
	for i, fd := range f.fields {
		if fd.Key == key {
			return f.value(i)
		}
	}
	return ""
}

// Int is a number field's value.
func (f *Form) Int(key string) int {
	n, err := strconv.Atoi(f.Value(key))
	if err != nil {
		return 0 // accepted forms hold numbers only
	}
	return n
}

func (f *Form) value(i int) string {
	if f.fields[i].Kind == ChoiceField {
		return f.fields[i].Value
	}
	return strings.TrimSpace(f.inputs[i].Value())
}

// Update takes a key: tab and the arrows move between fields, enter goes on.
func (f *Form) Update(msg tea.Msg) (tea.Cmd, Result) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "esc":
			return nil, Dismissed
		case "tab", "down":
			f.leave((f.at + 1) % max(1, len(f.fields)))
			return nil, Open
		case "shift+tab", "up":
			f.leave((f.at + len(f.fields) - 1) % max(1, len(f.fields)))
			return nil, Open
		case "enter":
			return nil, f.enter()
		}
		if len(f.fields) > 0 && f.fields[f.at].Kind == ChoiceField {
			f.choose(k.String())
			return nil, Open
		}
	}
	if len(f.fields) == 0 {
		return nil, Open
	}
	cmd, _ := f.inputs[f.at].Update(msg)
	return cmd, Open
}

func (f *Form) leave(to int) {
	if len(f.fields) > 0 {
		f.touched[f.at] = true
		f.focus(to)
	}
}

func (f *Form) enter() Result {
	if f.at < len(f.fields)-1 {
		if f.touched[f.at] = true; f.check(f.at) == nil {
			f.focus(f.at + 1)
		}
		return Open
	}
	for i := range f.fields {
		f.touched[i] = true
		if f.check(i) != nil {
			f.focus(i)
			return Open
		}
	}
	return Accepted
}

func (f *Form) choose(key string) {
	fd := &f.fields[f.at]
	if len(fd.Choices) == 0 {
		return
	}
	i := max(0, slices.Index(fd.Choices, fd.Value))
	switch key {
	case "right", "l", "space":
		i = (i + 1) % len(fd.Choices)
	case "left", "h":
		i = (i + len(fd.Choices) - 1) % len(fd.Choices)
	}
	fd.Value = fd.Choices[i]
}

func (f *Form) check(i int) error {
	fd, v := f.fields[i], f.value(i)
	switch {
	case v == "" && fd.Required:
		return fmt.Errorf("%s is needed", strings.ToLower(fd.Label))
	case v == "" && fd.Check == nil:
		return nil
	case fd.Kind == NumberField && v != "":
		n, err := strconv.Atoi(v)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", v)
		}
		if (fd.Min != 0 || fd.Max != 0) && (n < fd.Min || n > fd.Max) {
			return fmt.Errorf("must be from %d to %d", fd.Min, fd.Max)
		}
	}
	if fd.Check != nil {
		return fd.Check(v)
	}
	return nil
}

// Box draws the form within w×h.
func (f *Form) Box(w, h int) []string {
	inner := clamp(w-8, 1, 72)
	var lines []string
	for _, p := range f.body {
		lines = append(lines, Wrap(p, inner)...)
		lines = append(lines, "")
	}
	labelw := 0
	for _, fd := range f.fields {
		labelw = max(labelw, Width(fd.Label))
	}
	labelw = min(labelw, inner/2)
	var rows []string
	at := 0
	for i, fd := range f.fields {
		if i == f.at {
			at = len(rows)
		}
		rows = append(rows, f.row(i, labelw, inner))
		if err := f.check(i); f.touched[i] && err != nil {
			rows = append(rows, spaces(labelw+4)+f.th.Paint(theme.Bad, err.Error()))
		} else if i == f.at && fd.Hint != "" {
			rows = append(rows, spaces(labelw+4)+f.th.Paint(theme.Muted, fd.Hint))
		}
	}
	if room := h - 4 - len(rows); len(lines) > room {
		lines = lines[:max(0, room)]
	}
	if room := max(1, h-4-len(lines)); len(rows) > room {
		from := clamp(at-room/2, 0, len(rows)-room)
		rows = rows[from : from+room]
	}
	lines = append(lines, rows...)
	hints := []Hint{{Key: "enter", Label: f.verb}, {Key: "esc", Label: "cancel"}}
	if len(f.fields) > 1 {
		hints = slices.Insert(hints, 1, Hint{Key: "tab", Label: "next field"})
	}
	lines = append(lines, "", Footer(f.th, hints, inner))
	return frame(f.th, f.title, false, lines, inner+4)
}

func (f *Form) row(i, labelw, w int) string {
	fd, on := f.fields[i], i == f.at
	bar, label := "  ", theme.Muted
	if on {
		bar, label = f.th.Paint(theme.CursorBar, f.th.Glyphs().CursorBar)+" ", theme.Strong
	}
	head := bar + f.th.Paint(label, Pad(fd.Label, labelw)) + " "
	if fd.Kind != ChoiceField {
		return Cut(head+f.inputs[i].Line("", w-Width(head)), w)
	}
	parts := make([]string, len(fd.Choices))
	for j, c := range fd.Choices {
		switch {
		case c == fd.Value && on:
			parts[j] = f.th.Paint(theme.CrumbLast, "‹"+c+"›")
		case c == fd.Value:
			parts[j] = " " + f.th.Paint(theme.Strong, c) + " "
		default:
			parts[j] = " " + f.th.Paint(theme.Faint, c) + " "
		}
	}
	return Cut(head+" "+strings.Join(parts, " "), w)
}

// View draws the form alone on w×h.
func (f *Form) View(w, h int) string { return modalView(f, w, h) }
