package docker

import (
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/scheduler"
)

// taskPlan is a task with all that its containers are made from. It maps the
// ECS document on the engine's terms the way the ECS agent does; what cannot
// be mapped is told by Verify, before anything is made.
type taskPlan struct {
	row    *taskRow
	td     backend.TaskDefinition
	origin origin
	rec    *scheduler.Record // nil for a task of its own
	timing string
	state  string
	hostIP string // where ephemeral ports listen; "" is everywhere
	cores  int    // that the engine has; 0 where nothing depends on it
}

// The network modes.
const (
	modeVPC    = "awsvpc"
	modeBridge = "bridge"
	modeHost   = "host"
	modeNone   = "none"
)

func (p *taskPlan) mode() string {
	if p.td.NetworkMode == "" {
		return modeBridge
	}
	return p.td.NetworkMode
}

// shared says that a pause container holds the task together.
func (p *taskPlan) shared() bool {
	return p.mode() == modeVPC || p.td.PIDMode == "task" || p.td.IPCMode == "task"
}

// first is the container that carries the task's memory.
func (p *taskPlan) first() string {
	if p.shared() {
		return PauseContainer
	}
	return p.td.Containers[0].Name
}

// containerName is as the ECS agent makes it; the hex digits come from the
// task, so that a container is never made twice.
func (p *taskPlan) containerName(name string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	tail := p.row.id() + hex.EncodeToString(h.Sum(nil))
	if name == PauseContainer {
		name = "internalecspause"
	}
	return fmt.Sprintf("ecs-%s-%d-%s-%s", p.td.Family, p.td.Revision, name, tail)
}

// networkName is the network of a cluster.
func networkName(cluster string) string { return "ecs-" + cluster }

// spec is one container, ready to be made.
type spec struct {
	name   string
	config *container.Config
	host   *container.HostConfig
	net    *network.NetworkingConfig
}

// pause is the container that owns the task's namespaces. With fixed, host
// ports that the definition names are taken as they are.
func (p *taskPlan) pause(image string, fixed bool) (spec, error) {
	labels := p.labels(PauseContainer)
	if err := p.remember(labels); err != nil {
		return spec{}, err
	}
	s := spec{
		name:   p.containerName(PauseContainer),
		config: &container.Config{Image: image, Labels: labels, StopSignal: "SIGKILL", Entrypoint: []string{pausePath}},
		host:   &container.HostConfig{LogConfig: container.LogConfig{Type: "none"}, Resources: container.Resources{CPUShares: 2}},
	}
	if p.td.IPCMode == "task" {
		s.host.IpcMode = "shareable"
		for _, c := range p.td.Containers {
			if l := c.LinuxParameters; l != nil {
				s.host.ShmSize = max(s.host.ShmSize, int64(l.SharedMemorySize)*mib)
			}
		}
	}
	switch p.mode() {
	case modeVPC:
		p.attach(&s, nil, true)
		var all []backend.PortMapping
		for _, c := range p.td.Containers {
			all = append(all, c.PortMappings...)
			p.names(&s, c)
			for _, ctl := range c.SystemControls {
				if strings.HasPrefix(ctl.Namespace, "net.") {
					s.host.Sysctls = set(s.host.Sysctls, ctl.Namespace, ctl.Value)
				}
			}
		}
		return s, p.publish(&s, all, fixed)
	default:
		s.host.NetworkMode = modeNone
	}
	return s, nil
}

func set(m map[string]string, k, v string) map[string]string {
	if m == nil {
		m = map[string]string{}
	}
	m[k] = v
	return m
}

// answers says whether a container of a bridge task, which has an address of its
// own, answers to its service's name: the ones that map ports do, or the
// essential ones where none maps any. To others nobody would talk.
func answers(td backend.TaskDefinition, d backend.ContainerDefinition) bool {
	if slices.ContainsFunc(td.Containers, func(c backend.ContainerDefinition) bool { return len(c.PortMappings) > 0 }) {
		return len(d.PortMappings) > 0
	}
	return d.IsEssential()
}

// attach puts a container on the cluster's network, where it may answer to its
// service's name.
func (p *taskPlan) attach(s *spec, links []string, answers bool) {
	name := networkName(p.row.View.Cluster)
	s.host.NetworkMode = container.NetworkMode(name)
	end := &network.EndpointSettings{Links: links}
	if svc := p.row.View.Service; svc != "" && answers {
		end.Aliases = []string{svc}
	}
	s.net = &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{name: end}}
}

