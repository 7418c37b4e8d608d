package scheduler

import (
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// pass is one run of [Record.Reconcile].
type pass struct {
	now     time.Time
	rec     *Record
	timing  Timing
	views   []view // live tasks, oldest first
	changed bool
	wake    time.Duration
	out     Decision
}

// wakeIn asks for the next pass after d, if nothing asks for an earlier one.
func (p *pass) wakeIn(d time.Duration) {
	if d > 0 && (p.wake == 0 || d < p.wake) {
		p.wake = d
	}
}

// Reconcile compares what is wanted with the tasks that there are and decides
// what to do. See the package comment for what tasks must hold. The same input
// gives the same decision; a second pass over an unchanged world decides
// nothing new.
func (r *Record) Reconcile(now time.Time, tasks []backend.Task, tm Timing) Decision {
	p := &pass{now: now, rec: r, timing: tm}
	p.observe(tasks)
	if r.Status == Inactive {
		p.stopAll()
	} else if r.Status == Draining {
		p.stopAll()
		p.finishDelete()
	} else if d := r.ensurePrimary(); d != nil {
		p.replaceUnhealthy()
		p.breaker(d)
		p.advance(r.primary()) // the breaker may have rolled back
		d = r.primary()        // and so may a hook
		if blue := r.blue(d); blue != nil {
			p.beside(d, blue)
		} else {
			p.rolling(d)
		}
		p.retire()
		p.settle(d)
	}
	p.announceStops()
	p.out.Wake = p.wake
	p.out.Changed = p.changed
	return p.out
}

// rolling replaces tasks within the bounds.
func (p *pass) rolling(d *Deployment) {
	p.scaleIn(d)
	p.stopOld(d)
	p.keepUpper(d)
	p.start(d)
}

// ensurePrimary repairs a record without a primary deployment or with several,
// which only damage can cause: the newest wins.
func (r *Record) ensurePrimary() *Deployment {
	first := r.primary()
	if first == nil && len(r.Deployments) > 0 {
		first = r.Deployments[0]
		first.Status = backend.DeploymentPrimary
	}
	for _, d := range r.Deployments {
		if d != first && d.Status == backend.DeploymentPrimary {
			d.Status = backend.DeploymentActive
		}
	}
	return first
}

// bounds are how few healthy tasks and how many tasks there may be. They are
// kept on either side of the desired count, which must stay reachable. While
// traffic is shifted, two whole revisions run.
func (r *Record) bounds() (lower, upper int) {
	c := r.Spec.Config
	lower = min(ceilPercent(r.Desired, c.MinimumHealthy), r.Desired)
	upper = max(r.Desired*c.Maximum/100, r.Desired)
	if d := r.primary(); d != nil && r.blue(d) != nil {
		upper = 2 * r.Desired
	}
	return lower, upper
}

func ceilPercent(n, percent int) int { return (n*percent + 99) / 100 }

// count counts the views that match.
func (p *pass) count(match func(view) bool) int {
	n := 0
	for _, v := range p.views {
		if match(v) {
			n++
		}
	}
	return n
}

func (p *pass) healthy() int {
	return p.count(func(v view) bool { return v.active() && v.health == healthy })
}

// stop decides the end of one task; later steps of the pass see it as going.
func (p *pass) stop(i int, reason string) {
	v := &p.views[i]
	v.going = true
	p.out.Stop = append(p.out.Stop, Stop{Task: v.ARN, Reason: reason, Code: codeScheduler})
	m := p.rec.Seen[v.ID()]
	m.Stopped = true
	p.rec.Seen[v.ID()] = m
	p.changed = true
}

// stoppable lists the indexes of active tasks that match, in the order in which
// they should go: not running, unhealthy or unproven, healthy; newest first in
// each.
func (p *pass) stoppable(match func(view) bool) []int {
	var order []int
	for i, v := range p.views {
		if v.active() && match(v) {
			order = append(order, i)
		}
	}
	rank := func(v view) int {
		switch {
		case v.LastStatus != backend.Running:
			return 0
		case v.health == healthy:
			return 2
		default:
			return 1
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if x, y := rank(p.views[a]), rank(p.views[b]); x != y {
			return x - y
		}
		return b - a
	})
	return order
}

func (p *pass) stopAll() {
	for i, v := range p.views {
		if v.active() {
			p.stop(i, p.reasonFor(nil))
		}
	}
}

// failedChecks says which health checks a task failed: those of its containers,
// or, where a container's reason says so, the load balancer's.
func failedChecks(t backend.Task) string {
	for _, c := range t.Containers {
		if why, ok := strings.CutPrefix(c.Reason, "Task failed ELB "); ok && c.Health == backend.Unhealthy {
			return "failed ELB " + why
		}
	}
	return "failed container health checks"
}

// replaceUnhealthy stops tasks whose health check failed; what is then missing
// is started like anything that is missing.
func (p *pass) replaceUnhealthy() {
	for i, v := range p.views {
		if !v.active() || v.health != unhealthy {
			continue
		}
		what := failedChecks(v.Task)
		p.rec.event(p.now, "(task "+v.ID()+") "+what+".")
		p.stop(i, "Task "+what)
		m := p.rec.Seen[v.ID()]
		if m.Failed {
			continue
		}
		m.Failed = true
		p.rec.Seen[v.ID()] = m
		if d := v.deployment; d != nil {
			d.Failed++
			if !m.Healthy && p.kept(d) {
				p.throttle(d, v.CreatedAt)
			}
			d.Strikes++
			d.UpdatedAt = p.now
		}
	}
}

// scaleIn stops what the primary deployment has too much of.
func (p *pass) scaleIn(d *Deployment) {
	mine := p.stoppable(func(v view) bool { return v.deployment == d })
	for _, i := range mine[:max(0, len(mine)-p.rec.Desired)] {
		p.stop(i, p.reasonFor(d))
	}
}

// stopOld stops tasks of other deployments: those that are not healthy at once,
// healthy ones as new ones take over, or earlier where room is needed and the
// lower bound allows it.
func (p *pass) stopOld(d *Deployment) {
	if d.Stalled {
		return
	}
	lower, upper := p.rec.bounds()
	old := p.stoppable(func(v view) bool { return v.deployment != d })
	total := p.healthy()
	mine := p.count(func(v view) bool { return v.active() && v.deployment == d })
	live := p.count(func(view) bool { return true })
	room := 0
	if p.throttled(d) == 0 { // otherwise nothing would be started into it
		room = (p.rec.Desired - mine) - (upper - live) - p.count(func(v view) bool { return v.going })
	}
	spare := min(total-lower, max(total-p.rec.Desired, room))
	for _, i := range old {
		if p.views[i].health == healthy {
			if spare <= 0 {
				break
			}
			spare--
		}
		p.stop(i, p.reasonFor(d))
	}
}

// keepUpper holds the upper bound where the desired count shrank under a
// deployment that stalled: its own tasks go first.
func (p *pass) keepUpper(d *Deployment) {
	lower, upper := p.rec.bounds()
	active := p.stoppable(func(view) bool { return true })
	slices.SortStableFunc(active, func(a, b int) int {
		x, y := p.views[a].deployment == d, p.views[b].deployment == d
		switch {
		case x == y || !d.Stalled:
			return 0
		case x:
			return -1
		default:
			return 1
		}
	})
	over, spare := len(active)-upper, p.healthy()-lower
	for _, i := range active {
		if over <= 0 {
			return
		}
		if p.views[i].health == healthy {
			if spare <= 0 {
				continue
			}
			spare--
		}
		over--
		p.stop(i, p.reasonFor(d))
	}
}

// start starts what a deployment lacks, within the upper bound.
func (p *pass) start(d *Deployment) {
	_, upper := p.rec.bounds()
	mine := p.count(func(v view) bool { return v.active() && v.deployment == d })
	missing := p.rec.Desired - mine
	if missing <= 0 || d.Stalled {
		return
	}
	if wait := p.throttled(d); wait > 0 {
		p.wakeIn(wait)
		return
	}
	room := upper - len(p.views) - len(p.out.Start)
	for range min(missing, room) {
		p.out.Start = append(p.out.Start, Start{Deployment: d.ID, TaskDefinition: d.TaskDefinition})
	}
	p.sayBlocked(d, len(p.out.Start))
}

// sayBlocked says, once, that the percents leave no way to move.
func (p *pass) sayBlocked(d *Deployment, starts int) {
	lower, upper := p.rec.bounds()
	stuck := starts == 0 && lower >= p.rec.Desired && upper <= p.rec.Desired &&
		p.count(func(v view) bool { return v.going || v.deployment == d }) == 0
	if stuck && !d.Blocked {
		d.Blocked, p.changed = true, true
		p.rec.event(p.now, "was unable to stop or start tasks during a deployment because of the service deployment configuration. "+
			"Update the minimumHealthyPercent or maximumPercent value and try again.")
	}
}

// reasonFor is the StoppedReason of a task that the scheduler stops.
func (p *pass) reasonFor(d *Deployment) string {
	if d == nil {
		return "Scaling activity initiated by (service " + p.rec.Name + ")"
	}
	return "Scaling activity initiated by (deployment " + d.ID + ")"
}

// announceStops writes one event for the running tasks that were stopped.
func (p *pass) announceStops() {
	stopped := map[string]bool{}
	for _, s := range p.out.Stop {
		stopped[s.Task] = true
	}
	var running []backend.Task
	for _, v := range p.views {
		if stopped[v.ARN] && v.LastStatus == backend.Running {
			running = append(running, v.Task)
		}
	}
	p.rec.stoppedEvent(p.now, running)
}
