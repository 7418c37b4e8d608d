package backend

import (
	"slices"
	"strings"
	"time"
)

// Deployment strategies, from ECS's API reference. A value that this program
// does not know is shown as it is and followed by its status alone.
const (
	Rolling   = "ROLLING"
	BlueGreen = "BLUE_GREEN"
	Linear    = "LINEAR"
	Canary    = "CANARY"
)

// ShiftsTraffic says whether a strategy is known to run two whole revisions
// and to move traffic from the one to the other.
func ShiftsTraffic(strategy string) bool {
	switch strategy {
	case BlueGreen, Linear, Canary:
		return true
	}
	return false
}

// Lifecycle stages of a deployment that shifts traffic, from ECS's API
// reference.
const (
	StageReconcile   = "RECONCILE_SERVICE" // only over a deployment that was not finished
	StagePreScaleUp  = "PRE_SCALE_UP"
	StageScaleUp     = "SCALE_UP"
	StagePostScaleUp = "POST_SCALE_UP"
	StageTestShift   = "TEST_TRAFFIC_SHIFT"
	StagePostTest    = "POST_TEST_TRAFFIC_SHIFT"
	StagePreShift    = "PRE_PRODUCTION_TRAFFIC_SHIFT"
	StageShift       = "PRODUCTION_TRAFFIC_SHIFT"
	StagePostShift   = "POST_PRODUCTION_TRAFFIC_SHIFT"
	StageBake        = "BAKE_TIME"
	StageCleanUp     = "CLEAN_UP"
)

// LifecycleStages are the stages in the order in which they are gone through.
// LINEAR and CANARY go through the two of the production traffic shift again
// for each step.
func LifecycleStages() []string {
	return []string{
		StageReconcile, StagePreScaleUp, StageScaleUp, StagePostScaleUp, StageTestShift, StagePostTest,
		StagePreShift, StageShift, StagePostShift, StageBake, StageCleanUp,
	}
}

// CanPauseAt says whether ECS takes a PAUSE hook for a stage: for each except
// those in which it moves tasks or traffic itself. Stages that this program
// does not know are left to ECS to judge.
func CanPauseAt(stage string) bool {
	switch stage {
	case StageScaleUp, StageTestShift, StageShift, StageBake, StageCleanUp:
		return false
	}
	return true
}

// Deployment controllers. "" is ECS.
const (
	ControllerECS        = "ECS"
	ControllerCodeDeploy = "CODE_DEPLOY"
	ControllerExternal   = "EXTERNAL"
)

// foreign says why ECS does not deploy for a controller, "" when it does.
func foreign(controller string) string {
	switch controller {
	case "", ControllerECS:
		return ""
	case ControllerCodeDeploy:
		return "its deployments belong to AWS CodeDeploy (deployment controller CODE_DEPLOY): ECS refuses to change its task definition"
	case ControllerExternal:
		return "its deployments belong to another program (deployment controller EXTERNAL): ECS refuses to change its task definition"
	}
	return "its deployments belong to the deployment controller " + Clean(controller) + ", which this program does not know"
}

// Foreign says why deployments of the service are not ECS's to begin, to
// follow or to roll back, as a clause for the screen; "" when they are.
func (s Service) Foreign() string { return foreign(s.Config.Controller) }

// Foreign is [Service.Foreign] for a service that is to be created.
func (s ServiceSpec) Foreign() string { return foreign(s.Config.Controller) }

// ForeignRemedy is what to do where deployments are not ECS's.
const ForeignRemedy = "deploy it with that tool, or give the service ECS's own controller: aws ecs update-service --deployment-controller type=ECS"

// ShiftConfig is how a deployment moves traffic. Percents are of production
// traffic; ECS takes steps of 0.1.
type ShiftConfig struct {
	// Bake is how long both revisions stay after the shift (bakeTimeInMinutes).
	Bake time.Duration
	// StepPercent and StepBake are linearConfiguration's, or canaryConfiguration's
	// first step, by strategy; ECS's defaults where they are left out.
	StepPercent float64
	StepBake    time.Duration
}

// Defaults of linearConfiguration, canaryConfiguration and of a hook's timeout,
// from ECS's API reference.
const (
	linearPercent, linearBake = 10, 6 * time.Minute
	canaryPercent, canaryBake = 5, 10 * time.Minute
	hookTimeout               = 24 * time.Hour
)

// NextWeight is the production traffic, in percent, that the new revision gets
// in the step after the one that gave it weight.
func (c DeploymentConfig) NextWeight(strategy string, weight float64) float64 {
	switch step := c.Shift.StepPercent; {
	case strategy == Linear && step > 0:
		return min(weight+step, 100)
	case strategy == Canary && weight == 0 && step > 0:
		return min(step, 100)
	}
	return 100
}

// AlarmConfig is deploymentConfiguration's alarms.
type AlarmConfig struct {
	Names            []string
	Enable, Rollback bool
}

// LifecycleHook is an entry of deploymentConfiguration's lifecycleHooks.
type LifecycleHook struct {
	Type          string // PAUSE, AWS_LAMBDA
	Target        string // ARN of the function; "" for PAUSE
	Stages        []string
	Timeout       time.Duration
	TimeoutAction HookAction
}

// Hook types and statuses, from ECS's API reference.
const (
	HookPause  = "PAUSE"
	HookLambda = "AWS_LAMBDA"

	HookAwaiting   = "AWAITING_ACTION"
	HookInProgress = "IN_PROGRESS"
	HookSucceeded  = "SUCCEEDED"
	HookFailed     = "FAILED"
	HookTimedOut   = "TIMED_OUT"
)

// HookAction answers a hook, or is what a hook does when nobody answers.
type HookAction string

// The answers.
const (
	HookContinue HookAction = "CONTINUE"
	HookRollback HookAction = "ROLLBACK"
)

// Hook is the state of a lifecycle hook in one deployment
// (lifecycleHookDetails).
type Hook struct {
	ID            string
	Type          string // PAUSE, AWS_LAMBDA
	Status        string // AWAITING_ACTION, IN_PROGRESS, …
	Target        string // ARN of the function; "" for PAUSE
	ExpiresAt     time.Time
	TimeoutAction HookAction
}

// Alarms are the CloudWatch alarms that a deployment watches.
type Alarms struct {
	Names, Triggered []string
	Status           string // MONITORING, TRIGGERED, MONITORING_COMPLETE, DISABLED
}

// Traffic is what of the traffic ECS was asked to send to a revision, in
// percent.
type Traffic struct{ Production, Test float64 }

// Waiting is the hook that the deployment is paused at: one that waits for
// [Releaser.ContinueServiceDeployment].
func (d ServiceDeployment) Waiting() (Hook, bool) {
	if d.Status.Ended() {
		return Hook{}, false
	}
	i := slices.IndexFunc(d.Hooks, func(h Hook) bool { return h.Status == HookAwaiting })
	if i < 0 {
		return Hook{}, false
	}
	return d.Hooks[i], true
}

// Shifts says whether the deployment moves traffic in stages.
func (d ServiceDeployment) Shifts() bool { return d.Stage != "" || ShiftsTraffic(d.Strategy) }

// StageName is a stage or a strategy in words: "POST_SCALE_UP" → "post scale up".
func StageName(stage string) string { return strings.ToLower(strings.ReplaceAll(stage, "_", " ")) }
