package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/scheduler"
)

// DescribeTargetGroups gives the groups that services are registered with: one
// that no service names does not exist.
func (b *Backend) DescribeTargetGroups(ctx context.Context, arns []string) ([]backend.TargetGroup, error) {
	const op = "DescribeTargetGroups"
	if err := ended(ctx, op); err != nil {
		return nil, err
	}
	b.lock()
	defer b.unlock()
	var out []backend.TargetGroup
	for _, arn := range arns {
		g, ok := b.targetGroup(arn)
		if !ok {
			return nil, backend.Errorf(op, backend.NotFound, backend.Clean(arn), "the target group does not exist")
		}
		out = append(out, g)
	}
	return out, nil
}

// targetGroup is a group with the tasks of all services that are registered with
// it. Of two that take turns, each has those of every other revision.
func (b *Backend) targetGroup(arn string) (g backend.TargetGroup, ok bool) {
	g = backend.TargetGroup{
		ARN: arn, Name: groupName(arn), Protocol: "HTTP", Port: 80, TargetType: "ip",
		LoadBalancers: []string{fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:loadbalancer/app/shop-public/%s",
			b.names.Region, b.names.Account, fingerprint("shop-public")[:16])},
		Check: backend.TargetCheck{
			Protocol: "HTTP", Port: "traffic-port", Path: "/health", Codes: "200",
			Interval: 10 * time.Second, Timeout: 5 * time.Second, Healthy: 3, Unhealthy: 2,
		},
	}
	b.standing(func(s *service) bool {
		for _, t := range s.refs().targets {
			switch arn {
			case t.Group, t.Alternate:
				g.Targets = append(g.Targets, b.targets(s, t, arn == t.Alternate)...)
				ok = true
			}
		}
		return true
	})
	return g, ok
}

func (b *Backend) targets(s *service, of backend.ServiceTarget, alternate bool) []backend.Target {
	var out []backend.Target
	for _, t := range slices.Backward(s.tasks) {
		if h, ok := b.targetHealth(t); ok && (of.Alternate == "" || alternate == s.alternate(t)) {
			h.Port = of.Port
			out = append(out, h)
		}
	}
	return out
}

// alternate says whether a task belongs to the second of two groups, which
// deployments take by turns.
func (s *service) alternate(t *task) bool {
	all := s.rec.Deployments // newest first
	i := slices.IndexFunc(all, func(d *scheduler.Deployment) bool { return d.ID == t.view.StartedBy })
	return i >= 0 && (len(all)-i)%2 == 0
}

// groupName is the name in "…:targetgroup/shop-web/73e2d6bc24d8a067".
func groupName(arn string) string {
	parts := strings.Split(arn, "/")
	if len(parts) < 2 {
		return backend.Clean(arn)
	}
	return backend.Clean(parts[1])
}
