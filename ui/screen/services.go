package screen

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// Services is the home of a cluster: what runs, how it is doing, and how its
// last deployment went.
type Services struct {
	*list[backend.Service]
}

// NewServices makes the screen for env's cluster.
func NewServices(env *Env) *Services {
	cluster := env.Cluster
	return &Services{newList(env, listConfig[backend.Service]{
		crumb: "services", one: "service", many: "services",
		columns: serviceColumns(env),
		watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[backend.Service]] {
			return watch.Services(ctx, env.Backend, cluster, o)
		},
		extras:  serviceExtras(env, cluster),
		actions: func(l *list[backend.Service]) []Action { return serviceRowActions(env, l) },
		enter: func(r listRow[backend.Service]) tea.Cmd {
			return Do(Push{NewTasks(env, r.Item.Name)})
		},
		enterName: "tasks",
		first:     env.isApp,
		total:     runningTotal,
		keep:      func(s backend.Service) bool { return s.Status != "INACTIVE" },
		empty:     "No service runs in cluster " + cluster + ".",
		hint:      emptyHint(env),
	})}
}

func emptyHint(env *Env) string {
	if env.App != nil {
		return "D deploys " + env.App.Name() + " here.  : opens everything else."
	}
	return "Open ecs-tui on a folder with a Dockerfile to deploy something.  : opens everything else."
}

// runningTotal is how many tasks the services run together.
func runningTotal(rows []serviceRow) string {
	tasks := 0
	for _, r := range rows {
		tasks += r.Item.Running
	}
	return widget.Plural(tasks, "task", "tasks")
}

type serviceRow = listRow[backend.Service]

func serviceColumns(env *Env) []widget.Column[serviceRow] {
	return []widget.Column[serviceRow]{
		{
			Title: "SERVICE", Min: 12, Max: 40, Flex: 2,
			Cell: func(r serviceRow) widget.Cell {
				if !r.Loaded {
					return widget.Cell{Text: "  " + backend.ShortName(r.Ref), Style: theme.Muted}
				}
				status, _ := ServiceState(r.Item, r.Extra.Deployment)
				return widget.Cell{Text: r.Item.Name, Status: status}
			},
			Less: func(a, b serviceRow) bool { return a.Ref < b.Ref },
		},
		{
			Title: "STATE", Min: 9, Max: 15,
			Cell: func(r serviceRow) widget.Cell {
				if !r.Loaded {
					return widget.Cell{Text: "…", Style: theme.Faint}
				}
				status, text := ServiceState(r.Item, r.Extra.Deployment)
				return widget.Cell{Text: text, Style: status.Token()}
			},
			Less: func(a, b serviceRow) bool {
				x, _ := ServiceState(a.Item, a.Extra.Deployment)
				y, _ := ServiceState(b.Item, b.Extra.Deployment)
				return x > y // what is worst comes first
			},
		},
		{
			Title: "TASKS", Min: 5, Align: widget.Right,
			Cell: func(r serviceRow) widget.Cell {
				if !r.Loaded {
					return widget.Cell{Text: "–", Style: theme.Faint}
				}
				return widget.Cell{Text: fmt.Sprintf("%d/%d", r.Item.Running, r.Item.Desired)}
			},
			Less: func(a, b serviceRow) bool { return a.Item.Running > b.Item.Running },
		},
		{
			Title: "REVISION", Min: 8, Max: 28, Flex: 1, Priority: 1,
			Cell: func(r serviceRow) widget.Cell { return widget.Cell{Text: serviceRevision(r.Item)} },
		},
		{
			Title: "IMAGE", Min: 8, Max: 30, Flex: 1, Priority: 4,
			Cell: func(r serviceRow) widget.Cell {
				return widget.Cell{Text: serviceImage(r.Item, r.Extra), Style: theme.Muted}
			},
		},
		{
			Title: "CPU", Min: 6, Align: widget.Right, Priority: 3,
			Cell: func(r serviceRow) widget.Cell { return cpuCell(r.Extra) },
			Less: func(a, b serviceRow) bool { return usedCPU(a.Extra) > usedCPU(b.Extra) },
		},
		{
			Title: "MEM", Min: 7, Align: widget.Right, Priority: 3,
			Cell: func(r serviceRow) widget.Cell { return memoryCell(r.Extra) },
			Less: func(a, b serviceRow) bool { return usedMemory(a.Extra) > usedMemory(b.Extra) },
		},
		{
			Title: "LAST DEPLOYMENT", Min: 19, Max: 60, Flex: 3, Priority: 2,
			Cell: func(r serviceRow) widget.Cell { return lastDeployment(env, r.Item, r.Extra.Deployment) },
			Less: func(a, b serviceRow) bool {
				return cmp.Compare(startOf(b.Extra), startOf(a.Extra)) < 0
			},
		},
	}
}

func usedCPU(e *extra) float64 {
	if e.Usage == nil {
		return -1
	}
	return e.Usage.CPU
}

func usedMemory(e *extra) int64 {
	if e.Usage == nil {
		return -1
	}
	return e.Usage.Memory
}

func startOf(e *extra) int64 {
	if e.Deployment == nil {
		return 0
	}
	return e.Deployment.CreatedAt.Unix()
}

// names joins names where there is room for a few: "web, worker, api and 3 more".
// A question lists all of them.
func names(items []string) string {
	if len(items) > 4 {
		return strings.Join(items[:3], ", ") + fmt.Sprintf(" and %d more", len(items)-3)
	}
	return strings.Join(items, ", ")
}
