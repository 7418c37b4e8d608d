package docker

import (
	"context"
	"slices"
	"strings"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

// What the cloud has around services and one engine does not.
const (
	noBalancers = "there is no load balancer on a Docker engine: each task's own port is published, t shows where"
	noScaling   = "nothing scales a service by itself on a Docker engine: S sets how many tasks it wants"
)

// Unsupported says what an engine cannot do, and why.
func (b *Backend) Unsupported(c backend.Capability) string {
	switch c {
	case backend.CanBalance:
		return noBalancers
	case backend.CanAutoscale:
		return noScaling
	}
	return b.Engine.Unsupported(c)
}

// DescribeTargetGroups says that there are none.
func (b *Backend) DescribeTargetGroups(ctx context.Context, _ []string) ([]backend.TargetGroup, error) {
	return nil, absent(ctx, "DescribeTargetGroups", "", noBalancers)
}

// DescribeScaling says that there is none.
func (b *Backend) DescribeScaling(ctx context.Context, _, service string) (backend.Scaling, error) {
	return backend.Scaling{}, absent(ctx, "DescribeScalableTargets", service, noScaling)
}

// ChangeScaling says that there is none.
func (b *Backend) ChangeScaling(ctx context.Context, _, service string, _ backend.ScalingChange) (backend.Scaling, error) {
	return backend.Scaling{}, absent(ctx, "RegisterScalableTarget", service, noScaling)
}

// RemoveScaling says that there is none.
func (b *Backend) RemoveScaling(ctx context.Context, _, service string) error {
	return absent(ctx, "DeregisterScalableTarget", service, noScaling)
}

func absent(ctx context.Context, op, resource, why string) error {
	if err := ctx.Err(); err != nil {
		return wrap(op, backend.Clean(resource), err)
	}
	return backend.Errorf(op, backend.Unsupported, backend.Clean(resource), "%s", why)
}

// DescribeDiscovery gives what every service has here without asking for it: its
// name in the engine's DNS, on the cluster's network, and the tasks that answer
// to it. Entries of Cloud Map do not exist.
func (b *Backend) DescribeDiscovery(ctx context.Context, q backend.DiscoveryQuery) ([]backend.Discovery, error) {
	const op = "DescribeDiscovery"
	if q.Service == "" {
		if len(q.ARNs) == 0 {
			return nil, ctx.Err()
		}
		return nil, backend.Errorf(op, backend.NotFound, backend.Clean(q.ARNs[0]), "there is no Cloud Map on a Docker engine: services are found by their name")
	}
	d := backend.Discovery{Kind: "DNS of the Docker engine, for containers on this network"}
	health, definitions := map[string]string{}, map[string]backend.TaskDefinition{} // by task
	err := b.read(ctx, op, backend.Clean(q.Service), func(querier querier) error {
		s, err := b.service(ctx, querier, op, q.Cluster, q.Service)
		if err != nil {
			return err
		}
		d.Name, d.ARN = s.rec.Name, s.rec.ARN()
		rows, err := tasksOf(ctx, querier, s.rec.Cluster, s.rec.Name)
		for _, t := range rows {
			if t.over() {
				continue
			}
			d, err := b.definition(ctx, querier, op, t.View.TaskDefinition)
			if err != nil && backend.KindOf(err) != backend.NotFound {
				return err
			}
			health[t.View.ARN], definitions[t.View.ARN] = t.View.Health, d.td
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	cluster := b.cluster(q.Cluster)
	list, err := b.client.ContainerList(ctx, client.ContainerListOptions{
		Filters: b.selecting(logQuery{Cluster: cluster, Service: d.Name}),
	})
	if err != nil {
		return nil, wrap(op, d.Name, err)
	}
	for _, c := range list.Items {
		if r, ok := answering(c, networkName(cluster), definitions[c.Labels[LabelTaskARN]]); ok {
			r.Health = health[c.Labels[LabelTaskARN]]
			d.Instances = append(d.Instances, r)
		}
	}
	slices.SortFunc(d.Instances, func(a, b backend.Registration) int { return strings.Compare(a.ID, b.ID) })
	return []backend.Discovery{d}, nil
}

// answering says whether a container answers to its service's name. Of an awsvpc
// task that is the one which owns the network namespace.
func answering(c container.Summary, network string, td backend.TaskDefinition) (backend.Registration, bool) {
	if c.NetworkSettings == nil {
		return backend.Registration{}, false
	}
	end := c.NetworkSettings.Networks[network]
	if end == nil || !end.IPAddress.IsValid() {
		return backend.Registration{}, false
	}
	if d, ok := td.Container(c.Labels[LabelContainerName]); ok && !answers(td, d) {
		return backend.Registration{}, false
	}
	return backend.Registration{ID: backend.ShortName(c.Labels[LabelTaskARN]), Address: end.IPAddress.String()}, true
}
