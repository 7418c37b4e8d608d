package scheduler

import "github.com/ecs-tui/ecs-tui/backend"

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
	why := "ECS deployment circuit breaker: " + what + "."
	d.Rollout, d.RolloutReason, d.Breaker, d.UpdatedAt = backend.RolloutFailed, why, breakerTriggered, p.now
	r.event(p.now, "(deployment "+d.ID+") deployment failed: "+what+".")
	target := r.rollbackTarget(d)
	switch {
	case c.Rollback && target != nil:
		r.rollBack(p.now, d, target, why)
	case c.Rollback:
		d.Stalled = true
		d.end(p.now, backend.RollbackFailed, why+" No deployment has completed before, so there is nothing to go back to.")
	default:
		d.Stalled = true
		d.end(p.now, backend.Stopped, why)
	}
}

// failure says in which of the breaker's stages d failed: before any task
// reached RUNNING, or by health checks.
func (p *pass) failure(d *Deployment) string {
	for _, v := range p.views {
		if v.deployment == d && !v.StartedAt.IsZero() && checked(v.Task) == backend.Unhealthy {
			return "tasks failed container health checks"
		}
	}
	return "tasks failed to start"
}
