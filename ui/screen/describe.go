package screen

import (
	"bytes"
	"encoding/json"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/goccy/go-yaml"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// Describe shows a whole document as ECS has it, as YAML or as JSON, also the
// fields that this program does not know.
type Describe struct {
	env       *Env
	name      string
	doc       backend.Document
	view      *widget.Doc
	json      bool
	input     *widget.Input
	searching bool
}

// NewDescribe makes the screen.
func NewDescribe(env *Env, name string, doc backend.Document) *Describe {
	d := &Describe{
		env: env, name: name, doc: doc, view: widget.NewDoc(env.Theme),
		input: widget.NewInput(env.Theme, "/", "search"),
	}
	d.view.SetEmpty("ECS tells nothing more about it.")
	d.setText()
	return d
}

func (d *Describe) setText() {
	if len(d.doc) == 0 {
		d.view.SetText(widget.PlainText, "")
		return
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, d.doc, "", "  "); err != nil {
		d.view.SetText(widget.PlainText, cleanLines(string(d.doc)))
		return
	}
	if !d.json {
		if text, err := yaml.JSONToYAML(pretty.Bytes()); err == nil {
			d.view.SetText(widget.YAML, cleanLines(string(text)))
			return
		}
	}
	d.view.SetText(widget.JSON, cleanLines(pretty.String()))
}

// cleanLines makes a document safe to draw and to copy. It is kept as it came,
// and what JSON hides in \u escapes comes out with the YAML.
func cleanLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = backend.Clean(l)
	}
	return strings.Join(lines, "\n")
}

// Crumb names what is described.
func (d *Describe) Crumb() string { return "describe " + d.name }

// Init does nothing: the document was read with the list.
func (d *Describe) Init() tea.Cmd { return nil }

// Close does nothing.
func (d *Describe) Close() {}

// Update scrolls and searches.
func (d *Describe) Update(msg tea.Msg) tea.Cmd {
	if d.searching {
		cmd, result := d.input.Update(msg)
		switch result {
		case widget.Accepted:
			d.endSearch()
			if err := d.view.Search(d.input.Value()); err != nil {
				return note(theme.Warning, err.Error())
			}
		case widget.Dismissed:
			d.endSearch()
		}
		return cmd
	}
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		d.view.Key(msg)
	case tea.MouseWheelMsg:
		d.view.Scroll(wheel(msg) * wheelLines)
	}
	return nil
}

func (d *Describe) endSearch() {
	d.searching = false
	d.input.Blur()
}

// View draws the document.
func (d *Describe) View(w, h int) string { return d.view.View(w, h) }

// Capturing says whether a search is being typed.
func (d *Describe) Capturing() bool { return d.searching }

// InputLine is the search's line.
func (d *Describe) InputLine(w int) string { return d.input.Line("", w) }

// Escape ends the search.
func (d *Describe) Escape() bool {
	if _, n := d.view.Matches(); n == 0 {
		return false
	}
	_ = d.view.Search("")
	return true
}

// Note says how many lines match.
func (d *Describe) Note() (beside, right string) {
	if at, n := d.view.Matches(); n > 0 {
		return "", widget.Count(at) + " of " + widget.Plural(n, "match", "matches")
	}
	return "", ""
}

// Actions are search, the other notation, and copying.
func (d *Describe) Actions() []Action {
	return []Action{
		{Keys: []string{"/"}, Name: "search", Help: "find text; n and N go on", Group: groupView, Footer: true, Run: func() tea.Cmd {
			d.searching = true
			d.input.Reset()
			d.input.Focus()
			return nil
		}},
		{Keys: []string{"n"}, Name: "next match", Group: groupView, Run: func() tea.Cmd { d.view.Next(); return nil }},
		{Keys: []string{"N"}, Name: "previous match", Group: groupView, Run: func() tea.Cmd { d.view.Prev(); return nil }},
		{Keys: []string{"J"}, Name: "YAML or JSON", Help: "switch between the two", Group: groupView, Footer: true, Run: func() tea.Cmd {
			d.json = !d.json
			d.setText()
			return nil
		}},
		{Keys: []string{"y"}, Name: "copy", Help: "the whole document into the clipboard", Group: groupView, Footer: true, Run: func() tea.Cmd {
			return tea.Batch(tea.SetClipboard(d.view.Text()), note(theme.Steady, "copied the document"))
		}},
	}
}
