package screen

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// targetsView is what was read of a service's target groups.
type targetsView struct {
	groups []backend.TargetGroup
	tasks  map[string]backend.Task // by target, see targetKey
}

func targetKey(t backend.Target) string { return fmt.Sprintf("%s:%d", t.ID, t.Port) }

// targetRow is one target of one of the groups.
type targetRow struct {
	group string
	backend.Target
	task backend.Task // without an ARN where it is not known
}

func (v targetsView) rows() []targetRow {
	var out []targetRow
	for _, g := range v.groups {
		for _, t := range g.Targets {
			out = append(out, targetRow{g.Name, t, v.tasks[targetKey(t)]})
		}
	}
	return out
}

// readTargets reads the target groups; with tasks, it also finds out which task
// each target is, and looks again only when there is one that it does not know.
func (d *ServiceDetail) readTargets(tasks bool) tea.Cmd {
	known := map[string]backend.Task{}
	return d.targets.start(d.env, targetsEvery, func(ctx context.Context) (targetsView, error) {
		s, err := d.current(ctx)
		if err != nil {
			return targetsView{}, err
		}
		arns := backend.TargetGroupARNs(s)
		if len(arns) == 0 {
			return targetsView{}, nil
		}
		groups, err := d.env.Backend.DescribeTargetGroups(ctx, arns)
		if err != nil {
			return targetsView{}, err
		}
		v := targetsView{groups: groups, tasks: map[string]backend.Task{}}
		if tasks {
			d.nameTargets(ctx, v, known)
		}
		return v, nil
	})
}

// nameTargets finds the tasks of the targets. Without them a target has only its
// address, which is no reason to show nothing.
func (d *ServiceDetail) nameTargets(ctx context.Context, v targetsView, known map[string]backend.Task) {
	var unknown []backend.Target
	for _, r := range v.rows() {
		key := targetKey(r.Target)
		if t, ok := known[key]; ok {
			v.tasks[key] = t
			continue
		}
		unknown = append(unknown, r.Target)
	}
	if len(unknown) == 0 {
		return
	}
	page, err := d.env.Backend.ListTasks(ctx, backend.TaskQuery{Cluster: d.cluster, Service: d.name}, backend.PageRequest{})
	var tasks []backend.Task
	if err == nil && len(page.Items) > 0 {
		tasks, err = d.env.Backend.DescribeTasks(ctx, d.cluster, page.Items)
	}
	if err != nil {
		d.env.Log.Debug("find the tasks of targets", "err", err)
		return
	}
	for n, arn := range backend.TargetTasks(unknown, tasks) {
		key := targetKey(unknown[n])
		known[key] = backend.Task{} // it is looked for once
		if i := slices.IndexFunc(tasks, func(t backend.Task) bool { return t.ARN == arn }); i >= 0 {
			known[key] = tasks[i]
		}
		v.tasks[key] = known[key]
	}
}

func targetColumns(groups bool) []widget.Column[targetRow] {
	return []widget.Column[targetRow]{
		{Title: "TASK", Min: 10, Max: 12, Cell: func(r targetRow) widget.Cell {
			status, _ := targetState(r.Target)
			if r.task.ARN == "" {
				return widget.Cell{Text: "–", Style: theme.Faint, Status: status}
			}
			return widget.Cell{Text: backend.ShortID(r.task.ARN), Status: status}
		}},
		{Title: "STATE", Min: 9, Max: 14, Cell: func(r targetRow) widget.Cell { return statusCell(targetState(r.Target)) }, Less: func(a, b targetRow) bool {
			x, _ := targetState(a.Target)
			y, _ := targetState(b.Target)
			return x > y
		}},
		{Title: "GROUP", Min: 8, Max: 32, Flex: 1, Hidden: !groups, Cell: func(r targetRow) widget.Cell { return widget.Cell{Text: r.group} }},
		{Title: "TARGET", Min: 12, Max: 30, Cell: func(r targetRow) widget.Cell { return widget.Cell{Text: targetKey(r.Target)} }},
		{Title: "ZONE", Min: 6, Max: 16, Priority: 2, Cell: func(r targetRow) widget.Cell { return widget.Cell{Text: r.Zone, Style: theme.Muted} }},
		{Title: "WHY", Min: 12, Flex: 4, Priority: 1, Cell: func(r targetRow) widget.Cell {
			return widget.Cell{Text: targetWhy(r.Target), Style: theme.Muted}
		}},
	}
}

