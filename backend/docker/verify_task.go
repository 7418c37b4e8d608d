package docker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/moby/api/types/system"

	"github.com/ecs-tui/ecs-tui/backend"
)

// together tells what several fields ask for together, each of which the engine
// would honour alone.
func together(td backend.TaskDefinition) []backend.Finding {
	return slices.Concat(sharedSize(td), sharedNetwork(td), fixedPorts(td), beside(td))
}

// beside tells of fields that another field of the same container leaves nothing
// of.
func beside(td backend.TaskDefinition) []backend.Finding {
	var findings []backend.Finding
	for i, d := range td.Containers {
		tell := func(severity backend.Severity, field, message string) {
			findings = append(findings, backend.Finding{Severity: severity, Path: fmt.Sprintf("containerDefinitions[%d].%s", i, field), Message: message})
		}
		if l := d.LogConfiguration; l != nil && len(l.Options) > 0 && (l.LogDriver == "json-file" || l.LogDriver == "local") {
			tell(backend.Note, "logConfiguration.options", "the engine keeps the newest 100 MB of a container's log, whatever the options")
		}
		if l := d.LinuxParameters; l != nil && l.MaxSwap != nil && *l.MaxSwap > 0 && d.Memory == 0 && td.Memory == "" {
			tell(backend.Warning, "linuxParameters.maxSwap", "swap is limited beside a limit of memory only, and there is none")
		}
		for k := range d.DockerLabels {
			if reserved(k) {
				tell(backend.Warning, "dockerLabels", "labels that begin with com.amazonaws.ecs. or com.ecs-tui. are the agent's: they are left out")
				break
			}
		}
	}
	return findings
}

// fixedPorts tells that one task at a time has a port of the machine, where on ECS
// each awsvpc task has an address of its own.
func fixedPorts(td backend.TaskDefinition) []backend.Finding {
	if td.NetworkMode != modeVPC {
		return nil
	}
	var findings []backend.Finding
	for i, d := range td.Containers {
		for j, m := range d.PortMappings {
			if m.HostPort == 0 {
				continue
			}
			findings = append(findings, backend.Finding{
				Severity: backend.Note, Path: fmt.Sprintf("containerDefinitions[%d].portMappings[%d].hostPort", i, j),
				Message: fmt.Sprintf("one task at a time has port %d of this machine; others, and the new ones of a rollout, get any that is free: ps shows it", m.HostPort),
				Remedy:  "to keep it over a rollout of one task, let the old task end first: minimumHealthyPercent 0 and maximumPercent 100",
			})
		}
	}
	return findings
}

// sharedNetwork tells what the containers of a task cannot each have for
// themselves where they share one network.
func sharedNetwork(td backend.TaskDefinition) []backend.Finding {
	var findings []backend.Finding
	warn := func(path, format string, args ...any) {
		findings = append(findings, backend.Finding{Severity: backend.Warning, Path: path, Message: backend.Clean(fmt.Sprintf(format, args...))})
	}
	shared, hostname := td.NetworkMode == modeVPC, ""
	for i, d := range td.Containers {
		path := fmt.Sprintf("containerDefinitions[%d].", i)
		for j, server := range d.DNSServers {
			if !hostAddr(server).IsValid() {
				warn(fmt.Sprintf("%sdnsServers[%d]", path, j), "%q is no IP address: it is left out", server)
			}
		}
		if !shared {
			continue
		}
		if d.DisableNetworking {
			warn(path+"disableNetworking", "the containers of an awsvpc task share its network, this one too")
		}
		if hostname == "" {
			hostname = d.Hostname
		} else if d.Hostname != "" && d.Hostname != hostname {
			warn(path+"hostname", "the containers of an awsvpc task share one hostname: it is %s", hostname)
		}
	}
	return findings
}

