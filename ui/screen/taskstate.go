package screen

import (
	"fmt"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// taskState is what a task is doing, in one word and one sign.
func taskState(t backend.Task) (theme.Status, string) {
	word := strings.ToLower(t.LastStatus)
	switch {
	case t.LastStatus == backend.TaskStopped:
		if taskBroke(t) {
			return theme.Failure, "failed"
		}
		return theme.Idle, "stopped"
	case t.DesiredStatus == backend.TaskStopped:
		return theme.InMotion, "stopping"
	case t.LastStatus != backend.Running:
		return theme.InMotion, word
	case t.Health == backend.Unhealthy:
		return theme.Failure, "unhealthy"
	case t.Health == backend.Healthy:
		return theme.Steady, "healthy"
	default:
		return theme.Steady, "running"
	}
}

// taskReason is why a task stopped, with its exit code: what a list has room for.
func taskReason(t backend.Task) string {
	var parts []string
	for _, c := range t.Containers {
		if c.ExitCode != nil && (*c.ExitCode != 0 || c.Essential) && t.LastStatus == backend.TaskStopped {
			parts = append(parts, fmt.Sprintf("exit %d", *c.ExitCode))
		}
		if c.Reason != "" {
			parts = append(parts, c.Reason)
		}
		if len(parts) > 0 {
			break
		}
	}
	if t.StoppedReason != "" {
		parts = append(parts, t.StoppedReason)
	}
	return strings.Join(parts, " · ")
}

// taskPorts is where a task can be reached: "49153 → 8080".
func taskPorts(t backend.Task) string {
	var out []string
	for _, c := range t.Containers {
		for _, p := range c.Ports {
			if p.HostPort > 0 {
				out = append(out, fmt.Sprintf("%d → %d", p.HostPort, p.ContainerPort))
			}
		}
	}
	return strings.Join(out, ", ")
}

// containerState is what a container is doing.
func containerState(c backend.Container) (theme.Status, string) {
	switch {
	case c.LastStatus == backend.TaskStopped && c.ExitCode != nil && *c.ExitCode != 0:
		return theme.Failure, fmt.Sprintf("exit %d", *c.ExitCode)
	case c.LastStatus == backend.TaskStopped:
		return theme.Idle, "stopped"
	case c.Health == backend.Unhealthy:
		return theme.Failure, "unhealthy"
	case c.LastStatus == backend.Running && c.Health == backend.Healthy:
		return theme.Steady, "healthy"
	case c.LastStatus == backend.Running:
		return theme.Steady, "running"
	default:
		return theme.InMotion, strings.ToLower(c.LastStatus)
	}
}

// statusCell is a state in its colour.
func statusCell(status theme.Status, text string) widget.Cell {
	return widget.Cell{Text: text, Style: status.Token()}
}

// familyOf is the family of a task definition's ARN.
func familyOf(ref string) string {
	family, _, _ := strings.Cut(backend.ShortName(ref), ":")
	return family
}
