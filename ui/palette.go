package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/screen"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// command is one entry of the palette or the help: what it is called and how it
// is done.
type command struct {
	item widget.Item
	run  func() tea.Cmd
}

// actionCommands are actions as entries.
func (a *App) actionCommands(actions []screen.Action) []command {
	var out []command
	for _, act := range actions {
		if act.Name == "command" || act.Name == "help" {
			continue
		}
		out = append(out, command{
			widget.Item{ID: act.Group + "/" + act.Name, Title: act.Name, Key: act.Key(), Group: act.Group, Detail: act.Help, Disabled: act.Reason()},
			func() tea.Cmd { return act.Perform(a.env) },
		})
	}
	return out
}

// places are the screens that can be gone to from anywhere.
func (a *App) places() []command {
	env := a.env
	place := func(key, name, help string, open func() screen.Screen) command {
		return command{
			widget.Item{ID: "place/" + name, Title: name, Key: key, Group: "Go to", Detail: help},
			func() tea.Cmd { return screen.Do(screen.Push{Screen: open()}) },
		}
	}
	out := []command{
		{
			widget.Item{ID: "place/services", Title: "services", Group: "Go to", Detail: "the services of cluster " + env.Cluster},
			func() tea.Cmd { return screen.Do(screen.Home{Screen: screen.NewServices(env)}) },
		},
		place("t", "all tasks", "all tasks of cluster "+env.Cluster, func() screen.Screen { return screen.NewTasks(env, "") }),
		place("i", "images", "the images, and who uses them", func() screen.Screen { return env.Make.Images(env) }),
		unless(env.Backend.Unsupported(backend.CanRepositories), place("", "repositories", "the registry: repositories, their images, and what scans found",
			func() screen.Screen { return screen.NewRepositories(env) })),
		place("", "task definitions", "families and their revisions", func() screen.Screen { return screen.NewFamilies(env) }),
		unless(env.Backend.Unsupported(backend.CanSchedule), place("", "schedules", "tasks of cluster "+env.Cluster+" that run at their times",
			func() screen.Screen { return screen.NewSchedules(env) })),
		place("", "capacity", "the machines of cluster "+env.Cluster+", and its capacity providers", func() screen.Screen { return screen.NewCapacity(env, env.Cluster) }),
		place("", "clusters", "the clusters; go into one to work there", func() screen.Screen { return screen.NewClusters(env) }),
		{widget.Item{ID: "quit", Title: "quit", Key: "q", Group: "Program", Detail: "end the program; what runs goes on"}, a.quit},
	}
	if env.WantCode != nil {
		out = append(out, command{
			widget.Item{ID: "mfa", Title: "mfa", Group: "Program", Detail: "type the MFA code that the profile's role needs"},
			a.wantCode,
		})
	}
	if env.Open == nil {
		return out
	}
	for _, name := range env.Environments {
		if env.App != nil && name == env.Environment {
			continue // it is there
		}
		out = append(out, command{
			widget.Item{ID: "env/" + name, Title: "env " + name, Group: "Go to", Detail: "go on in this environment of the app"},
			func() tea.Cmd { return screen.Do(screen.Switch{Environment: name}) },
		})
	}
	return append(out,
		a.typedCommand("profile", "work with the credentials of another profile of AWS"),
		a.typedCommand("region", "work in another region of AWS"),
		a.typedCommand("backend", "work on aws, docker or demo"))
}

// unless is an entry that can't be chosen where there is a reason.
func unless(why string, c command) command {
	c.item.Disabled = why
	return c
}

// typedCommand is an entry for what has to be typed with a name.
func (a *App) typedCommand(word, help string) command {
	return command{
		widget.Item{ID: "typed/" + word, Title: word + " NAME", Group: "Go to", Detail: help},
		func() tea.Cmd { return a.typed(word) },
	}
}

func (a *App) openPalette() tea.Cmd {
	commands := append(a.actionCommands(a.top().Actions()), a.places()...)
	p := widget.NewPalette(a.env.Theme, "Command", items(commands))
	a.ask(p, func() tea.Cmd {
		if item, ok := p.Chosen(); ok {
			return runCommand(commands, item.ID)
		}
		return a.typed(p.Query())
	})
	return nil
}

func (a *App) openHelp() tea.Cmd {
	commands := append(a.actionCommands(a.top().Actions()), a.actionCommands(a.globals())...)
	order := map[string]int{} // of the groups, as they come first
	for _, c := range commands {
		if _, seen := order[c.item.Group]; !seen {
			order[c.item.Group] = len(order)
		}
	}
	slices.SortStableFunc(commands, func(x, y command) int { return order[x.item.Group] - order[y.item.Group] })
	h := widget.NewHelp(a.env.Theme, "Help: "+a.top().Crumb(), items(commands))
	a.ask(h, func() tea.Cmd {
		item, _ := h.Chosen()
		return runCommand(commands, item.ID)
	})
	return nil
}

// typed does what was typed into the palette and is no entry of it.
func (a *App) typed(line string) tea.Cmd {
	word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	rest = strings.TrimSpace(rest)
	switch word {
	case "":
		return nil
	case "q", "quit":
		return a.quit()
	case "q!":
		return tea.Quit
	case "cluster":
		if rest != "" {
			return screen.Do(screen.EnterCluster{Name: rest})
		}
	case "mfa":
		return a.wantCode()
	case "profile", "region", "backend", "env":
		if rest == "" {
			return screen.Do(screen.Refuse{Name: ":" + word, Reason: "name one: :" + word + " NAME"})
		}
		to := map[string]screen.Switch{"profile": {Profile: rest}, "region": {Region: rest}, "backend": {Backend: rest}, "env": {Environment: rest}}[word]
		return screen.Do(to)
	}
	return screen.Do(screen.Refuse{Name: ":" + line, Reason: "there is no such command; : lists them"})
}

func items(commands []command) []widget.Item {
	out := make([]widget.Item, len(commands))
	for i, c := range commands {
		out[i] = c.item
	}
	return out
}

func runCommand(commands []command, id string) tea.Cmd {
	for _, c := range commands {
		if c.item.ID == id {
			return c.run()
		}
	}
	return nil
}