// sharedSize tells that the size of a task does not bound the sum of its
// containers: each of them may use all of it that it is not limited to itself.
func sharedSize(td backend.TaskDefinition) []backend.Finding {
	if len(td.Containers) < 2 {
		return nil
	}
	memory := false // is left for several to take
	for _, d := range td.Containers {
		memory = memory || d.Memory == 0 && td.Memory != ""
	}
	f := backend.Finding{Severity: backend.Note, Path: "memory", Remedy: `give each container a "memory" of its own`}
	what := "memory"
	switch {
	case memory && td.CPU != "":
		what = "cpu and memory"
	case memory:
	case td.CPU != "":
		what, f.Path, f.Remedy = "cpu", "cpu", ""
	default:
		return nil
	}
	f.Message = fmt.Sprintf("the engine cannot bound a task as a whole: each of the %d containers may use the task's %s up to the full", len(td.Containers), what)
	return []backend.Finding{f}
}

// verifyMachine tells what the engine's machine does not have or cannot limit.
func verifyMachine(td backend.TaskDefinition, info system.Info) []backend.Finding {
	var findings []backend.Finding
	warn := func(path, remedy, format string, args ...any) {
		findings = append(findings, backend.Finding{Severity: backend.Warning, Path: path, Message: backend.Clean(fmt.Sprintf(format, args...)), Remedy: remedy})
	}
	cpu, _ := backend.ParseCPU(td.CPU)
	switch {
	case cpu > 0 && !info.CPUCfsQuota:
		warn("cpu", "", "this engine cannot limit the CPU of containers: a task may use all of it")
	case info.NCPU > 0 && cpu > info.NCPU*1024:
		warn("cpu", "", "the task asks for %s cores, and this engine's machine has %d: it gets those", strconv.FormatFloat(float64(cpu)/1024, 'f', -1, 64), info.NCPU)
	}
	if td.Memory != "" && !info.MemoryLimit {
		warn("memory", "", "this engine cannot limit the memory of containers: a task may use all of it")
	}
	for i, d := range td.Containers {
		path := fmt.Sprintf("containerDefinitions[%d].", i)
		if d.Memory > 0 && td.Memory == "" && !info.MemoryLimit {
			warn(path+"memory", "", "this engine cannot limit the memory of containers: this one may use all of it")
		}
		l := d.LinuxParameters
		if l == nil {
			continue
		}
		if l.MaxSwap != nil && *l.MaxSwap > 0 && !info.SwapLimit {
			warn(path+"linuxParameters.maxSwap", "", "this engine's kernel does not limit swap by container")
		}
		if l.Swappiness != nil && info.CgroupVersion == "2" {
			warn(path+"linuxParameters.swappiness", "", "this engine's kernel (cgroup v2) has no swappiness by container")
		}
	}
	if p := td.Platform; p != nil {
		if p.CPUArchitecture != "" && goArch(strings.ToLower(p.CPUArchitecture)) != goArch(info.Architecture) {
			warn("runtimePlatform.cpuArchitecture", "leave cpuArchitecture out for this engine, or use one of that architecture",
				"the task asks for %s, and this engine runs on %s: its images run here only where the engine emulates that", p.CPUArchitecture, goArch(info.Architecture))
		}
		if windows := strings.HasPrefix(p.OSFamily, "WINDOWS"); windows != (info.OSType == "windows") && p.OSFamily != "" {
			warn("runtimePlatform.operatingSystemFamily", "use an engine of that system", "the task asks for %s, and this engine runs containers of %s", p.OSFamily, info.OSType)
		}
	}
	return findings
}

// verifyFolders tells which folders of this machine the engine will make: a
// wrong path shows as an empty folder otherwise.
func (b *Backend) verifyFolders(td backend.TaskDefinition) []backend.Finding {
	if !localSocket(b.endpoint.host) {
		return nil
	}
	p := &taskPlan{td: td, origin: origin{Dir: b.set.Dir}}
	var findings []backend.Finding
	for i, v := range td.Volumes {
		path := p.hostPath(v)
		if path == "" {
			continue
		}
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			findings = append(findings, backend.Finding{
				Severity: backend.Note, Path: fmt.Sprintf("volumes[%d].host.sourcePath", i),
				Message: backend.Clean(path + " does not exist: the engine makes it, empty"),
			})
		}
	}
	return findings
}
