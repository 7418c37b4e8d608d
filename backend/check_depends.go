package backend

import (
	"fmt"
	"strings"
)

// dependencies checks dependsOn: names, conditions and cycles.
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
		c.problem("containerDefinitions", "take one of the dependencies away", "containers wait for each other: %s", strings.Join(cycle, " → "))
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
		for _, dep := range d.DependsOn {
			switch state[dep.ContainerName] {
			case open:
				for i, n := range trail {
					if n == dep.ContainerName {
						return append(append([]string{}, trail[i:]...), n)
					}
				}
			case unseen:
				if found := visit(dep.ContainerName); found != nil {
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
