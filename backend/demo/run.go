package demo

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// RunTask starts tasks that belong to no service.
func (b *Backend) RunTask(ctx context.Context, req backend.RunTaskRequest) ([]backend.Task, error) {
	const op = "RunTask"
	if err := ended(ctx, op); err != nil {
		return nil, err
	}
	if req.Count < 0 || req.Count > 10 {
		return nil, backend.Errorf(op, backend.Invalid, "count", "is %d, should be 1 to 10", req.Count)
	}
	b.lock()
	defer b.unlock()
	if _, err := b.cluster(op, req.Cluster); err != nil {
		return nil, err
	}
	rev, err := b.startable(op, req.TaskDefinition)
	if err != nil {
		return nil, err
	}
	for _, o := range req.Overrides {
		if _, ok := rev.td.Container(o.Name); !ok {
			return nil, backend.Errorf(op, backend.Invalid, "overrides", "the task definition has no container %q", backend.Clean(o.Name))
		}
	}
	exec := req.Exec || b.execLike(req, rev.td.Family)
	var out []backend.Task
	for range max(req.Count, 1) {
		t := b.launch(b.clusterName(req.Cluster), rev, nil, req.StartedBy, req.Overrides)
		t.view.ExecOff = !exec
		if req.Group != "" {
			t.view.Group = backend.Clean(req.Group)
		}
		out = append(out, t.read())
	}
	return out, nil
}

// execLike says whether ECS Exec is on for the service that a task is like.
func (b *Backend) execLike(req backend.RunTaskRequest, family string) bool {
	s, err := b.findService("RunTask", req.Cluster, cmp.Or(req.Like, family))
	return err == nil && !execOff(s.rec.Spec.Document)
}

// StopTask asks a task to stop. Stopping one that has stopped changes nothing.
func (b *Backend) StopTask(ctx context.Context, cluster, ref, reason string) (backend.Task, error) {
	const op = "StopTask"
	if err := ended(ctx, op); err != nil {
		return backend.Task{}, err
	}
	b.lock()
	defer b.unlock()
	if _, err := b.cluster(op, cluster); err != nil {
		return backend.Task{}, err
	}
	t := b.findTask(cluster, ref)
	if t == nil {
		return backend.Task{}, backend.Errorf(op, backend.NotFound, backend.Clean(ref), "the task does not exist")
	}
	if reason == "" {
		reason = "Task stopped by the user"
	}
	b.halt(t, "UserInitiated", reason)
	b.settle()
	return t.read(), nil
}

// read copies a task for a caller, with its document.
func (t *task) read() backend.Task {
	v := t.view
	v.Containers = slices.Clone(v.Containers)
	containers := make([]any, 0, len(v.Containers))
	for _, c := range v.Containers {
		m := map[string]any{
			"name": c.Name, "image": c.Image, "imageDigest": c.ImageDigest, "runtimeId": c.RuntimeID,
			"lastStatus": c.LastStatus, "healthStatus": orUnknown(c.Health), "reason": c.Reason, "taskArn": v.ARN,
			"networkInterfaces": []any{map[string]any{"attachmentId": v.ID(), "privateIpv4Address": t.address}},
		}
		if c.ExitCode != nil {
			m["exitCode"] = *c.ExitCode
		}
		containers = append(containers, m)
	}
	tree := map[string]any{
		"taskArn": v.ARN, "group": v.Group, "taskDefinitionArn": v.TaskDefinition, "startedBy": v.StartedBy,
		"lastStatus": v.LastStatus, "desiredStatus": v.DesiredStatus, "healthStatus": orUnknown(v.Health),
		"launchType": v.LaunchType, "enableExecuteCommand": !v.ExecOff, "cpu": v.CPU, "memory": v.Memory, "containers": containers,
		"stopCode": v.StopCode, "stoppedReason": v.StoppedReason, "overrides": map[string]any{"containerOverrides": t.overrideTrees()},
	}
	if t.instance != nil {
		tree["containerInstanceArn"], tree["availabilityZone"] = t.instance.arn, t.instance.zone
	}
	for key, at := range map[string]time.Time{
		"createdAt": v.CreatedAt, "pullStartedAt": v.PullStartedAt, "pullStoppedAt": v.PullStoppedAt,
		"startedAt": v.StartedAt, "stoppingAt": v.StoppingAt, "stoppedAt": v.StoppedAt,
	} {
		if !at.IsZero() {
			tree[key] = backend.Stamp(at)
		}
	}
	v.Document = document(tree)
	return v
}

func (t *task) overrideTrees() []any {
	out := make([]any, 0, len(t.overrides))
	for _, o := range t.overrides {
		out = append(out, map[string]any{"name": o.Name, "command": o.Command})
	}
	return out
}

func orUnknown(health string) string {
	if health == "" {
		return backend.HealthUnknown
	}
	return health
}
