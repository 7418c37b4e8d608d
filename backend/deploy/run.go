package deploy

import (
	"context"
	"errors"
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

	ids    map[string]string // image id by container, from the build
	pinned map[string]string // what the task definition will say
	// sources are the tags that say what images were built from, where the
	// backend's registry can be asked for them.
	sources map[string]string
	made    map[string]bool // repositories
}

func (r *run) do(ctx context.Context) {
	if r.plan.Blocked() {
		r.end(Failed, "the plan has problems; nothing was changed", "correct what the plan names", nil)
		return
	}
	r.made = map[string]bool{}
	r.ids, r.pinned, r.sources = map[string]string{}, map[string]string{}, map[string]string{}
	if !r.build(ctx) || !r.push(ctx) {
		return
	}
	td, ok := r.register(ctx)
	if !ok {
		return
	}
	spec := r.plan.Request.Service
	if spec == nil {
		r.end(Stable, "registered "+td.Ref()+"; there is no service to update", "", nil)
		return
	}
	to, ok := r.update(ctx, td)
	if !ok {
		return
	}
	now := r.opts.Clock.Now()
	if !r.out.emit(StepStarted{Step: Rollout, Subject: spec.Name, At: now}) {
		return
	}
	if to.unchanged {
		if r.out.emit(StepFinished{Step: Rollout, Subject: spec.Name, At: now, Result: td.Ref(), Skipped: "it runs already"}) {
			r.end(Stable, "nothing changed: "+spec.Name+" runs "+td.Ref(), "", nil)
		}
		return
	}
	f := newFollower(r.b, r.plan.Request.Cluster, spec.Name, to.deployment, r.opts, r.out)
	f.began = r.began
	if to.settles {
		f.settles = now
	}
	rollout(ctx, f, now)
}

// rollout follows, closes the step and the stream.
func rollout(ctx context.Context, f *follower, began time.Time) {
	end, ok := f.run(ctx)
	if !ok {
		return
	}
	var step Event = StepFinished{Step: Rollout, Subject: backend.ShortName(f.service), At: end.At, Elapsed: end.At.Sub(began), Summary: end.Reason}
	if end.Outcome != Stable {
		step = StepFailed{
			Step: Rollout, Subject: backend.ShortName(f.service), At: end.At,
			Elapsed: end.At.Sub(began), Err: errors.New(end.Reason), Advice: end.Advice,
		}
	}
	if f.out.emit(step) {
		f.out.emit(end)
	}
}

func (r *run) end(o Outcome, reason, advice string, err error) {
	now := r.opts.Clock.Now()
	r.out.emit(Ended{Outcome: o, At: now, Elapsed: now.Sub(r.began), Reason: reason, Advice: advice, Err: err})
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
		r.cancelled(step)
		return s, false
	}
	return s, r.out.emit(StepStarted{Step: step, Subject: subject, At: s.at})
}

func (s stepRun) finish(summary, result, skipped string) bool {
	now := s.r.opts.Clock.Now()
	return s.r.out.emit(StepFinished{s.step, s.subject, now, now.Sub(s.at), summary, result, skipped})
}

// fail closes the step and the stream; it returns false, for the step to return.
func (s stepRun) fail(ctx context.Context, err error) bool {
	now := s.r.opts.Clock.Now()
	advice := backend.AdviceFor(err)
	if !s.r.out.emit(StepFailed{s.step, s.subject, now, now.Sub(s.at), err, advice}) {
		return false
	}
	if ctx.Err() != nil {
		s.r.cancelled(s.step)
		return false
	}
	s.r.end(Failed, s.step.String()+" "+s.subject+" failed: "+err.Error(), advice, err)
	return false
}

func (r *run) cancelled(before Step) {
	reason := "cancelled at " + before.String() + "; the service was not touched"
	r.end(Cancelled, reason, "", context.Canceled)
}
