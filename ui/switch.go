package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/screen"
)

// place is the answer to a [screen.Switch].
type place struct {
	screen.Place
	promote string
	err     error
}

// switchTo opens another place; the screens stay until it is there.
func (a *App) switchTo(to screen.Switch) tea.Cmd {
	env := a.env
	if env.Open == nil {
		return screen.Do(screen.Refuse{Name: "switch", Reason: "this program was opened for one place only"})
	}
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(env.Ctx, infoTimeout)
		defer cancel()
		p, err := env.Open(ctx, to)
		return place{p, to.Promote, err}
	}
}

// enter goes on in another place, with its services. The app stays behind unless
// the place is one of its environments, so that no key deploys it here by
// mistake. The old
// environment stays as it is for whoever still reads with it.
func (a *App) enter(p place) tea.Cmd {
	if p.err != nil {
		return screen.Do(screen.Fail{Err: p.err})
	}
	a.top().Close()
	env := *a.env
	env.Backend, env.Cluster, env.Where, env.Command, env.Shell = p.Backend, p.Cluster, p.Where, p.Command, p.Shell
	env.App, env.Folder, env.Environment, env.Protected = p.App, nil, p.Environment, p.Protected
	env.Info.Backend, env.Info.Account, env.Info.Profile, env.Info.Region = "", "", "", ""
	a.env, a.own = &env, nil
	a.status, a.notice = status{}, p.Note
	a.pages = []screen.Screen{screen.NewServices(a.env)}
	if a.dismiss == nil {
		a.modal, a.accept = nil, nil // what was asked is of the place that was left
	}
	cmds := []tea.Cmd{a.readInfo(), a.arrive(), a.nextCode()}
	if p.promote != "" {
		cmds = append(cmds, screen.Do(screen.Push{Screen: a.env.Make.Deploy(a.env, screen.DeployTarget{From: p.promote})}))
	}
	return tea.Batch(cmds...)
}
