package main

import (
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

// TestServiceState: status calls a service what the screen calls it, with a sign
// for each.
func TestServiceState(t *testing.T) {
	rolling := []backend.Deployment{{Status: backend.DeploymentPrimary, Rollout: backend.RolloutInProgress}}
	back := []backend.Deployment{{Status: backend.DeploymentPrimary, Rollout: backend.RolloutInProgress, RolloutReason: "rolling back to deployment ecs-svc/1."}}
	for want, s := range map[string]backend.Service{
		"● steady":       {Desired: 2, Running: 2},
		"▲ degraded":     {Desired: 2, Running: 1},
		"◐ scaling":      {Desired: 2, Running: 3},
		"○ at zero":      {},
		"◐ deleting":     {Status: "DRAINING"},
		"◐ starting":     {Desired: 2, Deployments: rolling},
		"▲ rolling back": {Desired: 2, Deployments: back},
		"✗ failed":       {Deployments: []backend.Deployment{{Status: backend.DeploymentPrimary, Rollout: backend.RolloutFailed}}},
	} {
		if sign, word := serviceState(s, nil); sign+" "+word != want {
			t.Errorf("%s %s, want %s", sign, word, want)
		}
	}
}
