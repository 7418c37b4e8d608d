package screen

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/goccy/go-yaml"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// Describe shows a whole document as ECS has it, as YAML or as JSON, also the
// fields that this program does not know. Where it can be read again it is, first
// when the screen opens: what a list holds may be old, or less than the whole.
type Describe struct {
	env       *Env
	name      string
	doc       backend.Document
	view      *widget.Doc
	json      bool
	input     *widget.Input
	searching bool

	reader  documentReader
	reading bool
	end     context.CancelFunc
	at      time.Time // when it was read last; zero for what a list held
	err     error     // why it could not be read again
}

// documentReader reads a thing's document anew.
type documentReader func(context.Context) (backend.Document, error)

// describedMsg is the answer to a read.
type describedMsg struct {
	of  *Describe
	doc backend.Document
	err error
}

// NewDescribe makes the screen of a document that a list held. read may be nil:
// then that is all there is.
func NewDescribe(env *Env, name string, doc backend.Document, read documentReader) *Describe {
	d := &Describe{
		env: env, name: name, doc: doc, view: widget.NewDoc(env.Theme), reader: read,
		input: widget.NewInput(env.Theme, "/", "search"),
	}
	d.view.SetEmpty("ECS tells nothing more about it.")
	d.setText()
	return d
}

// oneDocument reads the document of one thing among those that a call describes.
func oneDocument[T any](name string, describe func(context.Context) ([]T, error), of func(T) backend.Document) documentReader {
	return func(ctx context.Context) (backend.Document, error) {
		found, err := describe(ctx)
		if err == nil && len(found) == 0 {
			err = backend.Errorf("Describe", backend.NotFound, name, "it does not exist any more")
		}
		if err != nil {
			return nil, err
		}
		return of(found[0]), nil
	}
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

// Init reads the thing itself.
func (d *Describe) Init() tea.Cmd {
	if d.reader == nil {
		return nil
	}
	d.Close()
	ctx, cancel := context.WithTimeout(d.env.Ctx, callTimeout)
	d.end, d.reading = cancel, true
	return func() tea.Msg {
		defer cancel()
		doc, err := d.reader(ctx)
		return describedMsg{d, doc, err}
	}
}

// Close ends what Init started.
func (d *Describe) Close() {
	if d.end != nil {
		d.end()
	}
}

func (d *Describe) read(msg describedMsg) {
	if msg.of != d || backend.KindOf(msg.err) == backend.Cancelled {
		return
	}
	d.reading, d.err = false, msg.err
	if msg.err == nil {
		d.at, d.doc = d.env.Clock.Now(), msg.doc
		d.setText()
	}
}

// Update scrolls and searches.
func (d *Describe) Update(msg tea.Msg) tea.Cmd {
	if msg, ok := msg.(describedMsg); ok {
		d.read(msg)
		return nil
	}
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

// View draws the document, under a line that says why it may be old.
func (d *Describe) View(w, h int) string {
	switch {
	case d.err != nil && len(d.doc) == 0:
		return failurePage(d.env.Theme, d.err, askAgain, w, h)
	case d.err != nil && h > 2:
		return widget.Banner(d.env.Theme, theme.Warning, oneLine(d.err)+" · "+askAgain, w) + "\n" + d.view.View(w, h-1)
	case d.reading && len(d.doc) == 0:
		return message(d.env.Theme, "reading it …", "", w, h)
	}
	return d.view.View(w, h)
}

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

// Note says how many lines match, or how old the document is.
func (d *Describe) Note() (beside, right string) {
	if at, n := d.view.Matches(); n > 0 {
		return "", widget.Count(at) + " of " + widget.Plural(n, "match", "matches")
	}
	if d.at.IsZero() {
		return "", ""
	}
	return "", refreshedAt(d.env, d.at.UnixNano())
}

// Actions are search, the other notation, copying, and reading again.
func (d *Describe) Actions() []Action {
	return []Action{
		{
			Keys: []string{"ctrl+r"}, Name: "refresh", Help: "read it again now", Group: groupView, Run: d.Init,
			Disabled: func() string {
				if d.reader == nil {
					return "this is what the list before has of it, and what it reads again"
				}
				return ""
			},
		},
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
