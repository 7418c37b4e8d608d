package screen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// taskActions are what can be done to the tasks of a list. Where the list is a
// service's, the service's own keys work on it too.
func taskActions(env *Env, l *list[backend.Task], service string) []Action {
	out := []Action{
		{
			Keys: []string{"l"}, Name: "logs", Help: "the logs of the selected tasks, merged", Group: groupGo, Footer: true,
			Disabled: unlessChosen(l, env, backend.CanLogs), Run: func() tea.Cmd {
				return Do(Push{env.Make.Logs(env, LogTarget{Tasks: l.chosen()})})
			},
		},
		{
			Keys: []string{"s"}, Name: "shell", Help: "open a shell in a container of it", Group: groupGo, Footer: true,
			Disabled: func() string {
				if why := unlessRow(l, env, backend.CanShell)(); why != "" {
					return why
				}
				return noShell(env, l.current())
			},
			Run: func() tea.Cmd { return chooseShell(env, l.current()) },
		},
		{
			Keys: []string{"x"}, Name: "stop", Help: "stop the selected tasks; a service replaces them", Group: groupChange, Footer: true,
			Disabled: firstReason(unlessChosen(l, env, backend.CanWrite), func() string {
				if len(stillRunning(l.chosen())) == 0 {
					return "it has stopped already"
				}
				return ""
			}),
			Ask: func() (widget.Question, func() tea.Cmd) {
				tasks := stillRunning(l.chosen())
				return stopQuestion(tasks), func() tea.Cmd { return stopTasks(env, tasks) }
			},
		},
		{
			Keys: []string{"d"}, Name: "describe", Help: "the whole of it, as ECS has it", Group: groupGo, Footer: true,
			Disabled: l.needRow, Run: func() tea.Cmd {
				return describeTask(env, l.current())
			},
		},
		copyAction(l, func(t backend.Task) string { return t.ARN }),
	}
	if service == "" {
		return out
	}
	out = append(out, deployActions(env, func() (string, string) { return service, "" })...)
	return append(out,
		Action{Keys: []string{"L"}, Name: "logs of the service", Help: "all its tasks, merged", Group: groupGo, Run: func() tea.Cmd {
			return Do(Push{env.Make.Logs(env, LogTarget{Service: service})})
		}},
		Action{Keys: []string{"v"}, Name: "events", Help: "the service's events, in ECS's words", Group: groupGo, Run: func() tea.Cmd {
			return Do(Push{NewEvents(env, service)})
		}},
		Action{Keys: []string{"p"}, Name: "deployments", Help: "the service's deployments, and how they ended", Group: groupGo, Run: func() tea.Cmd {
			return Do(Push{NewDeployments(env, service)})
		}},
		healthAction(env, serviceAt{
			current: func() backend.Service { return backend.Service{Name: service} }, need: func() string { return "" },
		}),
	)
}

// stillRunning are the tasks that can be stopped.
func stillRunning(tasks []backend.Task) []backend.Task {
	return slices.DeleteFunc(slices.Clone(tasks), func(t backend.Task) bool { return t.LastStatus == backend.TaskStopped })
}

func stopQuestion(tasks []backend.Task) widget.Question {
	q := widget.Question{Title: "Stop task", Verb: "stop", Danger: true}
	ofService := func(t backend.Task) bool { return t.Service != "" }
	if len(tasks) == 1 {
		t := tasks[0]
		q.Target = t.ID() + " (" + t.Group + ", cluster " + t.Cluster + ")"
		if ofService(t) {
			q.Body = []string{"Service " + t.Service + " starts another one in its place."}
		}
		return q
	}
	q.Title, q.Verb = fmt.Sprintf("Stop %d tasks", len(tasks)), "stop them"
	q.Target = widget.Plural(len(tasks), "task", "tasks") + " (cluster " + tasks[0].Cluster + ")"
	if slices.ContainsFunc(tasks, ofService) {
		q.Body = []string{"Services start others in the place of theirs."}
	}
	for _, t := range tasks {
		q.Body = append(q.Body, t.ID()+"  "+t.Group)
	}
	return q
}

func stopTasks(env *Env, tasks []backend.Task) tea.Cmd {
	cluster := env.Cluster
	var cmds []tea.Cmd
	for _, t := range tasks {
		cmds = append(cmds, call(env, func(ctx context.Context) (backend.Task, error) {
			return env.Backend.StopTask(ctx, cluster, t.ARN, "Task stopped by user")
		}, func(backend.Task) tea.Msg {
			return Say{theme.InMotion, "task " + backend.ShortID(t.ARN) + " is stopping"}
		}))
	}
	return tea.Batch(cmds...)
}

// noShell is why no shell can be opened in a task, or "".
func noShell(env *Env, t backend.Task) string {
	switch {
	case env.Shell == nil:
		return "this program was started without a way to open a shell"
	case t.LastStatus != backend.Running:
		return "the task is not running"
	case t.ExecOff:
		return `ECS Exec is off: set "enableExecuteCommand": true in the service, then deploy`
	}
	return ""
}

// chooseShell opens a shell, asking for the container where there are several.
func chooseShell(env *Env, t backend.Task) tea.Cmd {
	if len(t.Containers) == 1 {
		return openShell(env, t, t.Containers[0].Name)
	}
	items := make([]widget.Item, len(t.Containers))
	for i, c := range t.Containers {
		status, word := containerState(c)
		items[i] = widget.Item{ID: c.Name, Title: c.Name, Detail: word, Status: status}
	}
	choose := widget.NewChoose(env.Theme, "Shell in which container?", nil, items)
	return Do(Ask{choose, func() tea.Cmd {
		item, ok := choose.Chosen()
		if !ok {
			return nil
		}
		return openShell(env, t, item.ID)
	}})
}

// openShell hands the terminal over until the shell ends. What the command says
// on standard error is why there is no shell: it would be gone with the terminal.
func openShell(env *Env, t backend.Task, container string) tea.Cmd {
	cmd := env.Shell(ShellTarget{Cluster: env.Cluster, Task: t.ARN, Container: container})
	var said bytes.Buffer
	cmd.Stderr = &said
	return tea.ExecProcess(cmd, func(err error) tea.Msg {
		var exit *exec.ExitError
		why := strings.Join(strings.Fields(backend.Clean(said.String())), " ")
		switch {
		case err == nil:
			return Say{theme.Steady, "the shell in " + container + " ended"}
		case why != "":
			return Fail{errors.New(strings.TrimPrefix(why, "ecs-tui: "))}
		case errors.As(err, &exit): // what was typed last decides that
			return Say{theme.Steady, fmt.Sprintf("the shell in %s ended with %d", container, exit.ExitCode())}
		}
		return Fail{backend.Errorf("ExecuteCommand", backend.Other, container, "the shell in task %s cannot be opened: %w", backend.ShortID(t.ARN), err)}
	})
}
