package aws

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// targetUse is what a service does with a target group.
type targetUse struct {
	path      string // of its ARN in the service's document
	container string
	port      int
	pair      bool // it is one of two that deployments shift traffic between
}

// targets asks for the target groups that the service registers its tasks with.
func (i *inspection) targets() {
	uses := map[string][]targetUse{}
	var order []string
	add := func(arn string, use targetUse) {
		if arn == "" {
			return
		}
		if uses[arn] == nil {
			order = append(order, arn)
		}
		uses[arn] = append(uses[arn], use)
	}
	for n, l := range i.on.Balancers {
		path := fmt.Sprintf("loadBalancers[%d].", n)
		add(l.Group, targetUse{path + "targetGroupArn", l.Container, l.Port, l.Advanced != nil})
		if l.Advanced != nil {
			add(l.Advanced.Alternate, targetUse{path + "advancedConfiguration.alternateTargetGroupArn", l.Container, l.Port, true})
		}
	}
	for _, arn := range order {
		i.ask(func(ctx context.Context) verdict { return i.targetGroup(ctx, arn, uses[arn]) })
	}
}

func (i *inspection) targetGroup(ctx context.Context, arn string, uses []targetUse) (v verdict) {
	name := arn
	if _, _, account, resource, ok := splitARN(arn); ok {
		if f := strings.Split(resource, "/"); len(f) == 3 {
			name = f[1]
		}
		if i.elsewhere(account) {
			v.unknown(uses[0].path, "the target group "+name, "", errOtherAccount)
			return v
		}
	}
	i.b.groups.drop(arn) // whoever corrects it plans again at once
	found, err := i.b.targetGroups(ctx, []string{arn})
	switch {
	case backend.KindOf(err) == backend.NotFound:
		for _, u := range uses {
			v.problem(u.path, "create it, or correct the ARN", "the target group %s does not exist", name)
		}
		return v
	case err != nil:
		v.unknown(uses[0].path, "the target group "+name, "elasticloadbalancing:DescribeTargetGroups", err)
		return v
	}
	g := found[arn]
	for _, u := range uses {
		i.fits(&v, g, u)
		i.mu.Lock()
		i.groups = append(i.groups, placed{u.path, g.Name, g.VPC})
		i.mu.Unlock()
	}
	return v
}

// fits holds a target group against the task definition that registers with it.
func (i *inspection) fits(v *verdict, g backend.TargetGroup, u targetUse) {
	td := i.req.TaskDefinition
	want := "instance"
	if td.NetworkMode == "awsvpc" {
		want = "ip"
	}
	if g.TargetType != want {
		mode := td.NetworkMode
		if mode == "" {
			mode = "bridge"
		}
		v.problem(u.path, "name a target group of type "+want+": the type of one can't be changed",
			"the target group %s has targets of type %s, and tasks in %s mode need %s", g.Name, g.TargetType, mode, want)
	}
	if len(g.LoadBalancers) == 0 {
		const remedy = "add it to a listener, or a listener's rule, of a load balancer"
		if u.pair { // which of them a rule has changes from one deployment to the next
			v.add(backend.Warning, u.path, remedy, "no load balancer sends anything to the target group %s", g.Name)
		} else {
			v.problem(u.path, remedy, "no load balancer sends anything to the target group %s: ECS refuses the service", g.Name)
		}
	}
	mapping, ok := mappingOf(td, u)
	if !ok {
		return // CheckService tells of it
	}
	if udp := g.Protocol == "UDP"; g.Protocol != "TCP_UDP" && udp != (mapping.Protocol == "udp") {
		v.problem(u.path, "make protocol and target group the same", "the target group %s sends %s, and port %d of %s is %s",
			g.Name, g.Protocol, u.port, u.container, strings.ToUpper(protocolOf(mapping)))
	}
	i.healthCheck(v, g, u, mapping)
}

func protocolOf(p backend.PortMapping) string {
	if p.Protocol == "" {
		return "tcp"
	}
	return p.Protocol
}

// healthCheck looks whether the load balancer's checks can reach a task.
func (i *inspection) healthCheck(v *verdict, g backend.TargetGroup, u targetUse, mapping backend.PortMapping) {
	const remedy = "correct the target group's health check"
	if port, err := strconv.Atoi(g.Check.Port); err == nil {
		switch {
		case g.TargetType == "instance" && mapping.HostPort == 0:
			v.add(backend.Warning, u.path, remedy+": traffic-port", "health checks of %s go to port %d, and tasks get host ports as they come", g.Name, port)
		case g.TargetType == "ip" && !opens(i.req.TaskDefinition, port):
			v.add(backend.Warning, u.path, remedy+", or map the port", "health checks of %s go to port %d, which no container has in portMappings", g.Name, port)
		}
		if port != u.port {
			return
		}
	}
	secure := func(protocol string) bool { return protocol == "HTTPS" || protocol == "TLS" }
	http := func(protocol string) bool { return protocol == "HTTP" || protocol == "HTTPS" }
	if http(g.Protocol) && http(g.Check.Protocol) && secure(g.Protocol) != secure(g.Check.Protocol) {
		v.add(backend.Warning, u.path, remedy, "requests come to %s by %s, and health checks by %s to the same port", g.Name, g.Protocol, g.Check.Protocol)
	}
}

// mappingOf is the port mapping that a target group sends to.
func mappingOf(td backend.TaskDefinition, u targetUse) (backend.PortMapping, bool) {
	c, _ := td.Container(u.container)
	for _, p := range c.PortMappings {
		if p.Maps(u.port) {
			return p, true
		}
	}
	return backend.PortMapping{}, false
}

// opens says whether any container has a port.
func opens(td backend.TaskDefinition, port int) bool {
	for _, c := range td.Containers {
		for _, p := range c.PortMappings {
			if p.Maps(port) {
				return true
			}
		}
	}
	return false
}
