package aws

import (
	"context"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	// groupKept is how long a group's own settings are kept, and healthKept how
	// long the health of its targets is.
	groupKept  = 2 * time.Minute
	healthKept = 4 * time.Second
	// groupsACall is how many groups one DescribeTargetGroups is asked for.
	groupsACall = 20
)

func balancers(c *clients) *elb.Client { return c.elb }

// DescribeTargetGroups reads target groups and the health of their targets: one
// call for the groups, and one more for the targets of each.
func (b *Backend) DescribeTargetGroups(ctx context.Context, arns []string) ([]backend.TargetGroup, error) {
	groups, err := b.targetGroups(ctx, arns)
	if err != nil {
		return nil, err
	}
	return describe(ctx, arns, 1, func(ctx context.Context, arns []string) ([]backend.TargetGroup, error) {
		g := groups[arns[0]]
		g.Targets, err = keep(b, &b.targets, g.ARN, healthKept, func() ([]backend.Target, error) { return b.targetHealth(ctx, g) })
		return []backend.TargetGroup{g}, err
	})
}

// targetGroups gives the groups without their targets, by ARN.
func (b *Backend) targetGroups(ctx context.Context, arns []string) (map[string]backend.TargetGroup, error) {
	const op = "DescribeTargetGroups"
	out := map[string]backend.TargetGroup{}
	now := b.clock.Now()
	var ask []string
	for _, arn := range arns {
		if k, ok := b.groups.get(arn); ok && now.Sub(k.at) < groupKept {
			out[arn] = k.value
			continue
		}
		ask = append(ask, arn)
	}
	read, err := describe(ctx, ask, groupsACall, func(ctx context.Context, arns []string) ([]backend.TargetGroup, error) {
		page, err := sdkCall(ctx, b, op, arns[0], balancers, &elb.DescribeTargetGroupsInput{TargetGroupArns: arns}, (*elb.Client).DescribeTargetGroups)
		if err != nil {
			return nil, err
		}
		found := make([]backend.TargetGroup, len(page.TargetGroups))
		for i, g := range page.TargetGroups {
			found[i] = targetGroupOf(g)
		}
		return found, nil
	})
	if err != nil {
		return nil, err
	}
	for _, g := range read {
		b.groups.put(g.ARN, kept[backend.TargetGroup]{g, now})
		out[g.ARN] = g
	}
	for _, arn := range arns {
		if _, ok := out[arn]; !ok {
			return nil, backend.Errorf(op, backend.NotFound, backend.Clean(arn), "the target group does not exist")
		}
	}
	return out, nil
}

func targetGroupOf(g types.TargetGroup) backend.TargetGroup {
	out := backend.TargetGroup{
		ARN: cleanPtr(g.TargetGroupArn), Name: cleanPtr(g.TargetGroupName), Protocol: backend.Clean(string(g.Protocol)),
		Port: int(awssdk.ToInt32(g.Port)), TargetType: backend.Clean(string(g.TargetType)), VPC: cleanPtr(g.VpcId),
		Check: backend.TargetCheck{
			Protocol: backend.Clean(string(g.HealthCheckProtocol)), Port: cleanPtr(g.HealthCheckPort), Path: cleanPtr(g.HealthCheckPath),
			Interval: time.Duration(awssdk.ToInt32(g.HealthCheckIntervalSeconds)) * time.Second,
			Timeout:  time.Duration(awssdk.ToInt32(g.HealthCheckTimeoutSeconds)) * time.Second,
			Healthy:  int(awssdk.ToInt32(g.HealthyThresholdCount)), Unhealthy: int(awssdk.ToInt32(g.UnhealthyThresholdCount)),
		},
	}
	if m := g.Matcher; m != nil {
		out.Check.Codes = cleanPtr(m.HttpCode)
		if out.Check.Codes == "" {
			out.Check.Codes = cleanPtr(m.GrpcCode)
		}
	}
	for _, arn := range g.LoadBalancerArns {
		out.LoadBalancers = append(out.LoadBalancers, backend.Clean(arn))
	}
	return out
}

func (b *Backend) targetHealth(ctx context.Context, g backend.TargetGroup) ([]backend.Target, error) {
	out, err := sdkCall(ctx, b, "DescribeTargetHealth", g.Name, balancers, &elb.DescribeTargetHealthInput{TargetGroupArn: &g.ARN}, (*elb.Client).DescribeTargetHealth)
	if err != nil {
		return nil, err
	}
	targets := make([]backend.Target, 0, len(out.TargetHealthDescriptions))
	for _, d := range out.TargetHealthDescriptions {
		var t backend.Target
		if d.Target != nil {
			t.ID, t.Zone, t.Port = cleanPtr(d.Target.Id), cleanPtr(d.Target.AvailabilityZone), int(awssdk.ToInt32(d.Target.Port))
		}
		if h := d.TargetHealth; h != nil {
			t.State, t.Reason, t.Description = backend.Clean(string(h.State)), backend.Clean(string(h.Reason)), cleanPtr(h.Description)
		}
		targets = append(targets, t)
	}
	slices.SortFunc(targets, func(a, b backend.Target) int {
		if a.ID != b.ID {
			return strings.Compare(a.ID, b.ID)
		}
		return a.Port - b.Port
	})
	return targets, nil
}
