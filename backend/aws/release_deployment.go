package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// StopServiceDeployment rolls a deployment back, also where the service does
// not do so by itself.
func (b *Backend) StopServiceDeployment(ctx context.Context, arn string) (backend.ServiceDeployment, error) {
	const op = "StopServiceDeployment"
	in := &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: &arn, StopType: types.StopServiceDeploymentStopTypeRollback}
	if err := call(ctx, b, op, arn, in, nil, nil, (*ecs.Client).StopServiceDeployment); err != nil {
		return backend.ServiceDeployment{}, err
	}
	return b.oneDeployment(ctx, op, arn)
}

// ContinueServiceDeployment answers the hook that a deployment is paused at.
func (b *Backend) ContinueServiceDeployment(ctx context.Context, arn, hook string, action backend.HookAction) (backend.ServiceDeployment, error) {
	const op = "ContinueServiceDeployment"
	in := &ecs.ContinueServiceDeploymentInput{
		ServiceDeploymentArn: &arn, HookId: &hook, Action: types.DeploymentLifecycleHookAction(action),
	}
	if err := call(ctx, b, op, arn, in, nil, nil, (*ecs.Client).ContinueServiceDeployment); err != nil {
		return backend.ServiceDeployment{}, err
	}
	return b.oneDeployment(ctx, op, arn)
}

// oneDeployment reads a deployment that was just changed.
func (b *Backend) oneDeployment(ctx context.Context, op, arn string) (backend.ServiceDeployment, error) {
	found, err := b.DescribeServiceDeployments(ctx, []string{arn})
	if err != nil {
		return backend.ServiceDeployment{}, err
	}
	if len(found) == 0 {
		return backend.ServiceDeployment{}, backend.Errorf(op, backend.NotFound, backend.Clean(arn), "no such service deployment")
	}
	return found[0], nil
}
