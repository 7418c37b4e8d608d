package screen

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

type instanceRow = listRow[backend.ContainerInstance]

// Capacity is what a cluster's tasks run on: its machines with what they have
// free and, on the second tab, the providers that they come from.
type Capacity struct {
	env       *Env
	cluster   string
	tabs      *widget.Tabs
	instances *list[backend.ContainerInstance]
	providers *list[provider]
}

var (
	_ Capturer = (*Capacity)(nil)
	_ Escaper  = (*Capacity)(nil)
	_ Noted    = (*Capacity)(nil)
	_ Counter  = (*Capacity)(nil)
)

// listPage is what both tabs are.
type listPage interface {
	Screen
	Capturer
	Escaper
	Noted
	Counter
}

// NewCapacity makes the screen of a cluster.
func NewCapacity(env *Env, cluster string) *Capacity {
	return &Capacity{
		env: env, cluster: cluster, tabs: widget.NewTabs(env.Theme, "machines", "providers"),
		instances: newInstances(env, cluster), providers: newProviders(env, cluster),
	}
}

func (c *Capacity) on() listPage {
	if c.tabs.Active() == 1 {
		return c.providers
	}
	return c.instances
}

// Crumb names the cluster where it is another one than the current one.
func (c *Capacity) Crumb() string {
	if c.cluster != c.env.Cluster {
		return c.cluster + " capacity"
	}
	return "capacity"
}

// Init reads the tab that is open.
func (c *Capacity) Init() tea.Cmd { return c.on().Init() }

// Close ends that.
func (c *Capacity) Close() { c.on().Close() }

// Update switches tabs, and leaves the rest to the list.
func (c *Capacity) Update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyPressMsg); ok && !c.Capturing() {
		before := c.on()
		if c.tabs.Key(k) {
			before.Close()
			return c.Init()
		}
	}
	return c.on().Update(msg)
}

// View draws the tabs over the rows.
func (c *Capacity) View(w, h int) string { return c.tabs.Line(w) + "\n" + c.on().View(w, h-1) }

// Actions are those of the tab.
func (c *Capacity) Actions() []Action { return c.on().Actions() }

// Capturing says whether a filter is being typed.
func (c *Capacity) Capturing() bool { return c.on().Capturing() }

// InputLine is the filter's line.
func (c *Capacity) InputLine(w int) string { return c.on().InputLine(w) }

// Escape clears the filter.
func (c *Capacity) Escape() bool { return c.on().Escape() }

// Note is the list's own.
func (c *Capacity) Note() (beside, right string) { return c.on().Note() }

// Count is the list's own.
func (c *Capacity) Count() string { return c.on().Count() }

func newInstances(env *Env, cluster string) *list[backend.ContainerInstance] {
	return newList(env, listConfig[backend.ContainerInstance]{
		crumb: "capacity", one: "machine", many: "machines",
		columns: instanceColumns(),
		watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[backend.ContainerInstance]] {
			return watch.Instances(ctx, env.Backend, cluster, o)
		},
		enter:     func(r instanceRow) tea.Cmd { return enterInstance(env, cluster, r.Item) },
		enterName: "tasks",
		total:     freeTotal,
		actions: func(l *list[backend.ContainerInstance]) []Action {
			return []Action{
				{
					Keys: []string{"d"}, Name: "describe", Help: "the whole of it, as ECS has it", Group: groupGo, Footer: true, Disabled: l.needRow,
					Run: func() tea.Cmd {
						i := l.current()
						return Do(Push{NewDescribe(env, i.Instance, i.Document, nil)})
					},
				},
				copyAction(l, func(i backend.ContainerInstance) string { return i.ARN }),
			}
		},
		detail: func(i backend.ContainerInstance) string { return instanceDetail(env, i) },
		empty:  "No machine is registered with cluster " + cluster + ".",
		hint:   "Fargate needs none: tab shows the capacity providers.",
	})
}

// enterInstance shows the tasks of a machine, which are looked at in the cluster
// that is current.
func enterInstance(env *Env, cluster string, i backend.ContainerInstance) tea.Cmd {
	if cluster != env.Cluster {
		return Do(Refuse{"tasks", "they are in cluster " + cluster + ": :cluster " + cluster + " goes there first"})
	}
	return Do(Push{NewTasksOn(env, i)})
}

