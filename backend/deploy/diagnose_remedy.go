package deploy

import (
	"fmt"
	"strconv"
)

func itoa(n int) string { return strconv.Itoa(n) }

// essentialExited is row 10, where nothing more specific matched.
func essentialExited(text string, f facts) Diagnosis {
	d := Diagnosis{
		Row: rowEssential, Cause: fmt.Sprintf("%s exited, exit code %d", f.name(), *f.exit), Evidence: text,
		Remedy: "look at its last log lines; the task stops with its essential container",
	}
	if *f.exit == 0 {
		d.Remedy = "a service's program must keep running in the foreground; use a one-off task for work that ends"
	}
	return d
}

func remedyMissingImage(f facts) string {
	if f.image == "" {
		return "check tag, repository and region of the image, then verify before deploying"
	}
	return "check tag, repository and region of " + f.image + ", then verify before deploying"
}

func remedyPlatform(f facts) string {
	switch f.platform {
	case "ARM64":
		return "the task definition asks for ARM64: build with platform linux/arm64"
	case "X86_64":
		return "the task definition asks for X86_64: build with platform linux/amd64"
	}
	return "rebuild for the platform it runs on, and set runtimePlatform.cpuArchitecture"
}

// remedyMemory proposes the next size: the double of the limit.
func remedyMemory(f facts) string {
	if f.memory == 0 {
		return f.name() + " used up the memory: give it a larger memory limit, or find the leak"
	}
	return fmt.Sprintf("%s hit its %d MiB limit: raise memory to %d, or find the leak", f.name(), f.memory, 2*f.memory)
}

func remedyKilled(f facts) string {
	if f.memory == 0 {
		return "either the memory limit (raise memory) or a stop that took longer than stopTimeout"
	}
	return fmt.Sprintf("either its %d MiB limit (raise memory to %d) or a stop that took longer than stopTimeout", f.memory, 2*f.memory)
}

func remedyPort(f facts) string {
	if f.port == 0 {
		return "set hostPort 0, or free the port"
	}
	return fmt.Sprintf("set hostPort 0 for container port %d, or stop what uses the port", f.port)
}

func remedyTarget(f facts) string {
	const rest = "check its path and expected codes, the security group, and healthCheckGracePeriodSeconds"
	if f.port == 0 {
		return rest
	}
	return fmt.Sprintf("does it answer on port %d? %s", f.port, rest)
}

func remedyHealth(f facts) string {
	if f.health == "" {
		return "is the check's program in the image? give a slow start more time with startPeriod"
	}
	return fmt.Sprintf("run %q in the container: is its program in the image? give a slow start more time with startPeriod", f.health)
}
