package aws

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	opAddress = "ServiceAddresses"
	inVPC     = "it is reached from inside its VPC only"
	giveURL   = "give the check a url that this machine reaches, or a command that runs as a task"
)

// ServiceAddresses gives the load balancer of the service's target group, by the
// listener that forwards to it, else the private addresses of its tasks.
func (b *Backend) ServiceAddresses(ctx context.Context, q backend.AddressQuery) ([]backend.Address, error) {
	for _, t := range backend.ServiceTargets(backend.Service{Document: q.Service}) {
		if t.Container == q.Container && t.Port == q.Port {
			a, err := b.balancedAddress(ctx, t)
			return []backend.Address{a}, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, b.wrap(opAddress, backend.Clean(q.Container), err)
	}
	if q.TaskDefinition.NetworkMode != "awsvpc" {
		return nil, noAddress(q.Container, "no load balancer sends to its port %d, and the address of the instance that a task runs on is not known", q.Port)
	}
	address := backend.Address{Scheme: "http", Port: q.Port, Via: "the private address of a task", Doubt: inVPC}
	var out []backend.Address
	for _, t := range q.Tasks {
		for _, text := range backend.TaskAddresses(t) {
			if ip, err := netip.ParseAddr(text); err == nil && ip.Is4() {
				address.Host = text
				out = append(out, address)
			}
		}
	}
	if len(q.Tasks) == 0 {
		out = append(out, address)
	}
	if len(out) == 0 {
		return nil, noAddress(q.Container, "no load balancer sends to its port %d, and no task has an address yet", q.Port)
	}
	return out, nil
}

func noAddress(what, format string, args ...any) error {
	e := backend.Errorf(opAddress, backend.NotFound, backend.Clean(what), format, args...)
	e.Remedy = giveURL
	return e
}

// balancedAddress is where the load balancer of a target group is reached.
func (b *Backend) balancedAddress(ctx context.Context, t backend.ServiceTarget) (backend.Address, error) {
	var none backend.Address
	groups, err := b.targetGroups(ctx, []string{t.Group})
	if err != nil {
		return none, err
	}
	g := groups[t.Group]
	if len(g.LoadBalancers) == 0 {
		return none, noAddress(g.Name, "no load balancer sends to the target group")
	}
	arn := g.LoadBalancers[0]
	found, err := sdkCall(ctx, b, "DescribeLoadBalancers", backend.ShortName(arn), balancers, &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn}}, (*elb.Client).DescribeLoadBalancers)
	if err != nil {
		return none, err
	}
	if len(found.LoadBalancers) == 0 {
		return none, noAddress(g.Name, "its load balancer does not exist")
	}
	lb := found.LoadBalancers[0]
	a := backend.Address{Host: cleanPtr(lb.DNSName), Via: "the load balancer " + cleanPtr(lb.LoadBalancerName)}
	if lb.Scheme == types.LoadBalancerSchemeEnumInternal {
		a.Doubt = inVPC
	}
	listeners, err := b.listeners(ctx, arn)
	if err != nil {
		return none, err
	}
	encrypted := false
	for _, l := range listeners {
		to, err := b.sendsTo(ctx, l, []string{t.Group, t.Alternate})
		if err != nil {
			return none, err
		}
		switch {
		case !to:
		case l.Protocol == types.ProtocolEnumHttps || l.Protocol == types.ProtocolEnumTls:
			encrypted = true
		case l.Protocol != types.ProtocolEnumUdp:
			a.Scheme, a.Port = "http", int(awssdk.ToInt32(l.Port))
			return a, nil
		}
	}
	if encrypted { // its certificate is for another name than the load balancer's own
		e := noAddress(g.Name, "%s listens with HTTPS only, under a name that its certificate is for", a.Via)
		return none, e
	}
	return none, noAddress(g.Name, "no listener of %s forwards to the target group whatever the host", a.Via)
}

func (b *Backend) listeners(ctx context.Context, balancer string) ([]types.Listener, error) {
	var out []types.Listener
	in := &elb.DescribeListenersInput{LoadBalancerArn: &balancer}
	for {
		page, err := sdkCall(ctx, b, "DescribeListeners", backend.ShortName(balancer), balancers, in, (*elb.Client).DescribeListeners)
		if err != nil {
			return nil, err
		}
		out = append(out, page.Listeners...)
		if in.Marker = page.NextMarker; awssdk.ToString(in.Marker) == "" {
			return out, nil
		}
	}
}

// sendsTo says whether a listener forwards to one of the groups, by its default
// or by a rule that does not ask for a host.
func (b *Backend) sendsTo(ctx context.Context, l types.Listener, groups []string) (bool, error) {
	if forwards(l.DefaultActions, groups) {
		return true, nil
	}
	arn := awssdk.ToString(l.ListenerArn)
	if !strings.Contains(arn, ":listener/app/") {
		return false, nil // others have no rules
	}
	rules, err := sdkCall(ctx, b, "DescribeRules", backend.ShortName(arn), balancers, &elb.DescribeRulesInput{ListenerArn: &arn}, (*elb.Client).DescribeRules)
	if err != nil {
		return false, err
	}
	for _, r := range rules.Rules {
		asks := slices.ContainsFunc(r.Conditions, func(c types.RuleCondition) bool { return awssdk.ToString(c.Field) != "path-pattern" })
		if !asks && forwards(r.Actions, groups) {
			return true, nil
		}
	}
	return false, nil
}

func forwards(actions []types.Action, groups []string) bool {
	is := func(arn *string) bool { return awssdk.ToString(arn) != "" && slices.Contains(groups, *arn) }
	for _, a := range actions {
		if is(a.TargetGroupArn) {
			return true
		}
		if f := a.ForwardConfig; f != nil && slices.ContainsFunc(f.TargetGroups, func(t types.TargetGroupTuple) bool { return is(t.TargetGroupArn) }) {
			return true
		}
	}
	return false
}
