package docker

import (
	"context"
	"database/sql"

	"github.com/ecs-tui/ecs-tui/backend"
)

var _ backend.ClusterKeeper = (*Backend)(nil)

// CreateCluster gives the cluster that exists, or a new one. Its network is made
// with its first task.
func (b *Backend) CreateCluster(ctx context.Context, name string) (backend.Cluster, error) {
	var c backend.Cluster
	name = b.cluster(name)
	err := b.write(ctx, "CreateCluster", backend.Clean(name), func(tx *sql.Tx) error {
		err := addCluster(ctx, tx, name)
		if err == nil {
			c, err = b.countCluster(ctx, tx, name)
		}
		return err
	})
	return c, err
}

// DeleteCluster forgets a cluster that is empty; the default one stays. Its
// network goes with the agent, when nothing is left to run.
func (b *Backend) DeleteCluster(ctx context.Context, cluster string) (backend.Cluster, error) {
	const op = "DeleteCluster"
	var c backend.Cluster
	name := b.cluster(cluster)
	err := b.write(ctx, op, backend.Clean(name), func(tx *sql.Tx) error {
		if err := b.known(ctx, tx, op, cluster); err != nil {
			return err
		}
		var err error
		if c, err = b.countCluster(ctx, tx, name); err != nil {
			return err
		}
		switch {
		case name == b.set.Cluster:
			return backend.Errorf(op, backend.Conflict, backend.Clean(name), "it is the default cluster")
		case c.Services+c.Running+c.Pending > 0:
			return backend.Errorf(op, backend.Conflict, backend.Clean(name), "it has %d services and %d tasks", c.Services, c.Running+c.Pending)
		}
		switch found, err := schedules(ctx, tx, name); {
		case err != nil:
			return err
		case len(found) > 0:
			return backend.Errorf(op, backend.Conflict, backend.Clean(name), "it has %d schedules", len(found))
		}
		c.Status = "INACTIVE"
		return removeCluster(ctx, tx, name)
	})
	return c, err
}
