package demo

import (
	"context"
	"fmt"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/scheduler"
)

// service is a service's record and its tasks.
type service struct {
	rec    *scheduler.Record
	tasks  []*task
	wakeAt int64 // unix nanoseconds of the wake that is on the agenda, 0 for none
	bulk   bool  // added for measuring
	dirty  bool  // to be reconciled
	// alarmed is the ARN of the deployment that alarms go off for.
	alarmed string

	read    references // what its document refers to
	scaling backend.Scaling
}

func (s *service) views() []backend.Task {
	out := make([]backend.Task, len(s.tasks))
	for i, t := range s.tasks {
		out[i] = t.view
	}
	return out
}

// reconcile does what the scheduler decides for one service.
func (b *Backend) reconcile(s *service) {
	d := s.rec.Reconcile(b.sim.now, b.seen(s), b.timing)
	if s.rec.Status == scheduler.Inactive {
		delete(b.sorted, s.rec.Cluster)
	}
	b.alarm(s)
	for _, stop := range d.Stop {
		if t := b.tasks[backend.ShortName(stop.Task)]; t != nil {
			b.halt(t, stop.Code, stop.Reason)
		}
	}
	for _, start := range d.Start {
		rev := b.findRevision(start.TaskDefinition)
		if rev == nil {
			continue
		}
		b.launch(s.rec.Cluster, rev, s, start.Deployment, nil)
	}
	if d.Wake > 0 {
		at := b.sim.now.Add(d.Wake).UnixNano()
		if s.wakeAt == 0 || at < s.wakeAt || s.wakeAt <= b.sim.now.UnixNano() {
			s.wakeAt = at
			b.sim.after(d.Wake, func() {
				if s.wakeAt == at {
					s.wakeAt = 0
					b.mark(s)
				}
			})
		}
	}
}

// findService gives a service that is not INACTIVE, by name or ARN.
func (b *Backend) findService(op, cluster, name string) (*service, error) {
	all, err := b.cluster(op, cluster)
	if err != nil {
		return nil, err
	}
	s := all[backend.ShortName(name)]
	if s == nil || s.rec.Status == scheduler.Inactive {
		return nil, backend.Errorf(op, backend.NotFound, backend.Clean(name), "the service does not exist in cluster %s", backend.ShortName(cluster))
	}
	return s, nil
}

// cluster gives the services of a cluster; "" is the default cluster.
func (b *Backend) cluster(op, name string) (map[string]*service, error) {
	if name == "" {
		name = b.clusters[0]
	}
	all, ok := b.services[backend.ShortName(name)]
	if !ok {
		return nil, backend.Errorf(op, backend.NotFound, backend.Clean(name), "the cluster does not exist")
	}
	return all, nil
}

func (b *Backend) clusterName(name string) string {
	if name == "" {
		return b.clusters[0]
	}
	return backend.ShortName(name)
}

// CreateService creates a service and lets it start its tasks.
func (b *Backend) CreateService(ctx context.Context, cluster string, spec backend.ServiceSpec) (backend.Service, error) {
	const op = "CreateService"
	if err := ended(ctx, op); err != nil {
		return backend.Service{}, err
	}
	b.lock()
	defer b.unlock()
	all, err := b.cluster(op, cluster)
	if err != nil {
		return backend.Service{}, err
	}
	if old := all[spec.Name]; old != nil && old.rec.Status != scheduler.Inactive {
		return backend.Service{}, backend.Errorf(op, backend.Conflict, spec.Name, "the service exists already and is %s", old.rec.Status)
	}
	rev, err := b.startable(op, spec.TaskDefinition)
	if err != nil {
		return backend.Service{}, err
	}
	if err := refuseProblems(op, b.checkService(spec, rev.td)); err != nil {
		return backend.Service{}, err
	}
	s := &service{rec: scheduler.Create(b.sim.now, b.rnd.Uint64, scheduler.New{
		Names: b.names, Cluster: b.clusterName(cluster), Spec: spec,
		TaskDefinition: rev.td.ARN, Images: b.imagesOf(rev.td), Strategies: true,
	})}
	b.add(s)
	b.settle()
	return s.rec.Service(s.views()), nil
}

func (b *Backend) add(s *service) {
	b.services[s.rec.Cluster][s.rec.Name] = s
	delete(b.sorted, s.rec.Cluster)
	kept := b.order[:0]
	for _, old := range b.order {
		if old.rec.Cluster != s.rec.Cluster || old.rec.Name != s.rec.Name {
			kept = append(kept, old)
		}
	}
	b.order = append(kept, s)
	b.mark(s)
}

// refuseProblems turns the first problem into an Invalid error that names its
// field.
func refuseProblems(op string, findings []backend.Finding) error {
	for _, f := range findings {
		if f.Severity == backend.Problem {
			return &backend.Error{
				Op: op, Kind: backend.Invalid, Resource: f.Path,
				Err: &backend.FieldError{Path: f.Path, Offset: -1, Err: fmt.Errorf("%s", f.Message)}, Remedy: f.Remedy,
			}
		}
	}
	return nil
}

// UpdateService changes a service.
func (b *Backend) UpdateService(ctx context.Context, cluster, name string, change backend.ServiceChange) (backend.Service, error) {
	const op = "UpdateService"
	return inService(ctx, b, op, cluster, name, func(s *service) (backend.Service, error) {
		if err := refuseForeign(op, s, change); err != nil {
			return backend.Service{}, err
		}
		ref := s.rec.TaskDefinition
		if change.TaskDefinition != nil {
			ref = *change.TaskDefinition
		}
		rev := b.findRevision(ref)
		if rev == nil {
			return backend.Service{}, unknownDefinition(op, ref)
		}
		if change.TaskDefinition != nil {
			if err := backend.Startable(op, rev.td); err != nil && rev.td.ARN != s.rec.TaskDefinition {
				return backend.Service{}, err
			}
			change.TaskDefinition = &rev.td.ARN
		}
		if change.Spec != nil {
			named := *change.Spec
			named.Name = s.rec.Name
			if err := refuseProblems(op, b.checkService(named, rev.td)); err != nil {
				return backend.Service{}, err
			}
		}
		_, err := s.rec.Update(b.sim.now, b.rnd.Uint64, scheduler.Change{ServiceChange: change, Images: b.imagesOf(rev.td)})
		if err != nil {
			return backend.Service{}, err
		}
		b.mark(s)
		b.settle()
		return s.rec.Service(s.views()), nil
	})
}

// DeleteService scales a service to zero and lets it go.
func (b *Backend) DeleteService(ctx context.Context, cluster, name string, force bool) (backend.Service, error) {
	const op = "DeleteService"
	return inService(ctx, b, op, cluster, name, func(s *service) (backend.Service, error) {
		if err := s.rec.Delete(b.sim.now, force); err != nil {
			return backend.Service{}, err
		}
		b.mark(s)
		b.settle()
		return s.rec.Service(s.views()), nil
	})
}
