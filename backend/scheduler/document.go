package scheduler

import (
	"encoding/json"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// serviceDocument is s in DescribeServices' shape, on top of what the service
// was created from, so that fields which this program does not know stay.
func (r *Record) serviceDocument(s backend.Service) backend.Document {
	tree := map[string]any{}
	if len(r.Spec.Document) > 0 {
		if t, err := r.Spec.Document.Tree(); err == nil && t != nil {
			tree = t
		}
	}
	delete(tree, "cluster")
	config, _ := tree["deploymentConfiguration"].(map[string]any)
	if config == nil {
		config = map[string]any{}
	}
	breaker, _ := config["deploymentCircuitBreaker"].(map[string]any)
	if breaker == nil {
		breaker = map[string]any{}
	}
	breaker["enable"], breaker["rollback"] = s.Config.Breaker.Enable, s.Config.Breaker.Rollback
	config["deploymentCircuitBreaker"] = breaker
	config["minimumHealthyPercent"], config["maximumPercent"] = s.Config.MinimumHealthy, s.Config.Maximum
	set := map[string]any{
		"serviceArn": s.ARN, "serviceName": s.Name, "clusterArn": r.Names.Cluster(s.Cluster),
		"status": s.Status, "taskDefinition": s.TaskDefinition, "launchType": s.LaunchType,
		"desiredCount": s.Desired, "runningCount": s.Running, "pendingCount": s.Pending,
		"deploymentConfiguration": config, "createdAt": backend.Stamp(s.CreatedAt),
		"healthCheckGracePeriodSeconds": int(s.GracePeriod / time.Second),
		"currentServiceDeployment":      s.Current,
		"deployments":                   deploymentTrees(s.Deployments),
		"events":                        eventTrees(s.Events),
	}
	for k, v := range set {
		tree[k] = v
	}
	out, err := json.MarshalIndent(tree, "", "  ")
	if err != nil {
		return backend.Document("{}") // a tree of plain values always marshals
	}
	return out
}

func deploymentTrees(all []backend.Deployment) []any {
	out := make([]any, 0, len(all))
	for _, d := range all {
		out = append(out, map[string]any{
			"id": d.ID, "status": d.Status, "rolloutState": d.Rollout, "rolloutStateReason": d.RolloutReason,
			"taskDefinition": d.TaskDefinition, "desiredCount": d.Desired, "pendingCount": d.Pending,
			"runningCount": d.Running, "failedTasks": d.Failed,
			"createdAt": backend.Stamp(d.CreatedAt), "updatedAt": backend.Stamp(d.UpdatedAt),
		})
	}
	return out
}

func eventTrees(all []backend.Event) []any {
	out := make([]any, 0, len(all))
	for _, e := range all {
		out = append(out, map[string]any{"id": e.ID, "createdAt": backend.Stamp(e.At), "message": e.Message})
	}
	return out
}
