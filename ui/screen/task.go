package screen

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// Task is one task: how its life went, and its containers.
type Task struct {
	env    *Env
	task   backend.Task
	err    error
	gone   bool
	stream Stream[watch.Snapshot[backend.Task]]
	table  *widget.Table[backend.Container]
	head   int // lines over it, in the last frame
}

// NewTask makes the screen of a task, from what the list knows of it.
func NewTask(env *Env, t backend.Task) *Task {
	s := &Task{
		env: env, task: t, stream: Stream[watch.Snapshot[backend.Task]]{Keep: 1},
		table: widget.NewTable(env.Theme, containerColumns(), func(c backend.Container) string { return c.Name }),
	}
	s.table.SetRows(t.Containers)
	return s
}

func containerColumns() []widget.Column[backend.Container] {
	return []widget.Column[backend.Container]{
		{Title: "CONTAINER", Min: 12, Max: 30, Flex: 1, Cell: func(c backend.Container) widget.Cell {
			status, _ := containerState(c)
			return widget.Cell{Text: c.Name, Status: status}
		}},
		{Title: "STATE", Min: 9, Cell: func(c backend.Container) widget.Cell { return statusCell(containerState(c)) }},
		{Title: "ESSENTIAL", Min: 9, Priority: 4, Cell: func(c backend.Container) widget.Cell {
			if c.Essential {
				return widget.Cell{Text: "yes", Style: theme.Muted}
			}
			return widget.Cell{Text: "no", Style: theme.Muted}
		}},
		{Title: "IMAGE", Min: 12, Max: 40, Flex: 2, Priority: 1, Cell: func(c backend.Container) widget.Cell {
			return widget.Cell{Text: shortImage(c.Image), Style: theme.Muted}
		}},
		{Title: "RESTARTS", Min: 8, Align: widget.Right, Priority: 5, Cell: func(c backend.Container) widget.Cell {
			return widget.Cell{Text: widget.Count(c.RestartCount)}
		}},
		{Title: "PORTS", Min: 10, Max: 40, Flex: 1, Priority: 2, Cell: func(c backend.Container) widget.Cell {
			return widget.Cell{Text: taskPorts(backend.Task{Containers: []backend.Container{c}})}
		}},
		{Title: "REASON", Min: 10, Flex: 3, Priority: 3, Cell: func(c backend.Container) widget.Cell {
			return widget.Cell{Text: c.Reason, Style: theme.Warn}
		}},
	}
}

// Crumb is the task's short id.
func (s *Task) Crumb() string { return backend.ShortID(s.task.ARN) }

// Init watches the task.
func (s *Task) Init() tea.Cmd {
	arn := s.task.ARN
	return s.stream.Start(s.env.Ctx, func(ctx context.Context) iter.Seq[watch.Snapshot[backend.Task]] {
		return watch.List(ctx, watch.Source[backend.Task]{
			List: func(context.Context, backend.PageRequest) (backend.Page[string], error) {
				return backend.Page[string]{Items: []string{arn}}, nil
			},
			Describe: func(ctx context.Context, refs []string) ([]backend.Task, error) {
				return s.env.Backend.DescribeTasks(ctx, s.env.Cluster, refs)
			},
			Ref: func(t backend.Task) string { return t.ARN }, Batch: 1,
		}, s.env.watchOptions(nil))
	})
}

// Close ends the watch.
func (s *Task) Close() { s.stream.Stop() }

// Update takes what was read, and moves between containers.
func (s *Task) Update(msg tea.Msg) tea.Cmd {
	if snaps, _, next, mine := s.stream.Receive(msg); mine {
		if len(snaps) > 0 {
			s.take(snaps[len(snaps)-1])
		}
		return next
	}
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		s.table.Key(msg)
	case tea.MouseWheelMsg:
		s.table.Move(wheel(msg))
	case Click:
		s.table.Click(msg.Line - s.head)
	}
	return nil
}

func (s *Task) take(snap watch.Snapshot[backend.Task]) {
	s.err = snap.Err
	items := snap.Items()
	s.gone = snap.Err == nil && len(items) == 0
	if len(items) > 0 {
		s.task = items[0]
		s.table.SetRows(s.task.Containers)
	}
}

// View draws the facts, then the containers.
func (s *Task) View(w, h int) string {
	th := s.env.Theme
	var lines []string
	switch {
	case s.err != nil:
		lines = append(lines, widget.Banner(th, theme.Warning, oneLine(s.err), w))
	case s.gone:
		lines = append(lines, widget.Banner(th, theme.Idle, "this task is gone; what was known of it last stands below", w))
	}
	lines = append(lines, s.facts(w)...)
	lines = append(lines, "")
	s.head = len(lines)
	return widget.Fill(lines, w, len(lines)) + "\n" + s.table.View(w, max(1, h-len(lines)))
}

