package ecsapi

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

func (h *Handler) listServices(ctx context.Context, in *struct {
	paging
	Cluster    string `json:"cluster"`
	LaunchType string `json:"launchType"`
	Strategy   string `json:"schedulingStrategy"`
},
) (any, error) {
	scope := fmt.Sprintf("ListServices %q %s %s", in.Cluster, in.LaunchType, in.Strategy)
	p, err := pageOf(scope, in.NextToken, in.MaxResults, servicesPage, mostPage)
	if err != nil {
		return nil, err
	}
	page, err := h.b.ListServices(ctx, in.Cluster, p)
	if err != nil {
		return nil, err
	}
	arns := page.Items
	if in.LaunchType != "" || in.Strategy != "" {
		arns, err = h.matching(ctx, in.Cluster, arns, in.LaunchType, in.Strategy)
		if err != nil {
			return nil, err
		}
	}
	return obj{"serviceArns": listed(arns)}.put("nextToken", seal(scope, page.Next)), nil
}

// matching keeps the services of a launch type and scheduling strategy. A page
// may come out short; as in ECS, only a missing token ends a list.
func (h *Handler) matching(ctx context.Context, cluster string, arns []string, launchType, strategy string) ([]string, error) {
	services, err := h.b.DescribeServices(ctx, cluster, arns)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, s := range services {
		shape := serviceShape(s)
		if (launchType == "" || shape["launchType"] == launchType) && (strategy == "" || shape["schedulingStrategy"] == strategy) {
			out = append(out, s.ARN)
		}
	}
	return out, nil
}

func (h *Handler) describeServices(ctx context.Context, in *struct {
	Cluster  string   `json:"cluster"`
	Services []string `json:"services"`
	Include  []string `json:"include"`
},
) (any, error) {
	switch {
	case len(in.Services) == 0:
		return nil, invalidf("Services cannot be empty.")
	case len(in.Services) > mostServices:
		return nil, invalidf("Services cannot contain more than %d elements.", mostServices)
	}
	services, err := h.b.DescribeServices(ctx, in.Cluster, in.Services)
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, s := range services {
		found[s.Name] = true
	}
	failures := []any{}
	for _, ref := range in.Services {
		if name := backend.ShortName(ref); !found[name] {
			failures = append(failures, failure(h.serviceARN(ctx, in.Cluster, ref), missing))
		}
	}
	tagged := includes(in.Include, "TAGS")
	return obj{"failures": failures, "services": each(services, func(s backend.Service) obj {
		shape := serviceShape(s)
		if !tagged {
			delete(shape, "tags")
		}
		return shape
	})}, nil
}

func includes(all []string, what string) bool {
	for _, s := range all {
		if s == what {
			return true
		}
	}
	return false
}

// serviceARN is the ARN of a service that does not exist.
func (h *Handler) serviceARN(ctx context.Context, cluster, ref string) string {
	if strings.HasPrefix(ref, "arn:") {
		return backend.Clean(ref)
	}
	if c, ok, err := h.cluster(ctx, cluster); err == nil && ok {
		cluster = c.Name
	}
	return h.arnOf(ctx, "service", backend.ShortName(cluster), ref)
}

// serviceShape is a service as DescribeServices gives it.
func serviceShape(s backend.Service) obj {
	o := tree(s.Document).bare()
	o["serviceArn"], o["serviceName"], o["status"] = s.ARN, s.Name, s.Status
	o["clusterArn"] = sibling(s.ARN, "cluster", s.Cluster)
	o["taskDefinition"] = s.TaskDefinition
	o["desiredCount"], o["runningCount"], o["pendingCount"] = s.Desired, s.Running, s.Pending
	ofDeployment := obj{} // what ECS tells of the deployments alone
	for _, f := range backend.DeploymentFields() {
		if o[f] != nil {
			ofDeployment[f] = o[f]
		}
		delete(o, f)
	}
	if o["deployments"] = each(s.Deployments, func(d backend.Deployment) obj { return deploymentShape(d, ofDeployment) }); s.Foreign() != "" {
		o["taskSets"] = each(s.Deployments, func(d backend.Deployment) obj { return taskSetShape(s, d) })
		o["deployments"] = []any{}
	}
	o["events"] = each(s.Events, func(e backend.Event) obj {
		return obj{"id": e.ID, "message": e.Message}.put("createdAt", e.At)
	})
	o.put("launchType", s.LaunchType).put("createdAt", s.CreatedAt).put("currentServiceDeployment", s.Current)
	o.stamps("createdAt")
	o.preset("schedulingStrategy", "REPLICA")
	o.preset("healthCheckGracePeriodSeconds", 0)
	o.preset("enableECSManagedTags", false)
	o.preset("enableExecuteCommand", false)
	o.preset("propagateTags", "NONE")
	if providers, _ := o["capacityProviderStrategy"].([]any); len(providers) > 0 {
		delete(o, "launchType")
		for _, p := range objects(providers) {
			p.preset("base", 0)
			p.preset("weight", 0)
		}
	}
	o["deploymentController"] = obj{"type": cmp.Or(s.Config.Controller, backend.ControllerECS)}
	for _, list := range []string{"loadBalancers", "serviceRegistries", "placementConstraints", "placementStrategy", "tags"} {
		o.preset(list, []any{})
	}
	for _, gone := range []string{"cluster", "clientToken", "forceNewDeployment", "service"} {
		delete(o, gone)
	}
	o["deploymentConfiguration"] = deploymentConfiguration(s.Config, o["deploymentConfiguration"])
	return o
}

func deploymentShape(d backend.Deployment, shared obj) obj {
	o := shared.clone()
	for k, v := range (obj{
		"id": d.ID, "status": d.Status, "taskDefinition": d.TaskDefinition,
		"desiredCount": d.Desired, "pendingCount": d.Pending, "runningCount": d.Running, "failedTasks": d.Failed,
	}) {
		o[k] = v
	}
	return o.put("rolloutState", d.Rollout).put("rolloutStateReason", d.RolloutReason).
		put("createdAt", d.CreatedAt).put("updatedAt", d.UpdatedAt)
}

// deploymentConfiguration lays what the service goes by over what its document
// says.
func deploymentConfiguration(c backend.DeploymentConfig, doc any) obj {
	o, _ := doc.(map[string]any)
	config := obj(o)
	if config == nil {
		config = obj{}
	}
	config.preset("minimumHealthyPercent", c.MinimumHealthy)
	config.preset("maximumPercent", c.Maximum)
	strategy := c.Strategy
	if strategy == "" {
		strategy = "ROLLING"
	}
	config.preset("strategy", strategy)
	config.preset("deploymentCircuitBreaker", obj{"enable": c.Breaker.Enable, "rollback": c.Breaker.Rollback})
	return config
}
