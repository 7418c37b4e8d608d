package deploy

import (
	"context"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// undo takes the service back to what it ran before the deploy, which has failed,
// and watches that to its end. Whatever comes of it, the deploy is no success.
func (r *run) undo(ctx context.Context, f *follower, td backend.TaskDefinition, failed Ended) {
	name := r.plan.Request.Service.Name
	s, ok := r.start(ctx, Back, name)
	if !ok {
		return
	}
	result, deployment, err := r.takeBack(ctx, td)
	if err != nil {
		if !s.broke(err) {
			return
		}
		end := r.ended(Failed, failed.Reason+"; it was not rolled back: "+plain(err), backend.AdviceFor(err), failed.Err)
		if ctx.Err() != nil {
			end.Outcome = Cancelled
		}
		r.finish(ctx, end)
		return
	}
	back := newFollower(r.b, r.plan.Request.Cluster, name, deployment, r.opts, r.out)
	back.began, back.restoring = r.began, true
	back.events, back.failed, back.stopped = f.events, f.failed, f.stopped // each is told once
	end, ok := back.run(ctx)
	if !ok {
		return
	}
	switch end.Outcome {
	case Stable:
		end.Outcome, end.Advice = RolledBack, failed.Advice
		end.Reason = failed.Reason + "; " + strings.TrimSuffix(end.Reason, " again") + " again"
		if !s.finish("", result, "") {
			return
		}
	case Cancelled:
		end.Reason = failed.Reason + "; the rollback goes on, and is not watched any more"
	case Failed, RolledBack:
		end.Outcome, end.Reason = Failed, failed.Reason+"; the rollback failed too: "+end.Reason
		if !s.broke(errorOf(end)) {
			return
		}
	}
	r.finish(ctx, end)
}

// plain is an error for the middle of a sentence: without its operation.
func plain(err error) string {
	_, text, ok := strings.Cut(err.Error(), ": ")
	if !ok {
		return err.Error()
	}
	return text
}

// takeBack begins the rollback: of a deployment that goes on by stopping it, else
// by deploying what ran before.
func (r *run) takeBack(ctx context.Context, td backend.TaskDefinition) (result, deployment string, err error) {
	const op = "Rollback"
	req := r.plan.Request
	s, err := one(ctx, r.b, op, req.Cluster, req.Service.Name)
	if err != nil {
		return "", "", err
	}
	if s.TaskDefinition != td.ARN {
		e := backend.Errorf(op, backend.Conflict, s.Name, "somebody else has deployed %s meanwhile", backend.ShortName(s.TaskDefinition))
		e.Remedy = r.opts.Command("status", "--service", s.Name) + " shows what goes on"
		return "", "", e
	}
	if s.Current != "" {
		now, err := r.b.DescribeServiceDeployments(ctx, []string{s.Current})
		if err != nil {
			return "", "", err
		}
		if len(now) > 0 && !now[0].Status.Ended() {
			return stopDeployment(ctx, r.b, now[0])
		}
	}
	ref, err := r.previous(ctx, s)
	if err != nil {
		return "", "", err
	}
	call, cancel := committed(ctx)
	defer cancel()
	if s, err = r.b.UpdateService(call, req.Cluster, s.Name, backend.ServiceChange{TaskDefinition: &ref}); err != nil {
		return "", "", err
	}
	return "back to " + backend.ShortName(ref), begun(call, r.b, s), nil
}

// previous is the revision to go back to: the one that ran before the deploy, or
// the newest that completed where that one did not.
func (r *run) previous(ctx context.Context, s backend.Service) (string, error) {
	before := r.plan.Current
	switch {
	case before == nil:
		return "", &backend.Error{
			Op: "Rollback", Kind: backend.Conflict, Resource: s.Name, Err: errNothingBefore,
			Remedy: "correct it and deploy again, or delete the service: " + r.opts.Command("delete", "--service", s.Name),
		}
	case before.TaskDefinition == s.TaskDefinition:
		e := backend.Errorf("Rollback", backend.Conflict, s.Name, "it ran %s before as well", backend.ShortName(s.TaskDefinition))
		e.Remedy = "name an older one: " + r.opts.Command("rollback", "--service", s.Name, "--to", "N") + "; " + r.opts.Command("history", "--service", s.Name) + " lists them"
		return "", e
	}
	if d, _ := before.Primary(); d.Rollout == backend.RolloutCompleted {
		return before.TaskDefinition, nil
	}
	return earlier(ctx, r.b, s, "")
}
