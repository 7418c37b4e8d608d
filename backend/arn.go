package backend

import (
	"fmt"
	"strings"
)

// Namer makes ARNs in ECS's formats, for backends that hand out their own.
type Namer struct {
	Region  string `json:"region"`
	Account string `json:"account"`
}

func (n Namer) arn(kind string, parts ...string) string {
	return fmt.Sprintf("arn:aws:ecs:%s:%s:%s/%s", n.Region, n.Account, kind, strings.Join(parts, "/"))
}

// Cluster is the ARN of a cluster.
func (n Namer) Cluster(name string) string { return n.arn("cluster", name) }

// Service is the ARN of a service, in the long format that has its cluster.
func (n Namer) Service(cluster, name string) string { return n.arn("service", cluster, name) }

// Task is the ARN of a task; id is 32 hexadecimal digits.
func (n Namer) Task(cluster, id string) string { return n.arn("task", cluster, id) }

// TaskDefinition is the ARN of a revision of a family.
func (n Namer) TaskDefinition(family string, revision int) string {
	return n.arn("task-definition", fmt.Sprintf("%s:%d", family, revision))
}

// ContainerInstance is the ARN of a machine; id is 32 hexadecimal digits.
func (n Namer) ContainerInstance(cluster, id string) string {
	return n.arn("container-instance", cluster, id)
}

// CapacityProvider is the ARN of a capacity provider.
func (n Namer) CapacityProvider(name string) string { return n.arn("capacity-provider", name) }

// ServiceDeployment is the ARN of one rollout of a service.
func (n Namer) ServiceDeployment(cluster, service, id string) string {
	return n.arn("service-deployment", cluster, service, id)
}

// ServiceRevision is the ARN of what one rollout brings.
func (n Namer) ServiceRevision(cluster, service, id string) string {
	return n.arn("service-revision", cluster, service, id)
}

// SplitARN takes the resource of an ECS ARN apart:
// "arn:…:service/staging/web" → "service", ["staging", "web"]. ok is false for
// what is no ECS ARN.
func SplitARN(arn string) (kind string, parts []string, ok bool) {
	f := strings.SplitN(arn, ":", 6)
	if len(f) != 6 || f[0] != "arn" || f[2] != "ecs" {
		return "", nil, false
	}
	kind, rest, found := strings.Cut(f[5], "/")
	if !found || rest == "" {
		return "", nil, false
	}
	return kind, strings.Split(rest, "/"), true
}
