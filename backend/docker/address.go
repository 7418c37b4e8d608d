package docker

import (
	"context"
	"net"
	"net/netip"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// ServiceAddresses gives where the engine's host listens for a port of each
// task. Before there are tasks, the host is known, and the port where the task
// definition has a fixed one.
func (b *Backend) ServiceAddresses(ctx context.Context, q backend.AddressQuery) ([]backend.Address, error) {
	const op = "ServiceAddresses"
	if err := ctx.Err(); err != nil {
		return nil, wrap(op, backend.Clean(q.Container), err)
	}
	host, doubt := b.endpoint.reached()
	address := func(ip string, port int) backend.Address {
		if on, err := netip.ParseAddr(ip); err != nil || on.IsUnspecified() || doubt != "" {
			ip = host
		}
		return backend.Address{Scheme: "http", Host: ip, Port: port, Via: "the port that the task publishes", Doubt: doubt}
	}
	var out []backend.Address
	for _, t := range q.Tasks {
		for _, c := range t.Containers {
			for _, p := range c.Ports {
				if c.Name == q.Container && p.ContainerPort == q.Port && p.HostPort > 0 && p.Protocol != "udp" {
					out = append(out, address(p.HostIP, p.HostPort))
				}
			}
		}
	}
	switch {
	case len(out) > 0:
		return out, nil
	case q.TaskDefinition.NetworkMode == "host":
		return []backend.Address{address("", q.Port)}, nil
	case len(q.Tasks) > 0 || q.TaskDefinition.NetworkMode == "none":
		e := backend.Errorf(op, backend.NotFound, backend.Clean(q.Container), "no task publishes its port %d", q.Port)
		e.Remedy = "map it in portMappings, or give the check a url or a command"
		return nil, e
	}
	fixed := 0
	if c, ok := q.TaskDefinition.Container(q.Container); ok {
		for _, m := range c.PortMappings {
			if m.ContainerPort == q.Port {
				fixed = m.HostPort
			}
		}
	}
	return []backend.Address{address("", fixed)}, nil
}

// reached is the host that published ports are reached at. Those of an engine
// on another machine may be behind its firewall.
func (ep endpoint) reached() (host, doubt string) {
	scheme, addr, _ := strings.Cut(ep.host, "://")
	if scheme != "tcp" && scheme != "ssh" {
		return "127.0.0.1", ""
	}
	if at := strings.LastIndexByte(addr, '@'); at >= 0 {
		addr = addr[at+1:]
	}
	addr, _, _ = strings.Cut(addr, "/")
	if name, _, err := net.SplitHostPort(addr); err == nil {
		addr = name
	}
	addr = strings.Trim(addr, "[]")
	if ip, err := netip.ParseAddr(addr); addr == "localhost" || err == nil && ip.IsLoopback() {
		return addr, ""
	}
	return addr, "the engine is on another machine, " + backend.Clean(addr) + ": its published ports must be open to this one"
}
