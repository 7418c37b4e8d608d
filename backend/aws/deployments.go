package aws

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/ecs-tui/ecs-tui/backend"
)

// revisionFacts is what a service revision brings. It is complete, and kept,
// once its images are resolved to digests.
type revisionFacts struct {
	taskDefinition string
	images         []backend.ContainerImage
}

// ListServiceDeployments gives the ARNs of a service's rollouts, newest first.
func (b *Backend) ListServiceDeployments(ctx context.Context, cluster, service string, p backend.PageRequest) (backend.Page[string], error) {
	token, size := paging(p)
	cluster = b.cluster(cluster)
	var out struct {
		Deployments []struct {
			ARN text `json:"serviceDeploymentArn"`
		} `json:"serviceDeployments"`
		Next string `json:"nextToken"`
	}
	in := &ecs.ListServiceDeploymentsInput{Cluster: &cluster, Service: &service, NextToken: token, MaxResults: size}
	err := call(ctx, b, "ListServiceDeployments", service, in, nil, &out, (*ecs.Client).ListServiceDeployments)
	page := backend.Page[string]{Next: out.Next}
	for _, d := range out.Deployments {
		page.Items = append(page.Items, string(d.ARN))
	}
	return page, err
}

// wireRollout is the part of a service deployment that this program works with.
type wireRollout struct {
	ARN     text          `json:"serviceDeploymentArn"`
	Service text          `json:"serviceArn"`
	Cluster text          `json:"clusterArn"`
	Status  text          `json:"status"`
	Reason  text          `json:"statusReason"`
	Stage   text          `json:"lifecycleStage"`
	Sources []wireSummary `json:"sourceServiceRevisions"`
	Target  wireSummary   `json:"targetServiceRevision"`
	Breaker *struct {
		Failures  int  `json:"failureCount"`
		Threshold int  `json:"threshold"`
		Status    text `json:"status"`
	} `json:"deploymentCircuitBreaker"`
	Config struct {
		Strategy text `json:"strategy"`
	} `json:"deploymentConfiguration"`
	Alarms   *wireAlarms `json:"alarms"`
	Hooks    []wireHook  `json:"lifecycleHookDetails"`
	Rollback *struct {
		Reason   text `json:"reason"`
		Revision text `json:"serviceRevisionArn"`
	} `json:"rollback"`
	Created  moment `json:"createdAt"`
	Started  moment `json:"startedAt"`
	Finished moment `json:"finishedAt"`
	Stopped  moment `json:"stoppedAt"`
}

type wireSummary struct {
	ARN       text `json:"arn"`
	Requested int  `json:"requestedTaskCount"`
	Running   int  `json:"runningTaskCount"`
	Pending   int  `json:"pendingTaskCount"`
	// Percents; absent where the strategy shifts no traffic.
	Production *float64 `json:"requestedProductionTrafficWeight"`
	Test       *float64 `json:"requestedTestTrafficWeight"`
}

// DescribeServiceDeployments gives rollouts, with what their revisions bring;
// unknown ones are left out.
func (b *Backend) DescribeServiceDeployments(ctx context.Context, arns []string) ([]backend.ServiceDeployment, error) {
	return describe(ctx, arns, 20, func(ctx context.Context, arns []string) ([]backend.ServiceDeployment, error) {
		var out struct {
			Deployments []wireRollout `json:"serviceDeployments"`
		}
		in := &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: arns}
		err := call(ctx, b, "DescribeServiceDeployments", "", in, nil, &out, (*ecs.Client).DescribeServiceDeployments)
		if backend.KindOf(err) == backend.NotFound {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		revisions, err := b.serviceRevisions(ctx, out.Deployments)
		if err != nil {
			return nil, err
		}
		var found []backend.ServiceDeployment
		for _, d := range out.Deployments {
			found = append(found, d.deployment(revisions))
		}
		return found, nil
	})
}

