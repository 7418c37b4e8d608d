package aws

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// vpcPath is where a service's document has its network.
const vpcPath = "networkConfiguration.awsvpcConfiguration."

// network asks for the subnets and security groups of the service.
func (i *inspection) network() {
	if len(i.on.Network.VPC.Subnets) > 0 {
		i.ask(i.subnets)
	}
	if len(i.on.Network.VPC.Groups) > 0 {
		i.ask(i.securityGroups)
	}
}

// subnet and securityGroup are the parts of EC2's answers that are looked at.
type subnet struct {
	ID     string `xml:"subnetId"`
	VPC    string `xml:"vpcId"`
	Public bool   `xml:"mapPublicIpOnLaunch"`
	Free   *int   `xml:"availableIpAddressCount"`
}

type securityGroup struct {
	ID  string `xml:"groupId"`
	VPC string `xml:"vpcId"`
}

// filtered is a request for what has one of these ids. With a filter, what does
// not exist is left out of the answer, where naming it would give an error and
// nothing else.
func filtered(name string, ids []string) url.Values {
	form := url.Values{"Filter.1.Name": {name}}
	for n, id := range ids {
		form.Set("Filter.1.Value."+strconv.Itoa(n+1), id)
	}
	return form
}

func (i *inspection) subnets(ctx context.Context) (v verdict) {
	ids := i.on.Network.VPC.Subnets
	var out struct {
		Subnets []subnet `xml:"subnetSet>item"`
	}
	if err := smallQuery(ctx, i.b, ec2Service(), "DescribeSubnets", "", filtered("subnet-id", ids), &out); err != nil {
		v.unknown(vpcPath+"subnets", "the subnets", "ec2:DescribeSubnets", err)
		return v
	}
	free, public := 0, []string{}
	for n, id := range ids {
		path := fmt.Sprintf(vpcPath+"subnets[%d]", n)
		at := slices.IndexFunc(out.Subnets, func(s subnet) bool { return s.ID == id })
		if at < 0 {
			v.problem(path, "correct its id, or the region", "region %s has no subnet %s", i.region, id)
			free += i.req.Service.Desired // what it has is not known
			continue
		}
		s := out.Subnets[at]
		i.mu.Lock()
		i.vpcs = append(i.vpcs, placed{path, id, s.VPC})
		i.mu.Unlock()
		if s.Free == nil {
			free += i.req.Service.Desired
		} else {
			free += *s.Free
		}
		if s.Public {
			public = append(public, id)
		}
	}
	if free < i.req.Service.Desired {
		v.add(backend.Warning, vpcPath+"subnets", "free some, or add a subnet", "%d tasks need an address each, and the subnets have %d free", i.req.Service.Desired, free)
	}
	if len(public) > 0 && i.fargate() && i.on.Network.VPC.PublicIP != "ENABLED" {
		v.add(backend.Note, vpcPath+"assignPublicIp", `set it to "ENABLED", or see that the subnet has a NAT gateway or endpoints for ECR, S3 and logs`,
			"%s is a public subnet, and tasks get no public address in it: they may reach no registry", strings.Join(public, ", "))
	}
	return v
}

func (i *inspection) securityGroups(ctx context.Context) (v verdict) {
	ids := i.on.Network.VPC.Groups
	var out struct {
		Groups []securityGroup `xml:"securityGroupInfo>item"`
	}
	if err := smallQuery(ctx, i.b, ec2Service(), "DescribeSecurityGroups", "", filtered("group-id", ids), &out); err != nil {
		v.unknown(vpcPath+"securityGroups", "the security groups", "ec2:DescribeSecurityGroups", err)
		return v
	}
	for n, id := range ids {
		path := fmt.Sprintf(vpcPath+"securityGroups[%d]", n)
		at := slices.IndexFunc(out.Groups, func(g securityGroup) bool { return g.ID == id })
		if at < 0 {
			v.problem(path, "correct its id, or the region", "region %s has no security group %s", i.region, id)
			continue
		}
		i.mu.Lock()
		i.firewalls = append(i.firewalls, placed{path, id, out.Groups[at].VPC})
		i.mu.Unlock()
	}
	return v
}

// oneVPC compares what was found: subnets, security groups and target groups
// have to be in the same VPC.
func (i *inspection) oneVPC() (v verdict) {
	inOrder := func(a, b placed) int { return strings.Compare(a.path, b.path) }
	slices.SortFunc(i.vpcs, inOrder)
	slices.SortFunc(i.firewalls, inOrder)
	slices.SortFunc(i.groups, inOrder)
	if len(i.vpcs) == 0 {
		return v
	}
	home := i.vpcs[0]
	other := func(what string, all []placed) {
		for _, p := range all {
			if p.vpc != "" && home.vpc != "" && p.vpc != home.vpc {
				v.problem(p.path, "take all from one VPC", "the %s %s is in %s, and the subnet %s in %s", what, p.id, p.vpc, home.id, home.vpc)
			}
		}
	}
	other("subnet", i.vpcs[1:])
	other("security group", i.firewalls)
	other("target group", i.groups)
	return v
}
