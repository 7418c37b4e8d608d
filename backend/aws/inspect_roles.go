package aws

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// The services of AWS that assume the roles in ECS's documents: tasks and what
// starts them, and ECS itself for what it makes ("IAM roles for Amazon ECS" in
// its developer guide).
const (
	forTasks = "ecs-tasks.amazonaws.com"
	forECS   = "ecs.amazonaws.com"
)

// roleFor is a role, and who has to be able to assume it.
type roleFor struct{ role, service string }

// roleName is the form of a role's name.
var roleName = regexp.MustCompile(`^[A-Za-z0-9+=,.@_-]{1,64}$`)

// roles asks for the roles that the documents name.
func (i *inspection) roles() {
	var named placesOf[roleFor]
	add := func(role, service, path string) {
		if role != "" {
			named.add(roleFor{role, service}, path)
		}
	}
	add(i.req.TaskDefinition.ExecutionRoleARN, forTasks, "executionRoleArn")
	add(i.req.TaskDefinition.TaskRoleARN, forTasks, "taskRoleArn")
	add(i.on.Role, forECS, "role")
	for n, l := range i.on.Balancers {
		if l.Advanced != nil {
			add(l.Advanced.Role, forECS, fmt.Sprintf("loadBalancers[%d].advancedConfiguration.roleArn", n))
		}
	}
	for n, v := range i.on.Volumes {
		if v.EBS != nil {
			add(v.EBS.Role, forECS, fmt.Sprintf("volumeConfigurations[%d].managedEBSVolume.roleArn", n))
		}
	}
	for n, s := range i.on.Connect.Services {
		add(s.TLS.Role, forECS, fmt.Sprintf("serviceConnectConfiguration.services[%d].tls.roleArn", n))
	}
	for n, l := range i.on.Lattice {
		add(l.Role, forECS, fmt.Sprintf("vpcLatticeConfigurations[%d].roleArn", n))
	}
	for n, h := range i.on.Config.Hooks {
		add(h.Role, forECS, fmt.Sprintf("deploymentConfiguration.lifecycleHooks[%d].roleArn", n))
	}
	for _, r := range named.order {
		i.ask(func(ctx context.Context) verdict { return i.role(ctx, r, named.paths[r]) })
	}
	i.ask(func(context.Context) verdict { return verdict{findings: i.neededRoles()} })
}

// role looks whether a role exists and may be assumed.
func (i *inspection) role(ctx context.Context, r roleFor, paths []string) (v verdict) {
	name := r.role
	if service, _, account, resource, ok := splitARN(r.role); ok {
		rest, is := strings.CutPrefix(resource, "role/")
		if service != "iam" || !is {
			for _, path := range paths {
				v.problem(path, "write it as arn:aws:iam::ACCOUNT:role/NAME", "%s is no ARN of a role", r.role)
			}
			return v
		}
		name = rest[strings.LastIndexByte(rest, '/')+1:]
		if i.elsewhere(account) {
			v.unknown(paths[0], "the role "+name+" of account "+account, "iam:GetRole", errOtherAccount)
			return v
		}
	}
	if !roleName.MatchString(name) {
		v.problem(paths[0], "write it as arn:aws:iam::ACCOUNT:role/NAME", "%q is no name of a role", name)
		return v
	}
	var out struct {
		ARN   string `xml:"GetRoleResult>Role>Arn"`
		Trust string `xml:"GetRoleResult>Role>AssumeRolePolicyDocument"`
	}
	err := smallQuery(ctx, i.b, iamService(), "GetRole", name, url.Values{"RoleName": {name}}, &out)
	switch {
	case backend.KindOf(err) == backend.NotFound:
		for _, path := range paths {
			v.problem(path, "correct its name, or create it with a trust policy for "+r.service, "the role %s does not exist", name)
		}
		return v
	case err != nil:
		v.unknown(paths[0], "the role "+name, "iam:GetRole", err)
		return v
	}
	if arn := backend.Clean(out.ARN); arn != "" && arn != r.role && strings.HasPrefix(r.role, "arn:") {
		for _, path := range paths {
			v.problem(path, "write it as "+arn, "the role %s is %s", name, arn)
		}
		return v
	}
	trust, err := parseTrust(out.Trust)
	if err != nil {
		v.unknown(paths[0], "the role "+name, "iam:GetRole", errors.New(backend.Clean(err.Error())))
		return v
	}
	if !trust.lets(r.service, i.account) {
		for _, path := range paths {
			v.problem(path, fmt.Sprintf(`its trust policy needs {"Effect": "Allow", "Principal": {"Service": %q}, "Action": "sts:AssumeRole"}`, r.service),
				"the role %s does not let %s assume it", name, r.service)
		}
	}
	return v
}

// neededRoles finds what can't be done without a role, where none is named.
func (i *inspection) neededRoles() []backend.Finding {
	var v verdict
	td := i.req.TaskDefinition
	if td.ExecutionRoleARN == "" {
		for n, c := range td.Containers {
			if why := i.needsExecution(n, c); why != "" {
				v.problem("executionRoleArn", `set "executionRoleArn"; the role ecsTaskExecutionRole has what is needed`,
					"containerDefinitions[%d] needs an execution role %s", n, why)
				break
			}
		}
	}
	for n, volume := range i.on.Volumes {
		if volume.EBS != nil && volume.EBS.Role == "" {
			v.problem(fmt.Sprintf("volumeConfigurations[%d].managedEBSVolume.roleArn", n), "name an infrastructure role that "+forECS+" may assume",
				"ECS needs a role to make the volume")
		}
	}
	return v.findings
}

// needsExecution says what a container needs the execution role for. Secrets
// need it wherever a task runs, the rest on Fargate only: a container instance
// has a role of its own.
func (i *inspection) needsExecution(n int, c backend.ContainerDefinition) string {
	on := i.container(n)
	switch {
	case len(c.Secrets) > 0 || len(on.Log.Secrets) > 0:
		return "to read its secrets"
	case on.Repository.Parameter != "":
		return "to read the credentials of its registry"
	case !i.fargate():
		return ""
	case c.LogConfiguration != nil && c.LogConfiguration.LogDriver == "awslogs":
		return "to write its logs"
	case ecrHost.MatchString(c.Image):
		return "to pull its image from ECR"
	}
	return ""
}
