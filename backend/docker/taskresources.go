package docker

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/moby/api/types/container"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	mib = 1 << 20
	// minMemory is the least limit that the engine takes.
	minMemory = 6 * mib
	// minShares is what the ECS agent gives a container that asks for none.
	minShares = 2
)

// hostAddr is an address as text, or the zero Addr, which means everywhere.
func hostAddr(ip string) netip.Addr {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return netip.Addr{}
	}
	return addr
}

// resources maps cpu, memory and ulimits. The engine cannot bound a task as a
// whole; its size bounds each container that names none of its own.
func (p *taskPlan) resources(s *spec, d backend.ContainerDefinition) error {
	cpu, err := backend.ParseCPU(p.td.CPU)
	if err != nil {
		return err
	}
	size, err := backend.ParseMemory(p.td.Memory)
	if err != nil {
		return err
	}
	r := &s.host.Resources
	r.CPUShares = int64(max(d.CPU, minShares))
	if d.CPU == 0 && cpu > 0 && len(p.td.Containers) == 1 {
		r.CPUShares = int64(cpu)
	}
	if cpu > 0 {
		r.NanoCPUs = int64(cpu) * 1e9 / 1024
		if all := int64(p.cores) * 1e9; all > 0 {
			r.NanoCPUs = min(r.NanoCPUs, all) // the engine refuses more than there is
		}
	}
	switch {
	case d.Memory > 0:
		r.Memory = max(int64(d.Memory)*mib, minMemory)
	case size > 0:
		r.Memory = int64(size) * mib
	}
	r.MemoryReservation = int64(d.MemoryReservation) * mib
	for _, u := range d.Ulimits {
		r.Ulimits = append(r.Ulimits, &container.Ulimit{Name: u.Name, Soft: u.SoftLimit, Hard: u.HardLimit})
	}
	if r.Memory > 0 {
		r.MemorySwap = r.Memory // no swap, as on Fargate, unless asked for
		if l := d.LinuxParameters; l != nil && l.MaxSwap != nil && *l.MaxSwap > 0 {
			r.MemorySwap = r.Memory + int64(*l.MaxSwap)*mib
		}
	}
	return nil
}

// linux maps linuxParameters and systemControls; those of the network belong to
// the container that owns it.
func (p *taskPlan) linux(s *spec, d backend.ContainerDefinition) {
	for _, c := range d.SystemControls {
		if p.mode() != modeVPC || !strings.HasPrefix(c.Namespace, "net.") {
			s.host.Sysctls = set(s.host.Sysctls, c.Namespace, c.Value)
		}
	}
	l := d.LinuxParameters
	if l == nil {
		return
	}
	if l.InitProcessEnabled {
		on := true
		s.host.Init = &on
	}
	s.host.ShmSize = int64(l.SharedMemorySize) * mib
	if l.Swappiness != nil {
		n := int64(*l.Swappiness)
		s.host.MemorySwappiness = &n
	}
	for _, t := range l.Tmpfs {
		options := slices.Clone(t.MountOptions)
		if t.Size > 0 {
			options = append(options, "size="+strconv.Itoa(t.Size)+"m")
		}
		s.host.Tmpfs = set(s.host.Tmpfs, t.ContainerPath, strings.Join(options, ","))
	}
	if l.Capabilities != nil {
		s.host.CapAdd, s.host.CapDrop = l.Capabilities.Add, l.Capabilities.Drop
	}
	for _, dev := range l.Devices {
		s.host.Devices = append(s.host.Devices, device(dev))
	}
}

func device(d backend.DeviceMapper) container.DeviceMapping {
	to := d.ContainerPath
	if to == "" {
		to = d.HostPath
	}
	access := ""
	for _, perm := range d.Permissions {
		switch perm {
		case "read":
			access += "r"
		case "write":
			access += "w"
		case "mknod":
			access += "m"
		}
	}
	if access == "" {
		access = "rwm"
	}
	return container.DeviceMapping{PathOnHost: d.HostPath, PathInContainer: to, CgroupPermissions: access}
}

// ports reads where the engine listens for a container, out of a listing.
func listedPorts(list []container.PortSummary) []backend.PortBinding {
	var out []backend.PortBinding
	for _, p := range list {
		if p.PublicPort == 0 {
			continue
		}
		ip := ""
		if p.IP.IsValid() {
			ip = p.IP.String()
		}
		b := backend.PortBinding{ContainerPort: int(p.PrivatePort), HostPort: int(p.PublicPort), Protocol: backend.Clean(p.Type), HostIP: ip}
		if p.IP.Is6() && slices.ContainsFunc(list, func(o container.PortSummary) bool {
			return o.IP.Is4() && o.PrivatePort == p.PrivatePort && o.Type == p.Type
		}) {
			continue // the same port once more
		}
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b backend.PortBinding) int {
		return strings.Compare(fmt.Sprintf("%05d%s", a.ContainerPort, a.Protocol), fmt.Sprintf("%05d%s", b.ContainerPort, b.Protocol))
	})
	return out
}
