package aws

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/ecs-tui/ecs-tui/backend"
)

var _ backend.RolloutDescriber = (*Backend)(nil)

// DescribeRollout gives a service deployment and its service revisions as ECS
// has them, with the fields that this program does not know.
func (b *Backend) DescribeRollout(ctx context.Context, arn string) (backend.Document, error) {
	const op = "DescribeServiceDeployments"
	var out struct {
		Deployments []json.RawMessage `json:"serviceDeployments"`
	}
	in := &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{arn}}
	if err := call(ctx, b, op, arn, in, nil, &out, (*ecs.Client).DescribeServiceDeployments); err != nil {
		return nil, err
	}
	if len(out.Deployments) == 0 {
		return nil, backend.Errorf(op, backend.NotFound, backend.Clean(arn), "there is no such deployment")
	}
	var parts struct {
		Target  wireSummary   `json:"targetServiceRevision"`
		Sources []wireSummary `json:"sourceServiceRevisions"`
	}
	if err := json.Unmarshal(out.Deployments[0], &parts); err != nil {
		return nil, backend.Errorf(op, backend.Other, backend.Clean(arn), "the deployment can't be read: %s", backend.Clean(err.Error()))
	}
	var arns []string
	for _, r := range append([]wireSummary{parts.Target}, parts.Sources...) {
		if r.ARN != "" {
			arns = append(arns, string(r.ARN))
		}
	}
	revisions, err := describe(ctx, arns, 20, func(ctx context.Context, arns []string) ([]json.RawMessage, error) {
		var out struct {
			Revisions []json.RawMessage `json:"serviceRevisions"`
		}
		in := &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: arns}
		err := call(ctx, b, "DescribeServiceRevisions", arn, in, nil, &out, (*ecs.Client).DescribeServiceRevisions)
		if backend.KindOf(err) == backend.NotFound {
			return nil, nil
		}
		return out.Revisions, err
	})
	if err != nil {
		return nil, err
	}
	whole, err := json.Marshal(map[string]any{"serviceDeployment": out.Deployments[0], "serviceRevisions": append([]json.RawMessage{}, revisions...)})
	if err != nil {
		return nil, backend.Errorf(op, backend.Other, backend.Clean(arn), "the deployment can't be read: %s", backend.Clean(err.Error()))
	}
	return documentOf(whole), nil
}
