package demo

import (
	"context"
	"slices"

	"github.com/ecs-tui/ecs-tui/backend"
)

// DescribeDiscovery gives the entries of the company's namespace by their ARNs.
// One that no service names does not exist.
func (b *Backend) DescribeDiscovery(ctx context.Context, q backend.DiscoveryQuery) ([]backend.Discovery, error) {
	const op = "GetService"
	if err := ended(ctx, op); err != nil {
		return nil, err
	}
	b.lock()
	defer b.unlock()
	var out []backend.Discovery
	for _, arn := range q.ARNs {
		d := backend.Discovery{
			ARN: arn, Namespace: "shop.local", Kind: "DNS_PRIVATE", Records: []string{"A, TTL 15 s"}, Routing: "MULTIVALUE",
		}
		b.standing(func(s *service) bool {
			if slices.Contains(s.refs().registries, arn) {
				d.Name = s.rec.Name
				d.Instances = append(d.Instances, registrations(s)...)
			}
			return true
		})
		if d.Name == "" {
			return nil, backend.Errorf(op, backend.NotFound, backend.Clean(arn), "the entry does not exist in Cloud Map")
		}
		out = append(out, d)
	}
	return out, nil
}

// registrations are the tasks of a service that clients find. ECS tells Cloud
// Map of the containers' own health.
func registrations(s *service) []backend.Registration {
	var out []backend.Registration
	for _, t := range slices.Backward(s.tasks) {
		v := t.view
		if v.LastStatus != backend.Running || v.DesiredStatus == backend.TaskStopped {
			continue
		}
		health := backend.Healthy
		if v.Health == backend.Unhealthy {
			health = v.Health
		}
		out = append(out, backend.Registration{ID: v.ID(), Address: t.address, Health: health, Zone: zoneOf(t.instance)})
	}
	return out
}
