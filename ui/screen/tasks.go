package screen

import (
	"context"
	"iter"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// Tasks lists the tasks of a service, or of the whole cluster, the running ones
// and, on its second tab, those that have stopped.
type Tasks struct {
	*list[backend.Task]
	tabs    *widget.Tabs
	running *list[backend.Task]
	stopped *list[backend.Task]
	crumb   string
}

// NewTasks makes the screen; service "" lists all tasks of env's cluster.
func NewTasks(env *Env, service string) *Tasks {
	crumb := service
	if crumb == "" {
		crumb = "tasks"
	}
	return newTasks(env, backend.TaskQuery{Cluster: env.Cluster, Service: service}, crumb)
}

// NewTasksOn lists the tasks on one machine of env's cluster.
func NewTasksOn(env *Env, i backend.ContainerInstance) *Tasks {
	return newTasks(env, backend.TaskQuery{Cluster: env.Cluster, Instance: i.ARN}, "tasks on "+i.Instance)
}

func newTasks(env *Env, of backend.TaskQuery, crumb string) *Tasks {
	service := of.Service
	make := func(stopped bool) *list[backend.Task] {
		q := of
		q.Stopped = stopped
		empty := "No task runs."
		var detail func(backend.Task) string
		if stopped {
			empty, detail = "No task has stopped lately.", taskReason
		}
		return newList(env, listConfig[backend.Task]{
			crumb: "tasks", one: "task", many: "tasks",
			columns: taskColumns(env, stopped, service == ""),
			watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[backend.Task]] {
				return watch.Tasks(ctx, env.Backend, q, o)
			},
			extras:  taskUsage(env, env.Cluster),
			actions: func(l *list[backend.Task]) []Action { return taskActions(env, l, service) },
			enter: func(r listRow[backend.Task]) tea.Cmd {
				return Do(Push{NewTask(env, r.Item)})
			},
			enterName: "task",
			detail:    detail,
			empty:     empty,
		})
	}
	t := &Tasks{
		crumb: crumb, running: make(false), stopped: make(true),
		tabs: widget.NewTabs(env.Theme, "running", "stopped"),
	}
	t.list = t.running
	return t
}

// Crumb is the service or the machine whose tasks these are.
func (t *Tasks) Crumb() string { return t.crumb }

// Update switches tabs, and leaves the rest to the list.
func (t *Tasks) Update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyPressMsg); ok && !t.Capturing() && t.tabs.Key(k) {
		t.Close()
		t.list = []*list[backend.Task]{t.running, t.stopped}[t.tabs.Active()]
		return t.Init()
	}
	return t.list.Update(msg)
}

// View draws the tabs over the rows.
func (t *Tasks) View(w, h int) string {
	return t.tabs.Line(w) + "\n" + t.list.View(w, h-1)
}

type taskRow = listRow[backend.Task]

func taskColumns(env *Env, stopped, withService bool) []widget.Column[taskRow] {
	columns := []widget.Column[taskRow]{
		{
			Title: "TASK", Min: 10, Max: 12,
			Cell: func(r taskRow) widget.Cell {
				if !r.Loaded {
					return widget.Cell{Text: "  " + backend.ShortID(r.Ref), Style: theme.Muted}
				}
				status, _ := taskState(r.Item)
				return widget.Cell{Text: backend.ShortID(r.Ref), Status: status}
			},
		},
		{
			Title: "STATE", Min: 9, Max: 14,
			Cell: func(r taskRow) widget.Cell {
				if !r.Loaded {
					return widget.Cell{Text: "…", Style: theme.Faint}
				}
				return statusCell(taskState(r.Item))
			},
			Less: func(a, b taskRow) bool {
				x, _ := taskState(a.Item)
				y, _ := taskState(b.Item)
				return x > y
			},
		},
		{
			Title: "SERVICE", Min: 8, Max: 24, Flex: 1, Hidden: !withService,
			Cell: func(r taskRow) widget.Cell { return widget.Cell{Text: strings.TrimPrefix(r.Item.Group, "service:")} },
			Less: func(a, b taskRow) bool { return a.Item.Group < b.Item.Group },
		},
		{
			Title: "REVISION", Min: 8, Max: 28, Priority: 2,
			Cell: func(r taskRow) widget.Cell { return widget.Cell{Text: backend.ShortName(r.Item.TaskDefinition)} },
			Less: func(a, b taskRow) bool { return a.Item.TaskDefinition > b.Item.TaskDefinition },
		},
		{
			Title: "AGE", Min: 7, Align: widget.Right,
			Cell: func(r taskRow) widget.Cell {
				return widget.Cell{Text: since(env, r.Item.CreatedAt), Style: theme.Muted}
			},
			Less: func(a, b taskRow) bool { return a.Item.CreatedAt.After(b.Item.CreatedAt) },
		},
	}
	if stopped {
		return append(columns, stoppedTaskColumns(env)...)
	}
	return append(columns, runningTaskColumns()...)
}

// stoppedTaskColumns say why tasks are no more.
func stoppedTaskColumns(env *Env) []widget.Column[taskRow] {
	return []widget.Column[taskRow]{{
		Title: "WHY", Min: 20, Flex: 4,
		Cell: func(r taskRow) widget.Cell { return widget.Cell{Text: taskReason(r.Item)} },
	}, {
		Title: "STOPPED", Min: 8, Align: widget.Right, Priority: 1,
		Cell: func(r taskRow) widget.Cell {
			return widget.Cell{Text: since(env, r.Item.StoppedAt), Style: theme.Muted}
		},
		Less: func(a, b taskRow) bool { return a.Item.StoppedAt.After(b.Item.StoppedAt) },
	}}
}

// runningTaskColumns say what tasks use, and where they listen.
func runningTaskColumns() []widget.Column[taskRow] {
	return []widget.Column[taskRow]{
		{
			Title: "CPU", Min: 6, Align: widget.Right, Priority: 3,
			Cell: func(r taskRow) widget.Cell { return cpuCell(r.Extra) },
			Less: func(a, b taskRow) bool { return usedCPU(a.Extra) > usedCPU(b.Extra) },
		},
		{
			Title: "MEM", Min: 7, Align: widget.Right, Priority: 3,
			Cell: func(r taskRow) widget.Cell { return memoryCell(r.Extra) },
			Less: func(a, b taskRow) bool { return usedMemory(a.Extra) > usedMemory(b.Extra) },
		},
		{
			Title: "PORTS", Min: 8, Max: 30, Flex: 1, Priority: 4,
			Cell: func(r taskRow) widget.Cell { return widget.Cell{Text: taskPorts(r.Item), Style: theme.Muted} },
		},
		{
			Title: "REASON", Min: 10, Flex: 2, Priority: 5,
			Cell: func(r taskRow) widget.Cell { return widget.Cell{Text: taskReason(r.Item), Style: theme.Warn} },
		},
	}
}
