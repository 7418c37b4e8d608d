package ecsapi_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"

	"github.com/ecs-tui/ecs-tui/backend/demo"
)

// TestBalancers looks from the load balancer down to the targets, as a person
// does who knows its name only.
func TestBalancers(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Quiet: true}, nil)
	lb := elasticloadbalancingv2.NewFromConfig(w.cfg)
	all, err := lb.DescribeLoadBalancers(t.Context(), &elasticloadbalancingv2.DescribeLoadBalancersInput{Names: []string{"shop-public"}})
	if err != nil || len(all.LoadBalancers) != 1 || all.LoadBalancers[0].Type != "application" {
		t.Fatalf("%+v, %v", all, err)
	}
	groups, err := lb.DescribeTargetGroups(t.Context(), &elasticloadbalancingv2.DescribeTargetGroupsInput{
		LoadBalancerArn: all.LoadBalancers[0].LoadBalancerArn, PageSize: aws.Int32(2),
	})
	if err != nil || len(groups.TargetGroups) != 2 || groups.NextMarker == nil {
		t.Fatalf("%+v, %v", groups, err)
	}
	g := groups.TargetGroups[0]
	if aws.ToString(g.Matcher.HttpCode) != "200" || aws.ToInt32(g.HealthCheckIntervalSeconds) != 10 || aws.ToString(g.HealthCheckPath) != "/health" {
		t.Errorf("%+v", g)
	}
	health, err := lb.DescribeTargetHealth(t.Context(), &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: g.TargetGroupArn})
	if err != nil || len(health.TargetHealthDescriptions) == 0 {
		t.Fatalf("%+v, %v", health, err)
	}
	for _, d := range health.TargetHealthDescriptions {
		if d.TargetHealth.State != "healthy" || !strings.HasPrefix(aws.ToString(d.Target.Id), "10.0.") || aws.ToInt32(d.Target.Port) != 8080 {
			t.Errorf("%+v %+v", d.Target, d.TargetHealth)
		}
	}
	listeners, err := lb.DescribeListeners(t.Context(), &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: all.LoadBalancers[0].LoadBalancerArn})
	if err != nil || len(listeners.Listeners) != 1 || listeners.Listeners[0].Protocol != "HTTP" {
		t.Fatalf("%+v, %v", listeners, err)
	}
	rules, err := lb.DescribeRules(t.Context(), &elasticloadbalancingv2.DescribeRulesInput{ListenerArn: listeners.Listeners[0].ListenerArn})
	if err != nil || len(rules.Rules) < 2 || len(rules.Rules[0].Conditions) != 1 {
		t.Errorf("%+v, %v", rules, err)
	}
	_, err = lb.DescribeTargetGroups(t.Context(), &elasticloadbalancingv2.DescribeTargetGroupsInput{Names: []string{"shop-web", "nobody"}})
	wantCode(t, "a group that does not exist", err, "TargetGroupNotFound")
	_, err = lb.DescribeLoadBalancers(t.Context(), &elasticloadbalancingv2.DescribeLoadBalancersInput{Names: []string{"nobody"}})
	wantCode(t, "a balancer that does not exist", err, "LoadBalancerNotFound")
}

// TestScaling lists all scalable targets, and changes one in part.
func TestScaling(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Quiet: true}, nil)
	c := applicationautoscaling.NewFromConfig(w.cfg)
	list := func() map[string]scaling.ScalableTarget {
		t.Helper()
		all, err := c.DescribeScalableTargets(t.Context(), &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: scaling.ServiceNamespaceEcs})
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]scaling.ScalableTarget{}
		for _, target := range all.ScalableTargets {
			out[aws.ToString(target.ResourceId)] = target
		}
		return out
	}
	if all := list(); len(all) != 3 || aws.ToInt32(all["service/demo/web"].MaxCapacity) != 8 {
		t.Errorf("%+v", all)
	}
	in := &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: scaling.ServiceNamespaceEcs, ScalableDimension: scaling.ScalableDimensionECSServiceDesiredCount, ResourceId: aws.String("service/demo/web"),
		SuspendedState: &scaling.SuspendedState{DynamicScalingInSuspended: aws.Bool(true)},
	}
	if out, err := c.RegisterScalableTarget(t.Context(), in); err != nil || out.ScalableTargetARN == nil {
		t.Fatalf("%+v, %v", out, err)
	}
	in.SuspendedState = &scaling.SuspendedState{ScheduledScalingSuspended: aws.Bool(true)}
	in.MaxCapacity = aws.Int32(9)
	if _, err := c.RegisterScalableTarget(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	web := list()["service/demo/web"]
	if s := web.SuspendedState; aws.ToInt32(web.MaxCapacity) != 9 || !aws.ToBool(s.DynamicScalingInSuspended) || aws.ToBool(s.DynamicScalingOutSuspended) || !aws.ToBool(s.ScheduledScalingSuspended) {
		t.Errorf("%+v %+v", web, s)
	}
	in.MinCapacity = aws.Int32(10)
	_, err := c.RegisterScalableTarget(t.Context(), in)
	wantCode(t, "a least over the most", err, "ValidationException")
	in.ResourceId = aws.String("service/demo/nobody")
	_, err = c.RegisterScalableTarget(t.Context(), in)
	wantCode(t, "a service that does not exist", err, "ValidationException")
	policies, err := c.DescribeScalingPolicies(t.Context(), &applicationautoscaling.DescribeScalingPoliciesInput{
		ServiceNamespace: scaling.ServiceNamespaceEcs, ResourceId: aws.String("service/demo/worker"),
	})
	if err != nil || len(policies.ScalingPolicies) != 1 || len(policies.ScalingPolicies[0].StepScalingPolicyConfiguration.StepAdjustments) != 2 {
		t.Errorf("%+v, %v", policies, err)
	}
}

