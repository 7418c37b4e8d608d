package backend

// ExecDisabled is why no shell can be opened in a task that was started with
// enableExecuteCommand off, and how to get one that it can be opened in. What a
// task was started with stays: it takes a new one.
func ExecDisabled(t Task) *Error {
	e := Errorf("ExecuteCommand", Conflict, t.ID(), "ECS Exec was off when the task was started")
	e.Remedy = "run it again with ECS Exec on: ecs-tui run --exec"
	if t.Service != "" {
		e.Remedy = `set "enableExecuteCommand": true in the service's document and deploy, or: aws ecs update-service --cluster ` +
			t.Cluster + " --service " + t.Service + " --enable-execute-command --force-new-deployment"
	}
	return e
}
