package deploy

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Rollback takes a service back to what it ran before and follows that. A
// deployment in progress is stopped; with none in progress the newest one that
// succeeded with another task definition is deployed again. It ends [Stable]
// once the older version runs.
func Rollback(ctx context.Context, b Changer, cluster, service string, opts Options) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		f := newFollower(b, cluster, service, "", opts, &sink{yield: yield})
		f.restoring = true
		started := f.began
		if !f.out.emit(StepStarted{Step: Update, Subject: backend.ShortName(service), At: started}) {
			return
		}
		result, deployment, err := goBack(ctx, b, cluster, service)
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
func goBack(ctx context.Context, b Changer, cluster, service string) (result, deployment string, err error) {
	const op = "Rollback"
	s, err := one(ctx, b, op, cluster, service)
	if err != nil {
		return "", "", err
	}
	if why := s.Foreign(); why != "" {
		return "", "", &backend.Error{Op: op, Kind: backend.Unsupported, Resource: s.Name, Err: errors.New(why), Remedy: "roll it back with that tool"}
	}
	if s.Current != "" {
		current, err := b.DescribeServiceDeployments(ctx, []string{s.Current})
		if err != nil {
			return "", "", err
		}
		if len(current) > 0 && !current[0].Status.Ended() {
			return stopDeployment(ctx, b, current[0])
		}
	}
	ref, err := previous(ctx, b, cluster, s)
	if err != nil {
		return "", "", err
	}
	if err := ctx.Err(); err != nil {
		return "", "", &backend.Error{Op: op, Kind: backend.Cancelled, Resource: s.Name, Err: err}
	}
	ctx, cancel := committed(ctx)
	defer cancel()
	s, err = b.UpdateService(ctx, cluster, s.Name, backend.ServiceChange{TaskDefinition: &ref})
	if err != nil {
		return "", "", err
	}
	return "back to " + backend.ShortName(ref), current(s), nil
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

// previous is the task definition of the newest deployment that succeeded with
// another one than the service has now.
func previous(ctx context.Context, b Changer, cluster string, s backend.Service) (string, error) {
	var arns []string
	list := func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
		return b.ListServiceDeployments(ctx, cluster, s.Name, p)
	}
	for arn, err := range backend.All(ctx, list) {
		if err != nil {
			return "", err
		}
		arns = append(arns, arn)
	}
	for batch := range slices.Chunk(arns, 20) {
		all, err := b.DescribeServiceDeployments(ctx, batch)
		if err != nil {
			return "", err
		}
		slices.SortStableFunc(all, func(a, b backend.ServiceDeployment) int { return b.CreatedAt.Compare(a.CreatedAt) })
		for _, d := range all {
			if d.Status == backend.Successful && d.Target.TaskDefinition != s.TaskDefinition {
				return d.Target.TaskDefinition, nil
			}
		}
	}
	return "", &backend.Error{
		Op: "Rollback", Kind: backend.Conflict, Resource: s.Name,
		Err: errNothingBefore, Remedy: "deploy the version that you want to go back to",
	}
}
