package aws

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/ecs-tui/ecs-tui/backend"
)

// capacityKept is how long a cluster's capacity providers are kept.
const capacityKept = 20 * time.Second

// ListContainerInstances gives the ARNs of a cluster's machines, draining ones
// too.
func (b *Backend) ListContainerInstances(ctx context.Context, cluster string, p backend.PageRequest) (backend.Page[string], error) {
	token, size := paging(p)
	cluster = b.cluster(cluster)
	var out struct {
		Arns []text `json:"containerInstanceArns"`
		Next string `json:"nextToken"`
	}
	in := &ecs.ListContainerInstancesInput{Cluster: &cluster, NextToken: token, MaxResults: size}
	err := call(ctx, b, "ListContainerInstances", cluster, in, nil, &out, (*ecs.Client).ListContainerInstances)
	return backend.Page[string]{Items: cleanAll(out.Arns), Next: out.Next}, err
}

// DescribeContainerInstances gives machines by ARN or id; unknown ones are left
// out.
func (b *Backend) DescribeContainerInstances(ctx context.Context, cluster string, arns []string) ([]backend.ContainerInstance, error) {
	const op = "DescribeContainerInstances"
	cluster = b.cluster(cluster)
	return describe(ctx, arns, 100, func(ctx context.Context, arns []string) ([]backend.ContainerInstance, error) {
		var out struct {
			Instances []json.RawMessage `json:"containerInstances"`
		}
		in := &ecs.DescribeContainerInstancesInput{Cluster: &cluster, ContainerInstances: arns}
		if err := call(ctx, b, op, cluster, in, nil, &out, (*ecs.Client).DescribeContainerInstances); err != nil {
			return nil, err
		}
		found := make([]backend.ContainerInstance, 0, len(out.Instances))
		for _, raw := range out.Instances {
			i, err := backend.ParseInstance(documentOf(raw))
			if err != nil {
				return nil, unreadable(op, cluster, "a container instance", err)
			}
			if i.Cluster == "" { // ARNs in the old format do not say
				i.Cluster = backend.ShortName(cluster)
			}
			found = append(found, i)
		}
		return found, nil
	})
}

// unreadable is an answer that AWS's own description does not allow.
func unreadable(op, resource, what string, err error) error {
	return backend.Errorf(op, backend.Other, backend.Clean(resource), "%s can't be read: %s", what, backend.Clean(err.Error()))
}

// DescribeCapacity gives a cluster's capacity providers and default strategy:
// one call for the cluster, one for the providers.
func (b *Backend) DescribeCapacity(ctx context.Context, cluster string) (backend.Capacity, error) {
	cluster = b.cluster(cluster)
	return keep(b, &b.capacities, cluster, capacityKept, func() (backend.Capacity, error) { return b.readCapacity(ctx, cluster) })
}

func (b *Backend) readCapacity(ctx context.Context, cluster string) (backend.Capacity, error) {
	const op = "DescribeCapacityProviders"
	var c backend.Capacity
	var of struct {
		Clusters []struct {
			Providers []text `json:"capacityProviders"`
			Default   []struct {
				Provider text `json:"capacityProvider"`
				Base     int  `json:"base"`
				Weight   int  `json:"weight"`
			} `json:"defaultCapacityProviderStrategy"`
		} `json:"clusters"`
	}
	if err := call(ctx, b, "DescribeClusters", cluster, &ecs.DescribeClustersInput{Clusters: []string{cluster}}, nil, &of, (*ecs.Client).DescribeClusters); err != nil {
		return c, err
	}
	if len(of.Clusters) == 0 {
		return c, &backend.Error{
			Op: op, Kind: backend.NotFound, Resource: backend.Clean(cluster), Err: errNoCluster,
			Remedy: "name another with --cluster or :cluster; the region may be another one too: " + b.region(),
		}
	}
	for _, d := range of.Clusters[0].Default {
		c.Default = append(c.Default, backend.ProviderShare{Provider: string(d.Provider), Base: d.Base, Weight: d.Weight})
	}
	names := cleanAll(of.Clusters[0].Providers)
	if len(names) == 0 {
		return c, nil
	}
	var out struct {
		Providers []json.RawMessage `json:"capacityProviders"`
	}
	if err := call(ctx, b, op, cluster, &ecs.DescribeCapacityProvidersInput{CapacityProviders: names}, nil, &out, (*ecs.Client).DescribeCapacityProviders); err != nil {
		return c, err
	}
	for _, raw := range out.Providers {
		p, err := backend.ParseProvider(documentOf(raw))
		if err != nil {
			return c, unreadable(op, cluster, "a capacity provider", err)
		}
		c.Providers = append(c.Providers, p)
	}
	return c, nil
}