// publish makes ports reachable from outside.
func (p *taskPlan) publish(s *spec, mappings []backend.PortMapping, fixed bool) error {
	for _, m := range mappings {
		if m.ContainerPort == 0 {
			continue // a range; verify tells that it is not published
		}
		proto := m.Protocol
		if proto == "" {
			proto = "tcp"
		}
		port, err := network.ParsePort(fmt.Sprintf("%d/%s", m.ContainerPort, proto))
		if err != nil {
			return err
		}
		b := network.PortBinding{HostIP: hostAddr(p.hostIP)}
		if m.HostPort != 0 && fixed {
			b.HostPort = strconv.Itoa(m.HostPort)
		}
		if s.config.ExposedPorts == nil {
			s.config.ExposedPorts, s.host.PortBindings = network.PortSet{}, network.PortMap{}
		}
		s.config.ExposedPorts[port] = struct{}{}
		s.host.PortBindings[port] = append(s.host.PortBindings[port], b)
	}
	return nil
}

// container maps one container definition. env is its whole environment, with
// the values of secrets.
func (p *taskPlan) container(d backend.ContainerDefinition, image string, env []string) (spec, error) {
	labels := p.labels(d.Name)
	for k, v := range d.DockerLabels {
		if !reserved(k) {
			labels[k] = v
		}
	}
	if d.Name == p.first() {
		if err := p.remember(labels); err != nil {
			return spec{}, err
		}
	}
	stop := stopSeconds(d)
	s := spec{
		name: p.containerName(d.Name),
		config: &container.Config{
			Image: image, Labels: labels, Env: env, Entrypoint: d.EntryPoint, Cmd: d.Command,
			WorkingDir: d.WorkingDirectory, User: d.User, Tty: d.PseudoTerminal, OpenStdin: d.Interactive,
			Healthcheck: healthcheck(d.HealthCheck), StopTimeout: &stop, NetworkDisabled: d.DisableNetworking,
		},
		host: &container.HostConfig{
			LogConfig: logConfig(), Privileged: d.Privileged, ReadonlyRootfs: d.ReadonlyRoot,
			RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyDisabled},
		},
	}
	for _, o := range p.row.Overrides {
		if o.Name == d.Name && o.Command != nil {
			s.config.Cmd = o.Command
		}
	}
	if err := p.resources(&s, d); err != nil {
		return spec{}, err
	}
	p.linux(&s, d)
	if err := p.volumes(&s, d); err != nil {
		return spec{}, err
	}
	return s, p.network(&s, d)
}

func (p *taskPlan) network(s *spec, d backend.ContainerDefinition) error {
	pauseName := "container:" + p.containerName(PauseContainer)
	switch p.td.PIDMode {
	case "task":
		s.host.PidMode = container.PidMode(pauseName)
	case modeHost:
		s.host.PidMode = modeHost
	}
	if p.td.IPCMode == "task" {
		s.host.IpcMode = container.IpcMode(pauseName)
	} else if p.td.IPCMode != "" {
		s.host.IpcMode = container.IpcMode(p.td.IPCMode)
	}
	switch p.mode() {
	case modeVPC:
		s.host.NetworkMode = container.NetworkMode(pauseName)
		return nil
	case modeHost, modeNone:
		s.host.NetworkMode = container.NetworkMode(p.mode())
	default:
		if d.DisableNetworking {
			s.host.NetworkMode = modeNone
			break
		}
		var links []string
		for _, l := range d.Links {
			to, alias, found := strings.Cut(l, ":")
			if !found {
				alias = to
			}
			links = append(links, p.containerName(to)+":"+alias)
		}
		p.attach(s, links, answers(p.td, d))
		if err := p.publish(s, d.PortMappings, true); err != nil {
			return err
		}
	}
	p.names(s, d)
	return nil
}

