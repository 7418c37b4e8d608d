package deploy

import (
	"fmt"

	"github.com/ecs-tui/ecs-tui/backend"
)

// settling is a change that begins no deployment: one of the desired count,
// say. What there is to watch is the service on its way to what it should be.
func settling(s backend.Service) backend.ServiceDeployment {
	primary, _ := s.Primary()
	d := backend.ServiceDeployment{
		ID: primary.ID, Service: s.Name, Cluster: s.Cluster, Status: backend.InProgress,
		Target: backend.Revision{
			TaskDefinition: s.TaskDefinition, Desired: s.Desired,
			Pending: s.Pending, Running: s.Running, Healthy: s.Running,
		},
	}
	if s.Running == s.Desired && s.Pending == 0 {
		d.Status = backend.Successful
	}
	return d
}

// beginsNone says that an update left a service on its deployment, and that
// one was over.
func beginsNone(before, after backend.Service) bool {
	was, _ := before.Primary()
	is, _ := after.Primary()
	return was.ID == is.ID && current(before) == current(after) && was.Rollout == backend.RolloutCompleted
}

// changed says in a few words what an update did.
func changed(before backend.Service, change backend.ServiceChange) string {
	switch {
	case change.TaskDefinition != nil:
		return backend.ShortName(before.TaskDefinition) + " → " + backend.ShortName(*change.TaskDefinition)
	case change.Force:
		return "a new deployment of " + backend.ShortName(before.TaskDefinition)
	case change.Desired != nil:
		return fmt.Sprintf("desired count %d → %d", before.Desired, *change.Desired)
	default:
		return "service document"
	}
}
