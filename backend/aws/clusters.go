package aws

import (
	"context"
	"encoding/json"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// listPage is the most that ECS's lists give in one page.
const listPage = 100

// paging gives a page request as the SDK wants it.
func paging(p backend.PageRequest) (token *string, size *int32) {
	if p.Token != "" {
		token = &p.Token
	}
	n := int32(listPage)
	if p.Size > 0 && p.Size < listPage {
		n = int32(p.Size)
	}
	return token, &n
}

// cleanAll cleans a list of ARNs or names.
func cleanAll(all []text) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = string(s)
	}
	return out
}

// ListClusters gives the ARNs of the region's clusters.
func (b *Backend) ListClusters(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
	token, size := paging(p)
	var out struct {
		Arns []text `json:"clusterArns"`
		Next string `json:"nextToken"`
	}
	err := call(ctx, b, "ListClusters", "", &ecs.ListClustersInput{NextToken: token, MaxResults: size}, nil, &out, (*ecs.Client).ListClusters)
	return backend.Page[string]{Items: cleanAll(out.Arns), Next: out.Next}, err
}

// wireCluster is the part of a cluster on the wire that this program works with.
type wireCluster struct {
	ARN      text `json:"clusterArn"`
	Name     text `json:"clusterName"`
	Status   text `json:"status"`
	Services int  `json:"activeServicesCount"`
	Running  int  `json:"runningTasksCount"`
	Pending  int  `json:"pendingTasksCount"`
	Machines int  `json:"registeredContainerInstancesCount"`
}

func (c wireCluster) cluster() backend.Cluster {
	return backend.Cluster{
		ARN: string(c.ARN), Name: string(c.Name), Status: string(c.Status),
		Services: c.Services, Running: c.Running, Pending: c.Pending, Instances: c.Machines,
	}
}

// DescribeClusters gives clusters with their counts; unknown ones are left out.
func (b *Backend) DescribeClusters(ctx context.Context, arns []string) ([]backend.Cluster, error) {
	return describe(ctx, arns, 100, func(ctx context.Context, arns []string) ([]backend.Cluster, error) {
		var out struct {
			Clusters []json.RawMessage `json:"clusters"`
		}
		in := &ecs.DescribeClustersInput{Clusters: arns, Include: []types.ClusterField{
			types.ClusterFieldSettings, types.ClusterFieldConfigurations, types.ClusterFieldStatistics, types.ClusterFieldAttachments,
		}}
		if err := call(ctx, b, "DescribeClusters", "", in, nil, &out, (*ecs.Client).DescribeClusters); err != nil {
			return nil, err
		}
		var found []backend.Cluster
		for _, raw := range out.Clusters {
			var w wireCluster
			if err := json.Unmarshal(raw, &w); err != nil {
				return nil, backend.Errorf("DescribeClusters", backend.Other, "", "a cluster can't be read: %s", backend.Clean(err.Error()))
			}
			if w.Status == "INACTIVE" {
				continue
			}
			c := w.cluster()
			c.Document = documentOf(raw)
			found = append(found, c)
		}
		return found, nil
	})
}

func str(s string) *string { return awssdk.String(s) }
