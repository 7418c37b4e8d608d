package ecsapi

import "time"

// rate is a token bucket: so many calls at once, then so many a second.
type rate struct{ burst, refill float64 }

// rates are AWS's token buckets by class of operation ("Request throttling" in
// the ECS API reference, the same in ELB's user guide, "Service quotas" of the
// others). All callers of an account and region share them.
func rates() map[string]rate {
	return map[string]rate{
		"service read": {100, 20}, "service modify": {50, 5},
		"resource read": {100, 20}, "resource modify": {100, 40},
		"deployment read":      {50, 20},
		"task definition read": {50, 20}, "task definition modify": {20, 1}, "task definition delete": {5, 1},
		"cluster read": {50, 20}, "cluster modify": {20, 1},
		"tag read": {50, 20}, "tag modify": {20, 10},
		"ecr token": {500, 500}, "ecr put": {10, 10},
		"log filter": {5, 5}, "log get": {25, 25}, "log groups": {10, 10}, "log streams": {25, 25},
		"metric data": {50, 50},
		"balancers":   {40, 10},
		"scaling":     {20, 10}, "discovery": {20, 10}, // not published: as aws assumes
	}
}

// classes say which bucket an action takes from; the others are not limited.
func classes() map[string]string {
	out := map[string]string{}
	for class, actions := range map[string][]string{
		"service read":           {"ecs:ListServices", "ecs:DescribeServices"},
		"service modify":         {"ecs:CreateService", "ecs:UpdateService", "ecs:DeleteService"},
		"resource read":          {"ecs:ListTasks", "ecs:DescribeTasks", "ecs:ListContainerInstances", "ecs:DescribeContainerInstances"},
		"resource modify":        {"ecs:RunTask", "ecs:StopTask", "ecs:ExecuteCommand"},
		"deployment read":        {"ecs:ListServiceDeployments", "ecs:DescribeServiceDeployments", "ecs:DescribeServiceRevisions"},
		"task definition read":   {"ecs:ListTaskDefinitions", "ecs:ListTaskDefinitionFamilies", "ecs:DescribeTaskDefinition"},
		"task definition modify": {"ecs:RegisterTaskDefinition", "ecs:DeregisterTaskDefinition"},
		"task definition delete": {"ecs:DeleteTaskDefinitions"},
		"cluster read":           {"ecs:ListClusters", "ecs:DescribeClusters", "ecs:DescribeCapacityProviders"},
		"cluster modify":         {"ecs:CreateCluster", "ecs:DeleteCluster"},
		"tag read":               {"ecs:ListTagsForResource"},
		"tag modify":             {"ecs:TagResource", "ecs:UntagResource"},
		"ecr token":              {"ecr:GetAuthorizationToken"},
		"ecr put":                {"ecr:PutImage"},
		"log filter":             {"logs:FilterLogEvents"},
		"log get":                {"logs:GetLogEvents"},
		"log groups":             {"logs:DescribeLogGroups"},
		"log streams":            {"logs:DescribeLogStreams"},
		"metric data":            {"cloudwatch:GetMetricData"},
		"balancers":              {"elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules"},
		"scaling":                {"application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies", "application-autoscaling:RegisterScalableTarget"},
		"discovery":              {"servicediscovery:GetService", "servicediscovery:GetNamespace", "servicediscovery:ListInstances", "servicediscovery:GetInstancesHealthStatus"},
	} {
		for _, a := range actions {
			out[a] = class
		}
	}
	return out
}

// bucket is one bucket as it stands.
type bucket struct {
	rate
	left float64
	at   time.Time
}

// take takes one token, if there is one.
func (b *bucket) take(now time.Time) bool {
	if now.After(b.at) {
		b.left = min(b.burst, b.left+now.Sub(b.at).Seconds()*b.refill)
		b.at = now
	}
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}
