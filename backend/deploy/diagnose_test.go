package deploy

import (
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

func TestDiagnose(t *testing.T) {
	td := backend.TaskDefinition{Containers: []backend.ContainerDefinition{{
		Name: "web", Memory: 256, PortMappings: []backend.PortMapping{{ContainerPort: 8080}},
		HealthCheck: &backend.HealthCheck{Command: []string{"CMD", "curl", "localhost"}},
	}}}
	const pull = "CannotPullContainerError: "
	cases := []struct {
		name          string
		reason, event string
		stopped, log  string
		code          string
		exit          int // -1: none
		row           int
		remedy        string
	}{
		{name: "missing image", reason: pull + "ref shop/web:1: not found", exit: -1, row: 1, remedy: "tag"},
		{name: "platform", reason: pull + "image Manifest does not contain descriptor matching platform 'linux/amd64'", exit: -1, row: 2, remedy: "runtimePlatform"},
		{name: "architecture", log: "exec /app: EXEC format error", exit: 255, row: 3, remedy: "rebuild"},
		{name: "no route", reason: pull + "dial tcp 10.0.0.7:443: i/o timeout", exit: -1, row: 4, remedy: "NAT"},
		{name: "canceled", stopped: pull + "request canceled while waiting", exit: -1, row: 4, remedy: "NAT"},
		{name: "denied before missing", reason: pull + "pull access denied, repository does not exist", exit: -1, row: 5, remedy: "execution role"},
		{name: "ecr", stopped: "CannotPullECRContainerError: AccessDenied", exit: -1, row: 5, remedy: "execution role"},
		{name: "rate", reason: pull + "toomanyrequests: pull rate limit", exit: -1, row: 6, remedy: "mirror"},
		{name: "disk", reason: pull + "write /x: no space left on device", exit: -1, row: 7, remedy: "ephemeralStorage"},
		{name: "secrets", stopped: "ResourceInitializationError: unable to pull secrets or registry auth: logged", exit: -1, row: 8, remedy: "KMS"},
		{name: "logs", stopped: "ResourceInitializationError: failed to validate logger args: log group does not exist", exit: -1, row: 9, remedy: "log group"},
		{name: "secrets here", stopped: "ResourceInitializationError: the secret LOGIN_TOKEN has no value here", exit: -1, row: 8, remedy: ".env"},
		{name: "env file here", stopped: "ResourceInitializationError: the environment file blog.env cannot be read: open /srv/blog.env: no such file or directory", exit: -1, row: 8, remedy: "app's folder"},
		{name: "env file", stopped: "ResourceInitializationError: failed to download env files: file download command: non empty error stream", exit: -1, row: 8, remedy: "s3:GetObject"},
		{name: "initialized by another", stopped: "ResourceInitializationError: the volume blogs cannot be made", exit: -1, row: 0, remedy: "events"},
		{name: "exited", stopped: "Essential container in task exited", exit: 1, row: 10, remedy: "log lines"},
		{name: "exited well", stopped: "Essential container in task exited", exit: 0, row: 10, remedy: "foreground"},
		{name: "oom", reason: "OutOfMemoryError: killed", exit: 137, row: 11, remedy: "256 MiB limit: raise memory to 512"},
		{name: "137 alone", stopped: "Essential container in task exited", exit: 137, row: 11, remedy: "stopTimeout"},
		{name: "sigterm", exit: 143, row: 12, remedy: "asked"},
		{name: "segfault", exit: 139, row: 12, remedy: "native"},
		{name: "no command", exit: 127, row: 12, remedy: "entryPoint"},
		{name: "not executable", exit: 126, row: 12, remedy: "chmod"},
		{name: "elb", stopped: "Task failed ELB health checks in (target-group arn) with codes [502]", exit: 143, row: 13, remedy: "port 8080"},
		{name: "health", stopped: "Task failed container health checks", exit: 137, row: 14, remedy: "curl"},
		{name: "memory", event: "(service web) was unable to place a task: insufficient memory available.", exit: -1, row: 15, remedy: "capacity"},
		{name: "cpu", event: "closest has insufficient CPU units available", exit: -1, row: 15, remedy: "smaller"},
		{name: "port", reason: "CannotStartContainerError: already using a port", exit: -1, row: 16, remedy: "hostPort 0"},
		{name: "docker port", reason: "CannotStartContainerError: Bind for 0.0.0.0:80 failed: port is already allocated", exit: -1, row: 16, remedy: "8080"},
		{name: "eni", stopped: "Timeout waiting for network interface provisioning to complete.", exit: -1, row: 17, remedy: "subnets"},
		{name: "attribute", event: "the closest container-instance is missing an attribute required by your task", exit: -1, row: 18, remedy: "placement"},
		{name: "agent", event: `the closest matching instance encountered error "AGENT"`, exit: -1, row: 18, remedy: "restart"},
		{name: "percents", event: "was unable to stop or start tasks during a deployment because of the service deployment configuration", exit: -1, row: 19, remedy: "maximumPercent"},
		{name: "quota", reason: "You've reached the limit on the number of tasks", exit: -1, row: 20, remedy: "quota"},
		{name: "capacity", reason: "Capacity is unavailable at this time", exit: -1, row: 20, remedy: "Zone"},
		{name: "inconsistent", event: "(service web) is unable to consistently start tasks successfully.", exit: -1, row: rowInconsistent, remedy: "roll back"},
		{name: "protected", event: "was unable to scale in: tasks under protection", exit: -1, row: rowProtected, remedy: "protection"},
		{name: "cannot start", reason: `CannotStartContainerError: exec: "serve": executable file not found in $PATH`, exit: -1, row: rowCannotStart, remedy: "entryPoint"},
		{name: "limits", reason: "CannotStartContainerError: error setting rlimit type 8: operation not permitted: permission denied", exit: -1, row: rowCannotStart, remedy: "ulimits"},
		{name: "spot", stopped: "Your Spot Task was interrupted.", code: "SpotInterruption", exit: 143, row: rowSpot, remedy: "on-demand"},
		{name: "unknown", stopped: "the moon was full", exit: -1, row: 0, remedy: "logs"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			con := backend.Container{Name: "web", Essential: true, Reason: c.reason}
			if c.exit >= 0 {
				con.ExitCode = &c.exit
			}
			task := backend.Task{ARN: "arn:aws:ecs:r:1:task/c/abc", StoppedReason: c.stopped, StopCode: c.code, Containers: []backend.Container{con}}
			var events []backend.Event
			if c.event != "" {
				events = append(events, backend.Event{Message: c.event})
			}
			var lines []backend.LogLine
			if c.log != "" {
				lines = append(lines, backend.LogLine{Text: c.log}, backend.LogLine{Text: "bye"})
			}
			d := Diagnose(task, events, lines, td)
			if d.Row != c.row || !strings.Contains(d.Remedy, c.remedy) || d.Cause == "" {
				t.Errorf("%+v", d)
			}
		})
	}
}

// What another task's event says is no diagnosis of this one.
func TestDiagnoseOtherTasksEvent(t *testing.T) {
	events := []backend.Event{{Message: "(service web) (task ffff) failed container health checks."}}
	if d := Diagnose(backend.Task{ARN: "arn:aws:ecs:r:1:task/c/abc"}, events, nil, backend.TaskDefinition{}); d.Row != 0 {
		t.Errorf("%+v", d)
	}
}
