package scheduler

import (
	"slices"
	"sort"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Stop codes that ECS gives to tasks.
const (
	codeScheduler = "ServiceSchedulerInitiated"
	codeUser      = "UserInitiated"
)

// health of a task as the scheduler sees it.
type health int

const (
	unproven health = iota // not RUNNING, or too early to tell
	healthy
	unhealthy
)

// view is a task with what a pass found out about it.
type view struct {
	backend.Task
	deployment *Deployment // nil when unknown
	health     health
	live       bool // not yet STOPPED
	going      bool // live, but asked to stop
}

func (v view) active() bool { return v.live && !v.going }

// going says whether a task that is live is on its way out.
func going(t backend.Task) bool {
	switch t.LastStatus {
	case backend.Deactivating, backend.Stopping, backend.Deprovisioning:
		return true
	}
	return t.DesiredStatus == backend.TaskStopped
}

// checked gives the joint health of the essential containers that have a
// check, "" when none has one.
func checked(t backend.Task) string {
	joint := ""
	for _, c := range t.Containers {
		if !c.Essential || c.Health == "" {
			continue
		}
		switch {
		case c.Health == backend.Unhealthy:
			return backend.Unhealthy
		case c.Health == backend.Healthy && joint == "":
			joint = backend.Healthy
		case c.Health != backend.Healthy:
			joint = backend.HealthUnknown
		}
	}
	return joint
}

// judge says how healthy a task is now, and when that may change by time alone
// (0: not by time).
func judge(t backend.Task, now time.Time, grace time.Duration, tm Timing) (health, time.Duration) {
	if t.LastStatus != backend.Running || t.StartedAt.IsZero() {
		return unproven, 0
	}
	age := now.Sub(t.StartedAt)
	switch checked(t) {
	case backend.Healthy:
		return healthy, 0
	case backend.Unhealthy:
		if age < grace {
			return unproven, grace - age
		}
		return unhealthy, 0
	case backend.HealthUnknown:
		return unproven, 0
	}
	if age < tm.HealthyAfter {
		return unproven, tm.HealthyAfter - age
	}
	return healthy, 0
}

// wasHealthy says whether a task that has stopped counted as healthy before,
// for when no pass saw it then.
func wasHealthy(t backend.Task, tm Timing) bool {
	if t.StartedAt.IsZero() {
		return false
	}
	switch checked(t) {
	case backend.Healthy:
		return true
	case "":
		end := t.StoppingAt
		if end.IsZero() {
			end = t.StoppedAt
		}
		return end.Sub(t.StartedAt) >= tm.HealthyAfter
	}
	return false
}

// observe turns tasks into views, notes what is new about them, and counts
// failures. wake is the earliest time at which a health changes by itself.
func (p *pass) observe(tasks []backend.Task) {
	r := p.rec
	tasks = slices.Clone(tasks)
	sort.Slice(tasks, func(i, j int) bool {
		if !tasks[i].CreatedAt.Equal(tasks[j].CreatedAt) {
			return tasks[i].CreatedAt.Before(tasks[j].CreatedAt)
		}
		return tasks[i].ARN < tasks[j].ARN
	})
	if r.Seen == nil {
		r.Seen = map[string]Mark{}
	}
	present := make(map[string]bool, len(tasks))
	var started []backend.Task
	for _, t := range tasks {
		id := t.ID()
		present[id] = true
		v := view{Task: t, deployment: r.byID(t.StartedBy), live: t.LastStatus != backend.TaskStopped}
		v.going = v.live && going(t)
		mark, known := r.Seen[id]
		before := mark
		switch {
		case !known && (r.Adopting || t.CreatedAt.Before(r.CreatedAt)):
			mark.Failed = !v.live // of a service of this name before, or from before the state was lost
		case !known:
			started = append(started, t)
		}
		if v.live {
			var in time.Duration
			v.health, in = judge(t, p.now, r.Spec.GracePeriod, p.timing)
			if v.active() {
				p.wakeIn(in)
			}
		}
		p.note(&mark, v)
		if mark != before || !known {
			r.Seen[id] = mark
			p.changed = true
		}
		if v.live {
			p.views = append(p.views, v)
		}
	}
	if r.Adopting {
		r.Adopting, p.changed = false, true
	}
	for id := range r.Seen {
		if !present[id] {
			delete(r.Seen, id)
			p.changed = true
		}
	}
	r.startedEvent(p.now, started)
}

// note updates the mark of one task, and what hangs on it: failure counts and
// throttling.
func (p *pass) note(m *Mark, v view) {
	d := v.deployment
	if v.active() && v.health == healthy && !m.Healthy {
		m.Healthy = true
		if d != nil && !p.rec.Spec.Config.Breaker.KeepFailures {
			d.Strikes = 0
		}
		if p.kept(d) {
			*p.rec.throttleOf(d) = Throttle{}
		}
	}
	if v.live {
		return
	}
	byRequest := v.StopCode == codeScheduler || v.StopCode == codeUser || m.Stopped
	if m.Failed || byRequest || m.Healthy || wasHealthy(v.Task, p.timing) {
		return
	}
	m.Failed = true
	p.fail(d, v.CreatedAt)
}

// fail counts one failed task of d. Tasks that were started together make one
// round of throttling, however many they are.
func (p *pass) fail(d *Deployment, created time.Time) {
	if d == nil {
		return
	}
	d.Failed++
	d.Strikes++
	d.UpdatedAt = p.now
	if p.kept(d) {
		p.throttle(d, created)
	}
}

// throttle puts off the next start, longer with each round of failures.
func (p *pass) throttle(d *Deployment, created time.Time) {
	t := p.rec.throttleOf(d)
	if t.Level > 0 && created.Before(t.At) {
		return
	}
	wait := p.timing.BackoffMin
	for i := 0; i < t.Level && wait < p.timing.BackoffMax; i++ {
		wait = min(2*wait, p.timing.BackoffMax)
	}
	t.Level++
	t.At, t.Until = p.now, p.now.Add(wait)
	if t.Level == consistently {
		p.rec.event(p.now, "is unable to consistently start tasks successfully. For more information, see the Troubleshooting section.")
	}
}

// throttleOf is where the failures of a deployment are counted: a revision that
// fails holds up its own tasks, not those of the one beside it.
func (r *Record) throttleOf(d *Deployment) *Throttle {
	if d.Status == backend.DeploymentPrimary {
		return &r.Throttle
	}
	return &d.Throttle
}

// throttled is how long nothing of d may be started. A wait beyond the longest
// one can only come from a clock that was set back, and does not count.
func (p *pass) throttled(d *Deployment) time.Duration {
	wait := p.rec.throttleOf(d).Until.Sub(p.now)
	if wait > p.timing.BackoffMax {
		return 0
	}
	return max(wait, 0)
}

// consistently is after how many rounds ECS says so.
const consistently = 5