func instanceColumns() []widget.Column[instanceRow] {
	muted := func(title string, least, priority int, text func(backend.ContainerInstance) string) widget.Column[instanceRow] {
		return widget.Column[instanceRow]{Title: title, Min: least, Max: 24, Priority: priority, Cell: func(r instanceRow) widget.Cell {
			return widget.Cell{Text: text(r.Item), Style: theme.Muted}
		}, Less: func(a, b instanceRow) bool { return text(a.Item) < text(b.Item) }}
	}
	return []widget.Column[instanceRow]{
		{Title: "MACHINE", Min: 19, Max: 30, Flex: 2, Cell: func(r instanceRow) widget.Cell {
			if !r.Loaded {
				return widget.Cell{Text: "  " + backend.ShortID(r.Ref), Style: theme.Muted}
			}
			status, _ := instanceState(r.Item)
			return widget.Cell{Text: r.Item.Instance, Status: status}
		}, Less: func(a, b instanceRow) bool { return a.Item.Instance < b.Item.Instance }},
		{Title: "STATE", Min: 8, Max: 16, Cell: func(r instanceRow) widget.Cell {
			if !r.Loaded {
				return widget.Cell{Text: "…", Style: theme.Faint}
			}
			return statusCell(instanceState(r.Item))
		}, Less: func(a, b instanceRow) bool {
			x, _ := instanceState(a.Item)
			y, _ := instanceState(b.Item)
			return x > y
		}},
		{Title: "TASKS", Min: 5, Align: widget.Right, Cell: func(r instanceRow) widget.Cell {
			text := widget.Count(r.Item.Running)
			if r.Item.Pending > 0 {
				text += "+" + widget.Count(r.Item.Pending)
			}
			return widget.Cell{Text: text}
		}, Less: func(a, b instanceRow) bool { return a.Item.Running > b.Item.Running }},
		{Title: "CPU FREE", Min: 8, Align: widget.Right, Cell: func(r instanceRow) widget.Cell {
			return freeCell(r.Item.Free.CPU, r.Item.Total.CPU, widget.Count)
		}, Less: func(a, b instanceRow) bool { return a.Item.Free.CPU < b.Item.Free.CPU }},
		{Title: "MEM FREE", Min: 8, Align: widget.Right, Cell: func(r instanceRow) widget.Cell {
			return freeCell(r.Item.Free.Memory, r.Item.Total.Memory, mebibytes)
		}, Less: func(a, b instanceRow) bool { return a.Item.Free.Memory < b.Item.Free.Memory }},
		{Title: "PORTS", Min: 5, Align: widget.Right, Priority: 3, Cell: func(r instanceRow) widget.Cell {
			return widget.Cell{Text: widget.Count(len(r.Item.Free.Ports)), Style: theme.Muted}
		}},
		muted("PROVIDER", 8, 2, func(i backend.ContainerInstance) string {
			if i.Provider == "" && i.External {
				return "external"
			}
			return i.Provider
		}),
		muted("TYPE", 8, 4, func(i backend.ContainerInstance) string { return i.Type }),
		muted("ZONE", 8, 5, func(i backend.ContainerInstance) string { return i.Zone }),
		muted("AGENT", 6, 6, func(i backend.ContainerInstance) string { return i.Agent }),
	}
}

// freeCell is what is free of a whole; little of it stands out.
func freeCell(free, total int, write func(int) string) widget.Cell {
	c := widget.Cell{Text: write(free) + " of " + write(total)}
	if total <= 0 {
		return widget.Cell{Text: "–", Style: theme.Faint}
	}
	if free*10 < total {
		c.Style = theme.Warn
	}
	return c
}

func mebibytes(n int) string { return widget.Size(int64(n) << 20) }

// instanceState is how a machine is doing. One whose agent does not answer runs
// its tasks on, and gets no others.
func instanceState(i backend.ContainerInstance) (theme.Status, string) {
	switch {
	case i.Status == "REGISTRATION_FAILED":
		return theme.Failure, "not registered"
	case !i.Connected:
		return theme.Failure, "agent lost"
	case i.Status == "ACTIVE":
		return theme.Steady, "active"
	default:
		return theme.InMotion, strings.ToLower(i.Status)
	}
}

// instanceDetail is a machine in full.
func instanceDetail(env *Env, i backend.ContainerInstance) string {
	var out []string
	if i.StatusReason != "" {
		out = append(out, i.StatusReason)
	}
	if !i.Connected {
		out = append(out, "its agent does not answer: its tasks run on, and it gets no others")
	}
	if i.External {
		out = append(out, "outside of AWS")
	}
	versions := parts(prefixed("agent ", i.Agent), prefixed("update ", strings.ToLower(i.AgentUpdate)), prefixed("Docker ", i.Engine))
	out = append(out, versions...)
	if i.Total.GPUs > 0 {
		out = append(out, fmt.Sprintf("%d of %s free", i.Free.GPUs, widget.Plural(i.Total.GPUs, "GPU", "GPUs")))
	}
	if !i.RegisteredAt.IsZero() {
		out = append(out, "registered "+widget.Ago(env.Clock.Now(), i.RegisteredAt))
	}
	if len(i.Free.Ports) == 0 {
		return strings.Join(append(out, "no port is taken"), " · ")
	}
	ports := slices.Clone(i.Free.Ports)
	slices.SortFunc(ports, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	out = append(out, "ports taken: "+strings.Join(ports, " "))
	return strings.Join(out, " · ")
}

// prefixed puts a word before what is known.
func prefixed(word, text string) string {
	if text == "" {
		return ""
	}
	return word + text
}

// freeTotal is what the machines have free together, of those that take tasks.
func freeTotal(rows []instanceRow) string {
	var free, total backend.Resources
	for _, r := range rows {
		if r.Loaded && r.Item.Status == "ACTIVE" && r.Item.Connected {
			free.CPU += r.Item.Free.CPU
			free.Memory += r.Item.Free.Memory
			total.CPU += r.Item.Total.CPU
			total.Memory += r.Item.Total.Memory
		}
	}
	if total.CPU == 0 {
		return ""
	}
	return fmt.Sprintf("%d %% CPU, %d %% memory free", 100*free.CPU/total.CPU, 100*free.Memory/max(1, total.Memory))
}
