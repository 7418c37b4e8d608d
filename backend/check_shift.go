package backend

import (
	"fmt"
	"slices"
	"time"
)

// mostBake is the longest time that ECS waits in a step or bakes.
const mostBake = 24 * time.Hour

// shift checks how a deployment moves traffic: what ECS refuses, and what
// would only show in the middle of a deployment.
func (c *checker) shift(spec ServiceSpec) {
	const path = "deploymentConfiguration"
	config := spec.Config
	switch {
	case config.Strategy == "" || config.Strategy == Rolling:
	case !ShiftsTraffic(config.Strategy):
		c.warn(path+".strategy", "ROLLING, BLUE_GREEN, LINEAR and CANARY are known",
			"this program does not know the strategy %q: its deployments are followed by their status alone", config.Strategy)
	default:
		c.steps(config, path)
		if config.Strategy == BlueGreen && !hasBakeTime(spec.Document) {
			c.problem(path+".bakeTimeInMinutes", "set it, 0 for none", "BLUE_GREEN needs a time for which both revisions stay after the shift")
		}
	}
	c.hooks(config, path+".lifecycleHooks")
}

// steps checks percents and bake times against the ranges of the API reference.
func (c *checker) steps(config DeploymentConfig, path string) {
	least, field := 0.0, ""
	switch config.Strategy {
	case Linear:
		least, field = 3, path+".linearConfiguration.step"
	case Canary:
		least, field = 0.1, path+".canaryConfiguration.canary"
	}
	if s := config.Shift; field != "" {
		if s.StepPercent < least || s.StepPercent > 100 {
			c.problem(field+"Percent", fmt.Sprintf("use %g to 100", least), "%g percent", s.StepPercent)
		}
		c.bake(field+"BakeTimeInMinutes", s.StepBake)
	}
	c.bake(path+".bakeTimeInMinutes", config.Shift.Bake)
}

func (c *checker) bake(path string, d time.Duration) {
	if d < 0 || d > mostBake {
		c.problem(path, "use 0 to 1440", "%d minutes", int(d/time.Minute))
	}
}

// hooks checks where a deployment is to pause.
func (c *checker) hooks(config DeploymentConfig, path string) {
	for i, h := range config.Hooks {
		at := fmt.Sprintf("%s[%d]", path, i)
		if h.Type == HookLambda && h.Target == "" {
			c.problem(at+".hookTargetArn", "name the function by its ARN", "the hook calls no function")
		}
		if len(h.Stages) == 0 {
			c.problem(at+".lifecycleStages", "name the stages", "the hook is for no stage")
		}
		if h.Type != HookPause {
			continue
		}
		if j := slices.IndexFunc(h.Stages, func(s string) bool { return !CanPauseAt(s) }); j >= 0 {
			c.problem(fmt.Sprintf("%s.lifecycleStages[%d]", at, j), "pause before it or after it",
				"ECS does not pause at %s", h.Stages[j])
		}
		if h.Timeout < time.Minute {
			c.problem(at+".timeoutConfiguration.timeoutInMinutes", "use 1 or more", "%d minutes", int(h.Timeout/time.Minute))
		}
	}
}

// hasBakeTime says whether a service document names a bake time; one that is
// not there at all is not judged.
func hasBakeTime(doc Document) bool {
	if len(doc) == 0 {
		return true
	}
	var d struct {
		Config struct {
			Bake *int `json:"bakeTimeInMinutes"`
		} `json:"deploymentConfiguration"`
	}
	return doc.Decode(&d) != nil || d.Config.Bake != nil
}
