package ecsapi_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/schemas"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/ecs-tui/ecs-tui/backend/demo"
)

// TestCanary: the SDK reads what a deployment that shifts traffic says of
// itself, and answers its pause.
func TestCanary(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{}, nil)
	c, ctx := w.ecs(), t.Context()
	services, err := c.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String("demo"), Services: []string{"checkout"}})
	if err != nil || len(services.Services) != 1 {
		t.Fatalf("%+v, %v", services, err)
	}
	s := services.Services[0]
	config := s.DeploymentConfiguration
	if config.Strategy != types.DeploymentStrategyCanary || aws.ToInt32(config.BakeTimeInMinutes) != 2 ||
		aws.ToFloat64(config.CanaryConfiguration.CanaryPercent) != 10 || aws.ToInt32(config.CanaryConfiguration.CanaryBakeTimeInMinutes) != 3 ||
		len(config.LifecycleHooks) != 1 || config.LifecycleHooks[0].TargetType != types.DeploymentLifecycleHookTargetTypePause ||
		aws.ToInt32(config.LifecycleHooks[0].TimeoutConfiguration.TimeoutInMinutes) != 720 || !config.Alarms.Enable {
		t.Errorf("the service says %+v", config)
	}
	arn := s.CurrentServiceDeployment
	read := func() types.ServiceDeployment {
		out, err := c.DescribeServiceDeployments(ctx, &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{*arn}})
		if err != nil || len(out.ServiceDeployments) != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
		return out.ServiceDeployments[0]
	}
	d := read()
	if d.LifecycleStage != types.ServiceDeploymentLifecycleStagePostTestTrafficShift || len(d.LifecycleHookDetails) != 1 ||
		d.DeploymentConfiguration.Strategy != types.DeploymentStrategyCanary || len(d.Alarms.AlarmNames) != 2 ||
		aws.ToFloat64(d.TargetServiceRevision.RequestedTestTrafficWeight) != 100 ||
		aws.ToFloat64(d.SourceServiceRevisions[0].RequestedProductionTrafficWeight) != 100 {
		t.Fatalf("the deployment says %+v", d)
	}
	hook := d.LifecycleHookDetails[0]
	if hook.Status != types.DeploymentLifecycleHookStatusAwaitingAction || hook.TimeoutAction != types.DeploymentLifecycleHookActionRollback ||
		hook.ExpiresAt == nil || !hook.ExpiresAt.After(*d.StartedAt) {
		t.Errorf("the hook says %+v", hook)
	}
	answer := func(arn, id *string, action types.DeploymentLifecycleHookAction) error {
		out, err := c.ContinueServiceDeployment(ctx, &ecs.ContinueServiceDeploymentInput{ServiceDeploymentArn: arn, HookId: id, Action: action})
		if err == nil && aws.ToString(out.ServiceDeploymentArn) != *arn {
			t.Errorf("%s was answered, %s was meant", aws.ToString(out.ServiceDeploymentArn), *arn)
		}
		return err
	}
	wantCode(t, "another deployment", answer(aws.String(*arn+"0"), hook.HookId, ""), "ServiceDeploymentNotFoundException")
	wantCode(t, "another hook", answer(arn, aws.String("hook-0"), ""), "ConflictException")
	wantCode(t, "another action", answer(arn, hook.HookId, "MAYBE"), "InvalidParameterException")
	if err := answer(arn, hook.HookId, ""); err != nil { // which is CONTINUE
		t.Fatal(err)
	}
	eventually(t, "done", func() (bool, string) {
		d = read()
		return d.Status == types.ServiceDeploymentStatusSuccessful, fmt.Sprint(d.Status, " ", d.LifecycleStage)
	})
	if d.LifecycleHookDetails[0].Status != types.DeploymentLifecycleHookStatusSucceeded ||
		aws.ToFloat64(d.TargetServiceRevision.RequestedProductionTrafficWeight) != 100 {
		t.Errorf("in the end it says %+v", d)
	}
	_, out := w.raw(t, "DescribeServiceDeployments", fmt.Sprintf(`{"serviceDeploymentArns":[%q]}`, *arn))
	agree(t, "DescribeServiceDeployments", out, schemas.DescribeServiceDeploymentsResponse)
}

// TestTaskSets: what CodeDeploy deploys has task sets, no deployments, and does
// not take another task definition from ECS.
func TestTaskSets(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{}, nil)
	c, ctx, cluster, gateway := w.ecs(), t.Context(), aws.String("batch"), aws.String("gateway")
	services, err := c.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: cluster, Services: []string{*gateway}})
	if err != nil || len(services.Services) != 1 {
		t.Fatalf("%+v, %v", services, err)
	}
	s := services.Services[0]
	if s.DeploymentController.Type != types.DeploymentControllerTypeCodeDeploy || len(s.Deployments) != 0 || len(s.TaskSets) != 1 ||
		s.CurrentServiceDeployment != nil || s.TaskSets[0].StabilityStatus != types.StabilityStatusSteadyState ||
		s.TaskSets[0].ComputedDesiredCount != 2 || aws.ToString(s.TaskSets[0].StartedBy) != "CODE_DEPLOY" {
		t.Errorf("%+v", s)
	}
	_, err = c.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: cluster, Service: gateway, TaskDefinition: aws.String("gateway:1")})
	wantCode(t, "another task definition", err, "InvalidParameterException")
	listed, err := c.ListServiceDeployments(ctx, &ecs.ListServiceDeploymentsInput{Cluster: cluster, Service: gateway})
	if err != nil || len(listed.ServiceDeployments) != 0 {
		t.Errorf("deployments: %+v, %v", listed, err)
	}
	_, out := w.raw(t, "DescribeServices", `{"cluster":"batch","services":["gateway"]}`)
	agree(t, "DescribeServices", out, schemas.DescribeServicesResponse)
}
