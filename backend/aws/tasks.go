package aws

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// ListTasks gives the ARNs of tasks that should run, or of stopped ones.
func (b *Backend) ListTasks(ctx context.Context, q backend.TaskQuery, p backend.PageRequest) (backend.Page[string], error) {
	token, size := paging(p)
	cluster := b.cluster(q.Cluster)
	in := &ecs.ListTasksInput{Cluster: &cluster, NextToken: token, MaxResults: size, DesiredStatus: types.DesiredStatusRunning}
	if q.Stopped {
		in.DesiredStatus = types.DesiredStatusStopped
	}
	resource := cluster
	if q.Service != "" {
		in.ServiceName, resource = &q.Service, q.Service
	}
	if q.Family != "" {
		in.Family = &q.Family
	}
	if q.Instance != "" {
		in.ContainerInstance = &q.Instance
	}
	var out struct {
		Arns []text `json:"taskArns"`
		Next string `json:"nextToken"`
	}
	err := call(ctx, b, "ListTasks", resource, in, nil, &out, (*ecs.Client).ListTasks)
	return backend.Page[string]{Items: cleanAll(out.Arns), Next: out.Next}, err
}

// DescribeTasks gives tasks by ARN or id; unknown ones are left out.
func (b *Backend) DescribeTasks(ctx context.Context, cluster string, arns []string) ([]backend.Task, error) {
	cluster = b.cluster(cluster)
	return describe(ctx, arns, 100, func(ctx context.Context, arns []string) ([]backend.Task, error) {
		var out struct {
			Tasks []json.RawMessage `json:"tasks"`
		}
		in := &ecs.DescribeTasksInput{Cluster: &cluster, Tasks: arns}
		if err := call(ctx, b, "DescribeTasks", cluster, in, nil, &out, (*ecs.Client).DescribeTasks); err != nil {
			return nil, err
		}
		return b.tasksOf(ctx, "DescribeTasks", out.Tasks)
	})
}

// wireTask is the part of a task on the wire that this program works with.
type wireTask struct {
	ARN            text            `json:"taskArn"`
	Cluster        text            `json:"clusterArn"`
	Group          text            `json:"group"`
	TaskDefinition text            `json:"taskDefinitionArn"`
	StartedBy      text            `json:"startedBy"`
	LastStatus     text            `json:"lastStatus"`
	DesiredStatus  text            `json:"desiredStatus"`
	Health         text            `json:"healthStatus"`
	StopCode       text            `json:"stopCode"`
	StoppedReason  text            `json:"stoppedReason"`
	LaunchType     text            `json:"launchType"`
	CPU            text            `json:"cpu"`
	Memory         text            `json:"memory"`
	Exec           bool            `json:"enableExecuteCommand"`
	Containers     []wireContainer `json:"containers"`
	Created        moment          `json:"createdAt"`
	PullStarted    moment          `json:"pullStartedAt"`
	PullStopped    moment          `json:"pullStoppedAt"`
	Started        moment          `json:"startedAt"`
	Stopping       moment          `json:"stoppingAt"`
	Stopped        moment          `json:"stoppedAt"`
}

type wireContainer struct {
	Name        text `json:"name"`
	Image       text `json:"image"`
	ImageDigest text `json:"imageDigest"`
	RuntimeID   text `json:"runtimeId"`
	LastStatus  text `json:"lastStatus"`
	Health      text `json:"healthStatus"`
	ExitCode    *int `json:"exitCode"`
	Reason      text `json:"reason"`
	Bindings    []struct {
		IP        text `json:"bindIP"`
		Container int  `json:"containerPort"`
		Host      int  `json:"hostPort"`
		Protocol  text `json:"protocol"`
	} `json:"networkBindings"`
	Restarts int `json:"restartCount"`
}

// tasksOf reads tasks. Whether a container is essential stands in the task
// definition, which never changes and is read once.
func (b *Backend) tasksOf(ctx context.Context, op string, raw []json.RawMessage) ([]backend.Task, error) {
	out := make([]backend.Task, 0, len(raw))
	for _, r := range raw {
		var w wireTask
		if err := json.Unmarshal(r, &w); err != nil {
			return nil, backend.Errorf(op, backend.Other, "", "a task can't be read: %s", backend.Clean(err.Error()))
		}
		t := w.task()
		t.Document = documentOf(r)
		td, known := b.definitions.get(t.TaskDefinition)
		for i, c := range t.Containers {
			def, found := td.Container(c.Name)
			t.Containers[i].Essential = !known || !found || def.IsEssential()
			if known && found && def.HealthCheck == nil {
				t.Containers[i].Health = ""
			}
		}
		out = append(out, t)
	}
	return out, nil
}

func (w wireTask) task() backend.Task {
	t := backend.Task{
		ARN: string(w.ARN), Cluster: backend.ShortName(string(w.Cluster)), Group: string(w.Group), Service: serviceGroup(string(w.Group)),
		TaskDefinition: string(w.TaskDefinition), StartedBy: string(w.StartedBy),
		LastStatus: string(w.LastStatus), DesiredStatus: string(w.DesiredStatus), Health: health(w.Health),
		StopCode: string(w.StopCode), StoppedReason: string(w.StoppedReason), LaunchType: string(w.LaunchType), ExecOff: !w.Exec,
		CPU: string(w.CPU), Memory: string(w.Memory), CreatedAt: w.Created.Time, PullStartedAt: w.PullStarted.Time,
		PullStoppedAt: w.PullStopped.Time, StartedAt: w.Started.Time, StoppingAt: w.Stopping.Time, StoppedAt: w.Stopped.Time,
	}
	for _, c := range w.Containers {
		out := backend.Container{
			Name: string(c.Name), Image: string(c.Image), ImageDigest: string(c.ImageDigest), RuntimeID: string(c.RuntimeID),
			LastStatus: string(c.LastStatus), Health: health(c.Health), ExitCode: c.ExitCode, Reason: string(c.Reason), RestartCount: c.Restarts,
		}
		for _, p := range c.Bindings {
			out.Ports = append(out.Ports, backend.PortBinding{
				ContainerPort: p.Container, HostPort: p.Host, Protocol: string(p.Protocol), HostIP: string(p.IP),
			})
		}
		t.Containers = append(t.Containers, out)
	}
	return t
}

// health is ECS's word. ECS says UNKNOWN also where there is no health check.
func health(s text) string { return string(s) }
