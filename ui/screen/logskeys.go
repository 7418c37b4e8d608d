package screen

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// Actions are the keys of the logs.
func (s *logsScreen) Actions() []Action {
	pane := s.view.pane
	do := func(fn func()) func() tea.Cmd {
		return func() tea.Cmd { fn(); return nil }
	}
	actions := []Action{
		{Keys: []string{"f"}, Name: "follow", Help: "follow the newest line, or let the text stand still", Group: groupView, Footer: true, Run: s.toggleFollow},
		{Keys: []string{"/"}, Name: "search", Help: "mark what matches a regular expression; n and N go through it", Group: groupView, Footer: true, Run: s.askSearch},
		{Keys: []string{"&"}, Name: "filter", Help: "show only lines that match; !word hides lines, “error !healthz” does both", Group: groupView, Footer: true, Run: s.askFilter},
		{Keys: []string{"t"}, Name: "time", Help: "show the time, the age, or neither", Group: groupView, Footer: true, Run: do(func() { pane.SetTime((pane.Info().Time + 1) % 3) })},
		{Keys: []string{"w"}, Name: "wrap", Help: "break long lines, or cut them", Group: groupView, Footer: true, Run: do(func() { pane.SetWrap(!pane.Info().Wrap) })},
		{Keys: []string{"0-6"}, Name: "since", Help: "how far back to read: 0 all, 1 1 min, 2 5 min, 3 15 min, 4 1 h, 5 6 h, 6 24 h", Group: groupView, Footer: true, Run: s.chooseRange},
		{Keys: []string{"p"}, Name: "previous task", Help: "the log of the task that stopped before", Group: groupGo, Footer: true, Run: s.openPrevious},
		{Keys: []string{"c"}, Name: "container", Help: "show one container only", Group: groupView, Disabled: s.whyNoContainer, Run: s.chooseContainer},
		{Keys: []string{"J"}, Name: "raw JSON", Help: "show lines of JSON as they were written, or readable", Group: groupView, Run: func() tea.Cmd { return pane.SetRaw(!pane.Info().Raw) }},
		{Keys: []string{"y"}, Name: "copy", Help: "the lines on screen into the clipboard; ctrl+s saves them all", Group: groupView, Run: s.copyLines},
		{Keys: []string{"ctrl+s"}, Name: "save", Help: "save the whole log to a file; once more cancels", Group: groupView, Footer: true, Run: s.save},
		{Keys: []string{"ctrl+r"}, Name: "refresh", Help: "read on now, also a log that could not be read or has ended", Group: groupView, Run: s.readOn},
		{Keys: []string{"n"}, Name: "next match", Group: groupView, Disabled: s.whyNoMatch, Run: do(pane.Next)},
		{Keys: []string{"N"}, Name: "previous match", Group: groupView, Disabled: s.whyNoMatch, Run: do(pane.Prev)},
	}
	for _, r := range logRanges() {
		actions = append(actions, Action{
			Keys: []string{r.Key}, Name: "since: " + r.Label, Group: groupView,
			Run: func() tea.Cmd { return s.since(r.Key) },
		})
	}
	return actions
}

func (s *logsScreen) toggleFollow() tea.Cmd {
	pane := s.view.pane
	if s.view.ended {
		pane.SetFollow(true)
		return s.readOn()
	}
	pane.SetFollow(!pane.Info().Follow)
	return nil
}

// copyLines copies what is on screen, each line whole.
func (s *logsScreen) copyLines() tea.Cmd {
	lines := s.view.pane.Rows()
	if len(lines) == 0 {
		return Do(Refuse{"copy", "there is no line on screen"})
	}
	return tea.Batch(tea.SetClipboard(strings.Join(lines, "\n")+"\n"), note(theme.Steady, "copied "+widget.Plural(len(lines), "line", "lines")))
}

// readOn goes on with the log at once, without waiting for the next try.
func (s *logsScreen) readOn() tea.Cmd {
	s.view.ended, s.view.failed = false, nil
	return s.follow()
}

func (s *logsScreen) askSearch() tea.Cmd {
	s.prompt.start(s.env.Theme, "/", "regular expression", "", func(text string) tea.Cmd {
		return s.view.search(text)
	})
	return nil
}

func (s *logsScreen) askFilter() tea.Cmd {
	s.prompt.start(s.env.Theme, "&", "regular expression, !word hides", s.view.filter.Text, func(text string) tea.Cmd {
		cmd, err := s.view.setFilter(text)
		if err == nil {
			return cmd
		}
		s.prompt.refuse(s.prompt.inputs["&"], "not a regular expression")
		return note(theme.Warning, err.Error())
	})
	return nil
}

func (s *logsScreen) since(key string) tea.Cmd {
	if !s.view.setRange(key) {
		return nil
	}
	return s.reload()
}

