package deploy

import (
	"context"
	"errors"
	"iter"

	"github.com/ecs-tui/ecs-tui/backend"
)

var errNotPaused = errors.New("no deployment of the service waits for an answer")

// Continue answers the hook that a service's deployment is paused at, and
// follows the deployment to its end, or to its next pause and beyond. It ends
// as [Follow] does.
func Continue(ctx context.Context, b Changer, cluster, service string, opts Options) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		f := newFollower(b, cluster, service, "", opts, &sink{yield: yield})
		name, began := backend.ShortName(service), f.began
		if !f.out.emit(StepStarted{Step: Update, Subject: name, At: began}) {
			return
		}
		d, err := f.goOn(ctx, b)
		now := f.clock.Now()
		if err != nil {
			f.failStep(ctx, err)
			return
		}
		f.want = d.ARN
		if f.out.emit(StepFinished{Step: Update, Subject: name, At: now, Elapsed: now.Sub(began), Result: "continued after " + backend.StageName(d.Stage)}) &&
			f.out.emit(StepStarted{Step: Rollout, Subject: name, At: now}) {
			rollout(ctx, f, now)
		}
	}
}

// failStep closes the update and the stream.
func (f *follower) failStep(ctx context.Context, err error) {
	now, advice, outcome := f.clock.Now(), backend.AdviceFor(err), Failed
	if ctx.Err() != nil {
		outcome = Cancelled
	}
	if f.out.emit(StepFailed{Update, backend.ShortName(f.service), now, now.Sub(f.began), err, advice}) {
		f.out.emit(f.ended(outcome, err.Error(), advice, err))
	}
}

// goOn lets the deployment that is paused continue, and gives it as it was.
func (f *follower) goOn(ctx context.Context, b Changer) (backend.ServiceDeployment, error) {
	const op = "ContinueServiceDeployment"
	s, err := one(ctx, b, op, f.cluster, f.service)
	if err != nil {
		return backend.ServiceDeployment{}, err
	}
	var d backend.ServiceDeployment
	if s.Current != "" {
		found, err := b.DescribeServiceDeployments(ctx, []string{s.Current})
		if err != nil {
			return d, err
		}
		if len(found) > 0 {
			d = found[0]
		}
	}
	hook, waits := d.Waiting()
	if !waits {
		return d, &backend.Error{
			Op: op, Kind: backend.Conflict, Resource: s.Name, Err: errNotPaused,
			Remedy: f.opts.Command("status", "--service", s.Name) + " shows what goes on",
		}
	}
	ctx, cancel := committed(ctx)
	defer cancel()
	_, err = b.ContinueServiceDeployment(ctx, d.ARN, hook.ID, backend.HookContinue)
	return d, err
}

// one reads a service that must exist.
func one(ctx context.Context, b backend.ServiceReader, op, cluster, service string) (backend.Service, error) {
	all, err := b.DescribeServices(ctx, cluster, []string{service})
	switch {
	case err != nil:
		return backend.Service{}, err
	case len(all) == 0:
		return backend.Service{}, backend.Errorf(op, backend.NotFound, service, "the service does not exist")
	}
	return all[0], nil
}

// Undo rolls a deployment back that has not ended: as the answer to the hook
// that it waits at, else by stopping it.
func Undo(ctx context.Context, b backend.Releaser, d backend.ServiceDeployment) error {
	if hook, waits := d.Waiting(); waits {
		_, err := b.ContinueServiceDeployment(ctx, d.ARN, hook.ID, backend.HookRollback)
		return err
	}
	_, err := b.StopServiceDeployment(ctx, d.ARN)
	return err
}
