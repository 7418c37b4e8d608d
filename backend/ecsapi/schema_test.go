package ecsapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/schemas"
	ecr "github.com/aws/aws-sdk-go-v2/service/ecr/schemas"
	ecs "github.com/aws/aws-sdk-go-v2/service/ecs/schemas"
	"github.com/aws/smithy-go"

	"github.com/ecs-tui/ecs-tui/backend"
)

// TestSchema holds answers against AWS's own description of them: a member that
// is misspelled or of a wrong type would be lost in a client without a word.
func TestSchema(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	if err := s.push(t, "shop/web", "v1", s.login(t), newImage("one")); err != nil {
		t.Fatal(err)
	}
	s.release(t)
	deployments, err := s.b.ListServiceDeployments(t.Context(), "demo", "app", backend.PageRequest{})
	if err != nil || len(deployments.Items) == 0 {
		t.Fatalf("%v, %v", deployments, err)
	}
	found, err := s.b.DescribeServiceDeployments(t.Context(), deployments.Items[:1])
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	tasks, err := s.b.ListTasks(t.Context(), backend.TaskQuery{Cluster: "demo", Service: "app"}, backend.PageRequest{})
	if err != nil || len(tasks.Items) == 0 {
		t.Fatalf("%v, %v", tasks, err)
	}
	machines, err := s.b.ListContainerInstances(t.Context(), "demo", backend.PageRequest{})
	if err != nil || len(machines.Items) == 0 {
		t.Fatalf("%v, %v", machines, err)
	}
	const ecsTarget, ecrTarget, logsTarget = "AmazonEC2ContainerServiceV20141113.", "AmazonEC2ContainerRegistry_V20150921.", "Logs_20140328."
	quoted := fmt.Sprintf("%q", found[0].ARN)
	for _, test := range []struct {
		target, body string
		schema       *smithy.Schema
	}{
		{ecsTarget + "ListClusters", `{}`, ecs.ListClustersResponse},
		{ecsTarget + "DescribeClusters", `{"clusters":["demo","nobody"]}`, ecs.DescribeClustersResponse},
		{ecsTarget + "ListServices", `{"cluster":"demo"}`, ecs.ListServicesResponse},
		{ecsTarget + "DescribeServices", `{"cluster":"demo","services":["app","nobody"],"include":["TAGS"]}`, ecs.DescribeServicesResponse},
		{ecsTarget + "ListTasks", `{"cluster":"demo"}`, ecs.ListTasksResponse},
		{ecsTarget + "DescribeTasks", fmt.Sprintf(`{"cluster":"demo","tasks":[%q,"0"]}`, tasks.Items[0]), ecs.DescribeTasksResponse},
		{ecsTarget + "StopTask", fmt.Sprintf(`{"cluster":"demo","task":%q}`, tasks.Items[0]), ecs.StopTaskResponse},
		{ecsTarget + "RunTask", `{"cluster":"demo","taskDefinition":"app"}`, ecs.RunTaskResponse},
		{ecsTarget + "ListTaskDefinitions", `{}`, ecs.ListTaskDefinitionsResponse},
		{ecsTarget + "ListTaskDefinitionFamilies", `{}`, ecs.ListTaskDefinitionFamiliesResponse},
		{ecsTarget + "DescribeTaskDefinition", `{"taskDefinition":"app"}`, ecs.DescribeTaskDefinitionResponse},
		{ecsTarget + "ListServiceDeployments", `{"cluster":"demo","service":"app"}`, ecs.ListServiceDeploymentsResponse},
		{ecsTarget + "DescribeServiceDeployments", `{"serviceDeploymentArns":[` + quoted + `,"none"]}`, ecs.DescribeServiceDeploymentsResponse},
		{ecsTarget + "DescribeServiceRevisions", fmt.Sprintf(`{"serviceRevisionArns":[%q]}`, found[0].Target.ARN), ecs.DescribeServiceRevisionsResponse},
		{ecsTarget + "ListContainerInstances", `{}`, ecs.ListContainerInstancesResponse},
		{ecsTarget + "DescribeContainerInstances", fmt.Sprintf(`{"cluster":"demo","containerInstances":[%q,"0"]}`, machines.Items[0]), ecs.DescribeContainerInstancesResponse},
		{ecsTarget + "DescribeCapacityProviders", `{}`, ecs.DescribeCapacityProvidersResponse},
		{ecsTarget + "DeleteTaskDefinitions", `{"taskDefinitions":["app:1"]}`, ecs.DeleteTaskDefinitionsResponse},
		{ecrTarget + "GetAuthorizationToken", `{}`, ecr.GetAuthorizationTokenResponse},
		{ecrTarget + "DescribeRepositories", `{}`, ecr.DescribeRepositoriesResponse},
		{ecrTarget + "ListImages", `{"repositoryName":"shop/web"}`, ecr.ListImagesResponse},
		{ecrTarget + "DescribeImages", `{"repositoryName":"shop/web"}`, ecr.DescribeImagesResponse},
		{ecrTarget + "BatchGetImage", `{"repositoryName":"shop/web","imageIds":[{"imageTag":"v1"},{"imageTag":"v2"}]}`, ecr.BatchGetImageResponse},
		{ecrTarget + "PutImageScanningConfiguration", `{"repositoryName":"shop/web","imageScanningConfiguration":{"scanOnPush":true}}`, ecr.PutImageScanningConfigurationResponse},
		{ecrTarget + "BatchDeleteImage", `{"repositoryName":"shop/web","imageIds":[{"imageTag":"v1"},{"imageTag":"v2"}]}`, ecr.BatchDeleteImageResponse},
		{logsTarget + "DescribeLogGroups", `{}`, logs.DescribeLogGroupsResponse},
		{logsTarget + "DescribeLogStreams", `{"logGroupName":"/ecs/app"}`, logs.DescribeLogStreamsResponse},
		{logsTarget + "FilterLogEvents", `{"logGroupName":"/ecs/app"}`, logs.FilterLogEventsResponse},
	} {
		status, out := s.call(t, test.target, test.body)
		if status != http.StatusOK {
			t.Errorf("%s: %d %v", test.target, status, out)
			continue
		}
		agree(t, strings.TrimPrefix(test.target, ecsTarget), out, test.schema)
	}
}

