package screen

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// promoteAction is P: it goes on in another environment of the app, with the plan
// of a deploy of what runs in this one. service is the one under the cursor, ""
// for the app's.
func promoteAction(env *Env, service func() string) Action {
	return Action{
		Keys: []string{"P"}, Name: "promote", Help: "deploy to another environment what runs in this one, without a build", Group: groupChange,
		Disabled: func() string { return cannotPromote(env, service()) },
		Run: func() tea.Cmd {
			targets := promotionTargets(env)
			if len(targets) == 1 {
				return promoteTo(env, targets[0])
			}
			return choosePromotion(env, targets)
		},
	}
}

func cannotPromote(env *Env, service string) string {
	switch {
	case env.Backend.Unsupported(backend.CanWrite) != "":
		return env.Backend.Unsupported(backend.CanWrite)
	case env.App == nil:
		return env.noApp()
	case env.App.Service() == "":
		return "app " + env.App.Name() + " has no service"
	case service != "" && !env.isApps(service):
		return env.notTheApps(service)
	case !slices.Contains(env.App.Environments(), env.Environment):
		return "this place is no environment of app " + env.App.Name()
	case len(promotionTargets(env)) == 0:
		return "app " + env.App.Name() + " has this environment only; name another one in its file"
	case env.Open == nil:
		return "this program was opened for one place only"
	}
	return ""
}

// promotionTargets are the app's other environments, in the file's order.
func promotionTargets(env *Env) []string {
	return slices.DeleteFunc(slices.Clone(env.App.Environments()), func(name string) bool { return name == env.Environment })
}

func choosePromotion(env *Env, targets []string) tea.Cmd {
	items := make([]widget.Item, len(targets))
	for i, name := range targets {
		items[i] = widget.Item{ID: name, Title: name}
	}
	choose := widget.NewChoose(env.Theme, "Promote "+env.App.Service()+" from "+env.Environment+" to which environment?", nil, items)
	if i := slices.Index(env.App.Environments(), env.Environment); i < len(targets) {
		choose.Select(targets[i]) // the next one in the file
	}
	return Do(Ask{choose, func() tea.Cmd {
		if item, ok := choose.Chosen(); ok {
			return promoteTo(env, item.ID)
		}
		return nil
	}})
}

// promoteTo asks for the other place. Nothing is changed before its plan is confirmed.
func promoteTo(env *Env, name string) tea.Cmd {
	return Do(Switch{Environment: name, Promote: env.Environment})
}
