package backend

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestShiftDefaults(t *testing.T) {
	for name, c := range map[string]struct {
		config string
		want   ShiftConfig
		steps  []float64 // weights in turn
	}{
		"blue green":       {`"strategy":"BLUE_GREEN","bakeTimeInMinutes":15`, ShiftConfig{Bake: 15 * time.Minute}, []float64{100}},
		"linear":           {`"strategy":"LINEAR"`, ShiftConfig{StepPercent: 10, StepBake: 6 * time.Minute}, []float64{10, 20, 30, 40, 50, 60, 70, 80, 90, 100}},
		"linear, uneven":   {`"strategy":"LINEAR","linearConfiguration":{"stepPercent":33.5,"stepBakeTimeInMinutes":0}`, ShiftConfig{StepPercent: 33.5}, []float64{33.5, 67, 100}},
		"canary":           {`"strategy":"CANARY"`, ShiftConfig{StepPercent: 5, StepBake: 10 * time.Minute}, []float64{5, 100}},
		"canary, its own":  {`"strategy":"CANARY","canaryConfiguration":{"canaryPercent":0.1,"canaryBakeTimeInMinutes":1}`, ShiftConfig{StepPercent: 0.1, StepBake: time.Minute}, []float64{0.1, 100}},
		"another day's":    {`"strategy":"OF_TOMORROW"`, ShiftConfig{}, []float64{100}},
		"another's config": {`"strategy":"CANARY","linearConfiguration":{"stepPercent":50}`, ShiftConfig{StepPercent: 5, StepBake: 10 * time.Minute}, []float64{5, 100}},
	} {
		spec, err := ParseServiceSpec(Document(`{"serviceName":"s","deploymentConfiguration":{` + c.config + `}}`))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if spec.Config.Shift != c.want {
			t.Errorf("%s: %+v, want %+v", name, spec.Config.Shift, c.want)
		}
		var steps []float64
		for weight := 0.0; weight < 100 && len(steps) < 20; {
			weight = spec.Config.NextWeight(spec.Config.Strategy, weight)
			steps = append(steps, weight)
		}
		if !slices.Equal(steps, c.steps) {
			t.Errorf("%s: steps %v, want %v", name, steps, c.steps)
		}
	}
}

func TestHooksOfADocument(t *testing.T) {
	spec, err := ParseServiceSpec(Document(`{"serviceName":"s","deploymentConfiguration":{"lifecycleHooks":[
		{"targetType":"PAUSE","lifecycleStages":["POST_SCALE_UP\u001b[31m"]},
		{"hookTargetArn":"arn:f","lifecycleStages":["PRE_SCALE_UP"],"timeoutConfiguration":{"timeoutInMinutes":5,"action":"CONTINUE"}}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	pause, call := spec.Config.Hooks[0], spec.Config.Hooks[1]
	if pause.Type != HookPause || pause.Timeout != 24*time.Hour || pause.TimeoutAction != HookRollback || pause.Stages[0] != StagePostScaleUp {
		t.Errorf("%+v", pause)
	}
	if call.Type != HookLambda || call.Target != "arn:f" || call.Timeout != 5*time.Minute || call.TimeoutAction != HookContinue {
		t.Errorf("%+v", call)
	}
}

func TestForeign(t *testing.T) {
	for controller, want := range map[string]string{
		"": "", "ECS": "", "CODE_DEPLOY": "AWS CodeDeploy", "EXTERNAL": "another program", "OF_TOMORROW\x1b[31m": "controller OF_TOMORROW, ",
	} {
		why := Service{Config: DeploymentConfig{Controller: controller}}.Foreign()
		if (want == "") != (why == "") || !strings.Contains(why, want) {
			t.Errorf("%q: %q", controller, why)
		}
	}
}

func TestWaiting(t *testing.T) {
	d := ServiceDeployment{Status: InProgress, Hooks: []Hook{{ID: "1", Status: HookSucceeded}, {ID: "2", Status: HookAwaiting}}}
	if h, waits := d.Waiting(); !waits || h.ID != "2" {
		t.Errorf("%+v, %v", h, waits)
	}
	d.Status = RollbackSuccessful
	if _, waits := d.Waiting(); waits {
		t.Error("what has ended waits")
	}
}