// targetState is how a load balancer sees a target, as a sign and a word.
func targetState(t backend.Target) (theme.Status, string) {
	switch t.State {
	case backend.TargetHealthy:
		return theme.Steady, t.State
	case backend.TargetInitial:
		return theme.InMotion, t.State
	case backend.TargetDraining, backend.TargetUnused:
		return theme.Idle, t.State
	case backend.TargetUnhealthy:
		return theme.Failure, t.State
	default:
		return theme.Warning, t.State
	}
}

// targetWhy is why a target is not healthy: the text, which has the codes, and
// ELB's own name for it.
func targetWhy(t backend.Target) string {
	return strings.Join(parts(t.Description, t.Reason), " · ")
}

// targetsTab draws the groups, then their targets.
func (d *ServiceDetail) targetsTab(w, h int) string {
	return d.targets.page(d.env, "the target groups", w, h, func(w, h int) string {
		v := d.targets.value
		if len(v.groups) == 0 {
			return message(d.env.Theme, d.name+" is registered with no load balancer.", "loadBalancers in its service document names target groups.", w, h)
		}
		var rows [][2]string
		for _, g := range v.groups {
			rows = append(rows, [2]string{"group", groupLine(g)})
		}
		lines := factLines(d.env.Theme, rows, w)
		if room := max(1, h/3); len(lines) > room {
			lines = lines[:room]
		}
		lines = append(lines, "")
		foot := d.rowFoot(w, h, ofRow(d.targetTable, func(r targetRow) string { return targetWhy(r.Target) }))
		body := d.targetTable.View(w, max(1, h-len(lines)-len(foot)))
		return strings.Join(slices.Concat(lines, []string{body}, foot), "\n")
	})
}

// groupLine is a target group in one line: what it sends where, and how it finds
// out whether that works.
func groupLine(g backend.TargetGroup) string {
	check := strings.Join(parts(g.Check.Protocol, g.Check.Path), " ")
	if g.Check.Interval > 0 {
		check += " every " + widget.Elapsed(g.Check.Interval)
	}
	if g.Check.Codes != "" {
		check += ", wants " + g.Check.Codes
	}
	if g.Check.Healthy > 0 {
		check += fmt.Sprintf(", healthy after %d, unhealthy after %d", g.Check.Healthy, g.Check.Unhealthy)
	}
	via := "no load balancer sends to it"
	if len(g.LoadBalancers) > 0 {
		names := make([]string, len(g.LoadBalancers))
		for i, arn := range g.LoadBalancers {
			names[i] = balancerName(arn)
		}
		via = "from " + strings.Join(names, ", ")
	}
	return strings.Join(parts(g.Name, fmt.Sprintf("%s %d", g.Protocol, g.Port), via, "check "+check), " · ")
}

// balancerName is the name in "…:loadbalancer/app/shop-public/50dc6c495c0c9188".
func balancerName(arn string) string {
	if f := strings.Split(arn, "/"); len(f) > 2 {
		return f[len(f)-2]
	}
	return backend.ShortName(arn)
}

// targetsLine sums the targets up for the overview: how many are healthy, and
// what is wrong with the first that is not.
func (d *ServiceDetail) targetsLine() (line string, ok bool) {
	th := d.env.Theme
	switch p := &d.targets; {
	case !p.loaded && p.err != nil:
		return statusLine(th, theme.Warning, oneLine(p.err)), true
	case !p.loaded || len(p.value.groups) == 0:
		return "", false
	}
	count := map[string]int{}
	status, why, all := theme.Steady, "", 0
	for _, r := range d.targets.value.rows() {
		count[r.State]++
		all++
		if s, _ := targetState(r.Target); s > status {
			status = s
			why = targetWhy(r.Target)
		}
	}
	if all == 0 {
		return statusLine(th, theme.Idle, "none is registered in "+groupNames(d.targets.value.groups)), true
	}
	text := fmt.Sprintf("%d of %s healthy in %s", count[backend.TargetHealthy], widget.Plural(all, "target", "targets"), groupNames(d.targets.value.groups))
	for _, state := range []string{backend.TargetUnhealthy, backend.TargetInitial, backend.TargetDraining, backend.TargetUnavailable} {
		if count[state] > 0 {
			text += fmt.Sprintf(", %d %s", count[state], state)
		}
	}
	if why != "" && status >= theme.Warning {
		text += ": " + why
	}
	return statusLine(th, status, text), true
}

func groupNames(groups []backend.TargetGroup) string {
	out := make([]string, len(groups))
	for i, g := range groups {
		out[i] = g.Name
	}
	return strings.Join(out, ", ")
}
