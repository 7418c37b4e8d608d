package ecsapi_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"

	"github.com/ecs-tui/ecs-tui/backend/demo"
)

// TestPaging: ten services a page unless asked, and every service once.
func TestPaging(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Empty: true, Services: 25}, nil)
	c := w.ecs()
	first, err := c.ListServices(t.Context(), &ecs.ListServicesInput{Cluster: aws.String("demo")})
	if err != nil {
		t.Fatal(err)
	}
	if len(first.ServiceArns) != 10 || first.NextToken == nil {
		t.Errorf("%d services on the first page, want 10 and a token", len(first.ServiceArns))
	}
	seen := map[string]bool{}
	pages := ecs.NewListServicesPaginator(c, &ecs.ListServicesInput{Cluster: aws.String("demo"), MaxResults: aws.Int32(7)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(page.ServiceArns) > 7 {
			t.Errorf("a page of %d, 7 were asked for", len(page.ServiceArns))
		}
		for _, arn := range page.ServiceArns {
			if seen[arn] {
				t.Errorf("%s came twice", arn)
			}
			seen[arn] = true
		}
	}
	if len(seen) != 25 {
		t.Errorf("%d services, want 25", len(seen))
	}
	_, err = c.ListServices(t.Context(), &ecs.ListServicesInput{Cluster: aws.String("demo"), MaxResults: aws.Int32(101)})
	wantCode(t, "101 a page", err, "InvalidParameterException")
	_, err = c.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("demo"), NextToken: first.NextToken})
	wantCode(t, "a token of another list", err, "InvalidParameterException")
}

// wantCode fails unless err is an API error of this type.
func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

// TestDescribe: limits, failures, and times that the SDK can read.
func TestDescribe(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Empty: true, Services: 12, Tasks: 36}, nil)
	c := w.ecs()
	demoCluster := aws.String("demo")
	many := make([]string, 11)
	for i := range many {
		many[i] = "bulk-0000"
	}
	_, err := c.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: demoCluster, Services: many})
	wantCode(t, "eleven services", err, "InvalidParameterException")

	services, err := c.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: demoCluster, Services: []string{"bulk-0000", "nobody"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(services.Services) != 1 || len(services.Failures) != 1 || aws.ToString(services.Failures[0].Reason) != "MISSING" {
		t.Fatalf("%d services, failures %v", len(services.Services), services.Failures)
	}
	if arn := aws.ToString(services.Failures[0].Arn); arn != "arn:aws:ecs:local:123456789012:service/demo/nobody" {
		t.Errorf("the failure is of %s", arn)
	}
	s := services.Services[0]
	if s.CreatedAt == nil || s.CreatedAt.IsZero() || len(s.Deployments) == 0 || s.Deployments[0].CreatedAt == nil ||
		len(s.Events) == 0 || s.Events[0].CreatedAt == nil || s.DesiredCount != 3 || s.LaunchType != types.LaunchTypeEc2 {
		t.Errorf("the service is %+v", s)
	}

	tasks, err := c.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: demoCluster, ServiceName: aws.String("bulk-0000")})
	if err != nil || len(tasks.TaskArns) != 3 {
		t.Fatalf("its tasks: %v, %v", tasks, err)
	}
	described, err := c.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{
		Cluster: demoCluster, Tasks: append(tasks.TaskArns, "00000000000000000000000000000000"),
	})
	if err != nil || len(described.Tasks) != 3 || len(described.Failures) != 1 {
		t.Fatalf("described %v, %v", described, err)
	}
	task := described.Tasks[0]
	if task.StartedAt == nil || len(task.Containers) != 1 || aws.ToString(task.ClusterArn) != aws.ToString(s.ClusterArn) {
		t.Errorf("a task is %+v", task)
	}

	clusters, err := c.DescribeClusters(t.Context(), &ecs.DescribeClustersInput{Clusters: []string{"demo", "nowhere"}})
	if err != nil || len(clusters.Clusters) != 1 || len(clusters.Failures) != 1 || clusters.Clusters[0].ActiveServicesCount < 10 {
		t.Errorf("clusters: %+v, %v", clusters, err)
	}
}

// TestErrors: each failure has the type that ECS gives it.
func TestErrors(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Empty: true, Services: 1}, nil)
	c := w.ecs()
	ctx, cluster, nobody := t.Context(), aws.String("demo"), aws.String("nobody")
	for what, test := range map[string]struct {
		err  error
		code string
	}{
		"no cluster":         {second(c.ListServices(ctx, &ecs.ListServicesInput{Cluster: nobody})), "ClusterNotFoundException"},
		"update in no place": {second(c.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: nobody, Service: aws.String("bulk-0000"), ForceNewDeployment: true})), "ClusterNotFoundException"},
		"update of nobody":   {second(c.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: cluster, Service: nobody, ForceNewDeployment: true})), "ServiceNotFoundException"},
		"delete of nobody":   {second(c.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: cluster, Service: nobody})), "ServiceNotFoundException"},
		"tasks of nobody":    {second(c.ListTasks(ctx, &ecs.ListTasksInput{Cluster: cluster, ServiceName: nobody})), "ServiceNotFoundException"},
		"no definition":      {second(c.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: nobody})), "ClientException"},
		"run of nothing":     {second(c.RunTask(ctx, &ecs.RunTaskInput{Cluster: cluster, TaskDefinition: nobody})), "ClientException"},
		"run of eleven":      {second(c.RunTask(ctx, &ecs.RunTaskInput{Cluster: cluster, TaskDefinition: aws.String("bulk"), Count: aws.Int32(11)})), "InvalidParameterException"},
		"no task":            {second(c.StopTask(ctx, &ecs.StopTaskInput{Cluster: cluster, Task: nobody})), "InvalidParameterException"},
		"a second one":       {second(c.CreateService(ctx, &ecs.CreateServiceInput{Cluster: cluster, ServiceName: aws.String("bulk-0000"), TaskDefinition: aws.String("bulk")})), "InvalidParameterException"},
		"while it runs":      {second(c.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: cluster, Service: aws.String("bulk-0000")})), "InvalidParameterException"},
		"no deployment":      {second(c.StopServiceDeployment(ctx, &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: aws.String("arn:aws:ecs:local:1:service-deployment/demo/nobody/1")})), "ServiceDeploymentNotFoundException"},
		"not here":           {second(c.ListAttributes(ctx, &ecs.ListAttributesInput{TargetType: types.TargetTypeContainerInstance})), "UnknownOperationException"},
	} {
		wantCode(t, what, test.err, test.code)
	}
	var typed *types.ServiceNotFoundException
	if _, err := c.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: cluster, Service: nobody}); !errors.As(err, &typed) ||
		!strings.Contains(typed.ErrorMessage(), "nobody") {
		t.Errorf("%v is not the SDK's own type with its message", err)
	}
}

func second[T any](_ T, err error) error { return err }
