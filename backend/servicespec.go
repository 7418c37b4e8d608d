package backend

import (
	"errors"
	"time"
)

// serviceDocument is the part of CreateService's shape that [ServiceSpec] reads.
type serviceDocument struct {
	ServiceName    string `json:"serviceName"`
	TaskDefinition string `json:"taskDefinition"`
	DesiredCount   *int   `json:"desiredCount"`
	GracePeriod    int    `json:"healthCheckGracePeriodSeconds"`
	Config         struct {
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
	} `json:"deploymentConfiguration"`
}

// ParseServiceSpec reads a CreateService document. What is left out gets ECS's
// defaults: one task, minimumHealthyPercent 100, maximumPercent 200, no circuit
// breaker. Errors are [*FieldError].
func ParseServiceSpec(doc Document) (ServiceSpec, error) {
	var d serviceDocument
	if err := doc.Decode(&d); err != nil {
		return ServiceSpec{}, err
	}
	spec := ServiceSpec{
		Name:           d.ServiceName,
		TaskDefinition: d.TaskDefinition,
		Desired:        intOr(d.DesiredCount, 1),
		GracePeriod:    time.Duration(d.GracePeriod) * time.Second,
		Document:       doc,
		Config: DeploymentConfig{
			Strategy:       d.Config.Strategy,
			MinimumHealthy: intOr(d.Config.MinimumHealthy, 100),
			Maximum:        intOr(d.Config.Maximum, 200),
			Breaker: BreakerConfig{
				Enable:         d.Config.Breaker.Enable,
				Rollback:       d.Config.Breaker.Rollback,
				KeepFailures:   d.Config.Breaker.Reset != nil && !*d.Config.Breaker.Reset,
				ThresholdType:  d.Config.Breaker.Threshold.Type,
				ThresholdValue: d.Config.Breaker.Threshold.Value,
			},
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
