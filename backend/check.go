package backend

import (
	"fmt"
	"slices"
	"strconv"
)

// CheckTaskDefinition holds a task definition against ECS's own rules, those
// that RegisterTaskDefinition or the first start would refuse it for. What one
// backend cannot honour is not its business: that is in [Verifier]. Findings
// come in the order of the document.
func CheckTaskDefinition(td TaskDefinition) []Finding {
	c := &checker{td: td}
	c.task()
	c.containers()
	c.dependencies()
	c.size()
	return c.findings
}

// checker collects findings about one task definition.
type checker struct {
	td       TaskDefinition
	findings []Finding
}

func (c *checker) add(s Severity, path, message, remedy string) {
	c.findings = append(c.findings, Finding{Severity: s, Path: path, Message: Clean(message), Remedy: remedy})
}

func (c *checker) problem(path, remedy, format string, args ...any) {
	c.add(Problem, path, fmt.Sprintf(format, args...), remedy)
}

func (c *checker) warn(path, remedy, format string, args ...any) {
	c.add(Warning, path, fmt.Sprintf(format, args...), remedy)
}

func (c *checker) task() {
	if !validName(c.td.Family) {
		c.problem("family", "use up to 255 letters, digits, - and _", "%q is not a valid family", c.td.Family)
	}
	switch c.td.NetworkMode {
	case "", "awsvpc", "bridge", "host", "none":
	default:
		c.problem("networkMode", "use awsvpc, bridge, host or none", "%q is no network mode", c.td.NetworkMode)
	}
	if c.fargate() && c.td.NetworkMode != "awsvpc" {
		c.problem("networkMode", `set "networkMode": "awsvpc"`, "Fargate runs tasks in awsvpc mode only")
	}
	for i, r := range c.td.Requires {
		if !slices.Contains([]string{"EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"}, r) {
			c.problem(fmt.Sprintf("requiresCompatibilities[%d]", i), "use FARGATE or EC2", "%q is no launch type", r)
		}
	}
	if p := c.td.Platform; p != nil && p.CPUArchitecture != "" && p.CPUArchitecture != "X86_64" && p.CPUArchitecture != "ARM64" {
		c.problem("runtimePlatform.cpuArchitecture", "use X86_64 or ARM64", "%q is no CPU architecture", p.CPUArchitecture)
	}
	seen := map[string]bool{}
	for i, v := range c.td.Volumes {
		if seen[v.Name] {
			c.problem(fmt.Sprintf("volumes[%d].name", i), "give each volume a name of its own", "the volume %q is there twice", v.Name)
		}
		seen[v.Name] = true
	}
}

func (c *checker) fargate() bool { return slices.Contains(c.td.Requires, "FARGATE") }

// fargateSizes are the memory sizes in MiB that Fargate has for a CPU size:
// from, to, step ("Task size" in the ECS developer guide).
func fargateSizes() map[int][3]int {
	return map[int][3]int{
		256: {512, 2048, 512}, 512: {1024, 4096, 1024}, 1024: {2048, 8192, 1024}, 2048: {4096, 16384, 1024},
		4096: {8192, 30720, 1024}, 8192: {16384, 61440, 4096}, 16384: {32768, 122880, 8192},
	}
}

// ParseCPU reads a task's cpu, "256" or ".25 vCPU", into units of 1/1024 core.
func ParseCPU(s string) (int, error) { return parseSize(s, "vcpu", 1024) }

// ParseMemory reads a task's memory, "512" or "0.5 GB", into MiB.
func ParseMemory(s string) (int, error) { return parseSize(s, "gb", 1024) }

func parseSize(s string, unit string, factor float64) (int, error) {
	if s == "" {
		return 0, nil
	}
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return n, nil
	}
	if number, ok := cutSuffixFold(s, unit); ok {
		if f, err := strconv.ParseFloat(number, 64); err == nil && f >= 0 {
			return int(f * factor), nil
		}
	}
	return 0, fmt.Errorf("%q is no size", s)
}

// size checks the task's own cpu and memory, and that containers fit in it.
func (c *checker) size() {
	cpu, err := ParseCPU(c.td.CPU)
	if err != nil {
		c.problem("cpu", `write it as "256" or ".25 vCPU"`, "%v", err)
		return
	}
	memory, err := ParseMemory(c.td.Memory)
	if err != nil {
		c.problem("memory", `write it as "512" or "0.5 GB"`, "%v", err)
		return
	}
	if c.fargate() {
		c.fargateSize(cpu, memory)
	}
	wantCPU, wantMemory := 0, 0
	for _, d := range c.td.Containers {
		wantCPU += d.CPU
		if d.MemoryReservation > 0 {
			wantMemory += d.MemoryReservation
		} else {
			wantMemory += d.Memory
		}
	}
	if cpu > 0 && wantCPU > cpu {
		c.problem("cpu", "raise it, or give the containers less", "the containers ask for %d CPU units, the task has %d", wantCPU, cpu)
	}
	if memory > 0 && wantMemory > memory {
		c.problem("memory", "raise it, or give the containers less", "the containers ask for %d MiB, the task has %d", wantMemory, memory)
	}
}

func (c *checker) fargateSize(cpu, memory int) {
	switch r, ok := fargateSizes()[cpu]; {
	case cpu == 0 || memory == 0:
		c.problem("cpu", `set the task's own "cpu" and "memory"`, "Fargate needs the task's cpu and memory")
	case !ok:
		c.problem("cpu", "use 256, 512, 1024, 2048, 4096, 8192 or 16384", "Fargate has no CPU size %d", cpu)
	case cpu == 256 && (memory == 512 || memory == 1024 || memory == 2048):
	case cpu == 256 || memory < r[0] || memory > r[1] || memory%r[2] != 0:
		c.problem("memory", fmt.Sprintf("use %d to %d MiB in steps of %d", r[0], r[1], r[2]),
			"Fargate has no memory size %d for %d CPU units", memory, cpu)
	}
}

// validName is ECS's rule for families and container names.
func validName(s string) bool {
	if s == "" || len(s) > 255 {
		return false
	}
	for _, r := range s {
		ok := r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !ok {
			return false
		}
	}
	return true
}
