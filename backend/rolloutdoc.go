package backend

import (
	"context"
	"encoding/json"
	"time"
)

// RolloutDescriber is implemented by backends that have documents of their own
// for service deployments.
type RolloutDescriber interface {
	// DescribeRollout gives a service deployment and the service revisions that
	// take part in it, the target first: {"serviceDeployment": …,
	// "serviceRevisions": […]}, each as ECS describes it.
	DescribeRollout(ctx context.Context, arn string) (Document, error)
}

// RolloutDocumentOf is the document of a service deployment: b's own, also
// through [ReadOnly], else one that is written from what is known.
func RolloutDocumentOf(ctx context.Context, b any, d ServiceDeployment) (Document, error) {
	if r, ok := b.(readOnly); ok {
		b = r.Backend
	}
	if r, ok := b.(RolloutDescriber); ok {
		return r.DescribeRollout(ctx, d.ARN)
	}
	revisions := []any{revisionTree(d.Target)}
	sources := []any{}
	for _, r := range d.Source {
		revisions = append(revisions, revisionTree(r))
		sources = append(sources, countsTree(r))
	}
	deployment := map[string]any{
		"serviceDeploymentArn": d.ARN, "status": string(d.Status), "targetServiceRevision": countsTree(d.Target), "sourceServiceRevisions": sources,
	}
	for field, value := range map[string]string{"statusReason": d.Reason, "lifecycleStage": d.Stage} {
		if value != "" {
			deployment[field] = value
		}
	}
	for field, at := range map[string]time.Time{"createdAt": d.CreatedAt, "startedAt": d.StartedAt, "finishedAt": d.FinishedAt} {
		if !at.IsZero() {
			deployment[field] = at.UTC().Format(time.RFC3339)
		}
	}
	if d.Strategy != "" {
		deployment["deploymentConfiguration"] = map[string]any{"strategy": d.Strategy}
	}
	if b := d.Breaker; b != nil {
		deployment["deploymentCircuitBreaker"] = map[string]any{"failureCount": b.Failures, "threshold": b.Threshold, "status": b.Status}
	}
	if d.RollbackReason != "" || d.RollbackTo != "" {
		deployment["rollback"] = map[string]any{"reason": d.RollbackReason, "taskDefinition": d.RollbackTo}
	}
	return json.Marshal(map[string]any{"serviceDeployment": deployment, "serviceRevisions": revisions})
}

// countsTree is a revision in a service deployment.
func countsTree(r Revision) map[string]any {
	tree := map[string]any{"arn": r.ARN, "requestedTaskCount": r.Desired, "pendingTaskCount": r.Pending, "runningTaskCount": r.Running}
	if t := r.Traffic; t != nil {
		tree["requestedProductionTrafficWeight"], tree["requestedTestTrafficWeight"] = t.Production, t.Test
	}
	return tree
}

// revisionTree is a revision by itself.
func revisionTree(r Revision) map[string]any {
	images := []any{}
	for _, i := range r.Images {
		image := map[string]any{"containerName": i.Container, "image": i.Image}
		if i.Digest != "" {
			image["imageDigest"] = i.Digest
		}
		images = append(images, image)
	}
	return map[string]any{"serviceRevisionArn": r.ARN, "taskDefinition": r.TaskDefinition, "containerImages": images}
}
