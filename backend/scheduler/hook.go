package scheduler

import (
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// newHook is a hook of the stage that d has just come to. There is no Lambda
// here: a function answers at once, and well.
func (d *Deployment) newHook(now time.Time, h backend.LifecycleHook, tm Timing) backend.Hook {
	id := fnv.New64a()
	fmt.Fprintf(id, "%s/%d", d.ID, len(d.Hooks))
	out := backend.Hook{
		ID: fmt.Sprintf("hook-%016x", id.Sum64()), Type: h.Type, Target: h.Target, Status: backend.HookInProgress,
		ExpiresAt: now.Add(tm.minutes(h.Timeout)), TimeoutAction: h.TimeoutAction,
	}
	if h.Type == backend.HookPause {
		out.Status = backend.HookAwaiting
	}
	return out
}

// open says whether a hook holds its deployment up.
func open(h backend.Hook) bool {
	return h.Status == backend.HookAwaiting || h.Status == backend.HookInProgress
}

// answered settles the hooks of d whose time has come, and says whether none
// holds it up any more.
func (p *pass) answered(d, blue *Deployment) bool {
	for i := range d.Hooks {
		h := &d.Hooks[i]
		switch {
		case !open(*h):
		case h.Status == backend.HookInProgress:
			if !p.lasted(d, p.timing.Stage) {
				return false
			}
			h.Status, p.changed = backend.HookSucceeded, true
		case p.now.Before(h.ExpiresAt):
			p.wakeIn(h.ExpiresAt.Sub(p.now))
			return false
		default:
			h.Status, p.changed = backend.HookTimedOut, true
			if h.TimeoutAction != backend.HookContinue {
				p.rec.rollBack(p.now, d, blue, byHook+": nobody answered the pause at "+d.Stage+" in time.", byHook)
				return false
			}
		}
	}
	return true
}

// Continue answers the hook that a deployment is paused at
// (ContinueServiceDeployment). Kind NotFound for an unknown deployment,
// Conflict when the hook does not wait, Invalid for another action.
func (r *Record) Continue(now time.Time, arn, hook string, action backend.HookAction) error {
	const op = "ContinueServiceDeployment"
	i := slices.IndexFunc(r.Deployments, func(d *Deployment) bool { return d.ARN == arn })
	if i < 0 {
		return backend.Errorf(op, backend.NotFound, backend.Clean(arn), "no such service deployment")
	}
	d := r.Deployments[i]
	n := slices.IndexFunc(d.Hooks, func(h backend.Hook) bool { return h.ID == hook && h.Status == backend.HookAwaiting })
	blue := r.blue(d)
	if n < 0 || blue == nil || d.Result.Ended() || d.Status != backend.DeploymentPrimary {
		return backend.Errorf(op, backend.Conflict, r.Name, "the deployment does not wait at the hook %s", backend.Clean(hook))
	}
	switch action {
	case backend.HookContinue:
		d.Hooks[n].Status = backend.HookSucceeded
	case backend.HookRollback:
		d.Hooks[n].Status = backend.HookFailed
		r.rollBack(now, d, blue, byHook+": the pause at "+d.Stage+" was answered with a rollback.", byHook)
	default:
		return backend.Errorf(op, backend.Invalid, "action", "%q is no answer, CONTINUE and ROLLBACK are", backend.Clean(string(action)))
	}
	d.UpdatedAt = now
	return nil
}

// Alarm tells that a CloudWatch alarm went off. It says whether the deployment
// that goes on watches it: then that one ends, as it does when its tasks fail.
func (r *Record) Alarm(now time.Time, name string) bool {
	d, c := r.primary(), r.Spec.Config.Alarms
	if d == nil || !c.Enable || !slices.Contains(c.Names, name) || d.Rollout != backend.RolloutInProgress || d.Result != backend.InProgress {
		return false
	}
	d.Triggered = append(d.Triggered, name)
	r.giveUp(now, d, c.Rollback, byAlarm, "alarm detected ("+name+")")
	return true
}

// alarms are those that d watches, or watched; nil for none.
func (r *Record) alarms(d *Deployment) *backend.Alarms {
	c := r.Spec.Config.Alarms
	if len(c.Names) == 0 {
		return nil
	}
	out := &backend.Alarms{Names: slices.Clone(c.Names), Triggered: slices.Clone(d.Triggered), Status: breakerMonitors}
	switch {
	case len(d.Triggered) > 0:
		out.Status = breakerTriggered
	case !c.Enable:
		out.Status = breakerDisabled
	case d.Result.Ended():
		out.Status = breakerComplete
	}
	return out
}
