package deploy

import (
	"context"
	"fmt"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// GoingOn is a deployment of the service that has not ended. A deploy takes over
// from it: it stops where it is. ECS has no lock to hold meanwhile: of two who
// begin within the same second, between the last look at the service and its
// update, the later one takes over, and both are told (superseded.go).
type GoingOn struct {
	backend.ServiceDeployment
	Origin Origin
}

// String says what goes on: "web:15 from 9f3c1ab, by anna@desk".
func (g GoingOn) String() string {
	s := backend.ShortName(g.Target.TaskDefinition)
	if g.Origin.Commit != "" {
		s += " from " + g.Origin.Commit
	}
	if g.Origin.Promoted != "" {
		s += ", promoted from " + g.Origin.Promoted
	}
	if g.Origin.By != "" {
		s += ", by " + g.Origin.By
	}
	return s
}

// Since is how long it has been going on, to the second.
func (g GoingOn) Since(now time.Time) time.Duration {
	return max(0, now.Sub(g.CreatedAt)).Truncate(time.Second)
}

// readGoingOn reads what goes on in a service; nil for nothing.
func readGoingOn(ctx context.Context, b interface {
	backend.DeploymentReader
	backend.TaskDefinitionReader
}, s backend.Service,
) (*GoingOn, error) {
	if s.Current == "" {
		return nil, nil
	}
	all, err := b.DescribeServiceDeployments(ctx, []string{s.Current})
	if err != nil || len(all) == 0 || all[0].Status.Ended() {
		return nil, err
	}
	g := &GoingOn{ServiceDeployment: all[0]}
	if td, err := b.DescribeTaskDefinition(ctx, g.Target.TaskDefinition); err == nil {
		g.Origin = OriginOf(td)
	}
	return g, nil
}

// overtaken is the error of a deploy whose service somebody else began to deploy
// after the plan was made; nil where nobody did.
func (r *run) overtaken(ctx context.Context, now *backend.Service, td backend.TaskDefinition) error {
	before := ""
	if r.plan.Current != nil {
		before = r.plan.Current.Current
	}
	if now == nil || now.Current == before || now.TaskDefinition == td.ARN {
		return nil
	}
	g, err := readGoingOn(ctx, r.b, *now)
	if err != nil || g == nil {
		return nil // what can't be known must not stop a deploy
	}
	return &backend.Error{
		Op: "UpdateService", Kind: backend.Conflict, Resource: now.Name,
		Err: fmt.Errorf("another deploy has begun since the plan was made: %s", g), Remedy: "plan again: it says what goes on, and whether to wait or to take over",
	}
}
