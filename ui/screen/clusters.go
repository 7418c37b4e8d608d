package screen

import (
	"context"
	"iter"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

type clusterRow = listRow[backend.Cluster]

// EnterCluster asks the root to work in another cluster from here on.
type EnterCluster struct{ Name string }

// NewClusters lists the clusters; going into one makes it the current one.
func NewClusters(env *Env) Screen {
	number := func(title string, n func(backend.Cluster) int) widget.Column[clusterRow] {
		return widget.Column[clusterRow]{
			Title: title, Min: 8, Align: widget.Right,
			Cell: func(r clusterRow) widget.Cell { return widget.Cell{Text: widget.Count(n(r.Item))} },
			Less: func(a, b clusterRow) bool { return n(a.Item) > n(b.Item) },
		}
	}
	return newList(env, listConfig[backend.Cluster]{
		crumb: "clusters", one: "cluster", many: "clusters",
		columns: []widget.Column[clusterRow]{
			{Title: "CLUSTER", Min: 16, Flex: 2, Cell: func(r clusterRow) widget.Cell {
				name := backend.ShortName(r.Ref)
				if name == env.Cluster {
					return widget.Cell{Text: name, Style: theme.Accent}
				}
				return widget.Cell{Text: name}
			}},
			{Title: "STATUS", Min: 10, Cell: func(r clusterRow) widget.Cell { return widget.Cell{Text: r.Item.Status, Style: theme.Muted} }},
			number("SERVICES", func(c backend.Cluster) int { return c.Services }),
			number("RUNNING", func(c backend.Cluster) int { return c.Running }),
			number("PENDING", func(c backend.Cluster) int { return c.Pending }),
			number("MACHINES", func(c backend.Cluster) int { return c.Instances }),
		},
		watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[backend.Cluster]] {
			return watch.Clusters(ctx, env.Backend, o)
		},
		enter:     func(r clusterRow) tea.Cmd { return Do(EnterCluster{backend.ShortName(r.Ref)}) },
		enterName: "services",
		actions: func(l *list[backend.Cluster]) []Action {
			return []Action{
				{
					Keys: []string{"c"}, Name: "capacity", Help: "its machines with what they have free, and its capacity providers", Group: groupGo, Footer: true,
					Disabled: l.needRow, Run: func() tea.Cmd { return Do(Push{NewCapacity(env, l.current().Name)}) },
				},
				describeAction(l.needRow, func() tea.Cmd { return describeCluster(env, l.current()) }),
				copyAction(l, func(c backend.Cluster) string { return c.ARN }),
			}
		},
		empty: "There is no cluster.", hint: "The first deploy makes one.",
	})
}
