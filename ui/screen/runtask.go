package screen

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// askRun asks what a task of its own shall do, runs it, and shows its logs.
func askRun(env *Env, td backend.TaskDefinition, like string) tea.Cmd {
	names := make([]string, len(td.Containers))
	for i, c := range td.Containers {
		names[i] = c.Name
	}
	fields := []widget.Field{{Key: "command", Label: "Command", Hint: "its own where empty; quotes hold words together"}}
	if len(names) > 1 {
		fields = append([]widget.Field{{Key: "container", Label: "Container", Kind: widget.ChoiceField, Choices: names, Value: names[0]}}, fields...)
	}
	form := widget.NewForm(env.Theme, "Run a task of "+td.Ref()+" (cluster "+env.Cluster+")",
		[]string{"It belongs to no service, and runs until it ends by itself, or is stopped."}, "run", fields)
	return Do(Ask{form, func() tea.Cmd {
		req := backend.RunTaskRequest{Cluster: env.Cluster, TaskDefinition: td.ARN, StartedBy: "ecs-tui", Like: like}
		if words := splitWords(form.Value("command")); len(words) > 0 {
			o := backend.ContainerOverride{Name: names[0], Command: words}
			if len(names) > 1 {
				o.Name = form.Value("container")
			}
			req.Overrides = []backend.ContainerOverride{o}
		}
		return runTask(env, req)
	}})
}

// runServiceTask is askRun for the revision that a service runs, on its network.
func runServiceTask(env *Env, s backend.Service) tea.Cmd {
	return call(env, func(ctx context.Context) (backend.TaskDefinition, error) {
		return env.Backend.DescribeTaskDefinition(ctx, s.TaskDefinition)
	}, func(td backend.TaskDefinition) tea.Msg { return askRun(env, td, s.Name)() })
}

// runTask starts tasks that belong to no service, and shows their logs.
func runTask(env *Env, req backend.RunTaskRequest) tea.Cmd {
	return call(env, func(ctx context.Context) ([]backend.Task, error) {
		return env.Backend.RunTask(ctx, req)
	}, func(tasks []backend.Task) tea.Msg { return Push{env.Make.Logs(env, LogTarget{Tasks: tasks})} })
}

// splitWords takes a command line apart at its spaces; what stands in ' or " is one
// word. Nothing else of a shell is known.
func splitWords(line string) []string {
	var out []string
	var word strings.Builder
	var quote rune
	inWord := false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == ' ' || r == '\t':
			if inWord {
				out = append(out, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if inWord {
		out = append(out, word.String())
	}
	return out
}
