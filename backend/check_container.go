package backend

import (
	"fmt"
	"slices"
	"strings"
)

func cutSuffixFold(s, suffix string) (string, bool) {
	if len(s) < len(suffix) || !strings.EqualFold(s[len(s)-len(suffix):], suffix) {
		return s, false
	}
	return strings.TrimSpace(s[:len(s)-len(suffix)]), true
}

func (c *checker) containers() {
	if len(c.td.Containers) > 10 {
		c.problem("containerDefinitions", "split the task", "a task has at most 10 containers, not %d", len(c.td.Containers))
	}
	names, essential := map[string]bool{}, false
	for i, d := range c.td.Containers {
		path := fmt.Sprintf("containerDefinitions[%d]", i)
		switch {
		case !validName(d.Name):
			c.problem(path+".name", "use up to 255 letters, digits, - and _", "%q is not a valid container name", d.Name)
		case names[d.Name]:
			c.problem(path+".name", "give each container a name of its own", "the container %q is there twice", d.Name)
		}
		names[d.Name] = true
		essential = essential || d.IsEssential()
		if strings.TrimSpace(d.Image) == "" {
			c.problem(path+".image", "name the image to run", "%s has no image", d.Name)
		} else if Clean(d.Image) != d.Image || strings.ContainsAny(d.Image, " \u00a0") {
			c.problem(path+".image", "write it as repository:tag", "%q is no image reference", d.Image)
		}
		c.containerSize(path, d)
		c.health(path, d)
		c.mounts(path, d)
		c.links(path, d)
	}
	if len(c.td.Containers) > 0 && !essential {
		c.problem("containerDefinitions", `leave "essential" out for the main container`, "no container is essential; a task needs one")
	}
	c.ports()
}

func (c *checker) containerSize(path string, d ContainerDefinition) {
	if c.td.Memory == "" && d.Memory == 0 && d.MemoryReservation == 0 {
		c.problem(path+".memory", `set "memory" or "memoryReservation", in MiB`, "%s has no memory, and the task has none either", d.Name)
	}
	if d.Memory != 0 && d.Memory < 6 {
		c.problem(path+".memory", "give it 6 MiB or more", "%d MiB is less than a container can have", d.Memory)
	}
	if d.Memory > 0 && d.MemoryReservation >= d.Memory {
		c.problem(path+".memoryReservation", "make it less than memory", "the reservation of %d MiB is not below the limit of %d", d.MemoryReservation, d.Memory)
	}
	if d.CPU < 0 {
		c.problem(path+".cpu", "leave it out, or give CPU units", "%d CPU units", d.CPU)
	}
	if d.StopTimeout < 0 || c.fargate() && d.StopTimeout > 120 {
		c.problem(path+".stopTimeout", "use 0 to 120 seconds", "%d seconds", d.StopTimeout)
	}
	if p := d.RestartPolicy; p != nil && p.Enabled && p.RestartAttemptPeriod != 0 && (p.RestartAttemptPeriod < 60 || p.RestartAttemptPeriod > 1800) {
		c.problem(path+".restartPolicy.restartAttemptPeriod", "use 60 to 1800 seconds", "%d seconds", p.RestartAttemptPeriod)
	}
}

func (c *checker) health(path string, d ContainerDefinition) {
	h := d.HealthCheck
	if h == nil {
		return
	}
	path += ".healthCheck"
	switch {
	case len(h.Command) == 0:
		c.problem(path+".command", `use ["CMD-SHELL", "…"] or ["CMD", …]`, "the check has no command")
	case h.Command[0] != "CMD" && h.Command[0] != "CMD-SHELL" && h.Command[0] != "NONE":
		c.problem(path+".command", `begin it with "CMD" or "CMD-SHELL"`, "the check begins with %q", h.Command[0])
	case h.Command[0] != "NONE" && len(h.Command) == 1:
		c.problem(path+".command", "add what to run", "the check has no command after %s", h.Command[0])
	}
	for _, r := range []struct {
		field           string
		value, from, to int
	}{
		{"interval", h.Interval, 5, 300},
		{"timeout", h.Timeout, 2, 60},
		{"retries", h.Retries, 1, 10},
		{"startPeriod", h.StartPeriod, 0, 300},
	} {
		if r.value != 0 && (r.value < r.from || r.value > r.to) {
			c.problem(path+"."+r.field, fmt.Sprintf("use %d to %d", r.from, r.to), "%d is outside what ECS takes", r.value)
		}
	}
}

