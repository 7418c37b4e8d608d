package docker

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// The operations and codes that tasks end with.
const (
	opStart = "StartTask"

	codeEssential = "EssentialContainerExited"
	codeFailed    = "TaskFailedToStart"
	codeUser      = "UserInitiated"

	codeCannotPull   = "CannotPullContainerError"
	codeCannotCreate = "CannotCreateContainerError"
	codeCannotStart  = "CannotStartContainerError"
	codeDependency   = "ContainerDependencyError"
)

// newTask is a task as it begins.
func newTask(td backend.TaskDefinition, arn, cluster string, now time.Time) backend.Task {
	t := backend.Task{
		ARN: arn, Cluster: cluster, Group: "family:" + td.Family, TaskDefinition: td.ARN,
		LastStatus: backend.Provisioning, DesiredStatus: backend.Running, Health: backend.HealthUnknown,
		LaunchType: "EC2", CPU: td.CPU, Memory: td.Memory, CreatedAt: now,
	}
	for _, d := range td.Containers {
		c := backend.Container{Name: d.Name, Image: backend.Clean(d.Image), LastStatus: backend.TaskPending, Essential: d.IsEssential()}
		if hasHealth(d) {
			c.Health = backend.HealthUnknown
		}
		t.Containers = append(t.Containers, c)
	}
	return t
}

// RunTask starts tasks that belong to no service.
func (b *Backend) RunTask(ctx context.Context, req backend.RunTaskRequest) ([]backend.Task, error) {
	const op = "RunTask"
	if req.Count < 0 || req.Count > 10 {
		return nil, backend.Errorf(op, backend.Invalid, "count", "is %d, should be 1 to 10", req.Count)
	}
	var out []backend.Task
	err := b.change(ctx, op, backend.Clean(req.TaskDefinition), func(tx *sql.Tx) error {
		out = nil
		d, err := b.definition(ctx, tx, op, req.TaskDefinition)
		if err != nil {
			return err
		}
		if err := backend.Startable(op, d.td); err != nil {
			return err
		}
		for _, o := range req.Overrides {
			if _, ok := d.td.Container(o.Name); !ok {
				return backend.Errorf(op, backend.Invalid, "overrides", "the task definition has no container %q", backend.Clean(o.Name))
			}
		}
		cluster := b.cluster(req.Cluster)
		if err := addCluster(ctx, tx, cluster); err != nil {
			return err
		}
		for range max(req.Count, 1) {
			t := &taskRow{View: newTask(d.td, b.names.Task(cluster, taskID()), cluster, b.clock.Now()), Overrides: req.Overrides}
			t.View.StartedBy = backend.Clean(req.StartedBy)
			if req.Group != "" {
				t.View.Group = backend.Clean(req.Group)
			}
			if err := putTask(ctx, tx, t); err != nil {
				return err
			}
			out = append(out, t.read())
		}
		return nil
	})
	return out, err
}

// StopTask asks a task to stop; one that has stopped is left as it is.
func (b *Backend) StopTask(ctx context.Context, cluster, ref, reason string) (backend.Task, error) {
	const op = "StopTask"
	if reason == "" {
		reason = "Task stopped by the user"
	}
	var out backend.Task
	err := b.change(ctx, op, backend.Clean(ref), func(tx *sql.Tx) error {
		t, err := b.task(ctx, tx, cluster, ref)
		if err != nil {
			return missing(err, op, ref, "the task does not exist")
		}
		if t.stop(b.clock.Now(), codeUser, reason) {
			if err := putTask(ctx, tx, t); err != nil {
				return err
			}
		}
		out = t.read()
		return nil
	})
	return out, err
}

// stop asks a task to stop, and says whether that is new.
func (t *taskRow) stop(now time.Time, code, reason string) bool {
	v := &t.View
	if v.DesiredStatus == backend.TaskStopped {
		return false
	}
	v.DesiredStatus, v.StopCode, v.StoppedReason, v.StoppingAt = backend.TaskStopped, code, backend.Clean(reason), now
	return true
}

// missing turns errNoRow into a NotFound of the contract.
func missing(err error, op, resource, text string) error {
	if errors.Is(err, errNoRow) {
		return backend.Errorf(op, backend.NotFound, backend.Clean(resource), "%s", text)
	}
	return err
}

// task finds a task by ARN or id.
func (b *Backend) task(ctx context.Context, q querier, cluster, ref string) (*taskRow, error) {
	t, err := task(ctx, q, backend.ShortName(ref))
	if err == nil && t.View.Cluster != b.cluster(cluster) {
		return nil, errNoRow
	}
	return t, err
}

// ListTasks gives the ARNs of tasks, newest first.
func (b *Backend) ListTasks(ctx context.Context, query backend.TaskQuery, p backend.PageRequest) (backend.Page[string], error) {
	const op = "ListTasks"
	if err := b.alive(ctx); err != nil {
		return backend.Page[string]{}, err
	}
	var arns []string
	here := true // on the one machine that there is
	if query.Instance != "" {
		arn, err := b.instanceARN(ctx, b.cluster(query.Cluster))
		if err != nil {
			return backend.Page[string]{}, err
		}
		here = backend.ShortName(query.Instance) == backend.ShortName(arn)
	}
	err := b.read(ctx, op, "", func(q querier) error {
		if err := b.known(ctx, q, op, query.Cluster); err != nil {
			return err
		}
		if query.Service != "" {
			if _, err := b.service(ctx, q, op, query.Cluster, query.Service); err != nil {
				return err
			}
		}
		all, err := tasks(ctx, q, b.cluster(query.Cluster))
		for _, t := range all {
			v := t.View
			family, _, _ := cutRevision(v.TaskDefinition)
			if here && (query.Service == "" || v.Service == backend.ShortName(query.Service)) && (query.Family == "" || family == query.Family) &&
				(v.DesiredStatus == backend.TaskStopped) == query.Stopped {
				arns = append(arns, v.ARN)
			}
		}
		return err
	})
	if err != nil {
		return backend.Page[string]{}, err
	}
	return page(op, arns, p)
}

// DescribeTasks gives tasks by ARN or id, in the order asked for.
func (b *Backend) DescribeTasks(ctx context.Context, cluster string, arns []string) ([]backend.Task, error) {
	const op = "DescribeTasks"
	if err := b.alive(ctx); err != nil {
		return nil, err
	}
	var out []backend.Task
	err := b.read(ctx, op, "", func(q querier) error {
		if err := b.known(ctx, q, op, cluster); err != nil {
			return err
		}
		all, err := tasks(ctx, q, b.cluster(cluster))
		if err != nil {
			return err
		}
		for _, arn := range arns {
			id := backend.ShortName(arn)
			if i := slices.IndexFunc(all, func(t *taskRow) bool { return t.id() == id }); i >= 0 {
				out = append(out, all[i].read())
			}
		}
		return nil
	})
	return out, err
}
