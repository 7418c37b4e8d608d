package ecsapi_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/ecs-tui/ecs-tui/backend/demo"
)

// TestTags: a service's tags are added, changed and taken off without a
// deployment, within ECS's limits.
func TestTags(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{}, nil)
	c, ctx := w.ecs(), t.Context()
	before := steady(t, c, "demo", "web")
	arn := before.ServiceArn
	tag := func(kv ...string) error {
		in := &ecs.TagResourceInput{ResourceArn: arn}
		for i := 0; i < len(kv); i += 2 {
			in.Tags = append(in.Tags, types.Tag{Key: &kv[i], Value: &kv[i+1]})
		}
		_, err := c.TagResource(ctx, in)
		return err
	}
	listed := func() string {
		t.Helper()
		out, err := c.ListTagsForResource(ctx, &ecs.ListTagsForResourceInput{ResourceArn: arn})
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, x := range out.Tags {
			all = append(all, aws.ToString(x.Key)+"="+aws.ToString(x.Value))
		}
		return strings.Join(all, " ")
	}
	if err := tag("team", "shop", "cost", "42"); err != nil {
		t.Fatal(err)
	}
	if err := tag("team", "web"); err != nil {
		t.Fatal(err)
	}
	if got := listed(); got != "cost=42 team=web" {
		t.Errorf("tagged %q", got)
	}
	if _, err := c.UntagResource(ctx, &ecs.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"cost", "nothing"}}); err != nil {
		t.Fatal(err)
	}
	if got := listed(); got != "team=web" {
		t.Errorf("after taking one off: %q", got)
	}
	after := steady(t, c, "demo", "web")
	if len(after.Deployments) != 1 || aws.ToString(after.Deployments[0].Id) != aws.ToString(before.Deployments[0].Id) {
		t.Errorf("tags deployed anew: %+v", after.Deployments)
	}
	wantCode(t, "a reserved key", tag("aws:x", "1"), "InvalidParameterException")
	wantCode(t, "a long key", tag(strings.Repeat("k", 129), "1"), "InvalidParameterException")
	wantCode(t, "a long value", tag("k", strings.Repeat("v", 257)), "InvalidParameterException")
	var many []string
	for i := range 50 {
		many = append(many, strings.Repeat("k", i+1), "1")
	}
	wantCode(t, "51 tags", tag(many...), "InvalidParameterException")
	_, err := c.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: after.TaskDefinition, Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
	wantCode(t, "a task definition", err, "UnsupportedFeatureException")
	_, err = c.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: aws.String(*arn + "x"), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
	wantCode(t, "nobody", err, "ResourceNotFoundException")
}

// TestClusters: clusters are made and removed, and what is not empty stays.
func TestClusters(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{}, nil)
	c, ctx := w.ecs(), t.Context()
	for range 2 {
		made, err := c.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("new")})
		if err != nil || aws.ToString(made.Cluster.Status) != "ACTIVE" || !strings.HasSuffix(aws.ToString(made.Cluster.ClusterArn), ":cluster/new") {
			t.Fatalf("%+v, %v", made, err)
		}
	}
	_, err := c.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("not a name")})
	wantCode(t, "no name", err, "InvalidParameterException")
	_, err = c.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: aws.String("batch")})
	wantCode(t, "with services", err, "ClusterContainsServicesException")
	_, err = c.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: aws.String("nowhere")})
	wantCode(t, "nowhere", err, "ClusterNotFoundException")
	gone, err := c.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: aws.String("new")})
	if err != nil || aws.ToString(gone.Cluster.Status) != "INACTIVE" {
		t.Errorf("%+v, %v", gone, err)
	}
	out, err := c.ListClusters(ctx, nil)
	if err != nil || len(out.ClusterArns) != 2 {
		t.Errorf("%+v, %v", out, err)
	}
}
