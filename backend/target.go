package backend

import (
	"slices"
	"strings"
	"time"
)

// TargetGroup is what a load balancer sends a service's requests to, with the
// health of each target as the load balancer sees it.
type TargetGroup struct {
	ARN, Name     string
	Protocol      string // HTTP, TCP …
	Port          int
	TargetType    string   // ip, instance, lambda, alb
	VPC           string   // id; "" where there is none, or it is not known
	LoadBalancers []string // ARNs; none: it gets no requests
	Check         TargetCheck
	Targets       []Target
}

// TargetCheck is how a target group finds out whether a target is healthy.
type TargetCheck struct {
	Protocol, Port, Path string // Port is a number, or "traffic-port"
	Codes                string // of the answers that count as healthy: "200-299"; "" for TCP
	Interval, Timeout    time.Duration
	Healthy, Unhealthy   int // how many in a row count
}

// Target is one address that a target group has registered.
type Target struct {
	ID    string // an IP address, or an instance's id
	Port  int
	Zone  string
	State string // see the constants; others are shown as they are
	// Reason is ELB's code for a state other than healthy, such as
	// Target.ResponseCodeMismatch, and Description its text: "Health checks
	// failed with these codes: [502]".
	Reason, Description string
}

// The states of a target (TargetHealth in ELB's API reference).
const (
	TargetInitial     = "initial"
	TargetHealthy     = "healthy"
	TargetUnhealthy   = "unhealthy"
	TargetUnused      = "unused"
	TargetDraining    = "draining"
	TargetUnavailable = "unavailable"
)

// ServiceTarget is one entry of a service's loadBalancers: which port of which
// container a target group sends to. Alternate is the group of the other
// colour, where deployments shift traffic between two.
type ServiceTarget struct {
	Group, Alternate string // ARNs
	Container        string
	Port             int
}

// ServiceTargets reads a service's loadBalancers from its document. A classic
// load balancer has no target group, and is left out.
func ServiceTargets(s Service) []ServiceTarget {
	var doc struct {
		LoadBalancers []struct {
			Group     string `json:"targetGroupArn"`
			Container string `json:"containerName"`
			Port      int    `json:"containerPort"`
			Advanced  struct {
				Alternate string `json:"alternateTargetGroupArn"`
			} `json:"advancedConfiguration"`
		} `json:"loadBalancers"`
	}
	if len(s.Document) == 0 || s.Document.Decode(&doc) != nil {
		return nil
	}
	var out []ServiceTarget
	for _, l := range doc.LoadBalancers {
		if l.Group != "" {
			out = append(out, ServiceTarget{
				Group: Clean(l.Group), Alternate: Clean(l.Advanced.Alternate), Container: Clean(l.Container), Port: l.Port,
			})
		}
	}
	return out
}

// TargetGroupARNs are the ARNs of all target groups of a service, each once.
func TargetGroupARNs(s Service) []string {
	var out []string
	for _, t := range ServiceTargets(s) {
		for _, arn := range []string{t.Group, t.Alternate} {
			if arn != "" && !slices.Contains(out, arn) {
				out = append(out, arn)
			}
		}
	}
	return out
}

// TaskAddresses are the private IP addresses of a task that has network
// interfaces of its own, from its document.
func TaskAddresses(t Task) []string {
	var doc struct {
		Containers []struct {
			Interfaces []struct {
				IPv4 string `json:"privateIpv4Address"`
				IPv6 string `json:"ipv6Address"`
			} `json:"networkInterfaces"`
		} `json:"containers"`
		Attachments []struct {
			Details []struct{ Name, Value string } `json:"details"`
		} `json:"attachments"`
	}
	if len(t.Document) == 0 || t.Document.Decode(&doc) != nil {
		return nil
	}
	var out []string
	add := func(address string) {
		if address = Clean(address); address != "" && !slices.Contains(out, address) {
			out = append(out, address)
		}
	}
	for _, c := range doc.Containers {
		for _, i := range c.Interfaces {
			add(i.IPv4)
			add(i.IPv6)
		}
	}
	for _, a := range doc.Attachments {
		for _, d := range a.Details {
			if d.Name == "privateIPv4Address" {
				add(d.Value)
			}
		}
	}
	return out
}

// TargetTasks gives the ARN of the task that each target is, "" where that can't
// be told: by its address, or, where targets are instances, by the only task
// that has the port on its host.
func TargetTasks(targets []Target, tasks []Task) []string {
	byAddress, byPort := map[string]string{}, map[int]string{}
	for _, t := range tasks {
		for _, address := range TaskAddresses(t) {
			byAddress[address] = t.ARN
		}
		for _, c := range t.Containers {
			for _, p := range c.Ports {
				if other, taken := byPort[p.HostPort]; taken && other != t.ARN {
					byPort[p.HostPort] = "" // on two machines
				} else {
					byPort[p.HostPort] = t.ARN
				}
			}
		}
	}
	out := make([]string, len(targets))
	for i, t := range targets {
		if out[i] = byAddress[t.ID]; out[i] == "" && strings.HasPrefix(t.ID, "i-") && t.Port > 0 {
			out[i] = byPort[t.Port]
		}
	}
	return out
}