func (s *logsScreen) chooseRange() tea.Cmd {
	var items []widget.Item
	for _, r := range logRanges() {
		items = append(items, widget.Item{ID: r.Key, Title: r.Label, Key: r.Key})
	}
	c := widget.NewChoose(s.env.Theme, "Since", nil, items)
	c.Select(s.view.rng.Key)
	return Do(Ask{c, func() tea.Cmd {
		it, _ := c.Chosen()
		return s.since(it.ID)
	}})
}

func (s *logsScreen) whyNoMatch() string {
	if s.view.query == "" {
		return "nothing is searched for: / starts a search"
	}
	return ""
}

func (s *logsScreen) whyNoContainer() string {
	if len(s.containers) < 2 {
		return "there is only one container"
	}
	return ""
}

func (s *logsScreen) chooseContainer() tea.Cmd {
	items := []widget.Item{{ID: "", Title: "all containers"}}
	for _, name := range s.containerNames() {
		items = append(items, widget.Item{ID: name, Title: name})
	}
	c := widget.NewChoose(s.env.Theme, "Container", nil, items)
	c.Select(s.view.target.Container)
	return Do(Ask{c, func() tea.Cmd {
		it, _ := c.Chosen()
		if it.ID == s.view.target.Container {
			return nil
		}
		s.view.target.Container = it.ID
		return s.reload()
	}})
}

// openPrevious opens the log of the task that stopped before those shown.
func (s *logsScreen) openPrevious() tea.Cmd {
	q := backend.TaskQuery{Cluster: s.env.Cluster, Service: s.of.Service, Stopped: true}
	if len(s.of.Tasks) > 0 && q.Service == "" {
		t := s.of.Tasks[0]
		if q.Service = t.Service; q.Service == "" {
			q.Family, _, _ = strings.Cut(backend.ShortName(t.TaskDefinition), ":")
		}
	}
	shown, container := s.view.target.Tasks, s.view.target.Container
	return call(s.env, func(ctx context.Context) (backend.Task, error) {
		return findPrevious(ctx, s.env.Backend, q, shown)
	}, func(t backend.Task) tea.Msg {
		if t.ARN == "" {
			return Say{theme.Idle, "no task has stopped before"}
		}
		return Push{NewLogs(s.env, LogTarget{Tasks: []backend.Task{t}, Container: container})}
	})
}

// findPrevious reads the stopped tasks and picks the one before; the zero task
// says that there is none.
func findPrevious(ctx context.Context, b backend.TaskReader, q backend.TaskQuery, shown []string) (backend.Task, error) {
	var arns []string
	list := func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
		return b.ListTasks(ctx, q, p)
	}
	for arn, err := range backend.All(ctx, list) {
		if err != nil {
			return backend.Task{}, err
		}
		arns = append(arns, arn)
	}
	tasks, err := b.DescribeTasks(ctx, q.Cluster, arns)
	if err != nil {
		return backend.Task{}, err
	}
	t, _ := previousTask(tasks, shown)
	return t, nil
}

// logSaving is a save that is under way. The screen reads how far it is while
// it draws, hence the lock.
type logSaving struct {
	mu     sync.Mutex
	now    logSaved
	cancel context.CancelFunc
}

func (l *logSaving) report(s logSaved) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = s
}

func (l *logSaving) progress() (lines int, busy bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now.Lines, !l.now.Done
}

// save writes the whole log of the query to a file. It goes on when the screen
// is left; its last word comes in the status bar wherever that is.
func (s *logsScreen) save() tea.Cmd {
	if s.saving != nil {
		if _, busy := s.saving.progress(); busy {
			s.saving.cancel()
			return nil
		}
	}
	now := s.env.Clock.Now()
	ctx, cancel := context.WithCancel(s.env.Ctx)
	saving := &logSaving{cancel: cancel}
	s.saving = saving
	saver := logSaver{
		Logs: s.env.Backend, Dir: saveDir(s.env), Name: s.env.Cluster + "-" + s.view.target.name(),
		Query: s.view.target.whole(s.view.rng, now), Now: now,
	}
	return func() tea.Msg {
		defer cancel()
		saver.save(ctx, saving.report)
		return savedMessage(saving.now)
	}
}

// saveDir is where logs go; without a setting it is where temporary files are.
func saveDir(env *Env) string {
	if env.SaveDir != "" {
		return env.SaveDir
	}
	return filepath.Join(os.TempDir(), "ecs-tui")
}

// savedMessage is the last word on a save.
func savedMessage(s logSaved) tea.Msg {
	name := filepath.Clean(s.Path)
	what := fmt.Sprintf("%s, %s in %s", widget.Plural(s.Lines, "line", "lines"), widget.Size(s.Bytes), name)
	switch {
	case s.Err == nil && s.Skipped > 0:
		return Say{theme.Warning, fmt.Sprintf("saved %s; the backend had lost %s", what, widget.Plural(s.Skipped, "line", "lines"))}
	case s.Err == nil:
		return Say{theme.Steady, "saved " + what}
	case backend.KindOf(s.Err) == backend.Cancelled:
		return Say{theme.Idle, "saving cancelled: " + what}
	default:
		return Fail{s.Err}
	}
}
