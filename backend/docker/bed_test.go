package docker

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// patience is how long a test waits for what must happen. It is not how long
// that takes: a machine may be busy with other tests.
const patience = 4 * time.Minute

// bed is a state of its own on the engine: a folder, a cluster and, where it
// was asked for, an agent. All that its tasks leave on the engine is removed
// when the test ends.
type bed struct {
	*testing.T
	*Backend
	cluster string
	agent   context.CancelFunc
	ended   chan error
}

// newBed opens a state without an agent.
func newBed(t *testing.T, edit func(*Settings)) *bed {
	t.Helper()
	dockertest.RequireEngine(t)
	set := Settings{Options: Options{StateDir: t.TempDir()}, Cluster: dockertest.Unique(t, "t"), Dir: t.TempDir(), AgentIdle: time.Hour}
	if edit != nil {
		edit(&set)
	}
	b := &bed{T: t, cluster: set.Cluster}
	b.Backend = b.another(set)
	client := b.client // also where the test puts another backend into the bed
	t.Cleanup(func() { sweep(t, client, b.state, b.cluster) })
	t.Cleanup(b.stopAgent) // before the sweep
	return b
}

// another opens the same state once more, as another process would.
func (b *bed) another(set Settings) *Backend {
	b.Helper()
	other, err := New(b.Context(), set)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := other.Close(); err != nil {
			b.Errorf("Close: %v", err)
		}
	})
	return other
}

// startAgent runs the agent in this process.
func (b *bed) startAgent() {
	ctx, cancel := context.WithCancel(context.Background())
	b.agent, b.ended = cancel, make(chan error, 1)
	go func() { b.ended <- RunAgent(ctx, b.set) }()
}

func (b *bed) stopAgent() {
	if b.agent == nil {
		return
	}
	b.agent()
	select {
	case err := <-b.ended:
		if err != nil {
			b.Errorf("the agent ended with %v", err)
		}
	case <-time.After(patience):
		b.Error("the agent does not end")
	}
	b.agent = nil
}

// sweep removes what carries a state's label.
func sweep(t testing.TB, cl *client.Client, state, cluster string) {
	ctx := context.Background()
	ours := client.Filters{}.Add("label", labelState+"="+state)
	list, err := cl.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ours})
	if err != nil {
		t.Error(err)
	}
	for _, c := range list.Items {
		dockertest.Remove(t, cl, c.ID)
	}
	volumes, err := cl.VolumeList(ctx, client.VolumeListOptions{Filters: ours})
	if err != nil {
		t.Error(err)
	}
	for _, v := range volumes.Items {
		if _, err := cl.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{Force: true}); err != nil && !gone(err) {
			t.Error(err)
		}
	}
	if _, err := cl.NetworkRemove(ctx, networkName(cluster), client.NetworkRemoveOptions{}); err != nil && !gone(err) {
		t.Error(err)
	}
}

// containers are those of this state, also the stopped ones.
func (b *bed) containers() []container.Summary {
	b.Helper()
	list, err := b.client.ContainerList(context.Background(), client.ContainerListOptions{
		All: true, Filters: client.Filters{}.Add("label", labelState+"="+b.state),
	})
	if err != nil {
		b.Fatal(err)
	}
	return list.Items
}

// object is a piece of a JSON document.
type object = map[string]any

// taskDefinition is a document with these containers.
func taskDefinition(t testing.TB, family, mode string, containers ...object) backend.Document {
	t.Helper()
	for _, c := range containers {
		for k, v := range (object{"memory": 64, "stopTimeout": 2}) {
			if _, ok := c[k]; !ok {
				c[k] = v
			}
		}
	}
	return document(t, object{"family": family, "networkMode": mode, "containerDefinitions": containers})
}