func (d wireRollout) deployment(revisions map[string]revisionFacts) backend.ServiceDeployment {
	out := backend.ServiceDeployment{
		ARN: string(d.ARN), Service: backend.ShortName(string(d.Service)), Cluster: backend.ShortName(string(d.Cluster)),
		Status: backend.ServiceDeploymentStatus(d.Status), Reason: string(d.Reason), Stage: string(d.Stage),
		Strategy: string(d.Config.Strategy), Alarms: d.Alarms.alarms(), Hooks: hooksOf(d.Hooks),
		Target:    revisionOf(d.Target, revisions),
		CreatedAt: d.Created.Time, StartedAt: d.Started.Time, FinishedAt: d.Finished.Time,
	}
	if out.Service == "" {
		out.Service = serviceOfARN(out.ARN)
	}
	if out.Cluster == "" {
		out.Cluster = clusterOf(out.ARN)
	}
	for _, s := range d.Sources {
		out.Source = append(out.Source, revisionOf(s, revisions))
	}
	if d.Breaker != nil {
		out.Breaker = &backend.Breaker{Failures: d.Breaker.Failures, Threshold: d.Breaker.Threshold, Status: string(d.Breaker.Status)}
		out.Target.Failed = d.Breaker.Failures
	}
	if d.Rollback != nil {
		out.RollbackReason = string(d.Rollback.Reason)
		out.RollbackTo = revisions[string(d.Rollback.Revision)].taskDefinition
	}
	if out.FinishedAt.IsZero() {
		out.FinishedAt = d.Stopped.Time
	}
	return out
}

// revisionOf joins counts and contents. ECS does not count healthy tasks, so
// that a task that runs counts as one.
func revisionOf(s wireSummary, revisions map[string]revisionFacts) backend.Revision {
	facts := revisions[string(s.ARN)]
	return backend.Revision{
		ARN: string(s.ARN), TaskDefinition: facts.taskDefinition, Images: facts.images,
		Desired: s.Requested, Pending: s.Pending, Running: s.Running, Healthy: s.Running,
		Traffic: s.traffic(),
	}
}

// serviceRevisions reads the revisions that rollouts name.
func (b *Backend) serviceRevisions(ctx context.Context, all []wireRollout) (map[string]revisionFacts, error) {
	out := map[string]revisionFacts{}
	var ask []string
	want := func(arn text) {
		if _, have := out[string(arn)]; have || arn == "" {
			return
		}
		facts, known := b.revisions.get(string(arn))
		out[string(arn)] = facts
		if !known {
			ask = append(ask, string(arn))
		}
	}
	for _, d := range all {
		want(d.Target.ARN)
		for _, s := range d.Sources {
			want(s.ARN)
		}
		if d.Rollback != nil {
			want(d.Rollback.Revision)
		}
	}
	read, err := describe(ctx, ask, 20, b.readRevisions)
	if err != nil {
		return nil, err
	}
	for _, r := range read {
		out[r.arn] = r.revisionFacts
	}
	return out, nil
}

type namedRevision struct {
	arn string
	revisionFacts
}

func (b *Backend) readRevisions(ctx context.Context, arns []string) ([]namedRevision, error) {
	var out struct {
		Revisions []struct {
			ARN            text `json:"serviceRevisionArn"`
			TaskDefinition text `json:"taskDefinition"`
			Images         []struct {
				Container text `json:"containerName"`
				Image     text `json:"image"`
				Digest    text `json:"imageDigest"`
			} `json:"containerImages"`
		} `json:"serviceRevisions"`
		Failures []json.RawMessage `json:"failures"`
	}
	in := &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: arns}
	err := call(ctx, b, "DescribeServiceRevisions", "", in, nil, &out, (*ecs.Client).DescribeServiceRevisions)
	if backend.KindOf(err) == backend.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []namedRevision
	for _, r := range out.Revisions {
		facts := revisionFacts{taskDefinition: string(r.TaskDefinition)}
		complete := len(r.Images) > 0
		for _, i := range r.Images {
			complete = complete && i.Digest != ""
			facts.images = append(facts.images, backend.ContainerImage{Container: string(i.Container), Image: string(i.Image), Digest: string(i.Digest)})
		}
		if complete {
			b.revisions.put(string(r.ARN), facts)
		}
		found = append(found, namedRevision{string(r.ARN), facts})
	}
	return found, nil
}
