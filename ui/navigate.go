package ui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/screen"
)

// top is the page on screen.
func (a *App) top() screen.Screen { return a.pages[len(a.pages)-1] }

// arrive starts the page that has come on screen.
func (a *App) arrive() tea.Cmd {
	a.visits++
	a.env.Visit = a.visits
	return a.top().Init()
}

// navigate does what a message about pages asks for, and says whether it was one.
func (a *App) navigate(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case screen.Push:
		a.top().Close()
		a.pages = append(a.pages, msg.Screen)
	case screen.Pop:
		return a.back(), true
	case screen.Replace:
		a.top().Close()
		a.pages[len(a.pages)-1] = msg.Screen
	case screen.Home:
		a.top().Close()
		a.pages = a.pages[:1]
		if msg.Screen != nil {
			a.pages[0] = msg.Screen
		}
	case screen.EnterCluster:
		return a.enterCluster(msg.Name), true
	case screen.AppReady:
		return a.takeOver(msg.App), true
	default:
		return nil, false
	}
	return a.arrive(), true
}

// enterCluster goes on in another cluster of this place, as [App.enter] does: with
// an environment of its own, and without the app, which no key should deploy there
// by mistake. Where the app is at home, it is there again.
func (a *App) enterCluster(name string) tea.Cmd {
	a.top().Close()
	switch {
	case name == a.env.Cluster:
	case a.own != nil && name == a.own.Cluster:
		a.env = a.own
	default:
		if a.env.App != nil || a.env.Folder != nil {
			a.own = a.env
		}
		env := *a.env
		env.Cluster, env.App, env.Folder, env.Environment = name, nil, nil, ""
		a.env = &env
	}
	a.pages = []screen.Screen{screen.NewServices(a.env)}
	return a.start()
}

// start starts the page on screen in an environment that may be new, and asks
// again where this is when whoever asked before is not here any more.
func (a *App) start() tea.Cmd {
	if a.env.Info.Backend == "" {
		return tea.Batch(a.readInfo(), a.arrive())
	}
	return a.arrive()
}

// back leaves the page on screen; the first one stays.
func (a *App) back() tea.Cmd {
	if len(a.pages) == 1 {
		return nil
	}
	a.top().Close()
	a.pages = a.pages[:len(a.pages)-1]
	return a.arrive()
}

// takeOver goes on with the app that the folder has become: its services are
// the first page from here on, and its first deploy lies over it.
func (a *App) takeOver(app screen.App) tea.Cmd {
	a.top().Close()
	env := *a.env
	env.App, env.Environments = app, app.Environments()
	if len(env.Environments) > 0 {
		env.Environment = env.Environments[0]
	}
	a.env = &env
	a.pages = []screen.Screen{
		screen.NewServices(a.env),
		a.env.Make.Deploy(a.env, screen.DeployTarget{Service: app.Service()}),
	}
	return a.arrive()
}
