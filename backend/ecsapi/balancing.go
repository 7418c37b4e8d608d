package ecsapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Limits of ELB, from its API reference.
const (
	balancersPage     = 400
	mostBalancerNames = 20
)

// balancing are the operations of Elastic Load Balancing that tools look at
// services with. The groups that there are, are those that services name.
func (h *Handler) balancing() map[string]operation {
	return map[string]operation{
		"DescribeLoadBalancers": typed(h.describeLoadBalancers),
		"DescribeTargetGroups":  typed(h.describeTargetGroups),
		"DescribeTargetHealth":  typed(h.describeTargetHealth),
		"DescribeListeners":     typed(h.describeListeners),
		"DescribeRules":         typed(h.describeRules),
	}
}

func noGroup() error {
	return failf(http.StatusBadRequest, "TargetGroupNotFound", "One or more target groups not found")
}

type targetGroupsInput struct {
	ARNs     []string `json:"TargetGroupArns"`
	Names    []string `json:"Names"`
	Balancer string   `json:"LoadBalancerArn"`
	Marker   string   `json:"Marker"`
	Size     count    `json:"PageSize"`
}

func (h *Handler) describeTargetGroups(ctx context.Context, in *targetGroupsInput) (any, error) {
	arns := in.ARNs
	if len(arns) == 0 {
		all, err := h.groupARNs(ctx)
		if err != nil {
			return nil, err
		}
		arns = all
	}
	groups, err := h.groups(ctx, arns)
	if err != nil {
		return nil, err
	}
	if len(in.Names) > 0 {
		groups = slices.DeleteFunc(groups, func(g backend.TargetGroup) bool { return !slices.Contains(in.Names, g.Name) })
		if len(groups) < len(in.Names) {
			return nil, noGroup()
		}
	}
	if in.Balancer != "" {
		groups = slices.DeleteFunc(groups, func(g backend.TargetGroup) bool { return !slices.Contains(g.LoadBalancers, in.Balancer) })
	}
	page, next, err := cut("DescribeTargetGroups", in.Marker, groups, int(in.Size), balancersPage)
	if err != nil {
		return nil, err
	}
	return obj{"TargetGroups": each(page, targetGroupShape)}.put("NextMarker", next), nil
}

// groups reads target groups; a backend without load balancers has none.
func (h *Handler) groups(ctx context.Context, arns []string) ([]backend.TargetGroup, error) {
	if len(arns) == 0 {
		return nil, nil
	}
	var own []backend.TargetGroup
	if h.account != nil {
		for _, g := range h.account.TargetGroups {
			if slices.Contains(arns, g.ARN) {
				own = append(own, g)
				arns = slices.DeleteFunc(slices.Clone(arns), func(arn string) bool { return arn == g.ARN })
			}
		}
		if len(arns) == 0 {
			return own, nil
		}
	}
	groups, err := h.b.DescribeTargetGroups(ctx, arns)
	switch backend.KindOf(err) {
	case backend.NotFound, backend.Unsupported:
		return nil, noGroup()
	}
	return append(own, groups...), err
}

// groupARNs are the groups that any service names, and those of the account.
func (h *Handler) groupARNs(ctx context.Context) ([]string, error) {
	if h.b.Unsupported(backend.CanBalance) != "" {
		return nil, nil
	}
	var out []string
	if h.account != nil {
		for _, g := range h.account.TargetGroups {
			out = append(out, g.ARN)
		}
	}
	err := h.everyService(ctx, func(s backend.Service) bool {
		for _, arn := range backend.TargetGroupARNs(s) {
			if !slices.Contains(out, arn) {
				out = append(out, arn)
			}
		}
		return true
	})
	return out, err
}

// everyService calls fn for the services of all clusters, until it says no.
func (h *Handler) everyService(ctx context.Context, fn func(backend.Service) bool) error {
	for cluster, err := range backend.All(ctx, h.b.ListClusters) {
		if err != nil {
			return err
		}
		list := func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			p.Size = mostPage
			return h.b.ListServices(ctx, cluster, p)
		}
		var arns []string
		for arn, err := range backend.All(ctx, list) {
			if err != nil {
				return err
			}
			arns = append(arns, arn)
		}
		for batch := range slices.Chunk(arns, mostPage) {
			services, err := h.b.DescribeServices(ctx, cluster, batch)
			if err != nil {
				return err
			}
			for _, s := range services {
				if !fn(s) {
					return nil
				}
			}
		}
	}
	return nil
}

