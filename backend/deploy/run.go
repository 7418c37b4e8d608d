package deploy

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

var (
	errNothingBefore = errors.New("no other version has been deployed successfully before")
	errRunsIt        = errors.New("it runs this revision already")
)

// changeTimeout bounds a call that changes something. Such a call is not torn
// in the middle by a cancelled context, so that it is known whether it was made.
const changeTimeout = 30 * time.Second

func committed(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), changeTimeout)
}

// current names the deployment that an update has begun.
func current(s backend.Service) string {
	if s.Current != "" {
		return s.Current
	}
	d, _ := s.Primary()
	return d.ID
}

// Run carries out a plan: build, push, register, update, rollout. The stream
// ends with exactly one [Ended]. Cancelling ctx before the update ends it with
// the service untouched; during the rollout it ends the watching, and the
// deployment goes on, as in ECS. A consumer that stops iterating ends the work
// in the same way.
func Run(ctx context.Context, b Deployer, p *Plan, opts Options) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		opts = opts.defaults()
		r := &run{b: b, plan: p, opts: opts, out: &sink{yield: yield}, began: opts.Clock.Now()}
		r.do(ctx)
	}
}

// run is the state of one deploy.
type run struct {
	b     Deployer
	plan  *Plan
	opts  Options
	out   *sink
	began time.Time

	ids    map[string]string                  // image id by container, from the build
	parts  map[string][]backend.PlatformImage // by container, where an image is for several platforms
	pinned map[string]string                  // what the task definition will say
	// sources are the tags that say what images were built from, where the
	// backend's registry can be asked for them.
	sources map[string]string
	made    map[string]bool // repositories

	revision string                 // that was registered, or found as it should be
	td       backend.TaskDefinition // the same
	idle     bool                   // there is nothing to do, and nobody to tell
}

func (r *run) do(ctx context.Context) {
	if r.plan.Blocked() {
		r.idle = true
		r.end(ctx, Failed, "the plan has problems; nothing was changed", "correct what the plan names", nil)
		return
	}
	r.made = map[string]bool{}
	r.parts = map[string][]backend.PlatformImage{}
	r.ids, r.pinned, r.sources = map[string]string{}, map[string]string{}, map[string]string{}
	if !r.images(ctx) {
		return
	}
	td, ok := r.register(ctx)
	if !ok {
		return
	}
	r.revision, r.td = td.Ref(), td
	spec := r.plan.Request.Service
	if spec == nil {
		r.end(ctx, Stable, "registered "+td.Ref()+"; there is no service to update", "", nil)
		return
	}
	if !r.before(ctx, td) {
		return
	}
	to, ok := r.update(ctx, td)
	if !ok {
		return
	}
	r.idle = to.idle
	now := r.opts.Clock.Now()
	if !r.out.emit(StepStarted{Step: Rollout, Subject: spec.Name, At: now}) {
		return
	}
	if to.unchanged {
		if r.out.emit(StepFinished{Step: Rollout, Subject: spec.Name, At: now, Result: td.Ref(), Skipped: "it runs already"}) {
			r.end(ctx, Stable, "nothing changed: "+spec.Name+" runs "+td.Ref(), "", nil)
		}
		return
	}
	f := newFollower(r.b, r.plan.Request.Cluster, spec.Name, to.deployment, r.opts, r.out)
	f.began = r.began
	if to.settles {
		f.settles = now
	}
	f.verdict = r.verdict(now)
	end, ok := f.rollout(ctx, now)
	switch {
	case !ok:
	case end.Outcome == Stable && r.plan.Request.Hooks.Smoke != nil && !r.idle && !to.settles:
		r.smoke(ctx, f, td, end)
	case end.Outcome == Failed && f.verdict != nil && f.verdict.lost && ctx.Err() == nil:
		r.undo(ctx, f, td, end)
	default:
		r.finish(ctx, end)
	}
}

// verdict is what calls the rollout failed where ECS does not; nil where nobody
// asked for that.
func (r *run) verdict(now time.Time) *verdict {
	req := r.plan.Request
	if !req.Rollback {
		return nil
	}
	v := &verdict{within: req.RolloutWithin}
	if v.within == 0 && !req.Service.Config.Breaker.Enable && r.plan.Way == "" { // one that shifts traffic takes its time
		v.within = rolloutWithin
	}
	if v.within > 0 {
		v.until = now.Add(v.within)
	}
	return v
}

// images sees to it that tasks can pull what the task definition will name.
func (r *run) images(ctx context.Context) bool {
	if r.plan.Request.Promotion != nil {
		return r.promote(ctx)
	}
	return r.build(ctx) && r.push(ctx)
}

