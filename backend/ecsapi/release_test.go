package ecsapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
)

// raw makes a call by hand, for what the SDK cannot say.
func (e *endpoint) raw(t *testing.T, action, body string) (status int, out map[string]any) {
	t.Helper()
	return e.call(t, "AmazonEC2ContainerServiceV20141113."+action, body)
}

func (e *endpoint) call(t *testing.T, target, body string) (status int, out map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", target)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/ecs/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&out); err != nil {
		t.Fatalf("%s: %v in %s", target, err, text)
	}
	return resp.StatusCode, out
}

// TestRegister: every field comes back, ECS's defaults are filled in, and what
// ECS refuses is refused with the field that is wrong.
func TestRegister(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Empty: true}, nil)
	status, _ := w.raw(t, "RegisterTaskDefinition", `{
		"family": "app", "networkMode": "awsvpc", "fieldOfTomorrow": {"depth": 2.5}, "tags": [{"key": "team", "value": "shop"}],
		"containerDefinitions": [{"name": "app", "image": "i:1", "memory": 64, "another": 12345678901234567890,
			"portMappings": [{"containerPort": 80}], "healthCheck": {"command": ["CMD", "true"]}}]}`)
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	_, out := w.raw(t, "DescribeTaskDefinition", `{"taskDefinition": "app", "include": ["TAGS"]}`)
	text, err := json.Marshal(out["taskDefinition"])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"fieldOfTomorrow":{"depth":2.5}`, `"another":12345678901234567890`, `"cpu":0`, `"essential":true`, `"hostPort":80`,
		`"protocol":"tcp"`, `"interval":30`, `"volumes":[]`, `"status":"ACTIVE"`, `"revision":1`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if tags, _ := out["tags"].([]any); len(tags) != 1 || strings.Contains(string(text), `"tags"`) {
		t.Errorf("tags: %v", out["tags"])
	}
	for _, bad := range []struct{ what, body, want string }{
		{"no memory", `{"family":"app","containerDefinitions":[{"name":"app","image":"i:1"}]}`, "memory"},
		{"two of a name", `{"family":"app","containerDefinitions":[{"name":"a","image":"i","memory":64},{"name":"a","image":"i","memory":64}]}`, "name"},
		{"too long", `{"family":"` + strings.Repeat("x", 70000) + `"}`, "exceeds"},
	} {
		status, out := w.raw(t, "RegisterTaskDefinition", bad.body)
		if text, _ := out["message"].(string); status != http.StatusBadRequest || out["__type"] != "ClientException" || !strings.Contains(text, bad.want) {
			t.Errorf("%s: %d %v", bad.what, status, out)
		}
	}
	for _, body := range []string{`{"family":`, `[]`, `{"taskDefinition": 3}`} {
		if status, out := w.raw(t, "DescribeTaskDefinition", body); status != http.StatusBadRequest || out["__type"] != "SerializationException" {
			t.Errorf("%s: %d %v", body, status, out)
		}
	}
}

// steady waits until a service has rolled out.
func steady(t *testing.T, c *ecs.Client, cluster, name string) types.Service {
	t.Helper()
	var s types.Service
	eventually(t, "steady: "+name, func() (bool, string) {
		out, err := c.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: &cluster, Services: []string{name}})
		if err != nil || len(out.Services) != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
		s = out.Services[0]
		return len(s.Deployments) == 1 && s.Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted &&
			s.RunningCount == s.DesiredCount, fmt.Sprintf("%d of %d run, %+v", s.RunningCount, s.DesiredCount, s.Deployments)
	})
	return s
}

// TestRelease takes a service through its life with the SDK.
func TestRelease(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Empty: true}, nil)
	c, ctx, cluster, app := w.ecs(), t.Context(), aws.String("demo"), aws.String("app")
	register := func(image string) string {
		out, err := c.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{Family: app, ContainerDefinitions: []types.ContainerDefinition{
			{Name: app, Image: &image, Memory: aws.Int32(64)},
		}})
		if err != nil || out.TaskDefinition.RegisteredAt == nil {
			t.Fatalf("%+v, %v", out, err)
		}
		return aws.ToString(out.TaskDefinition.TaskDefinitionArn)
	}
	v1, v2 := register("app:v1"), register("app:v2")
	list, err := c.ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{FamilyPrefix: app, MaxResults: aws.Int32(1)})
	if err != nil || len(list.TaskDefinitionArns) != 1 || list.TaskDefinitionArns[0] != v1 || list.NextToken == nil {
		t.Errorf("oldest first unless asked: %+v, %v", list, err)
	}
	if _, err := c.CreateService(ctx, &ecs.CreateServiceInput{
		Cluster: cluster, ServiceName: app, TaskDefinition: &v1, DesiredCount: aws.Int32(2), ClientToken: aws.String("once"),
	}); err != nil {
		t.Fatal(err)
	}
	first := steady(t, c, "demo", "app")

	// In place: no new deployment, and what is not named stays.
	out, err := c.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: cluster, Service: app, HealthCheckGracePeriodSeconds: aws.Int32(7),
		DeploymentConfiguration: &types.DeploymentConfiguration{MaximumPercent: aws.Int32(150)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if s := out.Service; aws.ToString(s.CurrentServiceDeployment) != aws.ToString(first.CurrentServiceDeployment) || s.DesiredCount != 2 ||
		aws.ToInt32(s.HealthCheckGracePeriodSeconds) != 7 || aws.ToInt32(s.DeploymentConfiguration.MaximumPercent) != 150 ||
		aws.ToInt32(s.DeploymentConfiguration.MinimumHealthyPercent) != 100 || len(s.Deployments) != 1 {
		t.Errorf("changed in place: %+v", s)
	}

	out, err = c.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: cluster, Service: app, TaskDefinition: &v2})
	if err != nil || len(out.Service.Deployments) != 2 {
		t.Fatalf("updated: %+v, %v", out, err)
	}
	rollBack(t, c, aws.ToString(out.Service.CurrentServiceDeployment), v1)
	if s := steady(t, c, "demo", "app"); aws.ToString(s.TaskDefinition) != v1 {
		t.Errorf("the service wants %s", aws.ToString(s.TaskDefinition))
	}

	gone, err := c.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &v2})
	if err != nil || gone.TaskDefinition.Status != types.TaskDefinitionStatusInactive || gone.TaskDefinition.DeregisteredAt == nil {
		t.Errorf("deregistered: %+v, %v", gone, err)
	}
	del, err := c.DeleteTaskDefinitions(ctx, &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: []string{v1}})
	if err != nil || len(del.Failures) != 1 || !strings.Contains(aws.ToString(del.Failures[0].Reason), "ACTIVE") {
		t.Errorf("deleted: %+v, %v", del, err)
	}
	if _, err := c.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: cluster, Service: app, Force: aws.Bool(true)}); err != nil {
		t.Error(err)
	}
}

// rollBack stops a deployment, and follows it to its end and back to where it
// came from.
func rollBack(t *testing.T, c *ecs.Client, arn, to string) {
	t.Helper()
	ctx := t.Context()
	if _, err := c.StopServiceDeployment(ctx, &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: &arn}); err != nil {
		t.Fatal(err)
	}
	var d types.ServiceDeployment
	eventually(t, "rolled back", func() (bool, string) {
		out, err := c.DescribeServiceDeployments(ctx, &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{arn}})
		if err != nil || len(out.ServiceDeployments) != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
		d = out.ServiceDeployments[0]
		return d.Status == types.ServiceDeploymentStatusRollbackSuccessful, string(d.Status)
	})
	if d.Rollback == nil || d.FinishedAt == nil || d.DeploymentCircuitBreaker == nil || len(d.SourceServiceRevisions) != 1 {
		t.Fatalf("the deployment is %+v", d)
	}
	unknown := strings.Replace(aws.ToString(d.Rollback.ServiceRevisionArn), "/app/", "/nobody/", 1)
	revisions, err := c.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{
		ServiceRevisionArns: []string{aws.ToString(d.Rollback.ServiceRevisionArn), unknown},
	})
	if err != nil || len(revisions.ServiceRevisions) != 1 || len(revisions.Failures) != 1 ||
		aws.ToString(revisions.ServiceRevisions[0].TaskDefinition) != to || len(revisions.ServiceRevisions[0].ContainerImages) != 1 {
		t.Errorf("revisions: %+v, %v", revisions, err)
	}
	listed, err := c.ListServiceDeployments(ctx, &ecs.ListServiceDeploymentsInput{
		Cluster: aws.String("demo"), Service: aws.String("app"), Status: []types.ServiceDeploymentStatus{types.ServiceDeploymentStatusRollbackSuccessful},
	})
	if err != nil || len(listed.ServiceDeployments) != 1 || aws.ToString(listed.ServiceDeployments[0].ServiceDeploymentArn) != arn {
		t.Errorf("listed: %+v, %v", listed, err)
	}
}

// TestRun: overrides that can be honoured are, the others are refused.
func TestRun(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Empty: true, Services: 1}, nil)
	c, ctx, cluster := w.ecs(), t.Context(), aws.String("demo")
	override := func(o types.ContainerOverride) (*ecs.RunTaskOutput, error) {
		o.Name = aws.String("bulk")
		return c.RunTask(ctx, &ecs.RunTaskInput{
			Cluster: cluster, TaskDefinition: aws.String("bulk"), StartedBy: aws.String("me"),
			Overrides: &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{o}},
		})
	}
	_, err := override(types.ContainerOverride{Memory: aws.Int32(9)})
	wantCode(t, "memory", err, "InvalidParameterException")
	_, err = c.RunTask(ctx, &ecs.RunTaskInput{Cluster: cluster, TaskDefinition: aws.String("bulk"), Overrides: &types.TaskOverride{Cpu: aws.String("512")}})
	wantCode(t, "the task's size", err, "InvalidParameterException")
	ran, err := override(types.ContainerOverride{Command: []string{"exit", "3"}})
	if err != nil || len(ran.Tasks) != 1 {
		t.Fatalf("%+v, %v", ran, err)
	}
	arn := aws.ToString(ran.Tasks[0].TaskArn)
	eventually(t, "ended", func() (bool, string) {
		out, err := c.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: cluster, Tasks: []string{arn}})
		if err != nil || len(out.Tasks) != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
		task := out.Tasks[0]
		code := aws.ToInt32(task.Containers[0].ExitCode)
		return code == 3 && task.StopCode == types.TaskStopCodeEssentialContainerExited && task.StoppedAt != nil, aws.ToString(task.LastStatus)
	})
	mine, err := c.ListTasks(ctx, &ecs.ListTasksInput{Cluster: cluster, StartedBy: aws.String("me"), DesiredStatus: types.DesiredStatusStopped})
	if err != nil || len(mine.TaskArns) != 1 || mine.TaskArns[0] != arn {
		t.Errorf("started by me: %+v, %v", mine, err)
	}
	_, err = c.ListTasks(ctx, &ecs.ListTasksInput{Cluster: cluster, StartedBy: aws.String("me"), Family: aws.String("bulk")})
	wantCode(t, "two filters", err, "InvalidParameterException")
}

// TestEmptyPage: a list of nothing is a list.
func TestEmptyPage(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Empty: true}, nil)
	if _, out := w.raw(t, "ListServices", `{"cluster": "demo"}`); out["serviceArns"] == nil {
		t.Errorf("no list in %v", out)
	}
	page, err := w.b.ListServices(t.Context(), "demo", backend.PageRequest{})
	if err != nil || len(page.Items) != 0 {
		t.Errorf("the demo is not empty: %v, %v", page, err)
	}
}
