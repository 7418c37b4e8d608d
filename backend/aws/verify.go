package aws

import (
	"context"
	"fmt"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Verify finds what ECS would refuse, and what would only show when the tasks
// start: images and repositories that are not there, roles and networks that
// are missing.
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
	findings = append(findings, checkRole(req.TaskDefinition)...)
	if req.Service != nil {
		findings = append(findings, backend.CheckService(*req.Service, req.TaskDefinition)...)
		findings = append(findings, checkServiceDocument(*req.Service, req.TaskDefinition)...)
	}
	images, err := b.checkImages(ctx, req.TaskDefinition)
	if err != nil {
		return nil, named(err, op, "")
	}
	repositories, err := b.checkRepositories(ctx, req.Repositories)
	if err != nil {
		return nil, named(err, op, "")
	}
	return append(append(findings, images...), repositories...), nil
}

// checkRole: on Fargate, ECS needs a role to pull from ECR, to write logs and
// to read secrets.
func checkRole(td backend.TaskDefinition) []backend.Finding {
	fargate := false
	for _, r := range td.Requires {
		fargate = fargate || r == "FARGATE"
	}
	if td.ExecutionRoleARN != "" || !fargate {
		return nil
	}
	for i, c := range td.Containers {
		why := ""
		switch {
		case len(c.Secrets) > 0:
			why = "to read its secrets"
		case c.LogConfiguration != nil && c.LogConfiguration.LogDriver == "awslogs":
			why = "to write its logs"
		case ecrHost.MatchString(c.Image):
			why = "to pull its image from ECR"
		default:
			continue
		}
		return []backend.Finding{{
			Severity: backend.Problem, Path: "executionRoleArn",
			Message: fmt.Sprintf("containerDefinitions[%d] needs an execution role %s", i, why),
			Remedy:  `set "executionRoleArn"; the role ecsTaskExecutionRole has what is needed`,
		}}
	}
	return nil
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

// checkImages looks for the images that are in ECR. A tag that is missing there
// is found out here, rather than by a task that can't pull it.
func (b *Backend) checkImages(ctx context.Context, td backend.TaskDefinition) ([]backend.Finding, error) {
	var out []backend.Finding
	for i, c := range td.Containers {
		r, ok := b.parseRef(c.Image)
		if !ok || !ecrHost.MatchString(c.Image) {
			continue
		}
		_, err := b.describeImage(ctx, "Verify", r)
		switch {
		case backend.KindOf(err) == backend.NotFound:
			out = append(out, backend.Finding{
				Severity: backend.Problem, Path: fmt.Sprintf("containerDefinitions[%d].image", i),
				Message: "ECR has no image " + r.String(), Remedy: "build and push it, or correct the tag",
			})
		case err != nil:
			return nil, err
		}
	}
	return out, nil
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