func targetGroupShape(g backend.TargetGroup) obj {
	o := obj{
		"TargetGroupArn": g.ARN, "TargetGroupName": g.Name, "TargetType": g.TargetType, "Port": g.Port,
		"HealthCheckEnabled": true, "IpAddressType": "ipv4",
		"LoadBalancerArns":           list(g.LoadBalancers, func(arn string) any { return arn }),
		"HealthCheckIntervalSeconds": whole(g.Check.Interval), "HealthCheckTimeoutSeconds": whole(g.Check.Timeout),
		"HealthyThresholdCount": g.Check.Healthy, "UnhealthyThresholdCount": g.Check.Unhealthy,
	}
	if g.Check.Codes != "" {
		o["Matcher"] = obj{"HttpCode": g.Check.Codes}
	}
	return o.put("Protocol", g.Protocol).put("VpcId", g.VPC).put("HealthCheckProtocol", g.Check.Protocol).
		put("HealthCheckPort", g.Check.Port).put("HealthCheckPath", g.Check.Path)
}

// whole is a duration as AWS writes it.
func whole(d time.Duration) int { return int(d / time.Second) }

func (h *Handler) describeTargetHealth(ctx context.Context, in *struct {
	ARN     string `json:"TargetGroupArn"`
	Targets []struct {
		ID   string `json:"Id"`
		Port count  `json:"Port"`
	} `json:"Targets"`
},
) (any, error) {
	groups, err := h.groups(ctx, []string{in.ARN})
	if err != nil {
		return nil, err
	}
	if len(groups) == 0 {
		return nil, noGroup()
	}
	out := []any{}
	for _, t := range groups[0].Targets {
		asked := len(in.Targets) == 0
		for _, want := range in.Targets {
			asked = asked || want.ID == t.ID && (want.Port == 0 || int(want.Port) == t.Port)
		}
		if asked {
			out = append(out, targetShape(groups[0], t))
		}
	}
	return obj{"TargetHealthDescriptions": out}, nil
}

func targetShape(g backend.TargetGroup, t backend.Target) obj {
	port := obj{}
	if g.Check.Port != "" && g.Check.Port != "traffic-port" {
		port["HealthCheckPort"] = g.Check.Port
	} else {
		port["HealthCheckPort"] = t.Port
	}
	port["Target"] = obj{"Id": t.ID, "Port": t.Port}.put("AvailabilityZone", t.Zone)
	port["TargetHealth"] = obj{"State": t.State}.put("Reason", t.Reason).put("Description", t.Description)
	return port
}

func (h *Handler) describeLoadBalancers(ctx context.Context, in *struct {
	ARNs   []string `json:"LoadBalancerArns"`
	Names  []string `json:"Names"`
	Marker string   `json:"Marker"`
	Size   count    `json:"PageSize"`
},
) (any, error) {
	if len(in.ARNs)+len(in.Names) > mostBalancerNames {
		return nil, failf(http.StatusBadRequest, "ValidationError", "A maximum of %d load balancers can be described at a time", mostBalancerNames)
	}
	arns, err := h.groupARNs(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := h.groups(ctx, arns)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, g := range groups {
		for _, arn := range g.LoadBalancers {
			asked := len(in.ARNs)+len(in.Names) == 0 || slices.Contains(in.ARNs, arn) || slices.Contains(in.Names, balancerName(arn))
			if asked && !slices.Contains(all, arn) {
				all = append(all, arn)
			}
		}
	}
	if len(all) < len(in.ARNs)+len(in.Names) {
		return nil, failf(http.StatusBadRequest, "LoadBalancerNotFound", "One or more load balancers not found")
	}
	page, next, err := cut("DescribeLoadBalancers", in.Marker, all, int(in.Size), balancersPage)
	if err != nil {
		return nil, err
	}
	return obj{"LoadBalancers": each(page, func(arn string) obj {
		kind := "network"
		if strings.Contains(arn, ":loadbalancer/app/") {
			kind = "application"
		}
		host, _ := h.balancerAt(arn)
		return obj{
			"LoadBalancerArn": arn, "LoadBalancerName": balancerName(arn), "Type": kind, "State": obj{"Code": "active"},
			"DNSName": host, "Scheme": "internet-facing",
		}
	})}.put("NextMarker", next), nil
}

// balancerName is the name in "…:loadbalancer/app/shop-public/50dc6c495c0c9188".
func balancerName(arn string) string {
	parts := strings.Split(arn, "/")
	if len(parts) < 3 {
		return arn
	}
	return parts[len(parts)-2]
}