// TestCloudMap goes from the namespace to the address of a task.
func TestCloudMap(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Quiet: true}, nil)
	c := servicediscovery.NewFromConfig(w.cfg)
	spaces, err := c.ListNamespaces(t.Context(), &servicediscovery.ListNamespacesInput{})
	if err != nil || len(spaces.Namespaces) != 1 || aws.ToString(spaces.Namespaces[0].Name) != "shop.local" {
		t.Fatalf("%+v, %v", spaces, err)
	}
	space, err := c.GetNamespace(t.Context(), &servicediscovery.GetNamespaceInput{Id: spaces.Namespaces[0].Id})
	if err != nil || space.Namespace.Type != "DNS_PRIVATE" {
		t.Errorf("%+v, %v", space, err)
	}
	_, err = c.GetNamespace(t.Context(), &servicediscovery.GetNamespaceInput{Id: aws.String("ns-0123456789")})
	wantCode(t, "a namespace that does not exist", err, "NamespaceNotFound")
	entries, err := c.ListServices(t.Context(), &servicediscovery.ListServicesInput{})
	if err != nil || len(entries.Services) != 4 {
		t.Fatalf("%+v, %v", entries, err)
	}
	for _, e := range entries.Services {
		list, err := c.ListInstances(t.Context(), &servicediscovery.ListInstancesInput{ServiceId: e.Id})
		if err != nil || len(list.Instances) == 0 || !strings.HasPrefix(list.Instances[0].Attributes["AWS_INSTANCE_IPV4"], "10.0.") {
			t.Errorf("%s: %+v, %v", aws.ToString(e.Name), list, err)
			continue
		}
		health, err := c.GetInstancesHealthStatus(t.Context(), &servicediscovery.GetInstancesHealthStatusInput{ServiceId: e.Id, Instances: []string{aws.ToString(list.Instances[0].Id)}})
		if err != nil || len(health.Status) != 1 {
			t.Errorf("%s: %+v, %v", aws.ToString(e.Name), health, err)
		}
	}
}

// TestMachines: limits, failures, and what the SDK reads of them.
func TestMachines(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Quiet: true}, nil)
	c := w.ecs()
	list, err := c.ListContainerInstances(t.Context(), &ecs.ListContainerInstancesInput{Cluster: aws.String("demo"), Status: "DRAINING"})
	if err != nil || len(list.ContainerInstanceArns) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	found, err := c.DescribeContainerInstances(t.Context(), &ecs.DescribeContainerInstancesInput{
		Cluster: aws.String("demo"), ContainerInstances: []string{list.ContainerInstanceArns[0], "nobody"},
	})
	if err != nil || len(found.ContainerInstances) != 1 || len(found.Failures) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	if i := found.ContainerInstances[0]; aws.ToString(i.Status) != "DRAINING" || !i.AgentConnected || i.RegisteredAt == nil || len(i.RemainingResources) < 3 {
		t.Errorf("%+v", i)
	}
	many := make([]string, 101)
	for i := range many {
		many[i] = "nobody"
	}
	_, err = c.DescribeContainerInstances(t.Context(), &ecs.DescribeContainerInstancesInput{Cluster: aws.String("demo"), ContainerInstances: many})
	wantCode(t, "101 instances", err, "InvalidParameterException")
	_, err = c.ListContainerInstances(t.Context(), &ecs.ListContainerInstancesInput{Cluster: aws.String("nobody")})
	wantCode(t, "a cluster that does not exist", err, "ClusterNotFoundException")
	providers, err := c.DescribeCapacityProviders(t.Context(), &ecs.DescribeCapacityProvidersInput{CapacityProviders: []string{"shop-spot", "FARGATE", "nobody"}})
	if err != nil || len(providers.CapacityProviders) != 2 || len(providers.Failures) != 1 {
		t.Errorf("%+v, %v", providers, err)
	}
	clusters, err := c.DescribeClusters(t.Context(), &ecs.DescribeClustersInput{Clusters: []string{"demo"}})
	if err != nil || len(clusters.Clusters[0].CapacityProviders) != 4 || len(clusters.Clusters[0].DefaultCapacityProviderStrategy) != 2 || clusters.Clusters[0].RegisteredContainerInstancesCount != 5 {
		t.Errorf("%+v, %v", clusters, err)
	}
}
