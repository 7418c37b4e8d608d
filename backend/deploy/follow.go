package deploy

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Follow watches one rollout of a service until it ends. deployment is a
// service deployment's ARN or a deployment's id ("ecs-svc/…"); "" is the
// newest. It changes nothing, and cancelling ctx ends the watching only.
func Follow(ctx context.Context, b Watcher, cluster, service, deployment string, opts Options) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		f := newFollower(b, cluster, service, deployment, opts, &sink{yield: yield})
		if end, ok := f.run(ctx); ok {
			f.out.emit(end)
		}
	}
}

// follower is the state of one watching.
type follower struct {
	reader
	opts      Options
	clock     backend.Clock
	out       *sink
	began     time.Time
	restoring bool     // a rollback was asked for: its success is Stable
	verdict   *verdict // nil: only the backend calls a rollout failed

	last      *RolloutProgress
	events    map[string]bool // ids of those sent
	pauses    map[string]bool // ids of the hooks sent
	failed    map[string]bool // ARNs of tasks sent as failed
	diagnosed []TaskFailed
	trouble   *Trouble
	failures  int // reads that failed in a row

	targets targetWatch

	usual     time.Duration // that deployments of this service take; 0: not known
	usualRead bool
}

func newFollower(b Watcher, cluster, service, deployment string, opts Options, out *sink) *follower {
	opts = opts.defaults()
	return &follower{
		reader: reader{b: b, cluster: cluster, service: service, want: deployment, stopped: map[string]backend.Task{}},
		opts:   opts, clock: opts.Clock, out: out, began: opts.Clock.Now(),
		events: map[string]bool{}, pauses: map[string]bool{}, failed: map[string]bool{},
	}
}

// run follows until the rollout ended; ok is false when the consumer left.
func (f *follower) run(ctx context.Context) (end Ended, ok bool) {
	ctx, cancel := context.WithCancel(ctx)
	wake, done := notifications(ctx, f.b)
	defer func() { cancel(); <-done }()
	var deadline <-chan time.Time
	if f.opts.Timeout > 0 {
		deadline = f.clock.After(f.opts.Timeout)
	}
	for ctx.Err() == nil {
		next := f.clock.After(f.pause())
		if end, over := f.turn(ctx); over {
			return end, !f.out.gone
		}
		select {
		case <-ctx.Done():
		case <-deadline:
			return f.timedOut(), !f.out.gone
		case <-wake:
		case <-next:
		}
	}
	return f.cancelled(), !f.out.gone
}

// notifications merges the backend's notifications until ctx ends; done is
// closed when the backend has let go.
func notifications(ctx context.Context, b any) (wake chan struct{}, done chan struct{}) {
	wake, done = make(chan struct{}, 1), make(chan struct{})
	n, ok := b.(backend.Notifier)
	if !ok {
		close(done)
		return wake, done
	}
	go func() {
		defer close(done)
		n.Notify(ctx, func() {
			select {
			case wake <- struct{}{}:
			default:
			}
		})
	}()
	return wake, done
}

// maxPause bounds how long a follower waits after failed reads.
const maxPause = 30 * time.Second

// pause is the time to the next read: after failures longer and longer, with
// jitter, so that many watchers do not come back at once.
func (f *follower) pause() time.Duration {
	if f.failures == 0 {
		return f.opts.Interval
	}
	d := min(f.opts.Interval<<min(f.failures, 6), maxPause)
	return d/2 + rand.N(d/2+1)
}

// turn reads once and sends what is new. over is true at the end of the
// rollout, or when the consumer left.
func (f *follower) turn(ctx context.Context) (end Ended, over bool) {
	now, err := f.read(ctx)
	if ctx.Err() != nil {
		return f.cancelled(), true
	}
	if err != nil {
		return f.failedRead(err)
	}
	f.failures = 0
	if f.trouble != nil {
		since := f.trouble.Since
		f.trouble = nil
		if !f.out.emit(Trouble{Since: since}) {
			return Ended{}, true
		}
	}
	now.Started = started(now.Deployment, f.began)
	if f.last != nil && !f.usualRead && f.settles.IsZero() && !f.restoring { // what goes on is shown first
		f.readUsual(ctx, now.Deployment)
	}
	now.Usual = f.usual
	f.watchTargets(ctx, now)
	if !f.sendEvents(now) || !f.sendFailures(ctx, now) || !f.sendProgress(now) || !f.sendPause(now) {
		return Ended{}, true
	}
	if now.Deployment.Status.Ended() {
		if f.verdict != nil {
			f.verdict.lost = stoppedForGood(now)
		}
		return f.conclude(ctx, now), true
	}
	return f.judge(now)
}

// failedRead decides whether an error is temporary.
func (f *follower) failedRead(err error) (end Ended, over bool) {
	switch backend.KindOf(err) {
	case backend.NotFound, backend.Denied, backend.Expired, backend.Invalid, backend.Unsupported:
		return f.ended(Failed, "the rollout can no longer be watched: "+err.Error(), backend.AdviceFor(err), err), true
	}
	f.failures++
	now := f.clock.Now()
	switch {
	case f.trouble == nil:
		f.trouble = &Trouble{Since: now}
	case f.opts.GiveUp > 0 && now.Sub(f.trouble.Since) >= f.opts.GiveUp:
		reason := fmt.Sprintf("the rollout could not be read for %s; the deployment goes on where it can: %s", spell(f.opts.GiveUp), err)
		advice := backend.AdviceFor(err) + "; what became of it: " + f.opts.Command("status", "--service", backend.ShortName(f.service))
		return f.ended(Failed, reason, strings.TrimPrefix(advice, "; "), err), true
	case f.trouble.Err.Error() == err.Error():
		return Ended{}, false
	}
	f.trouble.Err = err
	return Ended{}, !f.out.emit(*f.trouble)
}

