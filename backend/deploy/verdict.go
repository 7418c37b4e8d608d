package deploy

import (
	"fmt"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// rolloutWithin is how long a rollout may take before a deploy that rolls back by
// itself calls it failed, where nothing else is said.
const rolloutWithin = 30 * time.Minute

// verdict calls a rollout failed, of a service for which ECS does not: without a
// circuit breaker, ECS starts tasks that fail for ever.
type verdict struct {
	until   time.Time // zero: it may take as long as it likes
	within  time.Duration
	excused int  // failures before the last task that became healthy
	lost    bool // the rollout has failed, by what was seen and not for want of seeing it
}

// judge says whether the rollout has failed. The count is that of ECS's breaker:
// half of the tasks, 3 to 200, with none healthy, and counted anew from a task
// that became healthy ("Deployment circuit breaker" in the developer guide).
func (f *follower) judge(now RolloutProgress) (end Ended, over bool) {
	v := f.verdict
	if v == nil || now.Deployment.Status.Ended() || f.rollsBack(now) {
		return Ended{}, false
	}
	target := backend.ShortName(now.Deployment.Target.TaskDefinition)
	if !v.until.IsZero() && !f.clock.Now().Before(v.until) {
		v.lost = true
		return f.ended(Failed, f.because(fmt.Sprintf("%s is not stable after %s", target, spell(v.within)), now.Deployment), f.advice(), nil), true
	}
	if now.Service.Config.Breaker.Enable { // ECS counts
		return Ended{}, false
	}
	failures := max(now.Deployment.Target.Failed, len(f.failed))
	if healthyTasks(now) > 0 {
		v.excused = failures
	}
	failures -= v.excused
	if failures < min(max((now.Service.Desired+1)/2, 3), 200) {
		return Ended{}, false
	}
	v.lost = true
	what := fmt.Sprintf("%s did not become stable, %d tasks failed and none is healthy", target, failures)
	return f.ended(Failed, f.because(what, now.Deployment), f.advice(), nil), true
}

func (f *follower) rollsBack(now RolloutProgress) bool {
	s := now.Deployment.Status
	return s == backend.RollbackRequested || s == backend.RollbackInProgress || s == backend.StopRequested
}

// healthyTasks counts the tasks of the rollout that are healthy, as the backend
// counts them or as they say themselves.
func healthyTasks(now RolloutProgress) int {
	n := 0
	for _, t := range now.Tasks {
		if ofRollout(t, now.Deployment) && t.LastStatus == backend.Running && t.Health == backend.Healthy {
			n++
		}
	}
	return max(n, now.Deployment.Target.Healthy)
}

// stoppedForGood says whether ECS has given a deployment up without rolling it
// back: what it brought is what the service still wants.
func stoppedForGood(now RolloutProgress) bool {
	primary, _ := now.Service.Primary()
	return now.Deployment.Status == backend.Stopped && primary.ID == now.Deployment.ID && primary.Rollout == backend.RolloutFailed
}
