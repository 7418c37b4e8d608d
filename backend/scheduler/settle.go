package scheduler

import "github.com/ecs-tui/ecs-tui/backend"

// retire makes deployments INACTIVE once their last task is gone, and forgets
// the oldest ones.
func (p *pass) retire() {
	r := p.rec
	blue := r.blue(r.primary())
	for _, d := range r.Deployments {
		if d.Status != backend.DeploymentActive || d == blue {
			continue
		}
		if p.count(func(v view) bool { return v.deployment == d }) == 0 {
			d.Status, d.UpdatedAt, p.changed = backend.DeploymentInactive, p.now, true
		}
	}
	if len(r.Deployments) <= maxDeployments {
		return
	}
	target := r.rollbackTarget(r.primary())
	kept := r.Deployments[:0]
	for i, d := range r.Deployments {
		if i < maxDeployments-1 || d == target || d.Status != backend.DeploymentInactive {
			kept = append(kept, d)
		}
	}
	r.Deployments, p.changed = kept, true
}

// settle notices that a rollout is complete and that the service is steady.
func (p *pass) settle(d *Deployment) {
	r := p.rec
	mine := p.count(func(v view) bool { return v.active() && v.deployment == d && v.health == healthy })
	active := p.count(func(v view) bool { return v.active() })
	reached := mine == r.Desired && active == mine && len(p.out.Start) == 0 && r.blue(d) == nil
	if !reached {
		if r.Steady {
			r.Steady, p.changed = false, true
		}
		return
	}
	if !d.Stalled { // what failed is not complete for wanting no more tasks
		p.complete(d)
	}
	if !r.Steady && len(p.views) == mine {
		r.Steady, p.changed = true, true
		r.event(p.now, "has reached a steady state.")
	}
}

// complete ends the rollout of d, or the rollback to it.
func (p *pass) complete(d *Deployment) {
	if d.Rollout == backend.RolloutCompleted {
		return
	}
	p.changed = true
	d.Rollout, d.Completed, d.Desired, d.UpdatedAt = backend.RolloutCompleted, true, p.rec.Desired, p.now
	d.RolloutReason = "ECS deployment " + d.ID + " completed."
	if d.Stage != "" {
		d.Stage, d.Weight, d.TestWeight = backend.StageCleanUp, 100, 0
	}
	if from := p.rec.rollingBack(); from != nil {
		from.end(p.now, backend.RollbackSuccessful, from.RollbackReason)
	}
	if !d.Result.Ended() {
		d.end(p.now, backend.Successful, "")
	}
	p.rec.event(p.now, "(deployment "+d.ID+") deployment completed.")
}

// finishDelete makes a drained service INACTIVE.
func (p *pass) finishDelete() {
	if len(p.views) > 0 {
		return
	}
	p.rec.Status, p.changed = Inactive, true
	for _, d := range p.rec.Deployments {
		d.Status = backend.DeploymentInactive
	}
}