func started(d backend.ServiceDeployment, otherwise time.Time) time.Time {
	switch {
	case !d.StartedAt.IsZero():
		return d.StartedAt
	case !d.CreatedAt.IsZero():
		return d.CreatedAt
	}
	return otherwise
}

// sendEvents sends the service's events since the deployment began, oldest
// first, each once.
func (f *follower) sendEvents(now RolloutProgress) bool {
	from := now.Deployment.CreatedAt
	if from.IsZero() {
		from = now.Started
	}
	for i := len(now.Service.Events) - 1; i >= 0; i-- {
		e := now.Service.Events[i]
		if f.events[e.ID] || e.At.Before(from) {
			continue
		}
		f.events[e.ID] = true
		if !f.out.emit(ServiceEvent{e}) {
			return false
		}
	}
	return true
}

func (f *follower) sendProgress(now RolloutProgress) bool {
	if f.last != nil && reflect.DeepEqual(*f.last, now) {
		return true
	}
	f.last = &now
	return f.out.emit(now)
}

// sendPause sends the hook that the rollout waits at, once.
func (f *follower) sendPause(now RolloutProgress) bool {
	h, waits := now.Deployment.Waiting()
	if !waits || f.pauses[h.ID] {
		return true
	}
	f.pauses[h.ID] = true
	return f.out.emit(Paused{now.Deployment, h, AnswerAdvice(f.opts.Command, now.Deployment.Service)})
}

// conclude turns the deployment's last status into an outcome.
func (f *follower) conclude(ctx context.Context, now RolloutProgress) Ended {
	d := now.Deployment
	target := backend.ShortName(d.Target.TaskDefinition)
	switch d.Status {
	case backend.Successful:
		return f.ended(Stable, fmt.Sprintf("%s runs %s", d.Service, target), "", nil)
	case backend.RollbackSuccessful:
		back := backend.ShortName(d.RollbackTo)
		if back == "" {
			back = backend.ShortName(now.Service.TaskDefinition)
		}
		if f.restoring {
			return f.ended(Stable, fmt.Sprintf("%s runs %s again", d.Service, back), "", nil)
		}
		what := target + " was rolled back to " + back
		if len(f.diagnosed) > 0 || d.Breaker != nil && d.Breaker.Status == "TRIGGERED" {
			what = target + " did not become stable; rolled back to " + back
		}
		return f.ended(RolledBack, f.because(what, d), f.advice(), nil)
	case backend.RollbackFailed:
		if d.RollbackTo == "" {
			return f.ended(Failed, f.because(target+" did not become stable, and there is no version before it to go back to", d), f.advice(), nil)
		}
		return f.ended(Failed, f.because(target+" failed, and so did the rollback", d), f.advice(), nil)
	default:
		if by := f.superseded(ctx, now); by != "" {
			return f.ended(Failed, "another deployment took the place of "+target+" before it was done: "+by, "agree on who deploys, then deploy again: the plan says what goes on", nil)
		}
		return f.ended(Failed, f.because("the deployment of "+target+" was stopped", d), f.advice(), nil)
	}
}

// because adds the best reason that is known.
func (f *follower) because(what string, d backend.ServiceDeployment) string {
	switch {
	case len(f.diagnosed) > 0:
		return what + ": " + f.diagnosed[len(f.diagnosed)-1].Diagnosis.Cause
	case d.RollbackReason != "":
		return what + ": " + d.RollbackReason
	case d.Reason != "":
		return what + ": " + d.Reason
	}
	return what
}

func (f *follower) advice() string {
	if n := len(f.diagnosed); n > 0 {
		return f.diagnosed[n-1].Diagnosis.Remedy
	}
	return ""
}

func (f *follower) ended(o Outcome, reason, advice string, err error) Ended {
	now := f.clock.Now()
	return Ended{Outcome: o, At: now, Elapsed: now.Sub(f.began), Reason: reason, Advice: advice, Err: err}
}

func (f *follower) timedOut() Ended {
	reason := fmt.Sprintf("not stable after %s; the deployment goes on", f.opts.Timeout)
	switch {
	case len(f.diagnosed) > 0:
		reason += ": " + f.diagnosed[len(f.diagnosed)-1].Diagnosis.Cause
	case f.trouble != nil:
		reason = fmt.Sprintf("not stable after %s, and it can't be read: %s", f.opts.Timeout, f.trouble.Err)
	case f.last != nil && f.waits():
		reason += ": it waits for an answer at " + backend.StageName(f.last.Deployment.Stage)
	case f.last != nil:
		t := f.last.Deployment.Target
		reason += fmt.Sprintf(": %d of %d tasks run", t.Running, t.Desired)
	}
	advice := f.advice()
	if advice == "" && f.trouble != nil {
		advice = backend.AdviceFor(f.trouble.Err)
	}
	return f.ended(Failed, reason, cmp.Or(advice, f.opts.toRollBack(f.service)), nil)
}

// waits says whether the rollout was paused when it was last read.
func (f *follower) waits() bool {
	_, waits := f.last.Deployment.Waiting()
	return waits
}

func (f *follower) cancelled() Ended {
	if f.opts.Detach {
		return f.ended(Cancelled, "no longer watched; the deployment goes on", "", context.Canceled)
	}
	return f.ended(Cancelled, "stopped watching; the deployment goes on", f.opts.toRollBack(f.service), context.Canceled)
}
