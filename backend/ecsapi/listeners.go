package ecsapi

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// balancerAt is where a load balancer answers.
func (h *Handler) balancerAt(arn string) (host string, port int) {
	host, text, err := net.SplitHostPort(h.balancers)
	if err != nil {
		return balancerName(arn) + ".elb.amazonaws.com", 80
	}
	port, _ = strconv.Atoi(text)
	return host, port
}

// listenerARN is that of the only listener of a load balancer:
// "…:listener/app/shop-public/50dc6c495c0c9188/50dc6c495c0c9188".
func listenerARN(balancer string) string {
	return strings.Replace(balancer, ":loadbalancer/", ":listener/", 1) + "/" + backend.ShortName(balancer)
}

// balanced are the target groups that each load balancer sends to.
func (h *Handler) balanced(ctx context.Context) (map[string][]string, error) {
	arns, err := h.groupARNs(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := h.groups(ctx, arns)
	out := map[string][]string{}
	for _, g := range groups {
		for _, arn := range g.LoadBalancers {
			out[arn] = append(out[arn], g.ARN)
		}
	}
	return out, err
}

// describeListeners gives each load balancer one, whose default is its first
// group.
func (h *Handler) describeListeners(ctx context.Context, in *struct {
	Balancer string `json:"LoadBalancerArn"`
},
) (any, error) {
	all, err := h.balanced(ctx)
	if err != nil {
		return nil, err
	}
	groups, known := all[in.Balancer]
	if !known {
		return nil, failf(http.StatusBadRequest, "LoadBalancerNotFound", "Load balancer '%s' not found", in.Balancer)
	}
	_, port := h.balancerAt(in.Balancer)
	return obj{"Listeners": []any{obj{
		"ListenerArn": listenerARN(in.Balancer), "LoadBalancerArn": in.Balancer, "Port": port, "Protocol": "HTTP",
		"DefaultActions": []any{forward(groups[0])},
	}}}, nil
}

func forward(group string) obj { return obj{"Type": "forward", "TargetGroupArn": group, "Order": 1} }

// describeRules gives a rule for each of a listener's groups, by path.
func (h *Handler) describeRules(ctx context.Context, in *struct {
	Listener string `json:"ListenerArn"`
},
) (any, error) {
	all, err := h.balanced(ctx)
	if err != nil {
		return nil, err
	}
	for balancer, groups := range all {
		if listenerARN(balancer) != in.Listener {
			continue
		}
		slices.Sort(groups)
		rules := []any{}
		for i, g := range groups {
			rules = append(rules, obj{
				"RuleArn":  strings.Replace(in.Listener, ":listener/", ":listener-rule/", 1) + "/" + strconv.Itoa(i),
				"Priority": strconv.Itoa(i + 1), "IsDefault": false, "Actions": []any{forward(g)},
				"Conditions": []any{obj{"Field": "path-pattern", "Values": []any{"/" + strconv.Itoa(i) + "/*"}}},
			})
		}
		return obj{"Rules": rules}, nil
	}
	return nil, failf(http.StatusBadRequest, "ListenerNotFound", "One or more listeners not found")
}
