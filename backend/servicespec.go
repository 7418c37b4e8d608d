package backend

import (
	"cmp"
	"errors"
	"time"
)

// serviceDocument is the part of CreateService's shape that [ServiceSpec] reads.
type serviceDocument struct {
	ServiceName    string `json:"serviceName"`
	TaskDefinition string `json:"taskDefinition"`
	DesiredCount   *int   `json:"desiredCount"`
	GracePeriod    int    `json:"healthCheckGracePeriodSeconds"`
	Scheduling     string `json:"schedulingStrategy"`
	Controller     struct {
		Type string `json:"type"`
	} `json:"deploymentController"`
	Config struct {
		Strategy       string `json:"strategy"`
		MinimumHealthy *int   `json:"minimumHealthyPercent"`
		Maximum        *int   `json:"maximumPercent"`
		Breaker        struct {
			Enable    bool  `json:"enable"`
			Rollback  bool  `json:"rollback"`
			Reset     *bool `json:"resetOnHealthyTask"`
			Threshold struct {
				Type  string `json:"type"`
				Value int    `json:"value"`
			} `json:"thresholdConfiguration"`
		} `json:"deploymentCircuitBreaker"`
		shiftDocument
	} `json:"deploymentConfiguration"`
}

// shiftDocument is what deploymentConfiguration says of strategies that shift
// traffic.
type shiftDocument struct {
	Bake   int `json:"bakeTimeInMinutes"`
	Linear struct {
		Percent *float64 `json:"stepPercent"`
		Bake    *int     `json:"stepBakeTimeInMinutes"`
	} `json:"linearConfiguration"`
	Canary struct {
		Percent *float64 `json:"canaryPercent"`
		Bake    *int     `json:"canaryBakeTimeInMinutes"`
	} `json:"canaryConfiguration"`
	Alarms struct {
		Names    []string `json:"alarmNames"`
		Enable   bool     `json:"enable"`
		Rollback bool     `json:"rollback"`
	} `json:"alarms"`
	Hooks []struct {
		Type    string   `json:"targetType"`
		Target  string   `json:"hookTargetArn"`
		Stages  []string `json:"lifecycleStages"`
		Timeout struct {
			Minutes *int   `json:"timeoutInMinutes"`
			Action  string `json:"action"`
		} `json:"timeoutConfiguration"`
	} `json:"lifecycleHooks"`
}

// shift is how traffic moves by the strategy, with ECS's defaults.
func (d shiftDocument) shift(strategy string) ShiftConfig {
	c := ShiftConfig{Bake: minutes(d.Bake)}
	percent, bake := d.Canary.Percent, d.Canary.Bake
	switch strategy {
	case Linear:
		percent, bake = d.Linear.Percent, d.Linear.Bake
		c.StepPercent, c.StepBake = linearPercent, linearBake
	case Canary:
		c.StepPercent, c.StepBake = canaryPercent, canaryBake
	default:
		return c
	}
	if percent != nil {
		c.StepPercent = *percent
	}
	if bake != nil {
		c.StepBake = minutes(*bake)
	}
	return c
}

func (d shiftDocument) alarms() AlarmConfig {
	a := AlarmConfig{Enable: d.Alarms.Enable, Rollback: d.Alarms.Rollback}
	for _, name := range d.Alarms.Names {
		a.Names = append(a.Names, Clean(name))
	}
	return a
}

func (d shiftDocument) hooks() []LifecycleHook {
	var out []LifecycleHook
	for _, h := range d.Hooks {
		hook := LifecycleHook{
			Type: Clean(cmp.Or(h.Type, HookLambda)), Target: Clean(h.Target), Timeout: hookTimeout,
			TimeoutAction: HookAction(Clean(cmp.Or(h.Timeout.Action, string(HookRollback)))),
		}
		for _, stage := range h.Stages {
			hook.Stages = append(hook.Stages, Clean(stage))
		}
		if h.Timeout.Minutes != nil {
			hook.Timeout = minutes(*h.Timeout.Minutes)
		}
		out = append(out, hook)
	}
	return out
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// ParseServiceSpec reads a CreateService document. What is left out gets ECS's
// defaults: one task, minimumHealthyPercent 100, maximumPercent 200 (0 and 100
// with the scheduling strategy DAEMON), no circuit breaker. Errors are
// [*FieldError].
func ParseServiceSpec(doc Document) (ServiceSpec, error) {
	var d serviceDocument
	if err := doc.Decode(&d); err != nil {
		return ServiceSpec{}, err
	}
	least, most := 100, 200
	if d.Scheduling == "DAEMON" {
		least, most = 0, 100
	}
	spec := ServiceSpec{
		Name:           d.ServiceName,
		TaskDefinition: d.TaskDefinition,
		Desired:        intOr(d.DesiredCount, 1),
		GracePeriod:    time.Duration(d.GracePeriod) * time.Second,
		Document:       doc,
		Config: DeploymentConfig{
			Controller:     Clean(d.Controller.Type),
			Strategy:       Clean(d.Config.Strategy),
			MinimumHealthy: intOr(d.Config.MinimumHealthy, least),
			Maximum:        intOr(d.Config.Maximum, most),
			Breaker: BreakerConfig{
				Enable:         d.Config.Breaker.Enable,
				Rollback:       d.Config.Breaker.Rollback,
				KeepFailures:   d.Config.Breaker.Reset != nil && !*d.Config.Breaker.Reset,
				ThresholdType:  d.Config.Breaker.Threshold.Type,
				ThresholdValue: d.Config.Breaker.Threshold.Value,
			},
			Shift:  d.Config.shift(d.Config.Strategy),
			Alarms: d.Config.alarms(),
			Hooks:  d.Config.hooks(),
		},
	}
	if spec.Desired < 0 {
		return ServiceSpec{}, &FieldError{Path: "desiredCount", Offset: -1, Err: errors.New("is below zero")}
	}
	return spec, nil
}

func intOr(p *int, def int) int {
	if p == nil {
		return def
	}
	return *p
}
