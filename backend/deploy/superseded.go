package deploy

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// ECS has no lock to hold between the last look at a service and its update. Who
// updates within the same moment finds out here: the later one whose deployment
// it took the place of, and the earlier one who took the place of its.

// begun names the deployment that an update has begun. What ECS calls the
// service's current one can be the one before, or somebody else's, in the moment
// after an update; then the deployment's own id is the name to follow.
func begun(ctx context.Context, b backend.DeploymentReader, after backend.Service) string {
	mine, ok := after.Primary()
	if !ok || mine.ID == "" || !strings.HasPrefix(after.Current, "arn:") {
		return current(after)
	}
	found, err := b.DescribeServiceDeployments(ctx, []string{after.Current})
	if err == nil && len(found) > 0 && !isOf(found[0], mine) {
		return mine.ID
	}
	return after.Current
}

// isOf says whether a service deployment can be the one of a deployment. Some
// backends say so, by its id; ECS does not.
func isOf(d backend.ServiceDeployment, mine backend.Deployment) bool {
	if d.ID != "" {
		return d.ID == mine.ID
	}
	switch {
	case d.Target.TaskDefinition != "" && d.Target.TaskDefinition != mine.TaskDefinition:
		return false
	case d.Status.Ended() && d.FinishedAt.Before(mine.CreatedAt):
		return false
	}
	return true
}

// between is the deployment that began between the last look at a service and
// its update, by somebody else; ok is false for none.
func between(before, after backend.Service) (d backend.Deployment, ok bool) {
	mine, _ := after.Primary()
	i := slices.IndexFunc(after.Deployments, func(d backend.Deployment) bool {
		return d.ID != "" && d.ID != mine.ID && d.Rollout != backend.RolloutCompleted &&
			!slices.ContainsFunc(before.Deployments, func(e backend.Deployment) bool { return e.ID == d.ID })
	})
	if i < 0 {
		return d, false
	}
	return after.Deployments[i], true
}

// deployedBy says what is deployed, from which commit and by whom, as far as the
// revision tells.
func deployedBy(ctx context.Context, b backend.TaskDefinitionReader, definition string) string {
	g := GoingOn{}
	g.Target.TaskDefinition = definition
	if td, err := b.DescribeTaskDefinition(ctx, definition); err == nil {
		g.Origin = OriginOf(td)
	}
	return g.String()
}

// takenOver warns of a deployment that began in the moment of the update.
func (r *run) takenOver(ctx context.Context, before, after backend.Service) string {
	d, ok := between(before, after)
	if !ok {
		return ""
	}
	return "took over from a deployment that began in the same moment: " + deployedBy(ctx, r.b, d.TaskDefinition)
}

// superseded says what took the place of a deployment that was stopped; "" where
// nothing did.
func (f *follower) superseded(ctx context.Context, now RolloutProgress) string {
	d, s := now.Deployment, now.Service
	primary, ok := s.Primary()
	id := cmp.Or(d.ID, f.id)
	switch {
	case !ok, d.Status != backend.Stopped:
		return ""
	case id != "" && primary.ID == id:
		return ""
	case d.ARN != "" && (s.Current == "" || s.Current == d.ARN):
		return ""
	case primary.CreatedAt.Before(d.CreatedAt):
		return "" // it went back to what was there before
	}
	return deployedBy(ctx, f.b, primary.TaskDefinition)
}
