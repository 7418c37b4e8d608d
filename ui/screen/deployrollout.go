package screen

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// rolloutFold is the rollout as its last event told it, and what only somebody
// who watched all of them knows: when each task turned healthy.
type rolloutFold struct {
	Seen       bool
	Deployment backend.ServiceDeployment
	Service    backend.Service
	Started    time.Time
	Usual      time.Duration
	Tasks      []backend.Task // new revision first, each by age, stable

	origin     time.Time // when the first rollout of this deploy began; a rollback may be another
	stageSince time.Time // when Deployment.Stage was first seen
	leftAt     string    // the stage in which a rollback began, "" for none
	back       bool      // it brings back an older revision; known while the newer one is there

	healthyAt map[string]time.Time // by task ARN
	firstSeen map[string]time.Time
}

func (r *rolloutFold) apply(ev deploy.RolloutProgress, now time.Time) {
	if r.healthyAt == nil {
		r.healthyAt, r.firstSeen = map[string]time.Time{}, map[string]time.Time{}
	}
	r.markStage(ev.Deployment, now)
	r.back = olderAgain(ev.Deployment) || r.back && r.Deployment.ARN == ev.Deployment.ARN
	r.Seen = true
	r.Deployment, r.Service, r.Usual = ev.Deployment, ev.Service, ev.Usual
	r.Started = orTime(ev.Started, orTime(ev.Deployment.StartedAt, now))
	r.origin = orTime(r.origin, r.Started)
	r.Tasks = slices.Clone(ev.Tasks)
	slices.SortStableFunc(r.Tasks, func(a, b backend.Task) int {
		if c := cmp.Compare(r.rank(a), r.rank(b)); c != 0 {
			return c
		}
		return a.CreatedAt.Compare(b.CreatedAt)
	})
	r.markHealthy(now)
}

// markStage notes when a stage was first seen, and the one that a rollback left.
func (r *rolloutFold) markStage(d backend.ServiceDeployment, now time.Time) {
	if was := r.Deployment.Stage; r.Seen && !r.rollingBack() {
		r.leftAt = was
	}
	if !r.Seen || r.Deployment.Stage != d.Stage {
		r.stageSince = now
	}
	if !r.Seen && d.Stage != "" && !d.Status.Ended() {
		r.stageSince = time.Time{} // it may be in it for long
	}
}

// markHealthy notes when tasks turned healthy. A task whose health is UNKNOWN
// may have no health check, or one that has not answered yet, and does not say
// which: then the revision's own count decides, oldest tasks first.
func (r *rolloutFold) markHealthy(now time.Time) {
	unknown := r.Deployment.Target.Healthy
	for _, t := range r.Tasks {
		if r.isNew(t) && t.Health == backend.Healthy {
			unknown--
		}
	}
	for _, t := range r.Tasks {
		if _, ok := r.firstSeen[t.ARN]; !ok {
			r.firstSeen[t.ARN] = now
		}
		runs := t.LastStatus == backend.Running && t.DesiredStatus != backend.TaskStopped
		healthy := runs && t.Health == backend.Healthy
		if runs && t.Health != backend.Healthy && t.Health != backend.Unhealthy {
			healthy = !r.isNew(t) || unknown > 0
			if r.isNew(t) {
				unknown--
			}
		}
		if _, ok := r.healthyAt[t.ARN]; !ok && healthy {
			r.healthyAt[t.ARN] = now
		}
	}
}

func (r *rolloutFold) rank(t backend.Task) int {
	if r.isNew(t) {
		return 0
	}
	return 1
}

// isNew says whether a task belongs to the revision that is rolled out. The
// deployment's id decides, since a forced deployment brings the same task
// definition again.
func (r *rolloutFold) isNew(t backend.Task) bool {
	if t.StartedBy != "" && r.Deployment.ID != "" {
		return t.StartedBy == r.Deployment.ID
	}
	return t.TaskDefinition == r.Deployment.Target.TaskDefinition
}

// desired is how many tasks the new revision is to have.
func (r *rolloutFold) desired() int {
	return max(r.Deployment.Target.Desired, r.Service.Desired)
}

// rollingBack says whether the rollout goes, or went, back.
func (r *rolloutFold) rollingBack() bool {
	switch r.Deployment.Status {
	case backend.RollbackRequested, backend.RollbackInProgress, backend.RollbackSuccessful,
		backend.RollbackFailed, backend.StopRequested, backend.Stopped:
		return true
	}
	return false
}

// olderAgain says whether a deployment brings back an older revision, as a
// rollback does where nothing goes on any more: what it deploys is new to nobody.
func olderAgain(d backend.ServiceDeployment) bool {
	family, number := revisionNumber(d.Target.TaskDefinition)
	for _, src := range d.Source {
		if f, n := revisionNumber(src.TaskDefinition); f != family || n <= number {
			return false
		}
	}
	return len(d.Source) > 0
}

// revisionNumber takes a task definition's ARN apart; the number is 0 in what is
// none.
func revisionNumber(arn string) (family string, number int) {
	family, text, _ := strings.Cut(backend.ShortName(arn), ":")
	number, _ = strconv.Atoi(text)
	return family, number
}

