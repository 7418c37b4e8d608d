package demo

import (
	"maps"

	"github.com/ecs-tui/ecs-tui/backend"
)

// spec is the service of a program.
func (b *Backend) spec(p program) backend.ServiceSpec {
	config := map[string]any{
		"minimumHealthyPercent": 100, "maximumPercent": 200,
		"deploymentCircuitBreaker": map[string]any{"enable": p.breaker, "rollback": p.breaker},
	}
	maps.Copy(config, p.rollout)
	tree := map[string]any{
		"serviceName": p.name, "taskDefinition": p.name, "desiredCount": p.desired, "launchType": "EC2",
		"healthCheckGracePeriodSeconds": 0, "enableExecuteCommand": !p.noExec, "deploymentConfiguration": config,
	}
	if p.controller != "" {
		tree["deploymentController"] = map[string]any{"type": p.controller}
	}
	b.stand(p.name, tree)
	spec, err := backend.ParseServiceSpec(document(tree))
	if err != nil {
		panic("demo: " + err.Error()) // a mistake in this file
	}
	return spec
}

// canary gives a tenth of the traffic first, asks before it gives any, and
// watches an alarm.
func canary() map[string]any {
	return map[string]any{
		"strategy": backend.Canary, "bakeTimeInMinutes": 2,
		"canaryConfiguration": map[string]any{"canaryPercent": 10, "canaryBakeTimeInMinutes": 3},
		"alarms":              map[string]any{"alarmNames": []any{"checkout-5xx", "checkout-p99"}, "enable": true, "rollback": true},
		"lifecycleHooks": []any{map[string]any{
			"targetType": backend.HookPause, "lifecycleStages": []any{backend.StagePostTest},
			"timeoutConfiguration": map[string]any{"timeoutInMinutes": 720, "action": string(backend.HookRollback)},
		}},
	}
}

// linear gives a quarter of the traffic at a time.
func linear() map[string]any {
	return map[string]any{
		"strategy": backend.Linear, "bakeTimeInMinutes": 1,
		"linearConfiguration": map[string]any{"stepPercent": 25, "stepBakeTimeInMinutes": 1},
	}
}

// blueGreen gives all of the traffic at once, and keeps what was for a while.
func blueGreen() map[string]any {
	return map[string]any{"strategy": backend.BlueGreen, "bakeTimeInMinutes": 2}
}
