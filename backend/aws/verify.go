package aws

import (
	"context"
	"fmt"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Verify finds what ECS would refuse, and what would only show when the tasks
// start: roles, images, secrets, log groups, target groups and networks that are
// not there, or do not fit. What it may not look at is a note.
func (b *Backend) Verify(ctx context.Context, req backend.VerifyRequest) ([]backend.Finding, error) {
	const op = "Verify"
	found, err := b.DescribeClusters(ctx, []string{b.cluster(req.Cluster)})
	if err != nil {
		return nil, named(err, op, req.Cluster)
	}
	if len(found) == 0 {
		e := backend.Errorf(op, backend.NotFound, backend.Clean(b.cluster(req.Cluster)), "the cluster does not exist in region %s", b.region())
		e.Remedy = "name another with --cluster, or another region with --region"
		return nil, e
	}
	findings := backend.CheckTaskDefinition(req.TaskDefinition)
	if req.Service != nil {
		findings = append(findings, backend.CheckService(*req.Service, req.TaskDefinition)...)
		findings = append(findings, checkServiceDocument(*req.Service, req.TaskDefinition)...)
	}
	stands, err := b.inspect(ctx, found[0].ARN, req)
	if err != nil {
		return nil, named(err, op, "")
	}
	repositories, err := b.checkRepositories(ctx, req.Repositories)
	if err != nil {
		return nil, named(err, op, "")
	}
	return append(append(findings, stands...), repositories...), nil
}

// checkServiceDocument looks at what only ECS cares for in a service.
func checkServiceDocument(spec backend.ServiceSpec, td backend.TaskDefinition) []backend.Finding {
	var d struct {
		Network   any `json:"networkConfiguration"`
		Balancers []struct {
			Advanced any `json:"advancedConfiguration"`
		} `json:"loadBalancers"`
	}
	if len(spec.Document) == 0 || spec.Document.Decode(&d) != nil {
		return nil
	}
	var out []backend.Finding
	if td.NetworkMode == "awsvpc" && d.Network == nil {
		out = append(out, backend.Finding{
			Severity: backend.Warning, Path: "networkConfiguration", Message: "a service in awsvpc mode needs subnets and security groups to be created",
			Remedy: `set "networkConfiguration": {"awsvpcConfiguration": {"subnets": […], "securityGroups": […]}}`,
		})
	}
	if td.NetworkMode != "awsvpc" && d.Network != nil {
		out = append(out, backend.Finding{
			Severity: backend.Problem, Path: "networkConfiguration", Message: "only tasks in awsvpc mode have subnets and security groups of their own",
			Remedy: `leave it out, or set "networkMode": "awsvpc"`,
		})
	}
	if why := spec.Foreign(); why != "" {
		out = append(out, backend.Finding{Severity: backend.Problem, Path: "deploymentController.type", Message: why, Remedy: backend.ForeignRemedy})
	}
	for i, balancer := range d.Balancers {
		if backend.ShiftsTraffic(spec.Config.Strategy) && balancer.Advanced == nil {
			out = append(out, backend.Finding{
				Severity: backend.Warning, Path: fmt.Sprintf("loadBalancers[%d].advancedConfiguration", i),
				Message: spec.Config.Strategy + " shifts traffic between two target groups, and this load balancer has one",
				Remedy:  "name alternateTargetGroupArn, productionListenerRule and roleArn",
			})
		}
	}
	return out
}

// checkRepositories looks for the repositories that a deploy pushes to.
func (b *Backend) checkRepositories(ctx context.Context, names []string) ([]backend.Finding, error) {
	var out []backend.Finding
	for _, name := range names {
		r, ok := b.parseRef(name)
		if !ok {
			out = append(out, backend.Finding{
				Severity: backend.Problem, Message: backend.Clean(name) + " is no repository of ECR",
				Remedy: "use lower-case letters, digits, - _ . and /, with no registry before them",
			})
			continue
		}
		exists, err := b.repositoryExists(ctx, r.repository)
		switch {
		case backend.KindOf(err) == backend.Denied:
			out = append(out, notes([]cannot{{"", "the repository " + r.repository, "ecr:DescribeRepositories", err}})...)
		case err != nil:
			return nil, err
		case exists:
		default:
			out = append(out, backend.Finding{
				Severity: backend.Warning, Message: "ECR has no repository " + r.repository + " yet", Remedy: "a deploy makes it, after asking",
			})
		}
	}
	return out, nil
}