// rollout follows, closes the step and the stream.
func rollout(ctx context.Context, f *follower, began time.Time) {
	if end, ok := f.rollout(ctx, began); ok {
		f.out.emit(end)
	}
}

// rollout follows and closes the step; ok is false when the consumer left.
func (f *follower) rollout(ctx context.Context, began time.Time) (end Ended, ok bool) {
	if end, ok = f.run(ctx); !ok {
		return end, false
	}
	var step Event = StepFinished{Step: Rollout, Subject: backend.ShortName(f.service), At: end.At, Elapsed: end.At.Sub(began), Summary: end.Reason}
	if end.Outcome != Stable {
		step = StepFailed{
			Step: Rollout, Subject: backend.ShortName(f.service), At: end.At,
			Elapsed: end.At.Sub(began), Err: errors.New(end.Reason), Advice: end.Advice,
		}
	}
	return end, f.out.emit(step)
}

func (r *run) ended(o Outcome, reason, advice string, err error) Ended {
	now := r.opts.Clock.Now()
	return Ended{Outcome: o, At: now, Elapsed: now.Sub(r.began), Reason: reason, Advice: advice, Err: err}
}

// errorOf is an end as an error.
func errorOf(end Ended) error { return errors.New(end.Reason) }

func (r *run) end(ctx context.Context, o Outcome, reason, advice string, err error) {
	r.finish(ctx, r.ended(o, reason, advice, err))
}

// finish puts schedules in place after what went well, tells whoever is to be told, and closes the stream.
func (r *run) finish(ctx context.Context, end Ended) {
	if end.Outcome == Stable {
		end = r.arrange(ctx, end)
	}
	r.tell(ctx, end)
	r.out.emit(end)
}

// stepRun is one open step.
type stepRun struct {
	r       *run
	step    Step
	subject string
	at      time.Time
}

// start opens a step; ok is false when the consumer left or the deploy was
// cancelled, and then the stream is over.
func (r *run) start(ctx context.Context, step Step, subject string) (stepRun, bool) {
	s := stepRun{r, step, subject, r.opts.Clock.Now()}
	if ctx.Err() != nil {
		r.cancelled(ctx, step)
		return s, false
	}
	return s, r.out.emit(StepStarted{Step: step, Subject: subject, At: s.at})
}

func (s stepRun) finish(summary, result, skipped string) bool {
	now := s.r.opts.Clock.Now()
	return s.r.out.emit(StepFinished{
		Step: s.step, Subject: s.subject, At: now, Elapsed: now.Sub(s.at), Summary: summary, Result: result, Skipped: skipped,
	})
}

// finishWarning closes a step that was done, and not all as it should be.
func (s stepRun) finishWarning(result, warning string) bool {
	now := s.r.opts.Clock.Now()
	return s.r.out.emit(StepFinished{Step: s.step, Subject: s.subject, At: now, Elapsed: now.Sub(s.at), Result: result, Warning: result + "; " + warning})
}

// fail closes the step and the stream; it returns false, for the step to return.
func (s stepRun) fail(ctx context.Context, err error) bool {
	advice := backend.AdviceFor(err)
	if !s.broke(err) {
		return false
	}
	if ctx.Err() != nil {
		s.r.cancelled(ctx, s.step)
		return false
	}
	reason := s.step.String() + " " + s.subject + " failed: " + err.Error()
	if s.step == Before {
		reason = "the hook before the update failed: " + cause(err) + "; the service was not touched"
	}
	s.r.end(ctx, Failed, reason, advice, err)
	return false
}

// broke closes the step alone; it says whether anybody listens.
func (s stepRun) broke(err error) bool {
	now := s.r.opts.Clock.Now()
	return s.r.out.emit(StepFailed{Step: s.step, Subject: s.subject, At: now, Elapsed: now.Sub(s.at), Err: err, Advice: backend.AdviceFor(err)})
}

func (r *run) cancelled(ctx context.Context, at Step) {
	reason, advice := "cancelled at "+at.String()+"; the service was not touched", ""
	if at == Check || at == Back {
		name := r.plan.Request.Service.Name
		reason, advice = fmt.Sprintf("cancelled at %s; %s runs %s, which was not checked", at, name, r.revision), r.opts.toRollBack(name)
		if at == Back {
			reason = fmt.Sprintf("cancelled before the rollback; %s is left with %s, which failed", name, r.revision)
		}
	}
	r.end(ctx, Cancelled, reason, advice, context.Canceled)
}
