package ecsapi

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// The names by which Application Auto Scaling knows services of ECS.
const (
	ecsNamespace     = "ecs"
	desiredDimension = "ecs:service:DesiredCount"
)

// scaling are the operations of Application Auto Scaling, for services.
func (h *Handler) scaling() map[string]operation {
	empty := func(list string) operation {
		return func(context.Context, *call) (any, error) { return obj{list: []any{}}, nil }
	}
	return map[string]operation{
		"DescribeScalableTargets":  typed(h.describeScalableTargets),
		"DescribeScalingPolicies":  typed(h.describeScalingPolicies),
		"RegisterScalableTarget":   typed(h.registerScalableTarget),
		"DeregisterScalableTarget": typed(h.deregisterScalableTarget),
		// No backend remembers these.
		"DescribeScalingActivities": empty("ScalingActivities"),
		"DescribeScheduledActions":  empty("ScheduledActions"),
	}
}

func badScaling(format string, args ...any) error {
	return failf(http.StatusBadRequest, "ValidationException", format, args...)
}

// scalable reads "service/CLUSTER/NAME".
func scalable(resource string) (service, bool) {
	f := strings.Split(resource, "/")
	if len(f) != 3 || f[0] != "service" || f[1] == "" || f[2] == "" {
		return service{}, false
	}
	return service{cluster: f[1], name: f[2]}, true
}

type scalingInput struct {
	Namespace string   `json:"ServiceNamespace"`
	Resources []string `json:"ResourceIds"`
	Resource  string   `json:"ResourceId"`
	Dimension string   `json:"ScalableDimension"`
	Names     []string `json:"PolicyNames"`
}

// asked are the services that a call asks for: those that it names, else all.
func (h *Handler) asked(ctx context.Context, in *scalingInput) ([]service, error) {
	if in.Namespace == "" {
		return nil, badScaling("1 validation error detected: Value at 'serviceNamespace' failed to satisfy constraint: Member must not be null")
	}
	if in.Namespace != ecsNamespace || in.Dimension != "" && in.Dimension != desiredDimension {
		return nil, nil
	}
	named := in.Resources
	if in.Resource != "" {
		named = []string{in.Resource}
	}
	var out []service
	for _, r := range named {
		s, ok := scalable(r)
		if !ok {
			return nil, badScaling("Unsupported service namespace, resource type or scalable dimension: %s", backend.Clean(r))
		}
		out = append(out, s)
	}
	if len(named) > 0 || h.b.Unsupported(backend.CanAutoscale) != "" {
		return out, nil
	}
	err := h.everyService(ctx, func(s backend.Service) bool {
		out = append(out, service{s.Cluster, s.Name})
		return true
	})
	return out, err
}

// scaled reads how services are scaled; those that are not are left out.
func (h *Handler) scaled(ctx context.Context, in *scalingInput, add func(service, backend.Scaling)) error {
	all, err := h.asked(ctx, in)
	if err != nil {
		return err
	}
	for _, s := range all {
		now, err := h.b.DescribeScaling(ctx, s.cluster, s.name)
		switch kind := backend.KindOf(err); {
		case kind == backend.NotFound || kind == backend.Unsupported:
		case err != nil:
			return err
		case now.Registered:
			add(s, now)
		}
	}
	return nil
}

func (h *Handler) describeScalableTargets(ctx context.Context, in *scalingInput) (any, error) {
	out := []any{}
	err := h.scaled(ctx, in, func(s service, now backend.Scaling) {
		out = append(out, obj{
			"ServiceNamespace": ecsNamespace, "ScalableDimension": desiredDimension, "ResourceId": s.resource(),
			"MinCapacity": now.Min, "MaxCapacity": now.Max,
			"RoleARN": "arn:aws:iam::000000000000:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService",
			"SuspendedState": obj{
				"DynamicScalingInSuspended": now.Suspended.In, "DynamicScalingOutSuspended": now.Suspended.Out,
				"ScheduledScalingSuspended": now.Suspended.Scheduled,
			},
		}.put("CreationTime", now.CreatedAt))
	})
	return obj{"ScalableTargets": out}, err
}

func (s service) resource() string { return "service/" + s.cluster + "/" + s.name }

func (h *Handler) describeScalingPolicies(ctx context.Context, in *scalingInput) (any, error) {
	out := []any{}
	err := h.scaled(ctx, in, func(s service, now backend.Scaling) {
		for _, p := range now.Policies {
			if len(in.Names) == 0 || slices.Contains(in.Names, p.Name) {
				out = append(out, policyShape(s, p))
			}
		}
	})
	return obj{"ScalingPolicies": out}, err
}