func document(t testing.TB, tree any) backend.Document {
	t.Helper()
	doc, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func (b *bed) register(doc backend.Document) backend.TaskDefinition {
	b.Helper()
	td, err := b.RegisterTaskDefinition(b.Context(), doc)
	if err != nil {
		b.Fatal(err)
	}
	return td
}

// registerAnyway keeps a definition that ECS would refuse: one whose waits are
// too short, for a test.
func (b *bed) registerAnyway(doc backend.Document) backend.TaskDefinition {
	b.Helper()
	td, err := backend.ParseTaskDefinition(doc)
	if err != nil {
		b.Fatal(err)
	}
	row, err := b.revision(td, 1)
	if err == nil {
		err = b.write(b.Context(), "Test", td.Family, func(tx *sql.Tx) error { return putDefinition(b.Context(), tx, row) })
	}
	if err != nil {
		b.Fatal(err)
	}
	return row.td
}

// create makes a service with a circuit breaker and no wait for health.
func (b *bed) create(name, td string, desired int) backend.Service {
	b.Helper()
	spec, err := backend.ParseServiceSpec(document(b, object{
		"serviceName": name, "taskDefinition": td, "desiredCount": desired,
		"deploymentConfiguration": object{"deploymentCircuitBreaker": object{"enable": true, "rollback": true}},
	}))
	if err != nil {
		b.Fatal(err)
	}
	svc, err := b.CreateService(b.Context(), b.cluster, spec)
	if err != nil {
		b.Fatal(err)
	}
	return svc
}

func (b *bed) update(name string, change backend.ServiceChange) backend.Service {
	b.Helper()
	svc, err := b.UpdateService(b.Context(), b.cluster, name, change)
	if err != nil {
		b.Fatal(err)
	}
	return svc
}

func (b *bed) service(name string) backend.Service {
	b.Helper()
	found, err := b.DescribeServices(b.Context(), b.cluster, []string{name})
	if err != nil || len(found) != 1 {
		b.Fatalf("%d services named %s, %v", len(found), name, err)
	}
	return found[0]
}

func (b *bed) tasks(q backend.TaskQuery) []backend.Task {
	b.Helper()
	q.Cluster = b.cluster
	page, err := b.ListTasks(b.Context(), q, backend.PageRequest{})
	if err != nil {
		b.Fatal(err)
	}
	found, err := b.DescribeTasks(b.Context(), b.cluster, page.Items)
	if err != nil {
		b.Fatal(err)
	}
	return found
}

// eventually polls until ok; state is shown when it never is.
func (b *bed) eventually(what string, look func() (ok bool, state string)) {
	b.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		ok, state := look()
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			b.Fatalf("after %s still not: %s\n%s", patience, what, state)
		}
	}
}

// steady waits until a service stands, with as many tasks as it wants, and says
// so.
func (b *bed) steady(name string) backend.Service {
	b.Helper()
	var svc backend.Service
	b.eventually(name+" is steady", func() (bool, string) {
		svc = b.service(name)
		p, _ := svc.Primary()
		return p.Rollout == backend.RolloutCompleted && len(svc.Deployments) == 1 && svc.Running == svc.Desired && svc.Pending == 0 &&
			strings.HasSuffix(svc.Events[0].Message, "has reached a steady state."), b.story(name)
	})
	return svc
}

// deployed waits for the end of a service's current deployment.
func (b *bed) deployed(svc backend.Service) backend.ServiceDeployment {
	b.Helper()
	var d backend.ServiceDeployment
	b.eventually("the deployment of "+svc.Name+" has ended", func() (bool, string) {
		found, err := b.DescribeServiceDeployments(b.Context(), []string{svc.Current})
		if err != nil || len(found) != 1 {
			return false, fmt.Sprint(found, err)
		}
		d = found[0]
		return d.Status.Ended(), b.story(svc.Name)
	})
	return d
}

// story is a service with its tasks and events, for messages.
func (b *bed) story(name string) string {
	svc := b.service(name)
	var s strings.Builder
	fmt.Fprintf(&s, "%s %s: desired %d, running %d, pending %d\n", svc.Name, svc.Status, svc.Desired, svc.Running, svc.Pending)
	for _, stopped := range []bool{false, true} {
		for _, t := range b.tasks(backend.TaskQuery{Service: name, Stopped: stopped}) {
			fmt.Fprintf(&s, "\ttask %s %s %s→%s %s %s\n", backend.ShortID(t.ARN), backend.ShortName(t.TaskDefinition), t.LastStatus, t.DesiredStatus, t.Health, t.StoppedReason)
			for _, c := range t.Containers {
				fmt.Fprintf(&s, "\t\t%s %s %s %s\n", c.Name, c.LastStatus, c.Health, c.Reason)
			}
		}
	}
	for _, e := range svc.Events {
		fmt.Fprintf(&s, "\t%s %s\n", e.At.Format("15:04:05.000"), e.Message)
	}
	return s.String()
}

// run starts a task of its own.
func (b *bed) run(td string) backend.Task {
	b.Helper()
	started, err := b.RunTask(b.Context(), backend.RunTaskRequest{Cluster: b.cluster, TaskDefinition: td})
	if err != nil {
		b.Fatal(err)
	}
	return started[0]
}

// until waits until a task is in a status, or has stopped.
func (b *bed) until(task backend.Task, status string) backend.Task {
	b.Helper()
	b.eventually("the task is "+status, func() (bool, string) {
		found, err := b.DescribeTasks(b.Context(), b.cluster, []string{task.ARN})
		if err != nil || len(found) != 1 {
			return false, fmt.Sprint(found, err)
		}
		task = found[0]
		return task.LastStatus == status || task.LastStatus == backend.TaskStopped, string(task.Document)
	})
	return task
}

// logs are the lines of a task's container.
func (b *bed) logs(task backend.Task, name string) string {
	b.Helper()
	var out []string
	for batch, err := range b.Logs(b.Context(), backend.LogQuery{Cluster: b.cluster, Tasks: []string{task.ARN}, Container: name}) {
		if err != nil {
			b.Fatal(err)
		}
		for _, l := range batch.Lines {
			out = append(out, l.Text)
		}
	}
	return strings.Join(out, "\n")
}