// names sets what a container, or the one whose network it shares, is called,
// and by which names it finds others.
func (p *taskPlan) names(s *spec, d backend.ContainerDefinition) {
	if s.config.Hostname == "" {
		s.config.Hostname = d.Hostname
	}
	for _, h := range d.ExtraHosts {
		s.host.ExtraHosts = append(s.host.ExtraHosts, h.Hostname+":"+h.IPAddress)
	}
	for _, server := range d.DNSServers {
		if addr := hostAddr(server); addr.IsValid() && !slices.Contains(s.host.DNS, addr) {
			s.host.DNS = append(s.host.DNS, addr)
		}
	}
	for _, domain := range d.DNSSearchDomains {
		if !slices.Contains(s.host.DNSSearch, domain) {
			s.host.DNSSearch = append(s.host.DNSSearch, domain)
		}
	}
}

func healthcheck(h *backend.HealthCheck) *container.HealthConfig {
	if h == nil || len(h.Command) == 0 {
		return nil
	}
	or := func(v, def int) time.Duration {
		if v == 0 {
			v = def
		}
		return time.Duration(v) * time.Second
	}
	return &container.HealthConfig{
		Test: h.Command, Interval: or(h.Interval, 30), Timeout: or(h.Timeout, 5),
		Retries: int(or(h.Retries, 3) / time.Second), StartPeriod: or(h.StartPeriod, 0),
	}
}

// hasHealth says whether a container's health is watched.
func hasHealth(d backend.ContainerDefinition) bool {
	return d.HealthCheck != nil && len(d.HealthCheck.Command) > 0 && d.HealthCheck.Command[0] != "NONE"
}

// stopSeconds is the time between SIGTERM and SIGKILL; ECS's default is 30.
func stopSeconds(d backend.ContainerDefinition) int {
	if d.StopTimeout == 0 {
		return 30
	}
	return d.StopTimeout
}

// volumes maps mountPoints and volumesFrom.
func (p *taskPlan) volumes(s *spec, d backend.ContainerDefinition) error {
	for _, m := range d.MountPoints {
		i := slices.IndexFunc(p.td.Volumes, func(v backend.Volume) bool { return v.Name == m.SourceVolume })
		if i < 0 {
			return fmt.Errorf("there is no volume %q", backend.Clean(m.SourceVolume))
		}
		v := p.td.Volumes[i]
		if path := p.hostPath(v); path != "" { // the engine makes it where it is missing, as for the ECS agent
			s.host.Binds = append(s.host.Binds, path+":"+m.ContainerPath+accessMode(m.ReadOnly))
			continue
		}
		name, labels, options := p.volume(v)
		s.host.Mounts = append(s.host.Mounts, mount.Mount{
			Type: mount.TypeVolume, Source: name, Target: m.ContainerPath, ReadOnly: m.ReadOnly,
			VolumeOptions: &mount.VolumeOptions{Labels: labels, DriverConfig: options},
		})
	}
	for _, from := range d.VolumesFrom {
		s.host.VolumesFrom = append(s.host.VolumesFrom, p.containerName(from.SourceContainer)+accessMode(from.ReadOnly))
	}
	return nil
}

func accessMode(readOnly bool) string {
	if readOnly {
		return ":ro"
	}
	return ":rw"
}

// hostPath is the folder of the engine's machine that a volume is, or "". A
// relative one hangs on the app's folder.
func (p *taskPlan) hostPath(v backend.Volume) string {
	switch {
	case v.Host == nil || v.Host.SourcePath == "":
		return ""
	case filepath.IsAbs(v.Host.SourcePath):
		return v.Host.SourcePath
	}
	return filepath.Join(p.origin.Dir, v.Host.SourcePath)
}

// volume names a Docker volume. One of scope task lives as long as the task;
// a shared one keeps its name, as the ECS agent does.
func (p *taskPlan) volume(v backend.Volume) (name string, labels map[string]string, driver *mount.Driver) {
	labels = map[string]string{labelState: p.state, LabelTaskARN: p.row.View.ARN}
	name = fmt.Sprintf("ecs-%s-%d-%s-%s", p.td.Family, p.td.Revision, v.Name, p.row.id())
	if d := v.Docker; d != nil {
		if d.Scope == "shared" {
			name, labels = v.Name, map[string]string{LabelApp: "shared"}
		}
		for k, val := range d.Labels {
			if !reserved(k) {
				labels[k] = val
			}
		}
		if d.Driver != "" || len(d.DriverOpts) > 0 {
			driver = &mount.Driver{Name: d.Driver, Options: d.DriverOpts}
		}
	}
	return name, labels, driver
}