func policyShape(s service, p backend.ScalingPolicy) obj {
	o := obj{
		"ServiceNamespace": ecsNamespace, "ScalableDimension": desiredDimension, "ResourceId": s.resource(),
		"PolicyARN": p.ARN, "PolicyName": p.Name, "PolicyType": p.Type,
		"Alarms": each(p.Alarms, func(name string) obj { return obj{"AlarmName": name, "AlarmARN": "arn:aws:cloudwatch:::alarm:" + name} }),
	}.put("CreationTime", p.CreatedAt)
	switch p.Type {
	case "TargetTrackingScaling":
		o["TargetTrackingScalingPolicyConfiguration"] = obj{
			"TargetValue": p.Target, "PredefinedMetricSpecification": obj{"PredefinedMetricType": p.Metric},
			"ScaleInCooldown": whole(p.CoolIn), "ScaleOutCooldown": whole(p.CoolOut), "DisableScaleIn": !p.ScaleIn,
		}
	case "StepScaling":
		kind := ""
		steps := each(p.Steps, func(st backend.ScalingStep) obj {
			kind = st.Kind
			step := obj{"ScalingAdjustment": st.Change}
			if st.Lower != nil {
				step["MetricIntervalLowerBound"] = *st.Lower
			}
			if st.Upper != nil {
				step["MetricIntervalUpperBound"] = *st.Upper
			}
			return step
		})
		o["StepScalingPolicyConfiguration"] = obj{"StepAdjustments": steps, "Cooldown": whole(p.CoolOut)}.put("AdjustmentType", kind)
	}
	return o
}

func (h *Handler) registerScalableTarget(ctx context.Context, in *struct {
	scalingInput
	Min       *int `json:"MinCapacity"`
	Max       *int `json:"MaxCapacity"`
	Suspended *struct {
		In        *bool `json:"DynamicScalingInSuspended"`
		Out       *bool `json:"DynamicScalingOutSuspended"`
		Scheduled *bool `json:"ScheduledScalingSuspended"`
	} `json:"SuspendedState"`
},
) (any, error) {
	s, ok := scalable(in.Resource)
	if !ok || in.Namespace != ecsNamespace || in.Dimension != desiredDimension {
		return nil, badScaling("Unsupported service namespace, resource type or scalable dimension: this endpoint scales services of ECS")
	}
	change := backend.ScalingChange{Min: in.Min, Max: in.Max}
	if p := in.Suspended; p != nil {
		now, err := h.b.DescribeScaling(ctx, s.cluster, s.name)
		if err != nil {
			return nil, scalingError(err)
		}
		keep := now.Suspended
		for to, from := range map[*bool]*bool{&keep.In: p.In, &keep.Out: p.Out, &keep.Scheduled: p.Scheduled} {
			if from != nil {
				*to = *from
			}
		}
		change.Suspended = &keep
	}
	if _, err := h.b.ChangeScaling(ctx, s.cluster, s.name, change); err != nil {
		return nil, scalingError(err)
	}
	place, err := h.place(ctx)
	if err != nil {
		return nil, err
	}
	return obj{"ScalableTargetARN": place.arn("application-autoscaling", "scalable-target/"+strings.ReplaceAll(s.resource(), "/", "-"))}, nil
}

func (h *Handler) deregisterScalableTarget(ctx context.Context, in *scalingInput) (any, error) {
	s, ok := scalable(in.Resource)
	if !ok || in.Namespace != ecsNamespace || in.Dimension != desiredDimension {
		return nil, badScaling("Unsupported service namespace, resource type or scalable dimension: this endpoint scales services of ECS")
	}
	if now, err := h.b.DescribeScaling(ctx, s.cluster, s.name); err != nil || !now.Registered {
		return nil, failf(http.StatusBadRequest, "ObjectNotFoundException", "No scalable target found for resource id %s.", backend.Clean(in.Resource))
	}
	return obj{}, h.b.RemoveScaling(ctx, s.cluster, s.name)
}

// scalingError gives a backend's error the type that Application Auto Scaling
// has for it.
func scalingError(err error) error {
	switch backend.KindOf(err) {
	case backend.NotFound, backend.Invalid, backend.Unsupported:
		return badScaling("%s", message(err))
	}
	return err
}
