package deploy

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	usualOf      = 10              // deployments that are looked at
	usualTimeout = 3 * time.Second // a rollout is not held up by them
)

// Usual is how long deployments of a service took that completed, by the same
// strategy: the median of the newest ten. 0 where there is none.
func Usual(past []backend.ServiceDeployment, strategy string) time.Duration {
	var took []time.Duration
	for _, d := range past {
		began := started(d, d.FinishedAt)
		if d.Status == backend.Successful && d.Strategy == strategy && d.FinishedAt.After(began) && len(took) < usualOf {
			took = append(took, d.FinishedAt.Sub(began))
		}
	}
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// TimeLeft says how long a deployment still takes that usually takes so long:
// "about 40 s left", "longer than usual"; "" where there is nothing to go by, or
// tasks have failed, which is not usual.
func TimeLeft(d backend.ServiceDeployment, usual time.Duration, now time.Time) string {
	_, waits := d.Waiting()
	began := started(d, time.Time{})
	if usual <= 0 || began.IsZero() || waits || d.Status.Ended() || d.Target.Failed > 0 || d.RollbackReason != "" || d.Status == backend.RollbackRequested || d.Status == backend.RollbackInProgress {
		return ""
	}
	left := usual - now.Sub(began)
	if left < 0 {
		return "longer than usual"
	}
	return "about " + roundUp(left) + " left"
}

// roundUp keeps an estimate from looking more exact than it is.
func roundUp(d time.Duration) string {
	step := 5 * time.Second
	switch {
	case d < 10*time.Second:
		step = time.Second
	case d > 2*time.Minute:
		step = time.Minute
	}
	d = max((d+step-1)/step*step, time.Second)
	if d > 2*time.Minute {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}

// readUsual reads what deployments of this service took, once.
func (f *follower) readUsual(ctx context.Context, now backend.ServiceDeployment) {
	f.usualRead = true
	ctx, cancel := context.WithTimeout(ctx, usualTimeout)
	defer cancel()
	past, err := deploymentsOf(ctx, f.b, f.cluster, f.service, usualOf)
	if err != nil { // the rollout is more than its estimate
		return
	}
	f.usual = Usual(past, now.Strategy)
}
