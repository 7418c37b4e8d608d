package ecsapi

import (
	"context"
	"fmt"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

type listTasksInput struct {
	paging
	Cluster           string `json:"cluster"`
	Family            string `json:"family"`
	ServiceName       string `json:"serviceName"`
	DesiredStatus     string `json:"desiredStatus"`
	StartedBy         string `json:"startedBy"`
	LaunchType        string `json:"launchType"`
	ContainerInstance string `json:"containerInstance"`
}

func (h *Handler) listTasks(ctx context.Context, in *listTasksInput) (any, error) {
	scope := fmt.Sprintf("ListTasks %q %q %q %s %q %s %q", in.Cluster, in.Family, in.ServiceName, in.DesiredStatus, in.StartedBy, in.LaunchType, in.ContainerInstance)
	p, err := pageOf(scope, in.NextToken, in.MaxResults, mostPage, mostPage)
	if err != nil {
		return nil, err
	}
	q := backend.TaskQuery{Cluster: in.Cluster, Service: in.ServiceName, Family: in.Family}
	switch in.DesiredStatus {
	case "", "RUNNING":
	case "STOPPED":
		q.Stopped = true
	case "PENDING": // a filter that ECS takes and that finds nothing
		return obj{"taskArns": []any{}}, nil
	default:
		return nil, invalidf("%q is no desired status: use RUNNING, PENDING or STOPPED.", backend.Clean(in.DesiredStatus))
	}
	if in.StartedBy != "" && in.Family+in.ServiceName+in.ContainerInstance != "" {
		return nil, invalidf("startedBy can't be combined with family, serviceName or containerInstance.")
	}
	if in.ContainerInstance != "" {
		found, err := h.b.DescribeContainerInstances(ctx, in.Cluster, []string{in.ContainerInstance})
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, invalidf("The referenced container instance was not found.")
		}
		q.Instance = found[0].ARN
	}
	page, err := h.b.ListTasks(ctx, q, p)
	if err != nil {
		return nil, err
	}
	arns := page.Items
	if (in.StartedBy != "" || in.LaunchType != "") && len(arns) > 0 {
		tasks, err := h.b.DescribeTasks(ctx, in.Cluster, arns)
		if err != nil {
			return nil, err
		}
		arns = nil
		for _, t := range tasks {
			if (in.StartedBy == "" || t.StartedBy == in.StartedBy) && (in.LaunchType == "" || t.LaunchType == in.LaunchType) {
				arns = append(arns, t.ARN)
			}
		}
	}
	return obj{"taskArns": listed(arns)}.put("nextToken", seal(scope, page.Next)), nil
}

func (h *Handler) describeTasks(ctx context.Context, in *struct {
	Cluster string   `json:"cluster"`
	Tasks   []string `json:"tasks"`
	Include []string `json:"include"`
},
) (any, error) {
	switch {
	case len(in.Tasks) == 0:
		return nil, invalidf("Tasks cannot be empty.")
	case len(in.Tasks) > mostTasks:
		return nil, invalidf("Tasks cannot contain more than %d elements.", mostTasks)
	}
	tasks, err := h.b.DescribeTasks(ctx, in.Cluster, in.Tasks)
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, t := range tasks {
		found[t.ID()] = true
	}
	failures := []any{}
	for _, ref := range in.Tasks {
		if id := backend.ShortName(ref); !found[id] {
			failures = append(failures, failure(h.taskARN(ctx, in.Cluster, ref), missing))
		}
	}
	return obj{"failures": failures, "tasks": each(tasks, taskShape)}, nil
}

// taskARN is the ARN of a task that does not exist.
func (h *Handler) taskARN(ctx context.Context, cluster, ref string) string {
	if strings.HasPrefix(ref, "arn:") {
		return backend.Clean(ref)
	}
	if c, ok, err := h.cluster(ctx, cluster); err == nil && ok {
		cluster = c.Name
	}
	return h.arnOf(ctx, "task", backend.ShortName(cluster), ref)
}

// taskShape is a task as DescribeTasks gives it.
func taskShape(t backend.Task) obj {
	o := tree(t.Document).bare()
	o["taskArn"], o["clusterArn"] = t.ARN, sibling(t.ARN, "cluster", t.Cluster)
	o["taskDefinitionArn"], o["group"] = t.TaskDefinition, t.Group
	o["lastStatus"], o["desiredStatus"] = t.LastStatus, t.DesiredStatus
	for key, text := range map[string]string{
		"startedBy": t.StartedBy, "launchType": t.LaunchType, "healthStatus": t.Health, "cpu": t.CPU, "memory": t.Memory,
		"stopCode": t.StopCode, "stoppedReason": t.StoppedReason,
	} {
		o.put(key, text)
	}
	o.put("createdAt", t.CreatedAt).put("pullStartedAt", t.PullStartedAt).put("pullStoppedAt", t.PullStoppedAt).
		put("startedAt", t.StartedAt).put("stoppingAt", t.StoppingAt).put("stoppedAt", t.StoppedAt)
	o.stamps("createdAt", "pullStartedAt", "pullStoppedAt", "startedAt", "stoppingAt", "stoppedAt",
		"connectivityAt", "executionStoppedAt")
	o["containers"] = containerShapes(t, objects(o["containers"]))
	for _, list := range []string{"attachments", "attributes", "tags", "inferenceAccelerators"} {
		o.preset(list, []any{})
	}
	o.preset("connectivity", "CONNECTED")
	o["enableExecuteCommand"] = !t.ExecOff
	return o
}

// containerShapes lays what is known of the containers over their documents.
func containerShapes(t backend.Task, docs []obj) []any {
	byName := map[any]obj{}
	for _, d := range docs {
		byName[d["name"]] = d
	}
	return each(t.Containers, func(c backend.Container) obj {
		o := byName[c.Name].clone().bare()
		o["name"], o["taskArn"], o["lastStatus"] = c.Name, t.ARN, c.LastStatus
		o.put("image", c.Image).put("imageDigest", c.ImageDigest).put("runtimeId", c.RuntimeID).put("reason", c.Reason)
		health := c.Health
		if health == "" {
			health = backend.HealthUnknown
		}
		o["healthStatus"] = health
		if c.ExitCode != nil {
			o["exitCode"] = *c.ExitCode
		}
		o["networkBindings"] = each(c.Ports, func(p backend.PortBinding) obj {
			return obj{"containerPort": p.ContainerPort, "hostPort": p.HostPort}.put("protocol", p.Protocol).put("bindIP", p.HostIP)
		})
		o.preset("networkInterfaces", []any{})
		o.preset("containerArn", sibling(t.ARN, "container", t.Cluster, t.ID(), c.Name))
		return o
	})
}

func (o obj) clone() obj {
	out := obj{}
	for k, v := range o {
		out[k] = v
	}
	return out
}
