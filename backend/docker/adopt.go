package docker

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/scheduler"
)

// adopted is the key that says that a state file knows what ran before it.
const adopted = "adopted"

// adopt fills a new state file from the containers that carry its folder's
// name: after the file was lost, services go on with what runs.
func (b *Backend) adopt(ctx context.Context, s *store) error {
	const op = "AdoptTasks"
	if done, err := getMeta(ctx, s.db, adopted); err != nil || done != "" {
		return storeError(op, s.path, err)
	}
	found, err := b.orphans(ctx, op)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		if done, err := getMeta(ctx, tx, adopted); err != nil || done != "" {
			return err
		}
		if err := b.takeOver(ctx, tx, found); err != nil {
			return err
		}
		return putMeta(ctx, tx, adopted, b.clock.Now().UTC().Format(time.RFC3339))
	})
	return storeError(op, s.path, err)
}

// orphans are the tasks that the engine's containers tell of.
func (b *Backend) orphans(ctx context.Context, op string) ([]orphan, error) {
	list, err := b.client.ContainerList(ctx, client.ContainerListOptions{
		All: true, Filters: client.Filters{}.Add("label", labelState+"="+b.state),
	})
	if err != nil {
		return nil, wrap(op, "", err)
	}
	found := b.adoptable(list.Items)
	for i := range found {
		if o := &found[i]; !o.live && o.row.View.Service != "" {
			if err := b.readEnd(ctx, op, o); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// readEnd finds out when and how a task's containers ended.
func (b *Backend) readEnd(ctx context.Context, op string, o *orphan) error {
	o.orderly = true
	for name, id := range o.row.Made {
		res, err := b.client.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
		if gone(err) {
			continue
		} else if err != nil {
			return wrap(op, id, err)
		}
		c := fromInspect(res.Container)
		if c.finished.After(o.ended) {
			o.ended = c.finished
		}
		if name != PauseContainer && (c.oom || c.message != "" || !slices.Contains([]int{0, 128 + 15, 128 + 9}, c.exitCode)) {
			o.orderly = false
		}
	}
	return nil
}

// takeOver makes the rows of these tasks and of their services, where there are
// none.
func (b *Backend) takeOver(ctx context.Context, tx *sql.Tx, found []orphan) error {
	for _, o := range found {
		if err := b.adoptTask(ctx, tx, o); err != nil {
			return err
		}
	}
	return b.adoptServices(ctx, tx, found)
}

// orphan is a task whose row was lost.
type orphan struct {
	row    *taskRow
	memory memory
	live   bool
	images map[string]string // ids, by container
	// When its containers had ended, and whether as those do that are stopped; of
	// a service's task that does not live.
	ended   time.Time
	orderly bool
}

func (b *Backend) adoptable(list []container.Summary) []orphan {
	groups := map[string]*orphan{}
	for _, c := range list {
		arn := c.Labels[LabelTaskARN]
		o := groups[arn]
		if o == nil {
			o = &orphan{row: &taskRow{Made: map[string]string{}, Started: map[string]time.Time{}}, images: map[string]string{}}
			groups[arn] = o
		}
		o.row.Made[c.Labels[LabelContainerName]], o.images[c.Labels[LabelContainerName]] = c.ID, c.ImageID
		o.live = o.live || c.State == container.StateRunning && c.Labels[LabelContainerName] != PauseContainer
		packed := c.Labels[labelMemory]
		if packed == "" {
			continue
		}
		m, err := unpackMemory(packed)
		if err != nil {
			b.log.Warn("a container's labels cannot be read", "container", c.ID, "err", err)
			continue
		}
		o.memory = m
		o.row.View = backend.Task{
			ARN: arn, Cluster: c.Labels[LabelCluster], Service: c.Labels[LabelService], StartedBy: c.Labels[labelStartedBy],
			CreatedAt: time.UnixMilli(m.CreatedAt), Group: "family:" + c.Labels[LabelFamily],
		}
		o.row.Overrides = m.Overrides
		if revision, err := strconv.Atoi(c.Labels[LabelRevision]); err == nil {
			o.row.View.TaskDefinition = b.names.TaskDefinition(c.Labels[LabelFamily], revision)
		}
	}
	var out []orphan
	for _, o := range groups {
		if o.row.View.ARN != "" {
			out = append(out, *o)
		}
	}
	slices.SortFunc(out, func(a, b orphan) int { return b.row.View.CreatedAt.Compare(a.row.View.CreatedAt) })
	return out
}

// adoptTask makes the rows of a task and of its definition again. What has
// stopped since is noticed by the agent's next look.
func (b *Backend) adoptTask(ctx context.Context, tx *sql.Tx, o orphan) error {
	td, err := backend.ParseTaskDefinition(o.memory.Definition)
	if err != nil {
		b.log.Warn("a container's task definition cannot be read", "task", o.row.View.ARN, "err", err)
		return nil
	}
	td.RegisteredAt = o.row.View.CreatedAt
	if _, err := definition(ctx, tx, td.Family, td.Revision); errors.Is(err, errNoRow) {
		td.Status = "ACTIVE"
		if err := putDefinition(ctx, tx, definitionRow{td, o.memory.Origin}); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	if known, err := task(ctx, tx, o.row.id()); err == nil {
		*o.row = *known
		return nil
	} else if !errors.Is(err, errNoRow) {
		return err
	}
	v := &o.row.View
	fresh := newTask(td, v.ARN, v.Cluster, v.CreatedAt)
	fresh.Service, fresh.StartedBy, fresh.Group = v.Service, v.StartedBy, v.Group
	if v.Service != "" {
		fresh.Group = "service:" + v.Service
	}
	fresh.LastStatus = backend.TaskPending
	*v = fresh
	if err := addCluster(ctx, tx, v.Cluster); err != nil {
		return err
	}
	return putTask(ctx, tx, o.row)
}

// adoptServices makes the records of services that still run. The newest task
// tells what was wanted last, and which images its deployment runs.
func (b *Backend) adoptServices(ctx context.Context, tx *sql.Tx, all []orphan) error {
	type key struct{ cluster, service string }
	groups, over := map[key][]orphan{}, map[key][]orphan{}
	for _, o := range all {
		if o.row.View.Service == "" || o.memory.Spec == nil {
			continue
		}
		k := key{o.row.View.Cluster, o.row.View.Service}
		if o.live {
			groups[k] = append(groups[k], o)
		} else {
			over[k] = append(over[k], o)
		}
	}
	for k, group := range groups {
		if _, err := service(ctx, tx, k.cluster, k.service); err == nil {
			continue
		} else if !errors.Is(err, errNoRow) {
			return err
		}
		newest := slices.MaxFunc(group, func(a, b orphan) int { return cmp.Compare(a.memory.CreatedAt, b.memory.CreatedAt) })
		spec := *newest.memory.Spec
		spec.Desired = stillWanted(newest, len(group), over[k], b.clock.Now())
		images := make([]backend.ContainerImage, 0, len(newest.row.View.Containers))
		for _, c := range newest.row.View.Containers {
			images = append(images, backend.ContainerImage{Container: c.Name, Image: c.Image, Digest: newest.images[c.Name]})
		}
		rec := scheduler.Create(b.clock.Now(), freshID, scheduler.New{
			Names: b.names, Cluster: k.cluster, Spec: spec, TaskDefinition: newest.row.View.TaskDefinition,
			Images: images, Adopt: newest.row.View.StartedBy,
		})
		if err := putService(ctx, tx, serviceRow{rec, newest.memory.Timing}); err != nil {
			return err
		}
		b.log.Info("adopted a service", "service", k.service, "tasks", len(group))
	}
	return nil
}

// stillWanted is how many tasks a service wants that wanted so many when its
// newest task was made. It was scaled in since where tasks were stopped in good
// order and nothing took their place in the time in which a failing one would
// have been started again; of those, no more than keepLogs are still there to
// tell.
func stillWanted(newest orphan, live int, over []orphan, now time.Time) int {
	wanted, stopped := newest.memory.Spec.Desired, 0
	made := time.UnixMilli(newest.memory.CreatedAt)
	for _, o := range over {
		if o.orderly && o.ended.After(made) && now.Sub(o.ended) > timingOf(newest.memory.Timing).BackoffMax {
			stopped++
		}
	}
	if stopped >= keepLogs {
		return min(wanted, live)
	}
	return max(wanted-stopped, min(wanted, live))
}