// release has a service whose deployment was rolled back, since that has the
// most to tell.
func (s *shop) release(t *testing.T) {
	t.Helper()
	c := s.ecs()
	for n, image := range []string{"app:v1", "app:crash"} {
		_, out := s.raw(t, "RegisterTaskDefinition", `{"family":"app","networkMode":"awsvpc","cpu":"256","memory":"128",
			"containerDefinitions":[{"name":"app","image":"`+image+`","memory":64,"portMappings":[{"containerPort":80}],
				"healthCheck":{"command":["CMD","true"]},"dockerLabels":{"a":"b"}}]}`)
		if out["taskDefinition"] == nil {
			t.Fatal(out)
		}
		if n == 0 {
			_, out = s.raw(t, "CreateService", `{"cluster":"demo","serviceName":"app","taskDefinition":"app:1","desiredCount":1,
				"deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"rollback":true}},"tags":[{"key":"team","value":"shop"}]}`)
			agree(t, "CreateService", out, ecs.CreateServiceResponse)
			steady(t, c, "demo", "app")
			continue
		}
		_, out = s.raw(t, "UpdateService", `{"cluster":"demo","service":"app","taskDefinition":"app:2"}`)
		agree(t, "UpdateService", out, ecs.UpdateServiceResponse)
		eventually(t, "rolled back", func() (bool, string) {
			_, out := s.raw(t, "ListServiceDeployments", `{"cluster":"demo","service":"app","status":["ROLLBACK_SUCCESSFUL"]}`)
			list, _ := out["serviceDeployments"].([]any)
			return len(list) == 1, fmt.Sprint(out)
		})
		steady(t, c, "demo", "app")
	}
}

// agree fails for each member that AWS's description does not have, or has
// with another type.
func agree(t *testing.T, path string, v any, s *smithy.Schema) {
	t.Helper()
	var ok bool
	switch s.Type() {
	case smithy.ShapeTypeStructure, smithy.ShapeTypeUnion:
		var o map[string]any
		if o, ok = v.(map[string]any); ok {
			for name, member := range o {
				if m := s.Member(name); m != nil {
					agree(t, path+"."+name, member, m)
				} else {
					t.Errorf("%s.%s: AWS has no such member", path, name)
				}
			}
		}
	case smithy.ShapeTypeList:
		var list []any
		if list, ok = v.([]any); ok {
			for _, item := range list {
				agree(t, path+"[]", item, s.ListMember())
			}
		}
	case smithy.ShapeTypeMap:
		_, ok = v.(map[string]any)
	case smithy.ShapeTypeString, smithy.ShapeTypeEnum, smithy.ShapeTypeBlob:
		_, ok = v.(string)
	case smithy.ShapeTypeBoolean:
		_, ok = v.(bool)
	case smithy.ShapeTypeInteger, smithy.ShapeTypeLong:
		var n json.Number
		if n, ok = v.(json.Number); ok {
			_, err := n.Int64()
			ok = err == nil
		}
	default: // times and fractions
		_, ok = v.(json.Number)
	}
	if !ok {
		t.Errorf("%s: is %T (%v), which AWS does not have there", path, v, v)
	}
}
