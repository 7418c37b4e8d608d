package docker

import (
	"encoding/json"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// read is the task for a caller, with its document in DescribeTasks' shape.
func (t *taskRow) read() backend.Task {
	v := t.View
	containers := make([]any, 0, len(v.Containers))
	for _, c := range v.Containers {
		m := map[string]any{
			"name": c.Name, "image": c.Image, "lastStatus": c.LastStatus, "healthStatus": orUnknown(c.Health),
			"taskArn": v.ARN, "runtimeId": c.RuntimeID, "imageDigest": c.ImageDigest, "reason": c.Reason,
			"restartCount": c.RestartCount, "networkBindings": bindings(c.Ports),
		}
		for _, k := range []string{"runtimeId", "imageDigest", "reason"} {
			if m[k] == "" {
				delete(m, k)
			}
		}
		if c.ExitCode != nil {
			m["exitCode"] = *c.ExitCode
		}
		containers = append(containers, m)
	}
	tree := map[string]any{
		"taskArn": v.ARN, "clusterArn": backend.Namer{Region: "local", Account: "000000000000"}.Cluster(v.Cluster),
		"group": v.Group, "taskDefinitionArn": v.TaskDefinition, "startedBy": v.StartedBy,
		"lastStatus": v.LastStatus, "desiredStatus": v.DesiredStatus, "healthStatus": orUnknown(v.Health),
		"launchType": v.LaunchType, "cpu": v.CPU, "memory": v.Memory, "containers": containers,
		"overrides": map[string]any{"containerOverrides": overrideTrees(t.Overrides)},
	}
	if v.StopCode != "" {
		tree["stopCode"], tree["stoppedReason"] = v.StopCode, v.StoppedReason
	}
	for key, at := range map[string]time.Time{
		"createdAt": v.CreatedAt, "pullStartedAt": v.PullStartedAt, "pullStoppedAt": v.PullStoppedAt,
		"startedAt": v.StartedAt, "stoppingAt": v.StoppingAt, "stoppedAt": v.StoppedAt,
	} {
		if !at.IsZero() {
			tree[key] = backend.Stamp(at)
		}
	}
	out, err := json.MarshalIndent(tree, "", "  ")
	if err == nil { // a tree of plain values always marshals
		v.Document = out
	}
	return v
}

func bindings(ports []backend.PortBinding) []any {
	out := make([]any, 0, len(ports))
	for _, p := range ports {
		out = append(out, map[string]any{"bindIP": p.HostIP, "containerPort": p.ContainerPort, "hostPort": p.HostPort, "protocol": p.Protocol})
	}
	return out
}

// overrideTrees leaves the values of variables out: they may be secret.
func overrideTrees(all []backend.ContainerOverride) []any {
	out := make([]any, 0, len(all))
	for _, o := range all {
		m := map[string]any{"name": o.Name}
		if o.Command != nil {
			m["command"] = o.Command
		}
		out = append(out, m)
	}
	return out
}

func orUnknown(health string) string {
	if health == "" {
		return backend.HealthUnknown
	}
	return health
}
