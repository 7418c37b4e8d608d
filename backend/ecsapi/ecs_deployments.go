package ecsapi

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

type listDeploymentsInput struct {
	paging
	Cluster   string   `json:"cluster"`
	Service   string   `json:"service"`
	Status    []string `json:"status"`
	CreatedAt struct {
		Before when `json:"before"`
		After  when `json:"after"`
	} `json:"createdAt"`
}

func (h *Handler) listServiceDeployments(ctx context.Context, in *listDeploymentsInput) (any, error) {
	if in.Service == "" {
		return nil, invalidf("Service cannot be empty.")
	}
	scope := fmt.Sprintf("ListServiceDeployments %q %q %q", in.Cluster, in.Service, in.Status)
	p, err := pageOf(scope, in.NextToken, in.MaxResults, deploymentsPage, mostPage)
	if err != nil {
		return nil, err
	}
	page, err := h.b.ListServiceDeployments(ctx, in.Cluster, in.Service, p)
	if err != nil {
		return nil, err
	}
	found, err := h.b.DescribeServiceDeployments(ctx, page.Items)
	if err != nil {
		return nil, err
	}
	before, after := time.Time(in.CreatedAt.Before), time.Time(in.CreatedAt.After)
	found = slices.DeleteFunc(found, func(d backend.ServiceDeployment) bool {
		return len(in.Status) > 0 && !slices.Contains(in.Status, string(d.Status)) ||
			!before.IsZero() && !d.CreatedAt.Before(before) || d.CreatedAt.Before(after)
	})
	return obj{"serviceDeployments": each(found, briefShape)}.put("nextToken", seal(scope, page.Next)), nil
}

// briefShape is a service deployment in a list.
func briefShape(d backend.ServiceDeployment) obj {
	o := obj{
		"serviceDeploymentArn": d.ARN, "serviceArn": sibling(d.ARN, "service", d.Cluster, d.Service),
		"clusterArn": sibling(d.ARN, "cluster", d.Cluster), "status": string(d.Status),
	}
	return o.put("targetServiceRevisionArn", d.Target.ARN).put("statusReason", d.Reason).
		put("createdAt", d.CreatedAt).put("startedAt", d.StartedAt).put("finishedAt", d.FinishedAt)
}

func (h *Handler) describeServiceDeployments(ctx context.Context, in *struct {
	ARNs []string `json:"serviceDeploymentArns"`
},
) (any, error) {
	if err := between("serviceDeploymentArns", len(in.ARNs), mostDeployments); err != nil {
		return nil, err
	}
	found, err := h.b.DescribeServiceDeployments(ctx, in.ARNs)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	shapes := []any{}
	for _, d := range found {
		known[d.ARN] = true
		shape, err := h.serviceDeploymentShape(ctx, d)
		if err != nil {
			return nil, err
		}
		shapes = append(shapes, shape)
	}
	return obj{"serviceDeployments": shapes, "failures": failuresOf(in.ARNs, known)}, nil
}

// between is ECS's rule for lists of what to describe.
func between(field string, n, most int) error {
	switch {
	case n == 0:
		return invalidf("%s cannot be empty.", field)
	case n > most:
		return invalidf("%s cannot contain more than %d elements.", field, most)
	default:
		return nil
	}
}

func failuresOf(arns []string, known map[string]bool) []any {
	failures := []any{}
	for _, arn := range arns {
		if !known[arn] {
			failures = append(failures, failure(backend.Clean(arn), missing))
		}
	}
	return failures
}

// serviceDeploymentShape is a service deployment as it is described.
func (h *Handler) serviceDeploymentShape(ctx context.Context, d backend.ServiceDeployment) (obj, error) {
	o := briefShape(d)
	delete(o, "targetServiceRevisionArn")
	o["sourceServiceRevisions"] = each(d.Source, summaryShape)
	o["targetServiceRevision"] = summaryShape(d.Target)
	shiftShape(o, d)
	if d.Status == backend.Stopped {
		o.put("stoppedAt", d.FinishedAt)
	}
	if b := d.Breaker; b != nil {
		o["deploymentCircuitBreaker"] = obj{"failureCount": b.Failures, "threshold": b.Threshold, "status": b.Status}
	}
	if s, ok, err := h.serviceOf(ctx, d.Cluster, d.Service); err != nil {
		return nil, err
	} else if ok {
		config, _ := serviceShape(s)["deploymentConfiguration"].(obj)
		o["deploymentConfiguration"] = config.put("strategy", d.Strategy)
	}
	if d.RollbackTo == "" && d.RollbackReason == "" {
		return o, nil
	}
	revision, err := h.rolledBackTo(ctx, d)
	if err != nil {
		return nil, err
	}
	o["rollback"] = obj{}.put("reason", d.RollbackReason).put("serviceRevisionArn", revision)
	return o, nil
}

