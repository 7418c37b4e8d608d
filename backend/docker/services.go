package docker

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"slices"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/scheduler"
)

// cluster is a cluster's name; "" is the default cluster.
func (b *Backend) cluster(ref string) string {
	if ref == "" {
		return b.set.Cluster
	}
	return backend.ShortName(ref)
}

// clusters are the default cluster and those in which something was made.
func (b *Backend) clusters(ctx context.Context, q querier) ([]string, error) {
	names, err := clusterNames(ctx, q)
	names = slices.DeleteFunc(names, func(n string) bool { return n == b.set.Cluster })
	return append([]string{b.set.Cluster}, names...), err
}

// known says NotFound for a cluster that does not exist.
func (b *Backend) known(ctx context.Context, q querier, op, cluster string) error {
	all, err := b.clusters(ctx, q)
	if err == nil && !slices.Contains(all, b.cluster(cluster)) {
		return missing(errNoRow, op, cluster, "the cluster does not exist")
	}
	return err
}

// ListClusters gives the ARNs of the clusters.
func (b *Backend) ListClusters(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
	const op = "ListClusters"
	var arns []string
	err := b.read(ctx, op, "", func(q querier) error {
		names, err := b.clusters(ctx, q)
		for _, n := range names {
			arns = append(arns, b.names.Cluster(n))
		}
		return err
	})
	if err != nil {
		return backend.Page[string]{}, err
	}
	return page(op, arns, p)
}

// DescribeClusters counts what is in clusters; unknown ones are left out.
func (b *Backend) DescribeClusters(ctx context.Context, arns []string) ([]backend.Cluster, error) {
	var out []backend.Cluster
	err := b.read(ctx, "DescribeClusters", "", func(q querier) error {
		names, err := b.clusters(ctx, q)
		if err != nil {
			return err
		}
		for _, arn := range arns {
			name := b.cluster(arn)
			if !slices.Contains(names, name) {
				continue
			}
			c, err := b.countCluster(ctx, q, name)
			if err != nil {
				return err
			}
			out = append(out, c.Described())
		}
		return nil
	})
	return out, err
}

func (b *Backend) countCluster(ctx context.Context, q querier, name string) (backend.Cluster, error) {
	c := backend.Cluster{ARN: b.names.Cluster(name), Name: name, Status: "ACTIVE", Instances: 1}
	found, err := services(ctx, q, name)
	if err != nil {
		return c, err
	}
	c.Services = len(found)
	all, err := tasks(ctx, q, name)
	for _, t := range all {
		switch t.View.LastStatus {
		case backend.Running:
			c.Running++
		case backend.Provisioning, backend.TaskPending, backend.Activating:
			c.Pending++
		}
	}
	return c, err
}

// service finds a service that is not gone, by name or ARN.
func (b *Backend) service(ctx context.Context, q querier, op, cluster, ref string) (serviceRow, error) {
	if err := b.known(ctx, q, op, cluster); err != nil {
		return serviceRow{}, err
	}
	s, err := service(ctx, q, b.cluster(cluster), backend.ShortName(ref))
	if err == nil && s.rec.Status == scheduler.Inactive {
		err = errNoRow
	}
	return s, missing(err, op, ref, "the service does not exist in cluster "+backend.Clean(b.cluster(cluster)))
}

// ListServices gives the ARNs of a cluster's services, by name.
func (b *Backend) ListServices(ctx context.Context, cluster string, p backend.PageRequest) (backend.Page[string], error) {
	const op = "ListServices"
	var arns []string
	err := b.read(ctx, op, backend.Clean(cluster), func(q querier) error {
		if err := b.known(ctx, q, op, cluster); err != nil {
			return err
		}
		found, err := services(ctx, q, b.cluster(cluster))
		for _, s := range found {
			arns = append(arns, s.rec.ARN())
		}
		return err
	})
	if err != nil {
		return backend.Page[string]{}, err
	}
	return page(op, arns, p)
}

// DescribeServices gives services by name or ARN, in the order asked for.
func (b *Backend) DescribeServices(ctx context.Context, cluster string, refs []string) ([]backend.Service, error) {
	const op = "DescribeServices"
	var out []backend.Service
	err := b.read(ctx, op, "", func(q querier) error {
		if err := b.known(ctx, q, op, cluster); err != nil {
			return err
		}
		for _, ref := range refs {
			s, err := b.service(ctx, q, op, cluster, ref)
			if backend.KindOf(err) == backend.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			rows, err := tasksOf(ctx, q, s.rec.Cluster, s.rec.Name)
			if err != nil {
				return err
			}
			out = append(out, s.rec.Service(views(rows)))
		}
		return nil
	})
	return out, err
}

// CreateService creates a service; the agent starts its tasks.
func (b *Backend) CreateService(ctx context.Context, cluster string, spec backend.ServiceSpec) (backend.Service, error) {
	const op = "CreateService"
	cluster = b.cluster(cluster)
	images, err := b.pin(ctx, op, spec.TaskDefinition)
	if err != nil {
		return backend.Service{}, err
	}
	var out backend.Service
	err = b.change(ctx, op, backend.Clean(spec.Name), func(tx *sql.Tx) error {
		d, err := b.definition(ctx, tx, op, spec.TaskDefinition)
		if err != nil {
			return err
		}
		if err := backend.Startable(op, d.td); err != nil {
			return err
		}
		if err := refuseProblems(op, backend.CheckService(rolled(spec), d.td)); err != nil {
			return err
		}
		old, err := service(ctx, tx, cluster, spec.Name)
		switch {
		case err == nil && old.rec.Status != scheduler.Inactive:
			return backend.Errorf(op, backend.Conflict, spec.Name, "the service exists already and is %s", old.rec.Status)
		case err != nil && !errors.Is(err, errNoRow):
			return err
		}
		if err := addCluster(ctx, tx, cluster); err != nil {
			return err
		}
		rec := scheduler.Create(b.clock.Now(), freshID, scheduler.New{
			Names: b.names, Cluster: cluster, Spec: spec, TaskDefinition: d.td.ARN, Images: images,
		})
		out = rec.Service(nil)
		return putService(ctx, tx, serviceRow{rec, b.set.Timing})
	})
	return out, err
}

