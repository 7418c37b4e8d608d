package deploy

import (
	"fmt"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Way says in a line how a service's deployments take over: by strategy, with
// its steps, its baking and where it pauses. "" for ROLLING, which the percents
// describe.
func Way(c backend.DeploymentConfig) string {
	if c.Strategy == "" || c.Strategy == backend.Rolling {
		return ""
	}
	var parts []string
	wait := func(d time.Duration) string {
		if d == 0 {
			return ""
		}
		return fmt.Sprintf(" for %d min", int(d/time.Minute))
	}
	step := fmt.Sprintf("%g %%", c.Shift.StepPercent)
	switch c.Strategy {
	case backend.BlueGreen:
		parts = append(parts, "all traffic at once")
	case backend.Canary:
		parts = append(parts, step+" of the traffic"+wait(c.Shift.StepBake)+", then all of it")
	case backend.Linear:
		parts = append(parts, step+" more of the traffic at a time, each"+wait(c.Shift.StepBake))
		if c.Shift.StepBake == 0 {
			parts[0] = step + " more of the traffic at a time"
		}
	}
	if c.Shift.Bake > 0 {
		parts = append(parts, fmt.Sprintf("the old revision stays %d min longer", int(c.Shift.Bake/time.Minute)))
	}
	for _, h := range c.Hooks {
		for _, stage := range h.Stages {
			if h.Type == backend.HookPause {
				parts = append(parts, "pauses at "+backend.StageName(stage))
			}
		}
	}
	if len(parts) == 0 {
		return c.Strategy
	}
	return c.Strategy + ": " + strings.Join(parts, " · ")
}

// Weights says how production traffic is shared while it is shifted: "10 % of
// traffic to web:15, 90 % to web:14"; "" where none is.
func Weights(d backend.ServiceDeployment) string {
	if d.Target.Traffic == nil {
		return ""
	}
	text := fmt.Sprintf("%g %% of traffic to %s", d.Target.Traffic.Production, backend.ShortName(d.Target.TaskDefinition))
	for _, s := range d.Source {
		if s.Traffic != nil && s.Traffic.Production > 0 {
			text += fmt.Sprintf(", %g %% to %s", s.Traffic.Production, backend.ShortName(s.TaskDefinition))
		}
	}
	if t := d.Target.Traffic.Test; t > 0 && d.Target.Traffic.Production < 100 {
		text += fmt.Sprintf(", test traffic %g %%", t)
	}
	return text
}

// Expiry says what becomes of a pause that nobody answers.
func Expiry(h backend.Hook, now time.Time) string {
	if h.ExpiresAt.IsZero() {
		return ""
	}
	then := "rolls back"
	if h.TimeoutAction == backend.HookContinue {
		then = "goes on"
	}
	left := max(0, h.ExpiresAt.Sub(now)).Round(time.Second)
	if left >= time.Minute {
		return fmt.Sprintf("in %d min it %s by itself", int(left/time.Minute), then)
	}
	return fmt.Sprintf("in %d s it %s by itself", int(left/time.Second), then)
}
