package ecsapi

import (
	"context"
	"net/http"
)

// What stands around a service in the cloud, and that no backend has: load
// balancers, scaling, service discovery by Cloud Map. Clients that look for
// them find that there are none, rather than a service that is out of order.

// none answers with empty lists.
func none(lists ...string) operation {
	return func(context.Context, *call) (any, error) {
		out := obj{}
		for _, l := range lists {
			out[l] = []any{}
		}
		return out, nil
	}
}

// lost answers that what was named does not exist.
func lost(code, text string) operation {
	return func(context.Context, *call) (any, error) {
		return nil, failf(http.StatusBadRequest, code, "%s", text)
	}
}

func (h *Handler) scaling() map[string]operation {
	return map[string]operation{
		"DescribeScalableTargets":   none("ScalableTargets"),
		"DescribeScalingPolicies":   none("ScalingPolicies"),
		"DescribeScalingActivities": none("ScalingActivities"),
		"DescribeScheduledActions":  none("ScheduledActions"),
	}
}

func (h *Handler) balancing() map[string]operation {
	return map[string]operation{
		"DescribeLoadBalancers": none("LoadBalancers"),
		"DescribeTargetGroups":  lost("TargetGroupNotFound", "One or more target groups not found"),
		"DescribeTargetHealth":  lost("TargetGroupNotFound", "One or more target groups not found"),
	}
}

func (h *Handler) discovery() map[string]operation {
	return map[string]operation{
		"ListNamespaces": none("Namespaces"),
		"ListServices":   none("Services"),
		"GetService":     lost("ServiceNotFound", "Service not found"),
		"ListInstances":  lost("ServiceNotFound", "Service not found"),
	}
}
