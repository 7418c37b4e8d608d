package deploy

import (
	"context"
	"errors"
	"iter"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Rollback takes a service back to what it ran before and follows that. A
// deployment in progress is stopped; with none in progress the newest one that
// succeeded with another task definition is deployed again. Where to names an
// earlier revision that completed, by its number or as "family:revision", that
// one is deployed in any case. It ends [Stable] once the older version runs.
//
// seen is the service as it was when this was decided. Where it has another
// deployment by now, or its own was rolled back meanwhile, what it ran before is
// something else, and nothing is done. One with nothing but its cluster and its
// name is taken back from whatever it runs.
func Rollback(ctx context.Context, b Changer, seen backend.Service, to string, opts Options) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		service := seen.Name
		f := newFollower(b, seen.Cluster, service, "", opts, &sink{yield: yield})
		f.restoring = true
		started := f.began
		if !f.out.emit(StepStarted{Step: Update, Subject: backend.ShortName(service), At: started}) {
			return
		}
		result, deployment, err := goBack(ctx, b, seen, to)
		now := f.clock.Now()
		if err != nil {
			f.failStep(ctx, err)
			return
		}
		f.want = deployment
		if f.out.emit(StepFinished{Step: Update, Subject: backend.ShortName(service), At: now, Elapsed: now.Sub(started), Result: result}) &&
			f.out.emit(StepStarted{Step: Rollout, Subject: backend.ShortName(service), At: now}) {
			rollout(ctx, f, now)
		}
	}
}

// goBack begins the rollback and gives the deployment that carries it out.
func goBack(ctx context.Context, b Changer, seen backend.Service, to string) (result, deployment string, err error) {
	const op = "Rollback"
	s, err := one(ctx, b, op, seen.Cluster, seen.Name)
	if err == nil && to == "" {
		err = changedSince(op, seen, s)
	}
	if err != nil {
		return "", "", err
	}
	if why := s.Foreign(); why != "" {
		return "", "", &backend.Error{Op: op, Kind: backend.Unsupported, Resource: s.Name, Err: errors.New(why), Remedy: "roll it back with that tool"}
	}
	if s.Current != "" && to == "" {
		current, err := b.DescribeServiceDeployments(ctx, []string{s.Current})
		if err != nil {
			return "", "", err
		}
		if len(current) > 0 && !current[0].Status.Ended() {
			return stopDeployment(ctx, b, current[0])
		}
	}
	ref, err := earlier(ctx, b, s, to)
	if err != nil {
		return "", "", err
	}
	if err := ctx.Err(); err != nil {
		return "", "", &backend.Error{Op: op, Kind: backend.Cancelled, Resource: s.Name, Err: err}
	}
	ctx, cancel := committed(ctx)
	defer cancel()
	s, err = b.UpdateService(ctx, seen.Cluster, s.Name, backend.ServiceChange{TaskDefinition: &ref})
	if err != nil {
		return "", "", err
	}
	return "back to " + backend.ShortName(ref), begun(ctx, b, s), nil
}

// changedSince says what became of a service since it was seen.
func changedSince(op string, seen, now backend.Service) error {
	var e *backend.Error
	switch was, is := backend.ShortName(seen.TaskDefinition), backend.ShortName(now.TaskDefinition); {
	case was != "" && was != is:
		e = backend.Errorf(op, backend.Conflict, now.Name, "it runs %s by now, and no longer %s", is, was)
	case seen.Current != "" && seen.Current != now.Current:
		e = backend.Errorf(op, backend.Conflict, now.Name, "another deployment of %s has begun since", is)
	default:
		return nil
	}
	e.Remedy = "look at what it runs, and roll back from there"
	return e
}

// stopDeployment ends a deployment by rolling it back; one that rolls back
// already is only followed.
func stopDeployment(ctx context.Context, b Changer, d backend.ServiceDeployment) (result, deployment string, err error) {
	if d.Status == backend.RollbackRequested || d.Status == backend.RollbackInProgress {
		return "it rolls back already", d.ARN, nil
	}
	ctx, cancel := committed(ctx)
	defer cancel()
	if err := Undo(ctx, b, d); err != nil {
		return "", "", err
	}
	return "stopped the deployment of " + backend.ShortName(d.Target.TaskDefinition), d.ARN, nil
}
