package screen

import (
	"context"
	"errors"
	"regexp"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// welcome is the first page in a folder with no app: what is there, and how to
// make an app of it.
type welcome struct {
	env     *Env
	facts   FolderFacts
	problem error
	loaded  bool
	busy    bool   // the app's files are being written
	written string // the backend that the new app runs on, where that is another one
	end     context.CancelFunc
}

var _ Screen = (*welcome)(nil)

// NewWelcome makes the welcome page.
func NewWelcome(env *Env) Screen { return &welcome{env: env} }

type (
	// welcomeRead is what was found in the folder.
	welcomeRead struct {
		of    *welcome
		facts FolderFacts
		err   error
	}
	// welcomeDone is the answer to the setting up.
	welcomeDone struct {
		of      *welcome
		app     App
		backend string
		err     error
	}
)

// Crumb is "welcome".
func (s *welcome) Crumb() string { return "welcome" }

// Init reads the folder.
func (s *welcome) Init() tea.Cmd {
	folder := s.env.Folder
	if folder == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(s.env.Ctx, callTimeout)
	s.end = cancel
	return func() tea.Msg {
		defer cancel()
		facts, err := folder.Facts(ctx)
		return welcomeRead{s, facts, err}
	}
}

// Close ends what Init started.
func (s *welcome) Close() {
	if s.end != nil {
		s.end()
	}
}

// Update takes what was found and what was made.
func (s *welcome) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case welcomeRead:
		if msg.of == s {
			s.facts, s.problem, s.loaded = msg.facts, msg.err, true
		}
	case welcomeDone:
		if msg.of != s {
			return nil
		}
		s.busy = false
		if msg.err != nil {
			return Do(Fail{msg.err})
		}
		return s.begin(msg.app, msg.backend)
	}
	return nil
}

// begin takes the new app over and goes on to its deploy. Where it is to run
// on another backend than this session's, that one has to be started first.
func (s *welcome) begin(app App, backend string) tea.Cmd {
	if here := s.facts.Proposed.Backend; backend != here {
		s.written = backend
		return note(theme.Steady, "wrote ecs-tui.yml, task-definition.json and service.json")
	}
	return tea.Sequence(
		Do(AppReady{app}),
		note(theme.Steady, "wrote ecs-tui.yml, task-definition.json and service.json"),
	)
}

// View draws the page.
func (s *welcome) View(w, h int) string {
	f := welcomeFacts{
		Dockerfile: s.facts.Dockerfile, Ports: s.facts.Ports, Health: s.facts.HealthCheck,
		NoEngine: s.facts.EngineHint, Written: s.written, Here: s.facts.Proposed.Backend,
	}
	if s.env.Folder == nil {
		return message(s.env.Theme, "No folder was named, so there is nothing to set up.", ": looks around, q ends", w, h)
	}
	f.Dir = s.env.Folder.Dir()
	if s.problem != nil {
		f.Problem = oneLine(s.problem)
	}
	if !s.loaded {
		return message(s.env.Theme, "reading the folder …", "", w, h)
	}
	return widget.Fill(welcomeLines(s.env.Theme, f, w), w, h)
}

// Actions are the keys of the page.
func (s *welcome) Actions() []Action {
	return []Action{
		{
			Keys: []string{"enter"}, Name: "set it up", Help: "make an app of this folder: name, size, port, where to run it", Group: groupChange, Footer: true,
			Disabled: s.whyNot, Run: s.ask,
		},
		{Keys: []string{"ctrl+r"}, Name: "look again", Help: "read the folder again", Group: groupView, Footer: true, Run: s.Init},
	}
}

func (s *welcome) whyNot() string {
	switch {
	case !s.loaded:
		return "the folder is still being read"
	case s.problem != nil:
		return "the Dockerfile can't be read: correct it, then ctrl+r"
	case !s.facts.Dockerfile:
		return "there is no Dockerfile in this folder"
	case s.busy:
		return "the files are being written"
	case s.written != "":
		return "it is done: start ecs-tui again to deploy on " + s.written
	}
	return ""
}

var appName = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`) // its length apart, since a bound makes it 200 kB large

// ask opens the form that the app is made from.
func (s *welcome) ask() tea.Cmd {
	p := s.facts.Proposed
	backends := s.facts.Backends
	if len(backends) == 0 {
		backends = []string{p.Backend}
	}
	text := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	form := widget.NewForm(s.env.Theme, "Set up this folder",
		[]string{"Writes ecs-tui.yml, task-definition.json and service.json; nothing that is there is replaced."}, "write them and plan the deploy",
		[]widget.Field{
			{Key: "name", Label: "Name", Hint: "of the service: letters, digits, - and _", Value: p.Name, Required: true, Check: func(v string) error {
				if len(v) > 255 || !appName.MatchString(v) {
					return errors.New("letters, digits, - and _ only, 255 at most")
				}
				return nil
			}},
			{Key: "port", Label: "Port", Hint: "where the container listens; empty for none", Kind: widget.NumberField, Value: text(p.Port), Min: 1, Max: 65535},
			{Key: "cpu", Label: "CPU", Hint: "1024 is one core", Kind: widget.NumberField, Value: text(p.CPU), Min: 128, Max: 196608, Required: true},
			{Key: "memory", Label: "Memory", Hint: "MiB; a task that takes more is killed", Kind: widget.NumberField, Value: text(p.Memory), Min: 6, Max: 1 << 20, Required: true},
			{Key: "desired", Label: "Tasks", Hint: "how many copies run", Kind: widget.NumberField, Value: strconv.Itoa(p.Desired), Min: 1, Max: 1000, Required: true},
			{Key: "backend", Label: "Runs on", Hint: "left and right choose", Kind: widget.ChoiceField, Value: p.Backend, Choices: backends},
		})
	return Do(Ask{form, func() tea.Cmd {
		return s.setUp(SetupAnswers{
			Name: form.Value("name"), Port: form.Int("port"), CPU: form.Int("cpu"), Memory: form.Int("memory"),
			Desired: form.Int("desired"), Backend: form.Value("backend"),
		})
	}})
}

func (s *welcome) setUp(a SetupAnswers) tea.Cmd {
	s.busy = true
	folder, env := s.env.Folder, s.env
	write := func() tea.Msg {
		ctx, cancel := context.WithTimeout(env.Ctx, callTimeout)
		defer cancel()
		app, err := folder.Setup(ctx, a)
		return welcomeDone{s, app, a.Backend, err}
	}
	return tea.Sequence(note(theme.InMotion, "writing the app's files …"), write)
}
