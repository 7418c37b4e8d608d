package ecsapi

import (
	"context"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

const mostInstances = 100

func (h *Handler) listContainerInstances(ctx context.Context, in *struct {
	paging
	Cluster string `json:"cluster"`
	Status  string `json:"status"`
	Filter  string `json:"filter"`
},
) (any, error) {
	if in.Filter != "" {
		return nil, unsupportedf("this endpoint has no query language for container instances")
	}
	scope := "ListContainerInstances " + in.Cluster + " " + in.Status
	p, err := pageOf(scope, in.NextToken, in.MaxResults, mostPage, mostPage)
	if err != nil {
		return nil, err
	}
	page, err := h.b.ListContainerInstances(ctx, in.Cluster, p)
	if err != nil {
		return nil, err
	}
	arns := page.Items
	if in.Status != "" && len(arns) > 0 {
		found, err := h.b.DescribeContainerInstances(ctx, in.Cluster, arns)
		if err != nil {
			return nil, err
		}
		arns = nil
		for _, i := range found {
			if i.Status == in.Status {
				arns = append(arns, i.ARN)
			}
		}
	}
	return obj{"containerInstanceArns": listed(arns)}.put("nextToken", seal(scope, page.Next)), nil
}

func (h *Handler) describeContainerInstances(ctx context.Context, in *struct {
	Cluster   string   `json:"cluster"`
	Instances []string `json:"containerInstances"`
},
) (any, error) {
	switch {
	case len(in.Instances) == 0:
		return nil, invalidf("Container instances cannot be empty.")
	case len(in.Instances) > mostInstances:
		return nil, invalidf("Container instances cannot contain more than %d elements.", mostInstances)
	}
	found, err := h.b.DescribeContainerInstances(ctx, in.Cluster, in.Instances)
	if err != nil {
		return nil, err
	}
	failures := []any{}
	for _, ref := range in.Instances {
		if slices.ContainsFunc(found, func(i backend.ContainerInstance) bool { return backend.ShortName(i.ARN) == backend.ShortName(ref) }) {
			continue
		}
		arn := backend.Clean(ref)
		if !strings.HasPrefix(ref, "arn:") {
			arn = h.arnOf(ctx, "container-instance", backend.ShortName(in.Cluster), ref)
		}
		failures = append(failures, failure(arn, missing))
	}
	return obj{"failures": failures, "containerInstances": each(found, instanceShape)}, nil
}

// instanceShape is a machine as DescribeContainerInstances gives it.
func instanceShape(i backend.ContainerInstance) obj {
	o := tree(i.Document).bare()
	o["containerInstanceArn"], o["status"], o["agentConnected"] = i.ARN, i.Status, i.Connected
	o["runningTasksCount"], o["pendingTasksCount"] = i.Running, i.Pending
	o.put("registeredAt", i.RegisteredAt)
	o.stamps("registeredAt")
	for _, list := range []string{"attributes", "attachments", "tags"} {
		o.preset(list, []any{})
	}
	return o
}

func (h *Handler) describeCapacityProviders(ctx context.Context, in *struct {
	Names   []string `json:"capacityProviders"`
	Cluster string   `json:"cluster"`
},
) (any, error) {
	clusters := []string{in.Cluster}
	if in.Cluster == "" {
		clusters = nil
		for arn, err := range backend.All(ctx, h.b.ListClusters) {
			if err != nil {
				return nil, err
			}
			clusters = append(clusters, arn)
		}
	}
	var found []backend.CapacityProvider
	for _, cluster := range clusters {
		c, err := h.b.DescribeCapacity(ctx, cluster)
		if err != nil {
			return nil, err
		}
		for _, p := range c.Providers {
			known := slices.ContainsFunc(found, func(f backend.CapacityProvider) bool { return f.Name == p.Name })
			if !known && (len(in.Names) == 0 || slices.ContainsFunc(in.Names, func(n string) bool { return backend.ShortName(n) == p.Name })) {
				found = append(found, p)
			}
		}
	}
	failures := []any{}
	for _, name := range in.Names {
		if !slices.ContainsFunc(found, func(p backend.CapacityProvider) bool { return p.Name == backend.ShortName(name) }) {
			failures = append(failures, failure(h.arnOf(ctx, "capacity-provider", backend.ShortName(name)), missing))
		}
	}
	return obj{"failures": failures, "capacityProviders": each(found, func(p backend.CapacityProvider) obj {
		o := tree(p.Document).bare()
		o["capacityProviderArn"], o["name"], o["status"] = p.ARN, p.Name, p.Status
		o.preset("tags", []any{})
		return o
	})}, nil
}

// clusterCapacity adds a cluster's providers to its shape.
func clusterCapacity(o obj, c backend.Capacity) obj {
	o["capacityProviders"] = list(c.Providers, func(p backend.CapacityProvider) any { return p.Name })
	o["defaultCapacityProviderStrategy"] = each(c.Default, func(p backend.ProviderShare) obj {
		return obj{"capacityProvider": p.Provider, "weight": p.Weight, "base": p.Base}
	})
	return o
}