func summaryShape(r backend.Revision) obj {
	o := obj{
		"arn": r.ARN, "requestedTaskCount": r.Desired, "runningTaskCount": r.Running, "pendingTaskCount": r.Pending,
	}
	if t := r.Traffic; t != nil {
		o["requestedProductionTrafficWeight"], o["requestedTestTrafficWeight"] = t.Production, t.Test
	}
	return o
}

func (h *Handler) serviceOf(ctx context.Context, cluster, name string) (backend.Service, bool, error) {
	found, err := h.b.DescribeServices(ctx, cluster, []string{name})
	if err != nil || len(found) == 0 {
		return backend.Service{}, false, err
	}
	return found[0], true, nil
}

// rolledBackTo finds the revision that a deployment went back to. Backends say
// only which task definition it has; mostly it is one that was replaced.
func (h *Handler) rolledBackTo(ctx context.Context, d backend.ServiceDeployment) (string, error) {
	for _, r := range d.Source {
		if r.TaskDefinition == d.RollbackTo {
			return r.ARN, nil
		}
	}
	revisions, err := h.revisions(ctx, d.Cluster, d.Service)
	if err != nil {
		return "", err
	}
	for _, r := range revisions {
		if r.TaskDefinition == d.RollbackTo && r.ARN != d.Target.ARN {
			return r.ARN, nil
		}
	}
	return "", nil
}

// revision is a service revision with the time its deployment began.
type revision struct {
	backend.Revision
	createdAt time.Time
}

// revisions are those that the deployments of a service brought, newest first.
func (h *Handler) revisions(ctx context.Context, cluster, service string) ([]revision, error) {
	var arns []string
	for arn, err := range backend.All(ctx, func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
		return h.b.ListServiceDeployments(ctx, cluster, service, p)
	}) {
		if err != nil {
			return nil, err
		}
		arns = append(arns, arn)
	}
	deployments, err := h.b.DescribeServiceDeployments(ctx, arns)
	if err != nil {
		return nil, err
	}
	out := make([]revision, 0, len(deployments))
	for _, d := range deployments {
		out = append(out, revision{d.Target, d.CreatedAt})
	}
	return out, nil
}

func (h *Handler) describeServiceRevisions(ctx context.Context, in *struct {
	ARNs []string `json:"serviceRevisionArns"`
},
) (any, error) {
	if err := between("serviceRevisionArns", len(in.ARNs), mostDeployments); err != nil {
		return nil, err
	}
	known := map[string]bool{}
	shapes := []any{}
	for _, arn := range in.ARNs {
		shape, err := h.revisionShape(ctx, arn)
		switch {
		case backend.KindOf(err) == backend.NotFound:
		case err != nil:
			return nil, err
		case shape != nil:
			known[arn] = true
			shapes = append(shapes, shape)
		}
	}
	return obj{"serviceRevisions": shapes, "failures": failuresOf(in.ARNs, known)}, nil
}

// revisionShape describes one revision, nil when there is none of that ARN.
func (h *Handler) revisionShape(ctx context.Context, arn string) (obj, error) {
	kind, parts, ok := backend.SplitARN(arn)
	if !ok || kind != "service-revision" || len(parts) != 3 {
		return nil, nil
	}
	cluster, name := parts[0], parts[1]
	s, ok, err := h.serviceOf(ctx, cluster, name)
	if err != nil || !ok {
		return nil, err
	}
	revisions, err := h.revisions(ctx, cluster, name)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(revisions, func(r revision) bool { return r.ARN == arn })
	if i < 0 {
		return nil, nil
	}
	r := revisions[i]
	service := serviceShape(s)
	o := obj{
		"serviceRevisionArn": r.ARN, "serviceArn": s.ARN, "clusterArn": service["clusterArn"],
		"taskDefinition": r.TaskDefinition,
		"containerImages": each(r.Images, func(c backend.ContainerImage) obj {
			return obj{"containerName": c.Container, "image": c.Image}.put("imageDigest", c.Digest)
		}),
	}
	for _, k := range []string{"launchType", "loadBalancers", "networkConfiguration", "serviceRegistries", "platformVersion"} {
		if v := service[k]; v != nil {
			o[k] = v
		}
	}
	return o.put("createdAt", r.createdAt), nil
}
