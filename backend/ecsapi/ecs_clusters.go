package ecsapi

import (
	"context"
	"maps"
	"net/http"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// paging is what every list of ECS takes.
type paging struct {
	MaxResults *int   `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

func (h *Handler) listClusters(ctx context.Context, in *paging) (any, error) {
	const scope = "ListClusters"
	p, err := pageOf(scope, in.NextToken, in.MaxResults, mostPage, mostPage)
	if err != nil {
		return nil, err
	}
	page, err := h.b.ListClusters(ctx, p)
	if err != nil {
		return nil, err
	}
	return obj{"clusterArns": listed(page.Items)}.put("nextToken", seal(scope, page.Next)), nil
}

// cluster gives one cluster; ref "" is the backend's own. ok is false when it
// does not exist.
func (h *Handler) cluster(ctx context.Context, ref string) (c backend.Cluster, ok bool, err error) {
	if ref == "" {
		info, err := h.b.Info(ctx)
		if err != nil {
			return c, false, err
		}
		ref = info.Cluster
	}
	found, err := h.b.DescribeClusters(ctx, []string{ref})
	if err != nil || len(found) == 0 {
		return c, false, err
	}
	return found[0], true, nil
}

func (h *Handler) describeClusters(ctx context.Context, in *struct {
	Clusters []string `json:"clusters"`
},
) (any, error) {
	if len(in.Clusters) > mostClusters {
		return nil, invalidf("Clusters cannot contain more than %d elements.", mostClusters)
	}
	if len(in.Clusters) == 0 {
		in.Clusters = []string{""}
	}
	clusters, failures := []any{}, []any{}
	for _, ref := range in.Clusters {
		c, ok, err := h.cluster(ctx, ref)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			failures = append(failures, failure(h.arnOf(ctx, "cluster", backend.ShortName(ref)), missing))
		default:
			capacity, err := h.b.DescribeCapacity(ctx, c.Name)
			if err != nil {
				return nil, err
			}
			clusters = append(clusters, clusterCapacity(clusterShape(c), capacity))
		}
	}
	return obj{"clusters": clusters, "failures": failures}, nil
}

// arnOf makes the ARN of what may not exist, in the account and region of what
// does.
func (h *Handler) arnOf(ctx context.Context, kind string, parts ...string) string {
	page, err := h.b.ListClusters(ctx, backend.PageRequest{Size: 1})
	if err != nil || len(page.Items) == 0 {
		return backend.Clean(strings.Join(parts, "/"))
	}
	return backend.Clean(sibling(page.Items[0], kind, parts...))
}

func clusterShape(c backend.Cluster) obj {
	o := tree(c.Document) // with what this program does not know
	maps.Copy(o, tree(c.Described().Document))
	for _, list := range []string{"statistics", "tags", "settings", "capacityProviders", "defaultCapacityProviderStrategy"} {
		o.preset(list, []any{})
	}
	return o
}

// createCluster gives the cluster that exists, as ECS does, or has the backend
// make one.
func (h *Handler) createCluster(ctx context.Context, in *struct {
	Name string `json:"clusterName"`
},
) (any, error) {
	c, ok, err := h.cluster(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	keeper := backend.ClusterKeeperOf(h.b)
	switch {
	case ok:
		return obj{"cluster": clusterShape(c)}, nil
	case !serviceName(in.Name): // the rule is the same
		return nil, invalidf("clusterName: %q is no name of a cluster: use up to 255 letters, digits, - and _.", backend.Clean(in.Name))
	case keeper == nil:
		return nil, unsupportedf("this endpoint makes no clusters: where the backend can, the first service or task in %q makes it", backend.Clean(in.Name))
	}
	if c, err = keeper.CreateCluster(ctx, in.Name); err != nil {
		return nil, err
	}
	return obj{"cluster": clusterShape(c)}, nil
}

func (h *Handler) deleteCluster(ctx context.Context, in *struct {
	Cluster string `json:"cluster"`
},
) (any, error) {
	if in.Cluster == "" {
		return nil, invalidf("Cluster cannot be empty.")
	}
	c, ok, err := h.cluster(ctx, in.Cluster)
	keeper := backend.ClusterKeeperOf(h.b)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, failf(http.StatusBadRequest, "ClusterNotFoundException", "Cluster not found.")
	case c.Services > 0:
		return nil, failf(http.StatusBadRequest, "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
	case c.Running+c.Pending > 0:
		return nil, failf(http.StatusBadRequest, "ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
	case keeper == nil:
		return nil, unsupportedf("this endpoint removes no clusters")
	}
	if c, err = keeper.DeleteCluster(ctx, in.Cluster); err != nil {
		return nil, err
	}
	return obj{"cluster": clusterShape(c)}, nil
}