func (r *rolloutFold) progress() string {
	if r.rollingBack() {
		verb := "rolling back"
		switch r.Deployment.Status {
		case backend.RollbackSuccessful, backend.Stopped:
			verb = "rolled back"
		case backend.RollbackFailed:
			verb = "could not roll back"
		}
		if to := backend.ShortName(r.Deployment.RollbackTo); to != "" {
			verb += " to " + to
		}
		return verb
	}
	if _, waits := r.Deployment.Waiting(); waits {
		return "waits for an answer"
	}
	return fmt.Sprintf("%d of %d healthy", min(r.Deployment.Target.Healthy, r.desired()), r.desired())
}

// lifePhase is what a task did during a span of its life.
type lifePhase int

const (
	lifePending lifePhase = iota // placed, creating
	lifePulling
	lifeStarting // RUNNING, not yet healthy
	lifeHealthy
	lifeStopping // draining or stopping
	lifeFailed   // the moment it stopped by itself
	lifeStopped  // the moment it was stopped
)

// lifeSpan is a part of a task's life. A stop is a span of no length at the
// end.
type lifeSpan struct {
	Phase    lifePhase
	From, To time.Time
}

// life tells a task's life up to now, oldest first, without gaps.
func (r *rolloutFold) life(t backend.Task, now time.Time) []lifeSpan {
	end := orTime(t.StoppedAt, now)
	at := orTime(t.CreatedAt, r.firstSeen[t.ARN])
	var spans []lifeSpan
	to := func(p lifePhase, until time.Time) {
		if until.IsZero() || until.After(end) {
			until = end
		}
		if until.After(at) {
			spans = append(spans, lifeSpan{p, at, until})
			at = until
		}
	}
	healthy, was := r.healthyAt[t.ARN]
	if !r.watchedStart(t) && (was || !r.isNew(t)) {
		healthy, was = t.StartedAt, true // it was healthy before anybody looked
	}
	if pulled := t.PullStartedAt; !pulled.IsZero() {
		to(lifePending, pulled)
		to(lifePulling, t.StartedAt)
	}
	to(lifePending, t.StartedAt)
	if !t.StartedAt.IsZero() {
		stopping := t.StoppingAt
		if was {
			to(lifeStarting, healthy)
			to(lifeHealthy, stopping)
		} else {
			to(lifeStarting, stopping)
		}
		to(lifeStopping, end)
	}
	if t.LastStatus == backend.TaskStopped {
		p := lifeStopped
		if taskBroke(t) {
			p = lifeFailed
		}
		spans = append(spans, lifeSpan{p, end, end})
	}
	return spans
}

// watchedStart says whether the task was seen before it turned healthy.
func (r *rolloutFold) watchedStart(t backend.Task) bool {
	return r.healthyAt[t.ARN].After(r.firstSeen[t.ARN])
}

// taskBroke says whether a task ended by itself rather than because somebody
// or the scheduler stopped it.
func taskBroke(t backend.Task) bool {
	switch t.StopCode {
	case "EssentialContainerExited", "TaskFailedToStart":
		return true
	case "UserInitiated", "ServiceSchedulerInitiated", "SpotInterruption", "TerminationNotice":
		return strings.Contains(strings.ToLower(t.StoppedReason), "health check")
	}
	for _, c := range t.Containers {
		if c.ExitCode != nil && *c.ExitCode != 0 && c.Essential {
			return true
		}
	}
	return false
}

// now says in a few words what a task does now, or why it ended.
func (r *rolloutFold) now(t backend.Task) string {
	if _, ok := r.healthyAt[t.ARN]; ok && taskNow(t) == "running" {
		return "healthy"
	}
	return taskNow(t)
}

// taskNow is what the task itself says of it.
func taskNow(t backend.Task) string {
	switch t.LastStatus {
	case backend.TaskStopped:
		return taskEnd(t)
	case backend.Running:
		switch {
		case t.DesiredStatus == backend.TaskStopped:
			return "draining"
		case t.Health == backend.Unhealthy:
			return "unhealthy"
		case t.Health == backend.Healthy:
			return "healthy"
		default:
			return "running"
		}
	case backend.Deactivating, backend.Stopping, backend.Deprovisioning:
		return "stopping"
	case "":
		return "unknown"
	default:
		return strings.ToLower(t.LastStatus)
	}
}

// taskEnd says how a task ended: exit code and reason of the container that
// took it down, or the task's own reason.
func taskEnd(t backend.Task) string {
	for _, c := range t.Containers {
		if !c.Essential && len(t.Containers) > 1 {
			continue
		}
		reason, _, _ := strings.Cut(c.Reason, ":")
		switch {
		case c.ExitCode != nil && *c.ExitCode != 0 && reason != "":
			return fmt.Sprintf("exit %d · %s", *c.ExitCode, reason)
		case c.ExitCode != nil && *c.ExitCode != 0:
			return fmt.Sprintf("exit %d", *c.ExitCode)
		case reason != "":
			return reason
		}
	}
	if t.StoppedReason != "" {
		return t.StoppedReason
	}
	return "stopped"
}
