package deploy

import (
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

// What the load balancer said while the task lived stands in its diagnosis; what
// it has taken back does not.
func TestTargetsExplain(t *testing.T) {
	task := func(arn, address string) backend.Task {
		return backend.Task{
			ARN: arn, LastStatus: backend.TaskStopped, StoppedReason: "Task failed ELB health checks in (target-group arn:g)",
			Document: backend.Document(`{"containers":[{"networkInterfaces":[{"privateIpv4Address":"` + address + `"}]}]}`),
		}
	}
	tasks := []backend.Task{task("one", "10.0.0.1"), task("two", "10.0.0.2"), task("three", "10.0.0.3")}
	group := backend.TargetGroup{Check: backend.TargetCheck{Path: "/health", Codes: "200"}, Targets: []backend.Target{
		{ID: "10.0.0.1", State: backend.TargetUnhealthy, Description: "Health checks failed with these codes: [502]"},
		{ID: "10.0.0.2", State: backend.TargetUnhealthy, Description: "Request timed out"},
		{ID: "10.0.0.3", State: backend.TargetInitial},
	}}
	var w targetWatch
	w.note(group, tasks)
	group.Targets[0] = backend.Target{ID: "10.0.0.1", State: backend.TargetDraining} // as it is when the task is stopped
	group.Targets[1].State = backend.TargetHealthy
	w.note(group, tasks)
	const codes = "failed the load balancer's health checks: Health checks failed with these codes: [502] (/health should give 200)"
	for i, want := range []string{codes, "failed the load balancer's health checks", "failed the load balancer's health checks"} {
		d := w.explain(tasks[i], Diagnose(tasks[i], nil, nil, backend.TaskDefinition{}))
		if d.Row != rowTarget || d.Cause != want || !strings.Contains(d.Remedy, "security group") {
			t.Errorf("%s: %+v", tasks[i].ARN, d)
		}
	}
	other := backend.Task{ARN: "one", LastStatus: backend.TaskStopped, StoppedReason: "Task failed container health checks"}
	if d := w.explain(other, Diagnose(other, nil, nil, backend.TaskDefinition{})); d.Row == rowTarget || strings.Contains(d.Cause, "502") {
		t.Errorf("another cause: %+v", d)
	}
}
