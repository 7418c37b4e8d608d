package scheduler

import (
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// strategy is that of the service's next deployment.
func (r *Record) strategy() string {
	if s := r.Spec.Config.Strategy; r.Strategies && s != "" {
		return s
	}
	return backend.Rolling
}

// blue is the deployment that serves, whole, while d is brought up beside it;
// nil where d is rolled out task by task, or has come to its CLEAN_UP.
func (r *Record) blue(d *Deployment) *Deployment {
	if d == nil || d.Blue == "" || d.Completed || d.Stage == backend.StageCleanUp {
		return nil
	}
	return r.byID(d.Blue)
}

// kept says whether tasks of d are started again when they end.
func (p *pass) kept(d *Deployment) bool {
	return d != nil && (d.Status == backend.DeploymentPrimary || d == p.rec.blue(p.rec.primary()))
}

// beside keeps two whole revisions running, and takes away what belongs to
// neither of them.
func (p *pass) beside(d, blue *Deployment) {
	lower, _ := p.rec.bounds()
	spare := p.healthy() - lower
	for _, i := range p.stoppable(func(v view) bool { return v.deployment != d && v.deployment != blue }) {
		if p.views[i].health == healthy {
			if spare <= 0 {
				break
			}
			spare--
		}
		p.stop(i, p.reasonFor(d))
	}
	p.scaleIn(blue)
	p.scaleIn(d)
	switch d.Stage {
	case backend.StageReconcile, backend.StagePreScaleUp:
	default:
		p.start(d) // first, so that a revision that keeps failing can be left behind
	}
	p.start(blue)
}

// advance moves a deployment that shifts traffic through its stages, as far as
// it can come now. The first deployment of a service has nobody to take traffic
// from: it scales up and is done.
func (p *pass) advance(d *Deployment) {
	if !backend.ShiftsTraffic(d.Strategy) || d.Result.Ended() {
		return
	}
	if d.Stage == "" && d.Blue == "" {
		d.Weight = 100
		p.enter(d, backend.StageScaleUp)
	}
	for d.Status == backend.DeploymentPrimary {
		blue := p.rec.blue(d)
		if blue == nil {
			return
		}
		stage, ok := p.next(d, blue)
		if !ok {
			return
		}
		p.enter(d, stage)
	}
}

// enter begins a stage, with its hooks.
func (p *pass) enter(d *Deployment, stage string) {
	d.Stage, d.StageAt, d.UpdatedAt, p.changed = stage, p.now, p.now, true
	switch stage {
	case backend.StageTestShift:
		d.TestWeight = 100
	case backend.StageShift:
		d.Weight = p.rec.Spec.Config.NextWeight(d.Strategy, d.Weight)
	}
	if d.Blue == "" {
		return
	}
	for _, h := range p.rec.Spec.Config.Hooks {
		if slices.Contains(h.Stages, stage) {
			d.Hooks = append(d.Hooks, d.newHook(p.now, h, p.timing))
		}
	}
}

// next gives the stage after the one that d is in, if that one is over.
func (p *pass) next(d, blue *Deployment) (stage string, over bool) {
	if d.Stage == "" {
		if p.others(d, blue) > 0 {
			return backend.StageReconcile, true
		}
		return backend.StagePreScaleUp, true
	}
	if !p.answered(d, blue) || !p.lasted(d, p.timing.Stage) {
		return "", false
	}
	switch d.Stage {
	case backend.StageReconcile:
		lower, _ := p.rec.bounds()
		over = p.others(d, blue) == 0 || p.healthy() <= lower // those that are left are needed
	case backend.StageScaleUp:
		over = p.whole(d)
	case backend.StageShift:
		if d.Weight < 100 {
			return backend.StagePreShift, p.lasted(d, p.timing.minutes(p.rec.Spec.Config.Shift.StepBake))
		}
		over = true
	case backend.StageBake:
		over = p.lasted(d, p.timing.minutes(p.rec.Spec.Config.Shift.Bake))
	default:
		over = true
	}
	all := backend.LifecycleStages()
	i := slices.Index(all, d.Stage)
	if !over || i < 0 || i+1 == len(all) {
		return "", false
	}
	return all[i+1], true
}

// others counts the tasks that belong to neither revision.
func (p *pass) others(d, blue *Deployment) int {
	return p.count(func(v view) bool { return v.deployment != d && v.deployment != blue })
}

// whole says whether all tasks that a deployment should have are healthy.
func (p *pass) whole(d *Deployment) bool {
	return p.count(func(v view) bool { return v.active() && v.deployment == d && v.health == healthy }) >= p.rec.Desired
}

// lasted says whether the stage of d goes on for that long already.
func (p *pass) lasted(d *Deployment, least time.Duration) bool {
	left := d.StageAt.Add(least).Sub(p.now)
	p.wakeIn(left)
	return left <= 0
}

// leaveStages gives the traffic back to whoever served before.
func (d *Deployment) leaveStages() {
	if d.Stage == "" {
		return
	}
	d.Stage, d.Weight, d.TestWeight = backend.StageCleanUp, 0, 0
	for i := range d.Hooks {
		if open(d.Hooks[i]) {
			d.Hooks[i].Status = backend.HookFailed
		}
	}
}
