package ui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/ui/screen"
)

// top is the page on screen.
func (a *App) top() screen.Screen { return a.pages[len(a.pages)-1] }

// arrive starts the page that has come on screen.
func (a *App) arrive() tea.Cmd {
	a.env.Visit++
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
		a.top().Close()
		a.env.Cluster = msg.Name
		a.pages = []screen.Screen{screen.NewServices(a.env)}
	case screen.AppReady:
		return a.takeOver(msg.App), true
	default:
		return nil, false
	}
	return a.arrive(), true
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
	a.env.App = app
	a.env.Environments = app.Environments()
	if len(a.env.Environments) > 0 {
		a.env.Environment = a.env.Environments[0]
	}
	a.pages = []screen.Screen{
		screen.NewServices(a.env),
		a.env.Make.Deploy(a.env, screen.DeployTarget{Service: app.Service()}),
	}
	return a.arrive()
}
