package screen

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Actions are the keys of the tabs, then the service's own.
func (d *ServiceDetail) Actions() []Action {
	env := d.env
	need := func() string {
		if !d.service.loaded {
			return "it is still being read"
		}
		return ""
	}
	at := serviceAt{
		current: func() backend.Service { return d.service.value },
		chosen:  func() []backend.Service { return []backend.Service{d.service.value} },
		need:    need, needAll: need,
		target: func() (string, string) {
			if !d.service.loaded {
				return "", ""
			}
			return d.name, followingOf(d.service.value, d.extra.Deployment)
		},
	}
	out := append(d.tabActions(), d.scalingAction())
	out = append(out, serviceActions(env, at)...)
	return append(out, Action{Keys: []string{"ctrl+r"}, Name: "refresh", Help: "read everything again now", Group: groupView, Run: d.Init})
}

// tabActions are enter, the range of the charts, and the tabs.
func (d *ServiceDetail) tabActions() []Action {
	env, overview := d.env, d.tabs.Active() == tabOverview
	out := []Action{{
		Keys: []string{"enter"}, Name: "tasks", Help: "the tasks of the service", Group: groupGo, Footer: true,
		Run: func() tea.Cmd { return Do(Push{NewTasks(env, d.name)}) },
	}}
	if d.tabs.Active() == tabTargets {
		out[0] = Action{
			Keys: []string{"enter"}, Name: "task", Help: "the task that this target is", Group: groupGo, Footer: true,
			Disabled: func() string {
				if r, ok := d.targetTable.Cursor(); !ok || r.task.ARN == "" {
					return "no task is known under the cursor"
				}
				return ""
			},
			Run: func() tea.Cmd { r, _ := d.targetTable.Cursor(); return Do(Push{NewTask(env, r.task)}) },
		}
	}
	if overview {
		out = append(out, Action{
			Keys: []string{"r"}, Name: "range", Help: "how far back the charts go: 1, 3, 12, 24 hours, 7 days", Group: groupView, Footer: true,
			Run: func() tea.Cmd {
				d.span = (d.span + 1) % len(spans)
				d.history.loaded = false
				return d.readHistory()
			},
		})
	}
	for tab, help := range []string{
		"how it is doing, CPU and memory, events", "the health of its load balancers' targets",
		"the bounds and policies of autoscaling", "what it is found as, and who answers to that",
	} {
		out = append(out, Action{
			Keys: []string{strconv.Itoa(tab + 1)}, Name: [...]string{"overview", "targets", "scaling", "discovery"}[tab], Help: help, Group: groupView,
			Run: func() tea.Cmd { return d.show(tab) },
		})
	}
	return out
}

// healthAction opens the screen from where a service is in sight.
func healthAction(env *Env, at serviceAt) Action {
	return Action{
		Keys: []string{"m"}, Name: "health and metrics", Help: "CPU and memory over the last hours, and what the service stands on", Group: groupGo,
		Disabled: at.need, Run: func() tea.Cmd { return Do(Push{NewServiceDetail(env, at.current())}) },
	}
}