func (c *checker) mounts(path string, d ContainerDefinition) {
	for i, m := range d.MountPoints {
		if !slices.ContainsFunc(c.td.Volumes, func(v Volume) bool { return v.Name == m.SourceVolume }) {
			c.problem(fmt.Sprintf("%s.mountPoints[%d].sourceVolume", path, i), "add it to volumes", "there is no volume %q", m.SourceVolume)
		}
	}
	for i, v := range d.VolumesFrom {
		if _, ok := c.td.Container(v.SourceContainer); !ok {
			c.problem(fmt.Sprintf("%s.volumesFrom[%d].sourceContainer", path, i), "name a container of this task", "there is no container %q", v.SourceContainer)
		}
	}
}

func (c *checker) links(path string, d ContainerDefinition) {
	if len(d.Links) > 0 && c.td.NetworkMode != "" && c.td.NetworkMode != "bridge" {
		c.problem(path+".links", "use localhost (awsvpc), or bridge mode", "links work in bridge mode only")
		return
	}
	for i, l := range d.Links {
		name, _, _ := strings.Cut(l, ":")
		if _, ok := c.td.Container(name); !ok {
			c.problem(fmt.Sprintf("%s.links[%d]", path, i), "name a container of this task", "there is no container %q", name)
		}
	}
}

// ports checks port mappings against the network mode and each other.
func (c *checker) ports() {
	type key struct {
		port     int
		protocol string
	}
	byContainer, byHost := map[key]string{}, map[key]string{}
	shared := c.td.NetworkMode == "awsvpc" || c.td.NetworkMode == "host"
	for i, d := range c.td.Containers {
		for j, p := range d.PortMappings {
			path := fmt.Sprintf("containerDefinitions[%d].portMappings[%d]", i, j)
			proto := p.Protocol
			if proto == "" {
				proto = "tcp"
			}
			if p.ContainerPort == 0 && p.Range != "" {
				continue // a range, which ECS maps to what is free
			}
			if p.ContainerPort < 1 || p.ContainerPort > 65535 || p.HostPort < 0 || p.HostPort > 65535 {
				c.problem(path, "use ports from 1 to 65535", "%d to %d is no pair of ports", p.ContainerPort, p.HostPort)
				continue
			}
			if proto != "tcp" && proto != "udp" {
				c.problem(path+".protocol", "use tcp or udp", "%q is no protocol", p.Protocol)
			}
			if c.td.NetworkMode == "none" {
				c.problem(path, "use bridge or awsvpc", "network mode none has no ports")
			}
			if shared && p.HostPort != 0 && p.HostPort != p.ContainerPort {
				c.problem(path+".hostPort", "leave hostPort out", "in %s mode hostPort %d must be containerPort %d", c.td.NetworkMode, p.HostPort, p.ContainerPort)
			}
			inner, outer := key{p.ContainerPort, proto}, key{p.HostPort, proto}
			if by, taken := byContainer[inner]; taken && shared {
				c.problem(path+".containerPort", "use another port", "%d/%s is already used by the container %s of this task", p.ContainerPort, proto, by)
			} else if by, taken := byHost[outer]; taken && !shared && p.HostPort != 0 {
				c.problem(path+".hostPort", "use another port, or 0 for any", "host port %d/%s is already used by the container %s of this task", p.HostPort, proto, by)
			}
			byContainer[inner], byHost[outer] = d.Name, d.Name
		}
	}
}
