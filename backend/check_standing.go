package backend

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// serviceStanding is the part of CreateService's shape that [CheckService] holds
// against the task definition.
type serviceStanding struct {
	LaunchType string        `json:"launchType"`
	Providers  []providerUse `json:"capacityProviderStrategy"`
	Network    struct {
		VPC struct {
			Subnets []string `json:"subnets"`
			Groups  []string `json:"securityGroups"`
		} `json:"awsvpcConfiguration"`
	} `json:"networkConfiguration"`
	Balancers []struct {
		Container string `json:"containerName"`
		Port      int    `json:"containerPort"`
	} `json:"loadBalancers"`
}

type providerUse struct {
	Name string `json:"capacityProvider"`
}

func providedByFargate(p providerUse) bool { return p.Name == "FARGATE" || p.Name == "FARGATE_SPOT" }

// ECS takes at most so many of each ("AwsVpcConfiguration" in its API reference).
const (
	mostSubnets        = 16
	mostSecurityGroups = 5
)

// standing checks what a service runs on against the task definition.
func (c *checker) standing(spec ServiceSpec) (balanced bool) {
	var s serviceStanding
	if len(spec.Document) == 0 || spec.Document.Decode(&s) != nil {
		return false
	}
	c.launch(s)
	if n := len(s.Network.VPC.Subnets); n > mostSubnets {
		c.problem("networkConfiguration.awsvpcConfiguration.subnets", fmt.Sprintf("name %d at most", mostSubnets), "%d subnets", n)
	}
	if n := len(s.Network.VPC.Groups); n > mostSecurityGroups {
		c.problem("networkConfiguration.awsvpcConfiguration.securityGroups", fmt.Sprintf("name %d at most", mostSecurityGroups), "%d security groups", n)
	}
	for i, l := range s.Balancers {
		path := fmt.Sprintf("loadBalancers[%d]", i)
		d, ok := c.td.Container(l.Container)
		switch {
		case l.Container == "" || len(c.td.Containers) == 0:
		case !ok:
			c.problem(path+".containerName", "name a container of the task definition", "there is no container %q", l.Container)
		case l.Port != 0 && !slices.ContainsFunc(d.PortMappings, func(p PortMapping) bool { return p.Maps(l.Port) }):
			c.problem(path+".containerPort", "add it to the container's portMappings, or correct it",
				"the load balancer sends to port %d, which %s has not in its portMappings", l.Port, d.Name)
		}
	}
	return len(s.Balancers) > 0
}

// launch checks that a task definition can run where its service is launched.
func (c *checker) launch(s serviceStanding) {
	path := ""
	switch {
	case s.LaunchType == "FARGATE":
		path = "launchType"
	case slices.ContainsFunc(s.Providers, providedByFargate):
		path = "capacityProviderStrategy"
	}
	if s.LaunchType != "" && len(s.Providers) > 0 {
		c.problem("launchType", "leave one of them out", "a service has a launchType or a capacityProviderStrategy, not both")
	}
	switch {
	case path == "" && s.LaunchType != "" && len(c.td.Requires) > 0 && !slices.Contains(c.td.Requires, s.LaunchType):
		c.problem("launchType", "use "+strings.Join(c.td.Requires, " or ")+", or change requiresCompatibilities",
			"the task definition is for %s, not for %s", strings.Join(c.td.Requires, ", "), s.LaunchType)
	case path == "" || c.fargate() || c.td.Family == "": // the rest is checked with the task definition
	case len(c.td.Requires) > 0:
		c.problem(path, "add FARGATE to requiresCompatibilities", "the task definition is for %s, not for FARGATE", strings.Join(c.td.Requires, ", "))
	default:
		c.onFargate()
	}
}

// onFargate checks a task definition that does not say it is for Fargate, and
// whose service runs there.
func (c *checker) onFargate() {
	if c.td.NetworkMode != "awsvpc" {
		c.problem("networkMode", `set "networkMode": "awsvpc"`, "Fargate runs tasks in awsvpc mode only")
	}
	cpu, wrong := ParseCPU(c.td.CPU)
	memory, bad := ParseMemory(c.td.Memory)
	if wrong == nil && bad == nil {
		c.fargateSize(cpu, memory)
	}
}

// Maps says whether a container listens on a port by this mapping.
func (p PortMapping) Maps(port int) bool {
	if p.ContainerPort != 0 || p.Range == "" {
		return port != 0 && p.ContainerPort == port
	}
	from, to, _ := strings.Cut(p.Range, "-")
	low, err := strconv.Atoi(from)
	if err != nil {
		return false
	}
	high, err := strconv.Atoi(to)
	if err != nil {
		high = low
	}
	return port >= low && port <= high
}
