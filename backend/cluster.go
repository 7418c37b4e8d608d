package backend

import "context"

// ClusterKeeper is implemented by backends that make and remove clusters on
// request. Where nobody asks, a backend may make one at its first use.
type ClusterKeeper interface {
	// CreateCluster gives the cluster that exists, or a new one.
	CreateCluster(ctx context.Context, name string) (Cluster, error)
	// DeleteCluster removes a cluster that is empty. Kind Conflict while it has
	// services or tasks, or where the backend can't be without it.
	DeleteCluster(ctx context.Context, cluster string) (Cluster, error)
}

// ClusterKeeperOf gives b's keeper of clusters, which refuses everything where
// b is [ReadOnly], or nil.
func ClusterKeeperOf(b any) ClusterKeeper {
	switch r := b.(type) {
	case readOnly:
		return refusingKeeper(r.Backend)
	case readOnlyNotifier:
		return refusingKeeper(r.Backend)
	}
	k, _ := b.(ClusterKeeper)
	return k
}

func refusingKeeper(b Backend) ClusterKeeper {
	if ClusterKeeperOf(b) == nil {
		return nil
	}
	return noClusters{}
}

type noClusters struct{}

func (noClusters) CreateCluster(_ context.Context, name string) (Cluster, error) {
	return Cluster{}, refuse("CreateCluster", name)
}

func (noClusters) DeleteCluster(_ context.Context, cluster string) (Cluster, error) {
	return Cluster{}, refuse("DeleteCluster", cluster)
}
