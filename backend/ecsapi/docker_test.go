package ecsapi_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// engine is a local engine behind a server, with a state and a cluster of its
// own and an agent in this process.
type engine struct {
	*testing.T
	*endpoint
	b       *docker.Backend
	client  *client.Client
	cluster string
}

func openEngine(t *testing.T) *engine {
	t.Helper()
	e := &engine{T: t, client: dockertest.RequireEngine(t), cluster: dockertest.Unique(t, "wire")}
	set := docker.Settings{Options: docker.Options{StateDir: t.TempDir()}, Cluster: e.cluster, Dir: t.TempDir(), AgentIdle: time.Hour}
	b, err := docker.New(t.Context(), set)
	if err != nil {
		t.Fatal(err)
	}
	e.b = b
	ctx, cancel := context.WithCancel(context.Background())
	agent := make(chan error, 1)
	go func() { agent <- docker.RunAgent(ctx, set) }()
	t.Cleanup(func() {
		cancel()
		if err := <-agent; err != nil {
			t.Errorf("the agent ended with %v", err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		for _, id := range e.containers(true) {
			dockertest.Remove(t, e.client, id)
		}
		if _, err := e.client.NetworkRemove(context.Background(), "ecs-"+e.cluster, client.NetworkRemoveOptions{}); err != nil {
			t.Logf("the cluster's network: %v", err)
		}
	})
	e.endpoint = listen(t, ecsapi.New(b, ecsapi.Options{Registry: ecsapi.NewRegistry(ecsapi.RegistryOptions{})}))
	return e
}

// containers are the ids of those that run the test's tasks.
func (e *engine) containers(stopped bool) []string {
	e.Helper()
	list, err := e.client.ContainerList(context.Background(), client.ContainerListOptions{
		All: stopped, Filters: client.Filters{}.Add("label", docker.LabelCluster+"="+e.cluster),
	})
	if err != nil {
		e.Fatal(err)
	}
	var out []string
	for _, c := range list.Items {
		if stopped || c.Labels[docker.LabelContainerName] == "app" {
			out = append(out, c.ID)
		}
	}
	return out
}

// push makes a repository and pushes the test's image to it through the
// engine, with ECR's password. It gives the image by digest.
func (e *engine) push() string {
	e.Helper()
	c := ecr.NewFromConfig(e.cfg)
	made, err := c.CreateRepository(e.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String("wire/app")})
	if err != nil {
		e.Fatal(err)
	}
	login, err := c.GetAuthorizationToken(e.Context(), nil)
	if err != nil {
		e.Fatal(err)
	}
	token, err := base64.StdEncoding.DecodeString(aws.ToString(login.AuthorizationData[0].AuthorizationToken))
	if err != nil {
		e.Fatal(err)
	}
	user, password, _ := strings.Cut(string(token), ":")
	for event, err := range e.b.Push(e.Context(), backend.PushRequest{
		Image: dockertest.StaticImage(e), Repository: aws.ToString(made.Repository.RepositoryUri), Tags: []string{"v1"},
		Auth: &backend.RegistryAuth{Username: user, Password: password},
	}) {
		if err != nil {
			e.Fatal(err)
		}
		if done, ok := event.(backend.PushDone); ok {
			e.Cleanup(func() { e.untag(aws.ToString(made.Repository.RepositoryUri) + ":v1") })
			return done.Reference
		}
	}
	e.Fatal("the push has no end")
	return ""
}

func (e *engine) untag(ref string) {
	if _, err := e.client.ImageRemove(context.Background(), ref, client.ImageRemoveOptions{}); err != nil {
		e.Logf("untag %s: %v", ref, err)
	}
}

// TestDocker deploys on the local engine with nothing but the AWS SDK: push,
// register, create, read logs, run a task, delete.
func TestDocker(t *testing.T) {
	t.Parallel()
	e := openEngine(t)
	c, ctx := e.ecs(), t.Context()
	ref := e.push()
	images, err := ecr.NewFromConfig(e.cfg).DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: aws.String("wire/app")})
	if err != nil || len(images.ImageDetails) != 1 || !strings.HasSuffix(ref, aws.ToString(images.ImageDetails[0].ImageDigest)) {
		t.Fatalf("pushed %s, ECR has %+v, %v", ref, images, err)
	}
	td, err := c.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
		Family: &e.cluster, NetworkMode: types.NetworkModeAwsvpc,
		ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("app"), Image: &ref, Memory: aws.Int32(64), StopTimeout: aws.Int32(2), Command: []string{"-log", "5"},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateService(ctx, &ecs.CreateServiceInput{
		Cluster: &e.cluster, ServiceName: aws.String("app"), TaskDefinition: td.TaskDefinition.TaskDefinitionArn, DesiredCount: aws.Int32(2),
	}); err != nil {
		t.Fatal(err)
	}
	steady(t, c, e.cluster, "app")
	if n := len(e.containers(false)); n != 2 {
		t.Errorf("%d containers run, 2 were asked for", n)
	}
	e.logged()
	e.runs(aws.ToString(td.TaskDefinition.TaskDefinitionArn))
	e.reachesIn()
	if _, err := c.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: &e.cluster, Service: aws.String("app"), Force: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "gone", func() (bool, string) {
		running := e.containers(false)
		return len(running) == 0, fmt.Sprintf("%d containers run", len(running))
	})
}

