package watch

import (
	"context"
	"iter"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Clusters watches all clusters.
func Clusters(ctx context.Context, b backend.ClusterReader, o Options) iter.Seq[Snapshot[backend.Cluster]] {
	return List(ctx, Source[backend.Cluster]{
		List: b.ListClusters, Describe: b.DescribeClusters, Batch: 100,
		Ref: func(c backend.Cluster) string { return c.ARN },
	}, o)
}

// Services watches a cluster's services. One that stands still is described
// again only while it is visible.
func Services(ctx context.Context, b backend.ServiceReader, cluster string, o Options) iter.Seq[Snapshot[backend.Service]] {
	return List(ctx, Source[backend.Service]{
		List: func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			p.Size = 100 // ListServices gives 10 unless asked
			return b.ListServices(ctx, cluster, p)
		},
		Describe: func(ctx context.Context, refs []string) ([]backend.Service, error) {
			return b.DescribeServices(ctx, cluster, refs)
		},
		Batch: 10,
		Ref:   func(s backend.Service) string { return s.ARN },
		Changing: func(s backend.Service) bool {
			d, ok := s.Primary()
			return s.Running != s.Desired || s.Pending > 0 || ok && d.Rollout == backend.RolloutInProgress
		},
		Slim: func(s backend.Service) backend.Service {
			s.Document, s.Events = nil, nil
			return s
		},
	}, o)
}

// Tasks watches the tasks of a query.
func Tasks(ctx context.Context, b backend.TaskReader, q backend.TaskQuery, o Options) iter.Seq[Snapshot[backend.Task]] {
	return List(ctx, Source[backend.Task]{
		List: func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			return b.ListTasks(ctx, q, p)
		},
		Describe: func(ctx context.Context, refs []string) ([]backend.Task, error) {
			return b.DescribeTasks(ctx, q.Cluster, refs)
		},
		Batch:    100,
		Ref:      func(t backend.Task) string { return t.ARN },
		Changing: func(t backend.Task) bool { return t.LastStatus != t.DesiredStatus },
	}, o)
}

// Instances watches the container instances of a cluster. What is free on one
// that stands still is read again only while it is visible.
func Instances(ctx context.Context, b backend.CapacityReader, cluster string, o Options) iter.Seq[Snapshot[backend.ContainerInstance]] {
	return List(ctx, Source[backend.ContainerInstance]{
		List: func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			return b.ListContainerInstances(ctx, cluster, p)
		},
		Describe: func(ctx context.Context, refs []string) ([]backend.ContainerInstance, error) {
			return b.DescribeContainerInstances(ctx, cluster, refs)
		},
		Batch:    100,
		Ref:      func(i backend.ContainerInstance) string { return i.ARN },
		Changing: func(i backend.ContainerInstance) bool { return i.Status != "ACTIVE" || i.Pending > 0 },
		Slim: func(i backend.ContainerInstance) backend.ContainerInstance {
			i.Document = nil
			return i
		},
	}, o)
}

// Deployments watches the deployments of a service, newest first.
func Deployments(ctx context.Context, b backend.DeploymentReader, cluster, service string, o Options) iter.Seq[Snapshot[backend.ServiceDeployment]] {
	return List(ctx, Source[backend.ServiceDeployment]{
		List: func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			return b.ListServiceDeployments(ctx, cluster, service, p)
		},
		Describe: b.DescribeServiceDeployments, Batch: 20,
		Ref:      func(d backend.ServiceDeployment) string { return d.ARN },
		Changing: func(d backend.ServiceDeployment) bool { return !d.Status.Ended() },
	}, o)
}
