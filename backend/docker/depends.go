package docker

import (
	"fmt"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Conditions of dependsOn.
const (
	depStart    = "START"
	depComplete = "COMPLETE"
	depSuccess  = "SUCCESS"
	depHealthy  = "HEALTHY"
)

// dependencies are those that a container names, and those that its links
// imply. What it takes volumes from needs to be made only, see made.
func dependencies(d backend.ContainerDefinition) []backend.Dependency {
	out := append([]backend.Dependency(nil), d.DependsOn...)
	for _, l := range d.Links {
		to, _, _ := strings.Cut(l, ":")
		out = append(out, backend.Dependency{ContainerName: to, Condition: depStart})
	}
	return out
}

// ready says whether a container may start. wait is when a dependency runs out
// of time; a dependency that can no longer be met is an error.
func (w *work) ready(d backend.ContainerDefinition) (ready bool, wait time.Duration, err error) {
	ready = true
	for _, dep := range dependencies(d) {
		met, left, err := w.met(d, dep)
		if err != nil {
			return false, 0, err
		}
		ready = ready && met
		wait = sooner(wait, left)
	}
	return ready, wait, nil
}

func (w *work) met(d backend.ContainerDefinition, dep backend.Dependency) (met bool, left time.Duration, err error) {
	on := w.row.container(dep.ContainerName)
	def, _ := w.plan.td.Container(dep.ContainerName)
	if on == nil || on.LastStatus == backend.TaskPending {
		return false, 0, nil
	}
	stopped := on.LastStatus == backend.TaskStopped
	never := ""
	switch dep.Condition {
	case depComplete:
		met = stopped
	case depSuccess:
		met = stopped && on.ExitCode != nil && *on.ExitCode == 0
		if stopped && !met {
			never = "did not exit with code 0"
		}
	case depHealthy:
		met = on.Health == backend.Healthy && !stopped
		switch {
		case stopped:
			never = "has exited"
		case on.Health == backend.Unhealthy:
			never = "is unhealthy"
		}
	default:
		met = true // running, or already stopped
	}
	if met {
		return true, 0, nil
	}
	timeout := time.Duration(def.StartTimeout) * time.Second
	if timeout == 0 {
		timeout = 3 * time.Minute
	}
	left = timeout - w.clock.Now().Sub(w.row.Started[dep.ContainerName])
	if never == "" && left <= 0 {
		never = "took longer than its startTimeout of " + timeout.String()
	}
	if never != "" {
		return false, 0, &startError{d.Name, codeDependency, fmt.Errorf("container %s waits for %s (%s), which %s", d.Name, dep.ContainerName, dep.Condition, never)}
	}
	return false, left, nil
}

// dependents are the containers that wait for name, and so stop before it.
func (w *work) dependents(name string) []string {
	var out []string
	for _, d := range w.plan.td.Containers {
		for _, dep := range dependencies(d) {
			if dep.ContainerName == name {
				out = append(out, d.Name)
			}
		}
	}
	return out
}
