package aws

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// ListServices gives the ARNs of a cluster's services.
func (b *Backend) ListServices(ctx context.Context, cluster string, p backend.PageRequest) (backend.Page[string], error) {
	token, size := paging(p)
	cluster = b.cluster(cluster)
	var out struct {
		Arns []text `json:"serviceArns"`
		Next string `json:"nextToken"`
	}
	in := &ecs.ListServicesInput{Cluster: &cluster, NextToken: token, MaxResults: size}
	err := call(ctx, b, "ListServices", cluster, in, nil, &out, (*ecs.Client).ListServices)
	return backend.Page[string]{Items: cleanAll(out.Arns), Next: out.Next}, err
}

// DescribeServices gives services by name or ARN; unknown ones are left out.
func (b *Backend) DescribeServices(ctx context.Context, cluster string, services []string) ([]backend.Service, error) {
	cluster = b.cluster(cluster)
	return describe(ctx, services, 10, func(ctx context.Context, services []string) ([]backend.Service, error) {
		var out struct {
			Services []json.RawMessage `json:"services"`
			Failures []failure         `json:"failures"`
		}
		in := &ecs.DescribeServicesInput{Cluster: &cluster, Services: services, Include: []types.ServiceField{types.ServiceFieldTags}}
		if err := call(ctx, b, "DescribeServices", cluster, in, nil, &out, (*ecs.Client).DescribeServices); err != nil {
			return nil, err
		}
		found := make([]backend.Service, 0, len(out.Services))
		for _, raw := range out.Services {
			s, err := serviceOf(raw)
			if err != nil {
				return nil, backend.Errorf("DescribeServices", backend.Other, cluster, "a service can't be read: %s", backend.Clean(err.Error()))
			}
			if s.Status != "INACTIVE" {
				found = append(found, s)
			}
		}
		return found, nil
	})
}

// wireService is the part of a service on the wire that this program works
// with. The rest stays in its document.
type wireService struct {
	ARN            text             `json:"serviceArn"`
	Name           text             `json:"serviceName"`
	Cluster        text             `json:"clusterArn"`
	Status         text             `json:"status"`
	TaskDefinition text             `json:"taskDefinition"`
	LaunchType     text             `json:"launchType"`
	Desired        int              `json:"desiredCount"`
	Running        int              `json:"runningCount"`
	Pending        int              `json:"pendingCount"`
	Deployments    []wireDeployment `json:"deployments"`
	TaskSets       []wireTaskSet    `json:"taskSets"`
	Current        text             `json:"currentServiceDeployment"`
	Created        moment           `json:"createdAt"`
	Tags           []struct {
		Key   text `json:"key"`
		Value text `json:"value"`
	} `json:"tags"`
	Events []struct {
		ID      text   `json:"id"`
		At      moment `json:"createdAt"`
		Message text   `json:"message"`
	} `json:"events"`
}

type wireDeployment struct {
	ID             text   `json:"id"`
	Status         text   `json:"status"`
	Rollout        text   `json:"rolloutState"`
	Reason         text   `json:"rolloutStateReason"`
	TaskDefinition text   `json:"taskDefinition"`
	Desired        int    `json:"desiredCount"`
	Pending        int    `json:"pendingCount"`
	Running        int    `json:"runningCount"`
	Failed         int    `json:"failedTasks"`
	Created        moment `json:"createdAt"`
	Updated        moment `json:"updatedAt"`
}

// wireTaskSet is what a service has in the place of deployments where CodeDeploy
// or another program deploys it.
type wireTaskSet struct {
	wireDeployment
	Computed  int  `json:"computedDesiredCount"`
	Stability text `json:"stabilityStatus"`
}

// deployment is the task set in the words of a deployment.
func (t wireTaskSet) deployment() wireDeployment {
	d := t.wireDeployment
	d.Desired = t.Computed
	switch t.Stability {
	case "STEADY_STATE":
		d.Rollout = backend.RolloutCompleted
	case "STABILIZING":
		d.Rollout = backend.RolloutInProgress
	}
	return d
}

func serviceOf(raw json.RawMessage) (backend.Service, error) {
	var w wireService
	if err := json.Unmarshal(raw, &w); err != nil {
		return backend.Service{}, err
	}
	doc := documentOf(raw)
	spec, err := backend.ParseServiceSpec(doc)
	if err != nil {
		return backend.Service{}, err
	}
	s := backend.Service{
		ARN: string(w.ARN), Name: string(w.Name), Cluster: backend.ShortName(string(w.Cluster)), Status: string(w.Status),
		TaskDefinition: string(w.TaskDefinition), LaunchType: string(w.LaunchType),
		Desired: w.Desired, Running: w.Running, Pending: w.Pending,
		Config: spec.Config, GracePeriod: spec.GracePeriod, Current: string(w.Current), CreatedAt: w.Created.Time, Document: doc,
	}
	for _, t := range w.Tags {
		if s.Tags == nil {
			s.Tags = map[string]string{}
		}
		s.Tags[string(t.Key)] = string(t.Value)
	}
	for _, set := range w.TaskSets {
		w.Deployments = append(w.Deployments, set.deployment())
	}
	for _, d := range w.Deployments {
		s.Deployments = append(s.Deployments, backend.Deployment{
			ID: string(d.ID), Status: string(d.Status), Rollout: string(d.Rollout), RolloutReason: string(d.Reason),
			TaskDefinition: string(d.TaskDefinition), Desired: d.Desired, Pending: d.Pending, Running: d.Running, Failed: d.Failed,
			CreatedAt: d.Created.Time, UpdatedAt: d.Updated.Time,
		})
	}
	slices.SortStableFunc(s.Deployments, func(a, b backend.Deployment) int {
		if x, y := a.Status == backend.DeploymentPrimary, b.Status == backend.DeploymentPrimary; x != y {
			if x {
				return -1
			}
			return 1
		}
		return b.CreatedAt.Compare(a.CreatedAt)
	})
	for _, e := range w.Events {
		s.Events = append(s.Events, backend.Event{ID: string(e.ID), At: e.At.Time, Message: string(e.Message)})
	}
	return s, nil
}

// clusterOf is the cluster's name in an ARN that has one.
func clusterOf(arn string) string {
	_, parts, ok := backend.SplitARN(arn)
	if !ok || len(parts) < 2 {
		return ""
	}
	return parts[0]
}

// serviceOfARN is the service's name in the ARN of one of its parts.
func serviceOfARN(arn string) string {
	_, parts, ok := backend.SplitARN(arn)
	if !ok || len(parts) < 3 {
		return backend.ShortName(arn)
	}
	return parts[1]
}

// seconds is a duration as ECS writes it.
func seconds(d time.Duration) int { return int(d / time.Second) }

// serviceGroup is the service that a task's group names.
func serviceGroup(group string) string {
	name, ok := strings.CutPrefix(group, "service:")
	if !ok {
		return ""
	}
	return name
}
