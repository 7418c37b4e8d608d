package main

import (
	"fmt"
	"time"

	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/config"
)

// hooksOf are an environment's hooks as a deploy takes them.
func hooksOf(h config.Hooks) deploy.Hooks {
	out := deploy.Hooks{Before: taskHookOf(h.Before)}
	if s := h.Smoke; s != nil {
		out.Smoke = &deploy.Smoke{
			Task: taskHookOf(s.Task), URL: s.URL, Path: s.Path, Container: s.Container, Port: s.Port,
			Status: s.Status, Body: s.Body, Within: s.Within,
		}
	}
	if n := h.Notify; n != nil {
		out.Notify = &deploy.Notify{Command: n.Command, Env: n.Env}
	}
	return out
}

func taskHookOf(h *config.TaskHook) *deploy.TaskHook {
	if h == nil {
		return nil
	}
	return &deploy.TaskHook{Container: h.Container, Command: h.Command, Timeout: h.Timeout}
}

// hookLines are what a hook's task or command wrote.
func hookLines(e deploy.HookLog) []string {
	var lines []string
	for _, l := range e.Lines {
		if l.Task == "" {
			lines = append(lines, "    │ "+l.Text)
			continue
		}
		lines = append(lines, fmt.Sprintf("    │ %s %s  %s", l.At.Local().Format(time.TimeOnly), l.Container, l.Text))
	}
	return lines
}

// attemptLine is one request of the smoke check.
func attemptLine(e deploy.Attempt) string {
	line := fmt.Sprintf("  %d. GET %s: ", e.Number, e.URL)
	if e.Err != "" {
		return line + e.Err
	}
	return fmt.Sprintf("%s%d, after %s", line, e.Status, elapsed(e.Took))
}
