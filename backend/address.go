package backend

import (
	"context"
	"net"
	"net/url"
	"strconv"
)

// AddressQuery asks where a port of a service is reached from this machine.
type AddressQuery struct {
	Cluster        string
	Service        Document // in CreateService's or DescribeServices' shape
	TaskDefinition TaskDefinition
	Container      string
	Port           int // of the container; one that it maps
	// Tasks are those that run. Without any, the answer is what can be told
	// before there are some: a Host of "" or a Port of 0 is not known yet.
	Tasks []Task
}

// Address is where a service is reached.
type Address struct {
	Scheme string // http or https
	Host   string
	Port   int
	Via    string // "the load balancer shop-public", "a published port"
	Doubt  string // why it may not be reached from this machine; "" for no doubt
}

// URL is the address with a path; its unknown parts stand in angle brackets.
func (a Address) URL(path string) string {
	host, port := a.Host, strconv.Itoa(a.Port)
	if a.Host == "" || a.Port == 0 {
		if host == "" {
			host = "<task>"
		}
		if port == "0" {
			port = "<port>"
		}
		return a.Scheme + "://" + host + ":" + port + path
	}
	if a.Scheme == "http" && a.Port != 80 || a.Scheme == "https" && a.Port != 443 {
		host = net.JoinHostPort(a.Host, port)
	}
	u, err := url.Parse(path)
	if err != nil {
		u = &url.URL{Path: path}
	}
	u.Scheme, u.Host = a.Scheme, host
	return u.String()
}

// AddressReader finds out where services are reached.
type AddressReader interface {
	// ServiceAddresses gives one address for a load balancer, else one for each
	// task. Kind NotFound says that there is none, and why; its Remedy what to do.
	ServiceAddresses(ctx context.Context, q AddressQuery) ([]Address, error)
}

// ProbeRequest is a GET of a service.
type ProbeRequest struct {
	Cluster, Service string // names
	URL              string
}

// ProbeAnswer is what a service answered.
type ProbeAnswer struct {
	Status int
	Body   string
}

// Prober is implemented by backends whose services are on no network: they
// answer for them. Everywhere else a request is made.
type Prober interface {
	Probe(ctx context.Context, req ProbeRequest) (ProbeAnswer, error)
}

// MappedPort finds the port of a container, by name and port where they are
// given, else the only one there is. problem says why there is none that can be
// meant.
func (t TaskDefinition) MappedPort(container string, port int) (name string, mapped int, problem string) {
	found := 0
	for _, c := range t.Containers {
		if container != "" && c.Name != container {
			continue
		}
		for _, m := range c.PortMappings {
			if m.Protocol == "udp" || port != 0 && m.ContainerPort != port {
				continue
			}
			if found++; found == 1 {
				name, mapped = c.Name, m.ContainerPort
			}
		}
	}
	of := "the task definition"
	if container != "" {
		of = "the container " + container
	}
	switch {
	case found == 1:
		return name, mapped, ""
	case found > 1:
		return "", 0, of + " maps several ports that can be meant"
	case port != 0:
		return "", 0, of + " maps no port " + strconv.Itoa(port)
	}
	return "", 0, of + " maps no port"
}
