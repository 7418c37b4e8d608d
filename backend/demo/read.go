package demo

import (
	"context"
	"slices"
	"sort"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/scheduler"
)

// ListClusters gives the ARNs of the clusters.
func (b *Backend) ListClusters(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
	const op = "ListClusters"
	if err := ended(ctx, op); err != nil {
		return backend.Page[string]{}, err
	}
	b.lock()
	defer b.unlock()
	var arns []string
	for _, name := range b.clusters {
		arns = append(arns, b.names.Cluster(name))
	}
	return page(op, arns, p)
}

// DescribeClusters counts what is in clusters; unknown ones are left out.
func (b *Backend) DescribeClusters(ctx context.Context, arns []string) ([]backend.Cluster, error) {
	if err := ended(ctx, "DescribeClusters"); err != nil {
		return nil, err
	}
	b.lock()
	defer b.unlock()
	var out []backend.Cluster
	for _, arn := range arns {
		name := backend.ShortName(arn)
		all, ok := b.services[name]
		if !ok {
			continue
		}
		c := backend.Cluster{ARN: b.names.Cluster(name), Name: name, Status: "ACTIVE", Instances: len(b.machines[name])}
		for _, s := range all {
			if s.rec.Status != scheduler.Inactive {
				c.Services++
			}
		}
		for _, t := range b.tasks {
			switch {
			case t.view.Cluster != name:
			case t.view.LastStatus == backend.Running:
				c.Running++
			case t.view.LastStatus == backend.Provisioning, t.view.LastStatus == backend.TaskPending:
				c.Pending++
			}
		}
		out = append(out, c.Described())
	}
	return out, nil
}

// ListServices gives the ARNs of a cluster's services, by name.
func (b *Backend) ListServices(ctx context.Context, cluster string, p backend.PageRequest) (backend.Page[string], error) {
	const op = "ListServices"
	if err := ended(ctx, op); err != nil {
		return backend.Page[string]{}, err
	}
	b.lock()
	defer b.unlock()
	all, err := b.cluster(op, cluster)
	if err != nil {
		return backend.Page[string]{}, err
	}
	name := b.clusterName(cluster)
	arns, made := b.sorted[name]
	if !made {
		for _, s := range all {
			if s.rec.Status != scheduler.Inactive {
				arns = append(arns, s.rec.ARN())
			}
		}
		sort.Strings(arns)
		b.sorted[name] = arns
	}
	return page(op, arns, p)
}

// inCluster does something in a cluster that exists, with the demo locked.
func inCluster[T any](ctx context.Context, b *Backend, op, cluster string, do func() (T, error)) (out T, err error) {
	if err := ended(ctx, op); err != nil {
		return out, err
	}
	b.lock()
	defer b.unlock()
	if _, err := b.cluster(op, cluster); err != nil {
		return out, err
	}
	return do()
}

// inService is inCluster for one of its services.
func inService[T any](ctx context.Context, b *Backend, op, cluster, name string, do func(s *service) (T, error)) (out T, err error) {
	if err := ended(ctx, op); err != nil {
		return out, err
	}
	b.lock()
	defer b.unlock()
	s, err := b.findService(op, cluster, name)
	if err != nil {
		return out, err
	}
	return do(s)
}

// DescribeServices gives services by name or ARN, in the order asked for.
func (b *Backend) DescribeServices(ctx context.Context, cluster string, names []string) ([]backend.Service, error) {
	const op = "DescribeServices"
	return inCluster(ctx, b, op, cluster, func() ([]backend.Service, error) {
		var out []backend.Service
		for _, name := range names {
			if s, err := b.findService(op, cluster, name); err == nil {
				out = append(out, s.rec.Service(s.views()))
			}
		}
		return out, nil
	})
}

// ListTasks gives the ARNs of tasks, newest first.
func (b *Backend) ListTasks(ctx context.Context, q backend.TaskQuery, p backend.PageRequest) (backend.Page[string], error) {
	const op = "ListTasks"
	return inCluster(ctx, b, op, q.Cluster, func() (backend.Page[string], error) {
		from := b.launched
		if q.Service != "" {
			s, err := b.findService(op, q.Cluster, q.Service)
			if err != nil {
				return backend.Page[string]{}, err
			}
			from = s.tasks
		}
		return pageOf(op, func(yield func(string) bool) {
			for _, t := range slices.Backward(from) {
				if !t.forgotten && b.matches(t, q) && !yield(t.view.ARN) {
					return
				}
			}
		}, p)
	})
}

func (b *Backend) matches(t *task, q backend.TaskQuery) bool {
	return t.view.Cluster == b.clusterName(q.Cluster) &&
		(q.Family == "" || t.rev.td.Family == q.Family) &&
		(q.Instance == "" || t.instance != nil && backend.ShortName(t.instance.arn) == backend.ShortName(q.Instance)) &&
		(t.view.DesiredStatus == backend.TaskStopped) == q.Stopped
}

// DescribeTasks gives tasks by ARN or id, in the order asked for.
func (b *Backend) DescribeTasks(ctx context.Context, cluster string, arns []string) ([]backend.Task, error) {
	const op = "DescribeTasks"
	return inCluster(ctx, b, op, cluster, func() ([]backend.Task, error) {
		var out []backend.Task
		for _, arn := range arns {
			if t := b.findTask(cluster, arn); t != nil {
				out = append(out, t.read())
			}
		}
		return out, nil
	})
}

func (b *Backend) findTask(cluster, ref string) *task {
	t := b.tasks[backend.ShortName(ref)]
	if t == nil || t.view.Cluster != b.clusterName(cluster) {
		return nil
	}
	return t
}

// ListServiceDeployments gives the ARNs of a service's rollouts, newest first.
func (b *Backend) ListServiceDeployments(ctx context.Context, cluster, name string, p backend.PageRequest) (backend.Page[string], error) {
	const op = "ListServiceDeployments"
	return inService(ctx, b, op, cluster, name, func(s *service) (backend.Page[string], error) {
		return page(op, s.rec.ServiceDeployments(), p)
	})
}

// DescribeServiceDeployments gives rollouts; unknown ones are left out.
func (b *Backend) DescribeServiceDeployments(ctx context.Context, arns []string) ([]backend.ServiceDeployment, error) {
	if err := ended(ctx, "DescribeServiceDeployments"); err != nil {
		return nil, err
	}
	b.lock()
	defer b.unlock()
	var out []backend.ServiceDeployment
	for _, arn := range arns {
		s := b.findDeployment(arn)
		if s == nil {
			continue
		}
		if d, ok := s.rec.ServiceDeployment(arn, b.seen(s)); ok {
			out = append(out, d)
		}
	}
	return out, nil
}
