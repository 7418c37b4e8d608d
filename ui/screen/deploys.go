package screen

import (
	"cmp"
	"context"
	"iter"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// Deploys owns the deploys that were started, or are followed, from this
// program. A deploy outlives the screen that shows it: its events are folded
// here, in the deploy's own goroutine, and whoever draws takes a snapshot. No
// event is dropped; notifications of change are merged.
//
// There is at most one deploy for a service at a time. The last one of each
// service is kept after it ended, so that coming back finds its result.
type Deploys struct {
	ctx   context.Context
	end   context.CancelFunc
	clock backend.Clock
	work  sync.WaitGroup

	mu       sync.Mutex
	runs     map[DeployKey]*DeployRun
	watchers map[chan struct{}]bool
}

// DeployKey is the service that a deploy changes: two environments, or two
// profiles and regions, may have the same cluster and service.
type DeployKey struct{ Environment, Where, Cluster, Service string }

func (e *Env) deployKey(service string) DeployKey {
	return DeployKey{Environment: e.Environment, Where: e.Where, Cluster: e.Cluster, Service: service}
}

// DeployKind is what a run does.
type DeployKind int

// The kinds of run.
const (
	DeployWhole  DeployKind = iota // the five steps
	DeployBuild                    // the build alone
	DeployFollow                   // somebody else's rollout, watched
	DeployBack                     // a rollback that was asked for here
)

// DeployJob is a deploy to start.
type DeployJob struct {
	Key         DeployKey
	Kind        DeployKind
	Environment string
	Protected   bool
	Steps       []deploy.Step // those of a whole deploy, as planned
	Events      func(ctx context.Context) iter.Seq[deploy.Event]
}

// DeployRun is one deploy that runs, or ran.
type DeployRun struct {
	Job    DeployJob
	Number int // counts up over the session; tells one run of a service from the next

	cancel context.CancelFunc
	seen   atomic.Bool // its outcome was on a screen
	mu     sync.Mutex
	state  *deployState
}

// NewDeploys makes an empty registry. Everything it starts ends with ctx or
// with Close, whichever is first.
func NewDeploys(ctx context.Context, clock backend.Clock) *Deploys {
	ctx, end := context.WithCancel(ctx)
	return &Deploys{
		ctx: ctx, end: end, clock: clock,
		runs:     map[DeployKey]*DeployRun{},
		watchers: map[chan struct{}]bool{},
	}
}

// Close cancels what still runs here and waits for it. What the backend
// carries on by itself, a rollout that has begun, goes on.
func (d *Deploys) Close() {
	d.end()
	d.work.Wait()
}

// Start begins a deploy. Kind Conflict says that one runs for this service.
func (d *Deploys) Start(job DeployJob) (*DeployRun, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	number := 1
	for _, r := range d.runs {
		number = max(number, r.Number+1)
	}
	if r := d.runs[job.Key]; r != nil && !r.Over() {
		return r, &backend.Error{
			Op: "Deploy", Kind: backend.Conflict, Resource: job.Key.Service,
			Err:    errDeployRuns,
			Remedy: "wait for it to end, or roll it back",
		}
	}
	ctx, cancel := context.WithCancel(d.ctx)
	run := &DeployRun{Job: job, Number: number, cancel: cancel, state: newDeployState(d.clock.Now())}
	d.runs[job.Key] = run
	d.work.Go(func() {
		defer cancel()
		d.consume(ctx, run)
	})
	return run, nil
}

// consume folds a run's events until they end. Whatever happens, the run ends
// with an outcome: a stream that stops without one, or panics, has failed.
func (d *Deploys) consume(ctx context.Context, run *DeployRun) {
	defer func() {
		if p := recover(); p != nil {
			run.fold(deploy.Ended{
				Outcome: deploy.Failed, At: d.clock.Now(),
				Reason: "the program made a mistake",
				Err:    backend.Errorf("Deploy", backend.Other, run.Job.Key.Service, "panic: %v\n%s", p, debug.Stack()),
			}, d.clock.Now())
		}
		d.changed()
	}()
	for ev := range run.Job.Events(ctx) {
		run.fold(ev, d.clock.Now())
		d.changed()
	}
	if run.Over() {
		return
	}
	end := deploy.Ended{Outcome: deploy.Failed, At: d.clock.Now(), Reason: "its events stopped before it ended"}
	if ctx.Err() != nil {
		end.Outcome, end.Reason = deploy.Cancelled, "cancelled"
	}
	run.fold(end, d.clock.Now())
}

// Find gives the newest run of a service, also one that has ended.
func (d *Deploys) Find(key DeployKey) (*DeployRun, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r, ok := d.runs[key]
	return r, ok
}

// Running gives the runs that have not ended, oldest first.
func (d *Deploys) Running() []*DeployRun {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []*DeployRun
	for _, r := range d.runs {
		if !r.Over() {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *DeployRun) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

// Forget removes the run of a service once it has ended, so that the next
// visit starts with a plan again.
func (d *Deploys) Forget(key DeployKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r := d.runs[key]; r != nil && r.Over() {
		delete(d.runs, key)
	}
}

// Leave ends a run that only watches, and knows nothing of it any more. What it
// watched goes on.
func (d *Deploys) Leave(r *DeployRun) {
	r.Cancel()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.runs[r.Job.Key] == r {
		delete(d.runs, r.Job.Key)
	}
}

// Changes yields once at once and then after changes of any run, merged, until
// ctx ends. The last change is never lost.
func (d *Deploys) Changes(ctx context.Context) iter.Seq[struct{}] {
	return func(yield func(struct{}) bool) {
		wake := make(chan struct{}, 1)
		d.mu.Lock()
		d.watchers[wake] = true
		d.mu.Unlock()
		defer func() {
			d.mu.Lock()
			delete(d.watchers, wake)
			d.mu.Unlock()
		}()
		for yield(struct{}{}) {
			select {
			case <-ctx.Done():
				return
			case <-d.ctx.Done():
				return
			case <-wake:
			}
		}
	}
}

func (d *Deploys) changed() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for wake := range d.watchers {
		select {
		case wake <- struct{}{}:
		default: // one is waiting to be read; it will see this change too
		}
	}
}

// Cancel asks the run to stop. Before the service was updated nothing is left
// of it; after that only the watching ends.
func (r *DeployRun) Cancel() { r.cancel() }

// Over says whether the run has ended.
func (r *DeployRun) Over() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state.Ended != nil
}

// GoesOn says whether what the run does goes on without this program: the service
// was changed, and the backend carries that on. A build or a push does not.
func (r *DeployRun) GoesOn() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Job.Kind == DeployFollow || r.Job.Kind != DeployBuild && r.state.reached(deploy.Update)
}

// Outcome is how the run ended; ok is false while it goes on.
func (r *DeployRun) Outcome() (o deploy.Outcome, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state.Ended == nil {
		return 0, false
	}
	return r.state.Ended.Outcome, true
}

// Summary is the run in a few words and for how long it goes, for the footer.
func (r *DeployRun) Summary(now time.Time) (text string, elapsed time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state.summary(), r.state.elapsed(now)
}

func (r *DeployRun) fold(ev deploy.Event, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.apply(ev, now)
}

// snapshot is the state as it is now; it does not change any more.
func (r *DeployRun) snapshot() *deployState {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state.clone()
}
