package ecsapi

import (
	"context"
	"net/http"

	"github.com/ecs-tui/ecs-tui/backend"
)

// ECS's limits ("Service quotas" in the developer guide, and the API
// reference).
const (
	mostPage             = 100
	servicesPage         = 10 // what ListServices gives unless asked
	deploymentsPage      = 20
	mostServices         = 10
	mostTasks            = 100
	mostClusters         = 100
	mostDeployments      = 20
	mostRuns             = 10
	mostDeletions        = 10
	mostDefinitionLength = 64 << 10
)

// ecs are the operations of Amazon ECS.
func (h *Handler) ecs() map[string]operation {
	all := map[string]operation{
		"ListClusters":     typed(h.listClusters),
		"DescribeClusters": typed(h.describeClusters),
		"CreateCluster":    typed(h.createCluster),
		"DeleteCluster":    typed(h.deleteCluster),

		"ListServices":     typed(h.listServices),
		"DescribeServices": typed(h.describeServices),
		"CreateService":    h.createService,
		"UpdateService":    h.updateService,
		"DeleteService":    typed(h.deleteService),

		"ListTasks":     typed(h.listTasks),
		"DescribeTasks": typed(h.describeTasks),
		"RunTask":       typed(h.runTask),
		"StopTask":      typed(h.stopTask),

		"ExecuteCommand": h.executeCommand,

		"ListTaskDefinitionFamilies": typed(h.listFamilies),
		"ListTaskDefinitions":        typed(h.listTaskDefinitions),
		"DescribeTaskDefinition":     typed(h.describeTaskDefinition),
		"RegisterTaskDefinition":     h.registerTaskDefinition,
		"DeregisterTaskDefinition":   typed(h.deregisterTaskDefinition),
		"DeleteTaskDefinitions":      typed(h.deleteTaskDefinitions),

		"ListServiceDeployments":     typed(h.listServiceDeployments),
		"DescribeServiceDeployments": typed(h.describeServiceDeployments),
		"DescribeServiceRevisions":   typed(h.describeServiceRevisions),
		"StopServiceDeployment":      typed(h.stopServiceDeployment),
		"ContinueServiceDeployment":  typed(h.continueServiceDeployment),

		"TagResource":                typed(h.tagResource),
		"UntagResource":              typed(h.untagResource),
		"ListTagsForResource":        typed(h.listTags),
		"ListContainerInstances":     typed(h.listContainerInstances),
		"DescribeContainerInstances": typed(h.describeContainerInstances),
		"DescribeCapacityProviders":  typed(h.describeCapacityProviders),
	}
	for name, op := range all {
		all[name] = func(ctx context.Context, c *call) (any, error) {
			out, err := op(ctx, c)
			if err != nil {
				return nil, h.ecsError(ctx, c, err)
			}
			return out, nil
		}
	}
	return all
}

// ecsError gives a backend's error the type that ECS has for it in this
// operation.
func (h *Handler) ecsError(ctx context.Context, c *call, err error) error {
	if _, done := err.(*apiError); done {
		return err
	}
	text := message(err)
	switch backend.KindOf(err) {
	case backend.NotFound:
		return failf(http.StatusBadRequest, h.notFound(ctx, c), "%s", text)
	case backend.Conflict:
		return failf(http.StatusBadRequest, conflict(c.action), "%s%s", conflictText(c.action), text)
	case backend.Invalid:
		return failf(http.StatusBadRequest, invalid(c.action), "%s", text)
	case backend.Unsupported:
		return unsupportedf("%s", text)
	default:
		return err
	}
}

// notFound says what was not found: the cluster, when there is none of that
// name, else what the operation works on.
func (h *Handler) notFound(ctx context.Context, c *call) string {
	var in struct {
		Cluster string `json:"cluster"`
	}
	if bind(c, &in) == nil && in.Cluster != "" {
		found, err := h.b.DescribeClusters(ctx, []string{in.Cluster})
		if err == nil && len(found) == 0 {
			return "ClusterNotFoundException"
		}
	}
	switch c.action {
	case "UpdateService", "DeleteService", "ListServiceDeployments", "ListTasks":
		return "ServiceNotFoundException"
	case "StopServiceDeployment", "ContinueServiceDeployment":
		return "ServiceDeploymentNotFoundException"
	case "StopTask":
		return "InvalidParameterException"
	case "ListServices", "DescribeServices", "DescribeTasks", "ListContainerInstances", "DescribeContainerInstances", "DescribeCapacityProviders":
		return "ClusterNotFoundException"
	default: // a task definition that does not exist
		return "ClientException"
	}
}

func conflict(action string) string {
	switch action {
	case "UpdateService":
		return "ServiceNotActiveException"
	case "StopServiceDeployment", "ContinueServiceDeployment":
		return "ConflictException"
	case "CreateService", "DeleteService":
		return "InvalidParameterException"
	default:
		return "ClientException"
	}
}

// conflictText are the sentences that tools look for.
func conflictText(action string) string {
	switch action {
	case "CreateService":
		return "Creation of service was not idempotent. "
	case "DeleteService":
		return "The service cannot be stopped while it is scaled above 0. "
	default:
		return ""
	}
}

func invalid(action string) string {
	switch action {
	case "RegisterTaskDefinition", "DescribeTaskDefinition", "DeregisterTaskDefinition":
		return "ClientException"
	default:
		return "InvalidParameterException"
	}
}
