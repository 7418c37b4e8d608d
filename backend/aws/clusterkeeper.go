package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/ecs-tui/ecs-tui/backend"
)

var _ backend.ClusterKeeper = (*Backend)(nil)

// CreateCluster gives the cluster that exists, or a new one without machines:
// its tasks run on Fargate until there are some.
func (b *Backend) CreateCluster(ctx context.Context, name string) (backend.Cluster, error) {
	name = b.cluster(name)
	var out struct{ Cluster wireCluster }
	err := call(ctx, b, "CreateCluster", name, &ecs.CreateClusterInput{ClusterName: &name}, nil, &out, (*ecs.Client).CreateCluster)
	return out.Cluster.cluster(), err
}

// DeleteCluster removes an empty cluster.
func (b *Backend) DeleteCluster(ctx context.Context, cluster string) (backend.Cluster, error) {
	cluster = b.cluster(cluster)
	var out struct{ Cluster wireCluster }
	err := call(ctx, b, "DeleteCluster", cluster, &ecs.DeleteClusterInput{Cluster: &cluster}, nil, &out, (*ecs.Client).DeleteCluster)
	return out.Cluster.cluster(), err
}