// pin gives the images of a task definition with what they are now: all tasks
// of a deployment run the same, also when a tag moves meanwhile.
func (b *Backend) pin(ctx context.Context, op, ref string) ([]backend.ContainerImage, error) {
	var d definitionRow
	err := b.read(ctx, op, backend.Clean(ref), func(q querier) (err error) {
		d, err = b.definition(ctx, q, op, ref)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]backend.ContainerImage, 0, len(d.td.Containers))
	for _, c := range d.td.Containers {
		image := backend.ContainerImage{Container: c.Name, Image: c.Image}
		img, err := b.client.ImageInspect(ctx, c.Image)
		if err == nil {
			image.Digest = img.ID
		} else if !gone(err) {
			return nil, wrap(op, backend.Clean(ref), err)
		}
		out = append(out, image)
	}
	return out, nil
}

// changeService reads a record, changes it and writes it back, in one piece.
func (b *Backend) changeService(ctx context.Context, op, cluster, ref string, edit func(*sql.Tx, *serviceRow) error) (backend.Service, error) {
	var out backend.Service
	err := b.change(ctx, op, backend.Clean(ref), func(tx *sql.Tx) error {
		s, err := b.service(ctx, tx, op, cluster, ref)
		if err != nil {
			return err
		}
		if err := edit(tx, &s); err != nil {
			return err
		}
		rows, err := tasksOf(ctx, tx, s.rec.Cluster, s.rec.Name)
		if err != nil {
			return err
		}
		out = s.rec.Service(views(rows))
		return putService(ctx, tx, s)
	})
	return out, err
}

// UpdateService changes a service; the agent rolls it out.
func (b *Backend) UpdateService(ctx context.Context, cluster, ref string, change backend.ServiceChange) (backend.Service, error) {
	const op = "UpdateService"
	wants := ""
	err := b.read(ctx, op, backend.Clean(ref), func(q querier) error {
		s, err := b.service(ctx, q, op, cluster, ref)
		if err == nil {
			wants = s.rec.TaskDefinition
		}
		return err
	})
	if err != nil {
		return backend.Service{}, err
	}
	if change.TaskDefinition != nil {
		wants = *change.TaskDefinition
	}
	images, err := b.pin(ctx, op, wants)
	if err != nil {
		return backend.Service{}, err
	}
	return b.changeService(ctx, op, cluster, ref, func(tx *sql.Tx, s *serviceRow) error {
		d, err := b.definition(ctx, tx, op, wants)
		if err != nil {
			return err
		}
		if change.TaskDefinition != nil {
			change.TaskDefinition = &d.td.ARN
			if err := backend.Startable(op, d.td); err != nil && d.td.ARN != s.rec.TaskDefinition {
				return err
			}
		}
		if change.Spec != nil {
			named := *change.Spec
			named.Name = s.rec.Name
			if err := refuseProblems(op, backend.CheckService(rolled(named), d.td)); err != nil {
				return err
			}
		}
		if b.set.Timing != "" && (change.TaskDefinition != nil || change.Spec != nil || change.Force) { // a deploy, by an app that says
			s.timing = b.set.Timing
		}
		_, err = s.rec.Update(b.clock.Now(), freshID, scheduler.Change{ServiceChange: change, Images: images})
		return err
	})
}

// DeleteService lets a service go; the agent stops its tasks.
func (b *Backend) DeleteService(ctx context.Context, cluster, ref string, force bool) (backend.Service, error) {
	return b.changeService(ctx, "DeleteService", cluster, ref, func(_ *sql.Tx, s *serviceRow) error {
		return s.rec.Delete(b.clock.Now(), force)
	})
}

// Logs reads the logs of a service that there is, or of tasks.
func (b *Backend) Logs(ctx context.Context, query backend.LogQuery) iter.Seq2[backend.LogBatch, error] {
	return func(yield func(backend.LogBatch, error) bool) {
		if query.Service != "" {
			err := b.read(ctx, opLogs, backend.Clean(query.Service), func(q querier) error {
				_, err := b.service(ctx, q, opLogs, query.Cluster, query.Service)
				return err
			})
			if err != nil {
				yield(backend.LogBatch{}, err)
				return
			}
		}
		query.Cluster = b.cluster(query.Cluster)
		b.Engine.Logs(ctx, query)(yield)
	}
}

// imageUsers tells which images the services want, though nothing may run from
// them now.
func (b *Backend) imageUsers(ctx context.Context) (map[string][]backend.ImageUse, error) {
	out := map[string][]backend.ImageUse{}
	err := b.read(ctx, "ListImages", "", func(q querier) error {
		all, err := services(ctx, q, "")
		for _, s := range all {
			use := backend.ImageUse{Service: s.rec.Name, TaskDefinition: backend.ShortName(s.rec.TaskDefinition)}
			for _, d := range s.rec.Needed() {
				use.TaskDefinition = backend.ShortName(d.TaskDefinition)
				for _, image := range d.Images {
					if image.Digest != "" {
						out[image.Digest] = append(out[image.Digest], use)
					}
					if tag := tagOf(image.Image); tag != "" {
						out[tag] = append(out[tag], use)
					}
				}
			}
		}
		return err
	})
	return out, err
}