func (s *Task) facts(w int) []string {
	t := s.task
	status, word := taskState(t)
	rows := [][2]string{
		{"state", s.env.Theme.Mark(status) + " " + word + statusDetail(t)},
		{"revision", backend.ShortName(t.TaskDefinition)},
		{"group", t.Group},
		{"size", s.size(t)},
		{"life", life(s.env, t)},
	}
	if t.StoppedReason != "" {
		rows = append(rows, [2]string{"stopped", strings.TrimPrefix(t.StopCode+": "+t.StoppedReason, ": ")})
	}
	rows = append(rows, [2]string{"arn", t.ARN})
	return factLines(s.env.Theme, rows, w)
}

func statusDetail(t backend.Task) string {
	if t.LastStatus == t.DesiredStatus || t.DesiredStatus == "" {
		return ""
	}
	return " (" + strings.ToLower(t.LastStatus) + ", should be " + strings.ToLower(t.DesiredStatus) + ")"
}

func (s *Task) size(t backend.Task) string {
	var parts []string
	if t.CPU != "" {
		parts = append(parts, t.CPU+" CPU units")
	}
	if t.Memory != "" {
		parts = append(parts, t.Memory+" MiB")
	}
	if t.LaunchType != "" {
		parts = append(parts, launchedOn(s.env, t.LaunchType))
	}
	if len(parts) == 0 {
		return "not set for the task as a whole"
	}
	return strings.Join(parts, " · ")
}

// life tells the steps of a task's life and how long each took.
func life(env *Env, t backend.Task) string {
	parts := []string{"created " + widget.Ago(env.Clock.Now(), t.CreatedAt)}
	add := func(what string, from, to time.Time) {
		if !from.IsZero() && !to.IsZero() {
			parts = append(parts, fmt.Sprintf("%s %s", what, widget.Elapsed(to.Sub(from))))
		}
	}
	add("pulled in", t.PullStartedAt, t.PullStoppedAt)
	add("started after", t.CreatedAt, t.StartedAt)
	add("ran", t.StartedAt, t.StoppedAt)
	add("stopping took", t.StoppingAt, t.StoppedAt)
	return strings.Join(parts, " · ")
}

// container is the one under the cursor.
func (s *Task) container() (backend.Container, bool) { return s.table.Cursor() }

// Actions work on the container under the cursor.
func (s *Task) Actions() []Action {
	env := s.env
	logs := func(container string) tea.Cmd {
		return Do(Push{env.Make.Logs(env, LogTarget{Tasks: []backend.Task{s.task}, Container: container})})
	}
	return []Action{
		{
			Keys: []string{"l", "enter"}, Name: "logs", Help: "the logs of this container", Group: groupGo, Footer: true,
			Disabled: func() string { return env.Backend.Unsupported(backend.CanLogs) },
			Run:      func() tea.Cmd { c, _ := s.container(); return logs(c.Name) },
		},
		{
			Keys: []string{"L"}, Name: "logs of the task", Help: "all its containers, merged", Group: groupGo,
			Disabled: func() string { return env.Backend.Unsupported(backend.CanLogs) }, Run: func() tea.Cmd { return logs("") },
		},
		{
			Keys: []string{"s"}, Name: "shell", Help: "open a shell in this container", Group: groupGo, Footer: true,
			Disabled: func() string {
				if why := env.Backend.Unsupported(backend.CanShell); why != "" {
					return why
				}
				return noShell(env, s.task)
			},
			Run: func() tea.Cmd { c, _ := s.container(); return openShell(env, s.task, c.Name) },
		},
		{
			Keys: []string{"x"}, Name: "stop", Help: "stop the task; a service replaces it", Group: groupChange, Footer: true,
			Disabled: func() string {
				if s.task.LastStatus == backend.TaskStopped {
					return "it has stopped already"
				}
				return env.Backend.Unsupported(backend.CanWrite)
			},
			Ask: func() (widget.Question, func() tea.Cmd) {
				tasks := []backend.Task{s.task}
				return stopQuestion(tasks), func() tea.Cmd { return stopTasks(env, tasks) }
			},
		},
		{
			Keys: []string{"d"}, Name: "describe", Help: "the whole task, as ECS has it", Group: groupGo, Footer: true,
			Run: func() tea.Cmd { return describeTask(env, s.task) },
		},
		{
			Keys: []string{"T"}, Name: "revisions", Help: "the revisions of its task definition", Group: groupGo,
			Run: func() tea.Cmd { return Do(Push{NewRevisions(env, familyOf(s.task.TaskDefinition))}) },
		},
		{
			Keys: []string{"y"}, Name: "copy ARN", Help: "into the clipboard", Group: groupView,
			Run: func() tea.Cmd {
				return tea.Batch(tea.SetClipboard(s.task.ARN), note(theme.Steady, "copied "+s.task.ARN))
			},
		},
		{Keys: []string{"ctrl+r"}, Name: "refresh", Help: "read it again now", Group: groupView, Run: s.Init},
	}
}
