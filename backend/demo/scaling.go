package demo

import (
	"context"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// policiesOf are the company's scaling policies.
func (b *Backend) policiesOf(cluster, name string, kinds []string) []backend.ScalingPolicy {
	var out []backend.ScalingPolicy
	resource := "service/" + cluster + "/" + name
	for _, kind := range kinds {
		p := backend.ScalingPolicy{
			ARN:  "arn:aws:autoscaling:" + b.names.Region + ":" + b.names.Account + ":scalingPolicy:" + fingerprint(resource + kind)[:8] + ":resource/ecs/" + resource + ":policyName/" + name + "-" + kind,
			Name: name + "-" + kind, Type: "TargetTrackingScaling", ScaleIn: true,
			CoolIn: 5 * time.Minute, CoolOut: time.Minute, CreatedAt: b.sim.now,
			Alarms: []string{"TargetTracking-" + resource + "-AlarmHigh", "TargetTracking-" + resource + "-AlarmLow"},
		}
		switch kind {
		case "cpu":
			p.Metric, p.Target = "ECSServiceAverageCPUUtilization", 60
		case "requests":
			p.Metric, p.Target = "ALBRequestCountPerTarget", 1000
		case "queue":
			ten, hundred := 10.0, 100.0
			p.Type, p.CoolIn, p.CoolOut = "StepScaling", 0, time.Minute
			p.Alarms = []string{name + "-queue-is-long"}
			p.Steps = []backend.ScalingStep{
				{Lower: &ten, Upper: &hundred, Change: 1, Kind: "ChangeInCapacity"},
				{Lower: &hundred, Change: 4, Kind: "ChangeInCapacity"},
			}
		}
		out = append(out, p)
	}
	return out
}

// scales registers one of the company's services for autoscaling, if it is meant
// to be.
func (b *Backend) scales(s *service) {
	on := standsOn(s.rec.Name)
	if on.most > 0 {
		s.scaling = backend.Scaling{
			Registered: true, Min: on.least, Max: on.most, CreatedAt: b.sim.now,
			Policies: b.policiesOf(s.rec.Cluster, s.rec.Name, on.policies),
		}
	}
}

// DescribeScaling says how a service's desired count is looked after.
func (b *Backend) DescribeScaling(ctx context.Context, cluster, name string) (backend.Scaling, error) {
	const op = "DescribeScalableTargets"
	return inService(ctx, b, op, cluster, name, func(s *service) (backend.Scaling, error) {
		return s.scaling, nil
	})
}

// ChangeScaling changes it. A service whose desired count is outside of the new
// bounds is brought inside soon after, unless that is suspended.
func (b *Backend) ChangeScaling(ctx context.Context, cluster, name string, change backend.ScalingChange) (backend.Scaling, error) {
	const op = "RegisterScalableTarget"
	return inService(ctx, b, op, cluster, name, func(s *service) (backend.Scaling, error) {
		if why := backend.CheckScaling(s.scaling, change); why != "" {
			return backend.Scaling{}, backend.Errorf(op, backend.Invalid, backend.Clean(name), "%s", why)
		}
		now := &s.scaling
		if !now.Registered {
			*now = backend.Scaling{Registered: true, CreatedAt: b.sim.now}
		}
		if change.Min != nil {
			now.Min = *change.Min
		}
		if change.Max != nil {
			now.Max = *change.Max
		}
		if change.Suspended != nil {
			now.Suspended = *change.Suspended
		}
		b.changed = true
		b.sim.after(b.scaled(2*time.Second), func() { b.bound(s) })
		return *now, nil
	})
}

// RemoveScaling deregisters a service.
func (b *Backend) RemoveScaling(ctx context.Context, cluster, name string) error {
	const op = "DeregisterScalableTarget"
	if err := ended(ctx, op); err != nil {
		return err
	}
	b.lock()
	defer b.unlock()
	if s, err := b.findService(op, cluster, name); err == nil && s.scaling.Registered {
		s.scaling, b.changed = backend.Scaling{}, true
	}
	return nil
}

// bound brings a service's desired count inside of its bounds.
func (b *Backend) bound(s *service) {
	want := s.rec.Desired
	switch now := s.scaling; {
	case want < now.Min && !now.Suspended.Out:
		want = now.Min
	case want > now.Max && !now.Suspended.In:
		want = now.Max
	default:
		return
	}
	if rev := b.findRevision(s.rec.TaskDefinition); rev != nil {
		b.change(s, backend.ServiceChange{Desired: &want}, rev)
	}
}
