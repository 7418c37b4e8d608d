package scheduler

import (
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Bounds of BOUNDED_PERCENT, and its default.
const (
	thresholdMin     = 3
	thresholdMax     = 200
	thresholdPercent = 50
)

// threshold is how many failed tasks trip the circuit breaker.
func threshold(c backend.BreakerConfig, desired int) int {
	v := c.ThresholdValue
	switch c.ThresholdType {
	case "COUNT":
		return max(v, 1)
	case "UNBOUNDED_PERCENT":
		if v == 0 {
			v = thresholdPercent
		}
		return max(ceilPercent(desired, v), 1)
	default:
		if v == 0 {
			v = thresholdPercent
		}
		return min(max(ceilPercent(desired, v), thresholdMin), thresholdMax)
	}
}

// breaker ends a deployment whose tasks keep failing: by going back to the
// newest one that completed or, with none or without rollback, by starting
// nothing more.
func (p *pass) breaker(d *Deployment) {
	r := p.rec
	c := r.Spec.Config.Breaker
	if !c.Enable || d.Rollout != backend.RolloutInProgress || d.Strikes < threshold(c, r.Desired) {
		return
	}
	p.changed = true
	if from := r.rollingBack(); from != nil {
		// The rollback fails too. It goes on, throttled: it is the best there is.
		from.end(p.now, backend.RollbackFailed, "The tasks of the deployment that was rolled back to failed as well.")
		d.Rollout = backend.RolloutFailed
		d.RolloutReason = "ECS deployment circuit breaker: tasks failed to start."
		return
	}
	what := p.failure(d)
	d.Breaker = breakerTriggered
	r.giveUp(p.now, d, c.Rollback, byBreaker, what)
}

// giveUp ends a deployment that failed: by going back where that is wanted and
// possible, else by starting nothing more. by and what say who found what.
func (r *Record) giveUp(now time.Time, d *Deployment, rollback bool, by, what string) {
	why := by + ": " + what + "."
	d.Rollout, d.RolloutReason, d.UpdatedAt = backend.RolloutFailed, why, now
	r.event(now, "(deployment "+d.ID+") deployment failed: "+what+".")
	target := r.rollbackTarget(d)
	switch {
	case rollback && target != nil:
		r.rollBack(now, d, target, why, by)
	case rollback:
		d.Stalled = true
		d.end(now, backend.RollbackFailed, why+" No deployment has completed before, so there is nothing to go back to.")
	default:
		d.Stalled = true
		d.end(now, backend.Stopped, why)
	}
}

// failure says in which of the breaker's stages d failed: before any task
// reached RUNNING, or by health checks.
func (p *pass) failure(d *Deployment) string {
	for _, v := range p.views {
		if v.deployment == d && !v.StartedAt.IsZero() && checked(v.Task) == backend.Unhealthy {
			what, _, _ := strings.Cut(failedChecks(v.Task), " in (")
			return "tasks " + what
		}
	}
	return "tasks failed to start"
}
