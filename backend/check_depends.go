package backend

import (
	"fmt"
	"slices"
	"strings"
)

// dependencies checks dependsOn: names, conditions, and cycles, which links and
// volumesFrom can make too.
func (c *checker) dependencies() {
	sound := true
	for i, d := range c.td.Containers {
		for j, dep := range d.DependsOn {
			sound = c.dependency(fmt.Sprintf("containerDefinitions[%d].dependsOn[%d]", i, j), d, dep) && sound
		}
	}
	if !sound {
		return
	}
	if cycle := c.cycle(); len(cycle) > 0 {
		c.problem("containerDefinitions", "take one of these dependsOn, links or volumesFrom away", "containers wait for each other: %s", strings.Join(cycle, " → "))
	}
}

func (c *checker) dependency(path string, d ContainerDefinition, dep Dependency) bool {
	on, ok := c.td.Container(dep.ContainerName)
	if !ok {
		c.problem(path+".containerName", "name a container of this task", "there is no container %q", dep.ContainerName)
		return false
	}
	switch dep.Condition {
	case "START":
	case "COMPLETE", "SUCCESS":
		if on.IsEssential() {
			c.problem(path+".condition", fmt.Sprintf("set \"essential\": false for %s", on.Name),
				"%s waits for %s to exit, but %s is essential, and its exit stops the task", d.Name, on.Name, on.Name)
		}
	case "HEALTHY":
		if on.HealthCheck == nil || len(on.HealthCheck.Command) == 0 || on.HealthCheck.Command[0] == "NONE" {
			c.problem(path+".condition", fmt.Sprintf("give %s a healthCheck, or wait for START", on.Name),
				"%s waits for %s to be healthy, but %s has no health check", d.Name, on.Name, on.Name)
		}
	default:
		c.problem(path+".condition", "use START, COMPLETE, SUCCESS or HEALTHY", "%q is no condition", dep.Condition)
		return false
	}
	return true
}

// waitsFor names the containers that must be there before d: those that it
// depends on or links to, and those whose volumes it takes.
func waitsFor(d ContainerDefinition) []string {
	var out []string
	for _, dep := range d.DependsOn {
		out = append(out, dep.ContainerName)
	}
	for _, l := range d.Links {
		name, _, _ := strings.Cut(l, ":")
		out = append(out, name)
	}
	for _, v := range d.VolumesFrom {
		out = append(out, v.SourceContainer)
	}
	return out
}

// cycle gives the names along one cycle of dependencies, the first again at
// the end, or nil.
func (c *checker) cycle() []string {
	const unseen, open, done = 0, 1, 2
	state := map[string]int{}
	var trail []string
	var visit func(name string) []string
	visit = func(name string) []string {
		state[name] = open
		trail = append(trail, name)
		d, _ := c.td.Container(name)
		for _, next := range waitsFor(d) {
			switch state[next] {
			case open:
				i := slices.Index(trail, next)
				return append(slices.Clone(trail[i:]), next)
			case unseen:
				if found := visit(next); found != nil {
					return found
				}
			}
		}
		state[name] = done
		trail = trail[:len(trail)-1]
		return nil
	}
	for _, d := range c.td.Containers {
		if state[d.Name] == unseen {
			if found := visit(d.Name); found != nil {
				return found
			}
		}
	}
	return nil
}
