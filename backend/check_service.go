package backend

import "slices"

// CheckService holds a service against ECS's own rules; td is the task
// definition that it would run.
func CheckService(spec ServiceSpec, td TaskDefinition) []Finding {
	c := &checker{td: td}
	if !validName(spec.Name) {
		c.problem("serviceName", "use up to 255 letters, digits, - and _", "%q is not a valid service name", spec.Name)
	}
	if spec.Desired < 0 {
		c.problem("desiredCount", "use 0 or more", "%d tasks", spec.Desired)
	}
	c.percents(spec)
	c.strategy(spec)
	balanced := c.standing(spec)
	if spec.GracePeriod > 0 && !balanced && !slices.ContainsFunc(td.Containers, func(d ContainerDefinition) bool { return d.HealthCheck != nil }) {
		c.add(Note, "healthCheckGracePeriodSeconds", "there is no load balancer and no container with a health check for it to cover", "add one, or leave it out")
	}
	return c.findings
}

// percents checks that a rollout can move: it needs either room for a new task
// above the desired count, or leave to stop an old one below it.
func (c *checker) percents(spec ServiceSpec) {
	lower, upper := spec.Config.MinimumHealthy, spec.Config.Maximum
	const path = "deploymentConfiguration"
	if lower < 0 {
		c.problem(path+".minimumHealthyPercent", "use 0 to 100", "%d percent", lower)
	}
	if upper < 100 {
		c.problem(path+".maximumPercent", "use 100 or more; ECS's default is 200", "%d percent can never reach the desired count", upper)
		return
	}
	n := spec.Desired
	if ShiftsTraffic(spec.Config.Strategy) {
		return // both revisions run whole, whatever the percents
	}
	if n > 0 && n*upper/100 <= n && (n*lower+99)/100 >= n {
		c.problem(path, "raise maximumPercent to 200, or lower minimumHealthyPercent",
			"a rollout of %d tasks can never move: no task may be stopped (minimum %d %%) and none started (maximum %d %%)", n, lower, upper)
	}
}

func (c *checker) strategy(spec ServiceSpec) {
	const path = "deploymentConfiguration"
	c.shift(spec)
	b := spec.Config.Breaker
	switch b.ThresholdType {
	case "", "BOUNDED_PERCENT", "COUNT", "UNBOUNDED_PERCENT":
	default:
		c.problem(path+".deploymentCircuitBreaker.thresholdConfiguration.type", "use BOUNDED_PERCENT, COUNT or UNBOUNDED_PERCENT",
			"%q is no threshold type", b.ThresholdType)
	}
	if b.ThresholdValue < 0 || b.ThresholdType != "" && b.ThresholdValue == 0 {
		c.problem(path+".deploymentCircuitBreaker.thresholdConfiguration.value", "use 1 or more", "%d failures", b.ThresholdValue)
	}
	switch {
	case b.Rollback && !b.Enable:
		c.warn(path+".deploymentCircuitBreaker", `set "enable": true too`, "rollback has no effect while the circuit breaker is off")
	case !b.Enable:
		c.add(Note, path+".deploymentCircuitBreaker", "off: a version whose tasks keep failing is tried for ever", `enable it, with "rollback": true`)
	}
}
