package backendtest

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/ecs-tui/ecs-tui/backend"
)

// shifting is a service of two tasks whose deployments shift traffic; config is
// laid over its deploymentConfiguration.
func (s *suite) shifting(name, td string, config map[string]any) backend.ServiceSpec {
	s.Helper()
	whole := map[string]any{"deploymentCircuitBreaker": map[string]any{"enable": true, "rollback": false}}
	for k, v := range config {
		whole[k] = v
	}
	doc, err := json.Marshal(map[string]any{
		"serviceName": name, "taskDefinition": td, "desiredCount": 2, "deploymentConfiguration": whole,
	})
	s.must(err)
	spec, err := backend.ParseServiceSpec(doc)
	s.must(err)
	return spec
}

// update deploys another image and gives the deployment's ARN.
func (s *suite) update(name, image string) string {
	s.Helper()
	td := s.register(s.definition(name, image, nil))
	svc, err := s.b.UpdateService(s.Context(), s.Cluster, name, backend.ServiceChange{TaskDefinition: &td.ARN})
	s.must(err)
	return svc.Current
}

// testShift follows deployments through their stages, by every strategy. A
// backend that shifts no traffic rolls out task by task, and says so.
func testShift(s *suite) {
	why := s.b.Unsupported(backend.CanShift)
	for strategy, config := range map[string]map[string]any{
		backend.BlueGreen: {"bakeTimeInMinutes": 0},
		backend.Linear:    {"linearConfiguration": map[string]any{"stepPercent": 50, "stepBakeTimeInMinutes": 0}},
		backend.Canary:    {"canaryConfiguration": map[string]any{"canaryPercent": 12.5, "canaryBakeTimeInMinutes": 0}},
	} {
		s.sub(strategy, func(s *suite) {
			name := s.name(strategy)
			v1 := s.register(s.definition(name, s.Image, nil))
			config["strategy"] = strategy
			s.create(s.shifting(name, v1.ARN, config))
			svc := s.steady(name)
			if svc.Config.Strategy != strategy {
				s.Errorf("the service says %q", svc.Config.Strategy)
			}
			s.followShift(s.update(name, s.ImageV2), strategy, why)
		})
	}
}

func (s *suite) followShift(arn, strategy, why string) {
	var stages []string
	var d backend.ServiceDeployment
	s.eventually("deployed", func() (bool, string) {
		d = s.deployment(arn)
		if n := len(stages); d.Stage != "" && (n == 0 || stages[n-1] != d.Stage) {
			stages = append(stages, d.Stage)
		}
		if t := d.Target.Traffic; t != nil && len(d.Source) == 1 && t.Production+d.Source[0].Traffic.Production != 100 {
			s.Errorf("%s: the weights are %+v and %+v", d.Stage, t, d.Source[0].Traffic)
		}
		return d.Status.Ended(), fmt.Sprint(d.Status, " ", stages)
	})
	if d.Status != backend.Successful {
		s.Fatalf("%s: %s", d.Status, d.Reason)
	}
	if why != "" {
		if d.Strategy != backend.Rolling || len(stages) > 0 || d.Target.Traffic != nil {
			s.Errorf("%q, yet %s with %v and %+v", why, d.Strategy, stages, d.Target.Traffic)
		}
		return
	}
	if d.Strategy != strategy || d.Target.Traffic == nil || d.Target.Traffic.Production != 100 || d.Source[0].Traffic.Production != 0 {
		s.Errorf("%s: %+v, %+v", d.Strategy, d.Target, d.Source)
	}
	if len(stages) < 3 || slices.Index(stages, backend.StageScaleUp) < 0 || stages[len(stages)-1] != backend.StageCleanUp {
		s.Errorf("it went through %v", stages)
	}
}

// testPause answers a pause in both ways.
func testPause(s *suite) {
	why := s.b.Unsupported(backend.CanShift)
	for action, want := range map[backend.HookAction]backend.ServiceDeploymentStatus{
		backend.HookContinue: backend.Successful, backend.HookRollback: backend.RollbackSuccessful,
	} {
		s.sub(string(action), func(s *suite) {
			name := s.name(string(action))
			v1 := s.register(s.definition(name, s.Image, nil))
			s.create(s.shifting(name, v1.ARN, map[string]any{
				"strategy": backend.BlueGreen, "bakeTimeInMinutes": 0,
				"alarms": map[string]any{"alarmNames": []any{"errors"}, "enable": true, "rollback": true},
				"lifecycleHooks": []any{map[string]any{
					"targetType": backend.HookPause, "lifecycleStages": []any{backend.StagePostScaleUp},
					"timeoutConfiguration": map[string]any{"timeoutInMinutes": 1440, "action": "ROLLBACK"},
				}},
			}))
			s.steady(name)
			arn := s.update(name, s.ImageV2)
			if why != "" {
				_, err := s.b.ContinueServiceDeployment(s.Context(), arn, "hook-1", action)
				s.kind("where nothing pauses", err, backend.Unsupported)
				return
			}
			s.answer(arn, v1.ARN, action, want)
		})
	}
}

func (s *suite) answer(arn, old string, action backend.HookAction, want backend.ServiceDeploymentStatus) {
	var hook backend.Hook
	s.eventually("paused", func() (ok bool, state string) {
		d := s.deployment(arn)
		hook, ok = d.Waiting()
		return ok, string(d.Status) + " " + d.Stage
	})
	d := s.deployment(arn)
	if d.Stage != backend.StagePostScaleUp || hook.Type != backend.HookPause || hook.ID == "" || hook.ExpiresAt.Before(d.StartedAt) ||
		hook.TimeoutAction != backend.HookRollback || d.Alarms == nil || !slices.Equal(d.Alarms.Names, []string{"errors"}) || d.Alarms.Status != "MONITORING" {
		s.Errorf("%s, %+v, %+v", d.Stage, hook, d.Alarms)
	}
	_, err := s.b.ContinueServiceDeployment(s.Context(), arn, "hook-of-nobody", action)
	s.kind("another hook", err, backend.Conflict)
	d, err = s.b.ContinueServiceDeployment(s.Context(), arn, hook.ID, action)
	s.must(err)
	if _, still := d.Waiting(); still || d.ARN != arn {
		s.Errorf("after the answer: %+v", d)
	}
	_, err = s.b.ContinueServiceDeployment(s.Context(), arn, hook.ID, action)
	s.kind("a second answer", err, backend.Conflict)
	s.eventually("ended", func() (bool, string) {
		d = s.deployment(arn)
		return d.Status.Ended(), string(d.Status) + " " + d.Stage
	})
	if d.Status != want {
		s.Errorf("%s, want %s", d.Status, want)
	}
	if want == backend.RollbackSuccessful && (d.RollbackTo != old || d.RollbackReason == "") {
		s.Errorf("rolled back to %s: %q", d.RollbackTo, d.RollbackReason)
	}
}