// logged reads the lines of both tasks where the documentation says they are.
func (e *engine) logged() {
	e.Helper()
	logs := cloudwatchlogs.NewFromConfig(e.cfg)
	eventually(e.T, "logged by both tasks", func() (bool, string) {
		out, err := logs.FilterLogEvents(e.Context(), &cloudwatchlogs.FilterLogEventsInput{
			LogGroupName: aws.String("/ecs/" + e.cluster), LogStreamNamePrefix: aws.String("ecs/app/"),
		})
		if err != nil {
			return false, err.Error()
		}
		streams := map[string]bool{}
		for _, event := range out.Events {
			streams[aws.ToString(event.LogStreamName)] = true
		}
		return len(streams) == 2, fmt.Sprint(streams)
	})
}

// runs runs a task that fails, and sees that it did.
func (e *engine) runs(td string) {
	e.Helper()
	c := e.ecs()
	ran, err := c.RunTask(e.Context(), &ecs.RunTaskInput{
		Cluster: &e.cluster, TaskDefinition: &td,
		Overrides: &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{
			Name: aws.String("app"), Command: []string{"-exit-after", "100ms", "-exit-code", "3"},
		}}},
	})
	if err != nil || len(ran.Tasks) != 1 {
		e.Fatalf("%+v, %v", ran, err)
	}
	eventually(e.T, "ended with 3", func() (bool, string) {
		out, err := c.DescribeTasks(e.Context(), &ecs.DescribeTasksInput{Cluster: &e.cluster, Tasks: []string{aws.ToString(ran.Tasks[0].TaskArn)}})
		if err != nil || len(out.Tasks) != 1 {
			return false, fmt.Sprintf("%+v, %v", out, err)
		}
		task := out.Tasks[0]
		return aws.ToString(task.LastStatus) == "STOPPED" && aws.ToInt32(task.Containers[0].ExitCode) == 3, aws.ToString(task.LastStatus)
	})
}

// reachesIn opens a real shell in a real container through the AWS SDK: what is
// typed, what it answers, the terminal's size and the exit code.
func (e *engine) reachesIn() {
	e.Helper()
	c := e.ecs()
	td, err := c.RegisterTaskDefinition(e.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: aws.String(e.cluster + "-shell"), NetworkMode: types.NetworkModeBridge,
		ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("app"), Image: aws.String(dockertest.AppImage(e, "-log", "2")), Memory: aws.Int32(64), StopTimeout: aws.Int32(2),
		}},
	})
	if err != nil {
		e.Fatal(err)
	}
	ran, err := c.RunTask(e.Context(), &ecs.RunTaskInput{Cluster: &e.cluster, TaskDefinition: td.TaskDefinition.TaskDefinitionArn})
	if err != nil || len(ran.Tasks) != 1 {
		e.Fatalf("%+v, %v", ran, err)
	}
	task := aws.ToString(ran.Tasks[0].TaskArn)
	eventually(e.T, "running", func() (bool, string) {
		out, err := c.DescribeTasks(e.Context(), &ecs.DescribeTasksInput{Cluster: &e.cluster, Tasks: []string{task}})
		if err != nil || len(out.Tasks) != 1 {
			return false, fmt.Sprintf("%+v, %v", out, err)
		}
		return aws.ToString(out.Tasks[0].Containers[0].LastStatus) == "RUNNING", aws.ToString(out.Tasks[0].LastStatus)
	})
	out := e.exec(e.T, e.cluster, task, "app", "sh")
	in := "until [ \"$(stty size)\" = '33 91' ]; do :; done; stty size; test -t 0 && echo is\\ a\\ terminal; exit 9\r"
	res, text, err := attach(e.T, out.Session, strings.NewReader(in))
	if err != nil || !res.Known || res.ExitCode != 9 || !strings.Contains(text, "33 91") || !strings.Contains(text, "is a terminal") {
		e.Errorf("%+v, %v, the terminal shows %q", res, err, text)
	}
	out = e.exec(e.T, e.cluster, task, "app", "/no/such/program")
	if res, text, err := attach(e.T, out.Session, nil); err == nil && res.Output == "" && (!res.Known || res.ExitCode == 0) {
		e.Errorf("a program that is not there: %+v, the terminal shows %q", res, text)
	}
	if _, err := c.StopTask(e.Context(), &ecs.StopTaskInput{Cluster: &e.cluster, Task: &task}); err != nil {
		e.Error(err)
	}
}
