package demo

import (
	"context"
	"slices"

	"github.com/ecs-tui/ecs-tui/backend"
)

var _ backend.ClusterKeeper = (*Backend)(nil)

// CreateCluster gives the cluster that exists, or a new one.
func (b *Backend) CreateCluster(ctx context.Context, name string) (backend.Cluster, error) {
	const op = "CreateCluster"
	if err := ended(ctx, op); err != nil {
		return backend.Cluster{}, err
	}
	b.lock()
	name = b.clusterName(backend.Clean(name))
	if b.services[name] == nil {
		b.clusters = append(b.clusters, name)
		b.services[name] = map[string]*service{}
		b.changed = true
	}
	b.unlock()
	return b.oneCluster(ctx, name)
}

// DeleteCluster removes an empty cluster; the first one stays.
func (b *Backend) DeleteCluster(ctx context.Context, cluster string) (backend.Cluster, error) {
	const op = "DeleteCluster"
	name := backend.ShortName(cluster)
	c, err := b.oneCluster(ctx, cluster)
	if err != nil {
		return backend.Cluster{}, err
	}
	b.lock()
	defer b.unlock()
	if name = b.clusterName(name); name == b.clusters[0] {
		return backend.Cluster{}, backend.Errorf(op, backend.Conflict, backend.Clean(name), "it is the demo's default cluster")
	}
	if c.Services+c.Running+c.Pending > 0 {
		return backend.Cluster{}, backend.Errorf(op, backend.Conflict, backend.Clean(name), "it has %d services and %d tasks", c.Services, c.Running+c.Pending)
	}
	b.clusters = slices.DeleteFunc(b.clusters, func(n string) bool { return n == name })
	delete(b.services, name)
	delete(b.machines, name) // their Auto Scaling group goes with it
	b.changed = true
	c.Status = "INACTIVE"
	return c, nil
}

func (b *Backend) oneCluster(ctx context.Context, name string) (backend.Cluster, error) {
	found, err := b.DescribeClusters(ctx, []string{b.clusterName(name)})
	if err != nil {
		return backend.Cluster{}, err
	}
	if len(found) == 0 {
		return backend.Cluster{}, backend.Errorf("DescribeClusters", backend.NotFound, backend.Clean(name), "the cluster does not exist")
	}
	return found[0], nil
}
