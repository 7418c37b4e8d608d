package aws

import (
	"context"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// scalingKept is how long what scales a service is kept.
const scalingKept = 20 * time.Second

func scalers(c *clients) *aas.Client { return c.scaling }

// scalingResource is how Application Auto Scaling names a service.
func (b *Backend) scalingResource(cluster, service string) string {
	return "service/" + backend.ShortName(b.cluster(cluster)) + "/" + backend.ShortName(service)
}

// DescribeScaling reads the service's scalable target and, where there is one,
// its policies. Application Auto Scaling does not know which services exist: one
// that does not is not registered.
func (b *Backend) DescribeScaling(ctx context.Context, cluster, service string) (backend.Scaling, error) {
	id := b.scalingResource(cluster, service)
	return keep(b, &b.scalings, id, scalingKept, func() (backend.Scaling, error) { return b.readScaling(ctx, id) })
}

func (b *Backend) readScaling(ctx context.Context, id string) (backend.Scaling, error) {
	found, err := sdkCall(ctx, b, "DescribeScalableTargets", id, scalers, &aas.DescribeScalableTargetsInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceIds: []string{id}, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
	}, (*aas.Client).DescribeScalableTargets)
	if err != nil || len(found.ScalableTargets) == 0 {
		return backend.Scaling{}, err
	}
	t := found.ScalableTargets[0]
	s := backend.Scaling{
		Registered: true, Min: int(awssdk.ToInt32(t.MinCapacity)), Max: int(awssdk.ToInt32(t.MaxCapacity)), CreatedAt: awssdk.ToTime(t.CreationTime),
	}
	if p := t.SuspendedState; p != nil {
		s.Suspended = backend.Suspension{
			In: awssdk.ToBool(p.DynamicScalingInSuspended), Out: awssdk.ToBool(p.DynamicScalingOutSuspended),
			Scheduled: awssdk.ToBool(p.ScheduledScalingSuspended),
		}
	}
	in := &aas.DescribeScalingPoliciesInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: &id, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
	}
	for {
		page, err := sdkCall(ctx, b, "DescribeScalingPolicies", id, scalers, in, (*aas.Client).DescribeScalingPolicies)
		if err != nil {
			return s, err
		}
		for _, p := range page.ScalingPolicies {
			s.Policies = append(s.Policies, policyOf(p))
		}
		if in.NextToken = page.NextToken; awssdk.ToString(in.NextToken) == "" {
			return s, nil
		}
	}
}

func policyOf(p types.ScalingPolicy) backend.ScalingPolicy {
	out := backend.ScalingPolicy{
		ARN: cleanPtr(p.PolicyARN), Name: cleanPtr(p.PolicyName), Type: backend.Clean(string(p.PolicyType)),
		CreatedAt: awssdk.ToTime(p.CreationTime), ScaleIn: true,
	}
	for _, a := range p.Alarms {
		out.Alarms = append(out.Alarms, cleanPtr(a.AlarmName))
	}
	if t := p.TargetTrackingScalingPolicyConfiguration; t != nil {
		out.Target, out.ScaleIn = awssdk.ToFloat64(t.TargetValue), !awssdk.ToBool(t.DisableScaleIn)
		out.CoolIn, out.CoolOut = inSeconds(t.ScaleInCooldown), inSeconds(t.ScaleOutCooldown)
		switch {
		case t.PredefinedMetricSpecification != nil:
			out.Metric = backend.Clean(string(t.PredefinedMetricSpecification.PredefinedMetricType))
		case t.CustomizedMetricSpecification != nil:
			out.Metric = cleanPtr(t.CustomizedMetricSpecification.MetricName)
		}
	}
	if st := p.StepScalingPolicyConfiguration; st != nil {
		out.CoolOut = inSeconds(st.Cooldown)
		for _, a := range st.StepAdjustments {
			out.Steps = append(out.Steps, backend.ScalingStep{
				Lower: a.MetricIntervalLowerBound, Upper: a.MetricIntervalUpperBound,
				Change: int(awssdk.ToInt32(a.ScalingAdjustment)), Kind: backend.Clean(string(st.AdjustmentType)),
			})
		}
	}
	return out
}

func inSeconds(n *int32) time.Duration { return time.Duration(awssdk.ToInt32(n)) * time.Second }

// ChangeScaling registers the service, or changes how it is registered.
func (b *Backend) ChangeScaling(ctx context.Context, cluster, service string, change backend.ScalingChange) (backend.Scaling, error) {
	const op = "RegisterScalableTarget"
	id := b.scalingResource(cluster, service)
	now, err := b.readScaling(ctx, id)
	if err != nil {
		return backend.Scaling{}, err
	}
	if why := backend.CheckScaling(now, change); why != "" {
		return backend.Scaling{}, backend.Errorf(op, backend.Invalid, backend.Clean(service), "%s", why)
	}
	in := &aas.RegisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: &id, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
		MinCapacity: small(change.Min), MaxCapacity: small(change.Max),
	}
	if s := change.Suspended; s != nil {
		in.SuspendedState = &types.SuspendedState{
			DynamicScalingInSuspended: &s.In, DynamicScalingOutSuspended: &s.Out, ScheduledScalingSuspended: &s.Scheduled,
		}
	}
	if _, err := sdkCall(ctx, b, op, backend.Clean(service), scalers, in, (*aas.Client).RegisterScalableTarget); err != nil {
		return backend.Scaling{}, err
	}
	s, err := b.readScaling(ctx, id)
	if err == nil {
		b.scalings.put(id, kept[backend.Scaling]{s, b.clock.Now()})
	}
	return s, err
}

// RemoveScaling deregisters the service.
func (b *Backend) RemoveScaling(ctx context.Context, cluster, service string) error {
	id := b.scalingResource(cluster, service)
	_, err := sdkCall(ctx, b, "DeregisterScalableTarget", backend.Clean(service), scalers, &aas.DeregisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: &id, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
	}, (*aas.Client).DeregisterScalableTarget)
	if backend.KindOf(err) == backend.NotFound {
		return nil
	}
	if err == nil {
		b.scalings.put(id, kept[backend.Scaling]{at: b.clock.Now()})
	}
	return err
}

// small is a number as the SDK takes it; those that are too large are refused by
// the quota that they are over, and not wrapped round.
func small(n *int) *int32 {
	if n == nil {
		return nil
	}
	return awssdk.Int32(int32(min(*n, 1<<30))) //nolint:gosec // it fits
}
