package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// rolloutLine is the state of a rollout in one line: where it stands, where
// traffic goes, how its tasks do, and what watches over it.
func rolloutLine(e deploy.RolloutProgress) string {
	d := e.Deployment
	t := d.Target
	line := fmt.Sprintf("%s: %d of %d healthy, %d running, %d pending", backend.ShortName(t.TaskDefinition), t.Healthy, t.Desired, t.Running, t.Pending)
	if d.Stage != "" {
		line = d.Strategy + " " + d.Stage + ", " + deploy.Weights(d) + "; " + line
	}
	if t.Failed > 0 {
		line += fmt.Sprintf(", %d failed", t.Failed)
	}
	if b := d.Breaker; b != nil && b.Threshold > 0 && b.Status != "DISABLED" {
		line += fmt.Sprintf(", breaker %d of %d", b.Failures, b.Threshold)
	}
	for _, source := range d.Source {
		if source.Running > 0 {
			line += fmt.Sprintf("; %s: %d running", backend.ShortName(source.TaskDefinition), source.Running)
		}
	}
	if a := d.Alarms; a != nil && len(a.Triggered) > 0 {
		line += "; alarm " + strings.Join(a.Triggered, ", ")
	}
	return line
}

// pausedLines say that a rollout waits, and how to answer it from elsewhere.
func pausedLines(e deploy.Paused) []string {
	line := fmt.Sprintf("▲ paused at %s", e.Deployment.Stage)
	if text := deploy.Weights(e.Deployment); text != "" {
		line += ", " + text
	}
	if !e.Hook.ExpiresAt.IsZero() {
		line += ", until " + e.Hook.ExpiresAt.Local().Format(time.DateTime)
		switch e.Hook.TimeoutAction {
		case backend.HookContinue:
			line += ", then it goes on"
		default:
			line += ", then it rolls back"
		}
	}
	return []string{line, "  → " + e.Advice}
}

// rolloutBar draws how far a rollout is: by its traffic where that is shifted,
// else by the tasks that are healthy.
func rolloutBar(e deploy.RolloutProgress, width int) string {
	t := e.Deployment.Target
	if t.Traffic != nil {
		return bar(int(t.Traffic.Production), 100, width)
	}
	return bar(t.Healthy, t.Desired, width)
}
