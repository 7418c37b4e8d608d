package aws

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/ecs-tui/ecs-tui/backend"
)

// RunTask starts tasks that belong to no service, on the network and launch
// type of the service that they are like, and reached into where that one is.
func (b *Backend) RunTask(ctx context.Context, req backend.RunTaskRequest) ([]backend.Task, error) {
	defer b.usesChanged()
	const op = "RunTask"
	if req.Count < 0 || req.Count > 10 {
		return nil, backend.Errorf(op, backend.Invalid, "count", "is %d, should be 1 to 10", req.Count)
	}
	td, err := b.DescribeTaskDefinition(ctx, req.TaskDefinition)
	if err != nil {
		return nil, named(err, op, req.TaskDefinition)
	}
	cluster := b.cluster(req.Cluster)
	tree, err := b.placement(ctx, cluster, req, td)
	if err != nil {
		return nil, named(err, op, req.TaskDefinition)
	}
	tree["cluster"], tree["taskDefinition"], tree["count"] = cluster, td.ARN, max(req.Count, 1)
	tree["clientToken"] = rand.Text() // a call that is sent twice starts one task
	if req.Exec {
		tree["enableExecuteCommand"] = true
	}
	if req.Group != "" {
		tree["group"] = req.Group
	}
	if req.StartedBy != "" {
		tree["startedBy"] = req.StartedBy
	}
	if len(req.Overrides) > 0 {
		tree["overrides"] = map[string]any{"containerOverrides": overrides(req.Overrides)}
	}
	body, err := json.Marshal(tree)
	if err != nil {
		return nil, invalidField(op, err)
	}
	var out struct {
		Tasks    []json.RawMessage `json:"tasks"`
		Failures []failure         `json:"failures"`
	}
	in := &ecs.RunTaskInput{TaskDefinition: &td.ARN}
	if err := call(ctx, b, op, td.Ref(), in, body, &out, (*ecs.Client).RunTask); err != nil {
		return nil, needsNetwork(err, td)
	}
	if len(out.Tasks) == 0 {
		return nil, notPlaced(op, td, out.Failures)
	}
	return b.tasksOf(ctx, op, out.Tasks)
}

func overrides(all []backend.ContainerOverride) []any {
	var out []any
	for _, o := range all {
		m := map[string]any{"name": o.Name}
		if o.Command != nil {
			m["command"] = o.Command
		}
		var names []string
		for name := range o.Environment {
			names = append(names, name)
		}
		slices.Sort(names)
		var env []any
		for _, name := range names {
			env = append(env, map[string]string{"name": name, "value": o.Environment[name]})
		}
		if env != nil {
			m["environment"] = env
		}
		out = append(out, m)
	}
	return out
}

// placement is where a task runs, and whether ECS Exec reaches it: as with the
// service that it is like. Only a task in awsvpc mode needs to be told.
func (b *Backend) placement(ctx context.Context, cluster string, req backend.RunTaskRequest, td backend.TaskDefinition) (map[string]any, error) {
	tree := map[string]any{}
	if len(req.Place) > 0 {
		return placedAs(req.Place)
	}
	like := cmp.Or(req.Like, td.Family)
	found, err := b.DescribeServices(ctx, cluster, []string{like})
	switch {
	case err != nil && req.Like == "" && td.NetworkMode != "awsvpc" && ctx.Err() == nil:
		return tree, nil // it can do without
	case err != nil:
		return nil, err
	}
	if len(found) == 0 {
		if req.Like != "" {
			return nil, backend.Errorf("DescribeServices", backend.NotFound, backend.Clean(like), "the service to run like does not exist")
		}
		return tree, nil
	}
	if tree, err = placedAs(found[0].Document); err != nil {
		return nil, err
	}
	if _, ok := tree["capacityProviderStrategy"]; !ok && found[0].LaunchType != "" {
		tree["launchType"] = found[0].LaunchType
	}
	return tree, nil
}

// placedAs takes from a service's document where its tasks run.
func placedAs(service backend.Document) (map[string]any, error) {
	from, err := service.Tree()
	if err != nil {
		return nil, invalidField("RunTask", err)
	}
	tree := map[string]any{}
	for _, k := range []string{"networkConfiguration", "capacityProviderStrategy", "platformVersion", "launchType", "enableExecuteCommand"} {
		if v, ok := from[k]; ok {
			tree[k] = v
		}
	}
	if strategy, _ := tree["capacityProviderStrategy"].([]any); len(strategy) > 0 {
		delete(tree, "launchType") // ECS takes only one of them
	} else {
		delete(tree, "capacityProviderStrategy")
	}
	return tree, nil
}

// needsNetwork tells what to do where ECS wants to know the network.
func needsNetwork(err error, td backend.TaskDefinition) error {
	var e *backend.Error
	if !errors.As(err, &e) || e.Err == nil || !strings.Contains(e.Err.Error(), "Network Configuration") {
		return err
	}
	out := *e
	out.Remedy = "the task runs in awsvpc mode: name a service whose network it takes (--service NAME), or deploy one named " + td.Family
	return &out
}

// notPlaced is a RunTask that was understood and started nothing.
func notPlaced(op string, td backend.TaskDefinition, failures []failure) error {
	reason := "no task was started"
	remedy := "look at the cluster's capacity"
	if len(failures) > 0 {
		reason = strings.TrimSuffix(string(failures[0].Reason)+": "+string(failures[0].Detail), ": ")
	}
	switch {
	case strings.Contains(reason, "RESOURCE:"):
		remedy = "the container instances have too little of it left: add capacity, or make the task smaller"
	case strings.Contains(reason, "AGENT"):
		remedy = "the container agent is not connected: restart it on the instance"
	case strings.Contains(reason, "ATTRIBUTE"):
		remedy = "no container instance has an attribute that the task asks for"
	case strings.Contains(reason, "Capacity is unavailable"):
		remedy = "try another Availability Zone, or later"
	}
	return &backend.Error{Op: op, Kind: backend.Exhausted, Resource: td.Ref(), Err: errors.New(reason), Remedy: remedy}
}

// StopTask asks a task to stop.
func (b *Backend) StopTask(ctx context.Context, cluster, task, reason string) (backend.Task, error) {
	const op = "StopTask"
	cluster = b.cluster(cluster)
	if reason == "" {
		reason = "Task stopped by the user"
	}
	var out struct {
		Task json.RawMessage `json:"task"`
	}
	in := &ecs.StopTaskInput{Cluster: &cluster, Task: &task, Reason: &reason}
	if err := call(ctx, b, op, task, in, nil, &out, (*ecs.Client).StopTask); err != nil {
		return backend.Task{}, err
	}
	tasks, err := b.tasksOf(ctx, op, []json.RawMessage{out.Task})
	if err != nil {
		return backend.Task{}, err
	}
	return tasks[0], nil
}
