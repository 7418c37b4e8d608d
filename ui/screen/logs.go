package screen

import (
	"fmt"
	"maps"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// logsScreen shows the log of a container, of tasks, or of all tasks of a
// service merged. What is read is bounded by the pane; what is saved is not.
type logsScreen struct {
	env    *Env
	of     LogTarget
	view   *logView
	prompt prompt
	stream Stream[logItem]
	saving *logSaving

	containers map[string]bool
}

var (
	_ Screen   = (*logsScreen)(nil)
	_ Capturer = (*logsScreen)(nil)
	_ Escaper  = (*logsScreen)(nil)
	_ Noted    = (*logsScreen)(nil)
)

// NewLogs makes the logs screen.
func NewLogs(env *Env, of LogTarget) Screen {
	target := logTarget{Cluster: env.Cluster, Service: of.Service, Container: of.Container}
	s := &logsScreen{env: env, of: of, containers: map[string]bool{}}
	if of.Service == "" {
		for _, t := range of.Tasks {
			target.Tasks = append(target.Tasks, t.ARN)
		}
	}
	for _, t := range of.Tasks {
		for _, c := range t.Containers {
			s.containers[c.Name] = true
		}
	}
	s.view = newLogView(env.Theme, target)
	s.view.pane.SetClock(env.Clock.Now)
	s.stream.Keep = 64
	return s
}

// Crumb says whose logs these are.
func (s *logsScreen) Crumb() string {
	t := s.view.target
	if t.Service != "" && t.Container == "" {
		return t.Service + " logs"
	}
	return "logs of " + t.name()
}

// Init starts reading; what was read before stays where it is.
func (s *logsScreen) Init() tea.Cmd {
	return tea.Batch(s.follow(), s.view.pane.Resume())
}

// follow reads from the range's beginning, or goes on behind what is shown.
func (s *logsScreen) follow() tea.Cmd {
	q := s.view.target.query(s.view.rng, true, s.env.Clock.Now())
	r := &logReader{logs: s.env.Backend, clock: s.env.Clock, query: q, known: s.view.known.clone()}
	return s.stream.Start(s.env.Ctx, r.read)
}

// reload begins again: another range or another container.
func (s *logsScreen) reload() tea.Cmd {
	s.view.restart()
	return s.follow()
}

// Close ends reading.
func (s *logsScreen) Close() { s.stream.Stop() }

// Update takes batches, typing and the pane's keys.
func (s *logsScreen) Update(msg tea.Msg) tea.Cmd {
	if items, done, next, mine := s.stream.Receive(msg); mine {
		return s.receive(items, done, next)
	}
	if s.prompt.open() {
		if cmd, mine := s.prompt.update(msg); mine {
			return cmd
		}
	}
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		cmd, _ := s.view.pane.Key(msg)
		return cmd
	case tea.MouseWheelMsg:
		s.view.pane.Scroll(wheel(msg) * wheelLines)
	case widget.LogWorkMsg:
		return s.view.pane.Update(msg)
	}
	return nil
}

func (s *logsScreen) receive(items []logItem, done bool, next tea.Cmd) tea.Cmd {
	for _, it := range items {
		if it.err != nil {
			s.view.failed = it.err
			continue
		}
		s.view.add(it.batch)
		for _, l := range it.batch.Lines {
			s.containers[l.Container] = true
		}
	}
	s.view.ended = done
	return next
}

// View draws the log, under a line that says what is wrong if something is.
func (s *logsScreen) View(w, h int) string {
	pane := s.view.pane
	pane.ShowColumns(len(s.view.tasks) != 1, len(s.containers) > 1 && s.view.target.Container == "")
	if s.view.failed == nil || h < 3 {
		return pane.View(w, h)
	}
	return logsBanner(s.env.Theme, s.view.failed, s.view.ended, w) + "\n" + pane.View(w, h-1)
}

// Note is the bar: what is shown, and how much of it there is.
func (s *logsScreen) Note() (beside, right string) {
	right = s.view.counts()
	if s.saving != nil {
		if lines, busy := s.saving.progress(); busy {
			right = fmt.Sprintf("saving, %s · %s", widget.Plural(lines, "line", "lines"), right)
		}
	}
	return s.view.note(), right
}

// Capturing says whether a filter or a search is being typed.
func (s *logsScreen) Capturing() bool { return s.prompt.open() }

// InputLine is the line that is typed into.
func (s *logsScreen) InputLine(w int) string { return s.prompt.line(w) }

// Escape ends the search, then the filter.
func (s *logsScreen) Escape() bool {
	switch {
	case s.view.query != "":
		s.view.search("")
		return true
	case s.view.filter.Text != "":
		_, _ = s.view.setFilter("") // the empty filter can't be wrong
		return true
	}
	return false
}

// containerNames are what c chooses from, sorted.
func (s *logsScreen) containerNames() []string {
	return slices.Sorted(maps.Keys(s.containers))
}
