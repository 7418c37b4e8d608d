package deploy

import (
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Step is one of the steps of a deploy, in their order. Copy, Before, Check,
// Arrange, Back and Tell are there only where they are asked for, or needed.
type Step int

// The steps.
const (
	Build Step = iota
	Push
	Copy // instead of Build and Push, where another environment is promoted
	Register
	Before // the hook before the update
	Update
	Rollout
	Check   // the smoke check
	Arrange // the app's schedules
	Back    // the rollback of a deploy that failed
	Tell    // the notification command
	Steps   // how many there are
)

func (s Step) String() string {
	return [...]string{"build", "push", "copy", "register", "before", "update", "rollout", "smoke", "schedule", "rollback", "notify"}[s]
}

// Outcome is how a deploy ended. Only Stable is a success.
type Outcome int

// The outcomes. Each is an exit code of `ecs-tui deploy`, see [Outcome.ExitCode].
const (
	Stable Outcome = iota
	RolledBack
	Failed
	Cancelled
)

func (o Outcome) String() string {
	return [...]string{"stable", "rolled back", "failed", "cancelled"}[o]
}

// ExitCode is 0 stable, 3 rolled back, 4 failed, 130 cancelled.
func (o Outcome) ExitCode() int { return [...]int{0, 3, 4, 130}[o] }

// Event is one fact about a running deploy. The stream ends with exactly one
// [Ended].
type Event interface{ event() }

// StepStarted opens a step; Subject is what it works on ("web", "shop/web").
type StepStarted struct {
	Step    Step
	Subject string
	At      time.Time
}

// StepFinished closes a step. Summary is one line ("18 steps, 15 cached"),
// Result what it made ("image 9f3c1ab", "web:15"). Skipped says why nothing
// had to be done, Warning what was not as it should be all the same.
type StepFinished struct {
	Step            Step
	Subject         string
	At              time.Time
	Elapsed         time.Duration
	Summary, Result string
	Skipped         string
	Warning         string // what went wrong, and changes no outcome
}

// StepFailed closes a step that could not be done; an [Ended] follows, after the
// step that undoes what was done where there is one.
type StepFailed struct {
	Step    Step
	Subject string
	At      time.Time
	Elapsed time.Duration
	Err     error
	Advice  string
}

// BuildProgress is one event of the build of a container's image.
type BuildProgress struct {
	Container string
	Event     backend.BuildEvent
}

// PushProgress is one event of the push of a container's image.
type PushProgress struct {
	Container string
	Event     backend.PushEvent
}

// RolloutProgress is the state of the rollout, sent when it changed.
type RolloutProgress struct {
	Deployment backend.ServiceDeployment
	Service    backend.Service
	Tasks      []backend.Task // of both revisions; stopped ones of this rollout too
	Started    time.Time
	Usual      time.Duration // that deployments of this service take, see [Usual]; 0 where it is not known
}

// Paused is a lifecycle hook at which the rollout waits for an answer: on to the
// next stage ([Continue]) or back ([Undo]). Each hook once.
type Paused struct {
	Deployment backend.ServiceDeployment
	Hook       backend.Hook
	Advice     string // how to answer it from elsewhere
}

// ServiceEvent is a new event of the service, each once.
type ServiceEvent struct{ Event backend.Event }

// TaskFailed is a task of the new revision that stopped or turned unhealthy,
// with the diagnosis and the last lines that it logged. Each task once.
type TaskFailed struct {
	Task      backend.Task
	Diagnosis Diagnosis
	LastLines []backend.LogLine
}

// HookLog is what the task of a hook wrote, or the notification command.
type HookLog struct {
	Step  Step
	Lines []backend.LogLine // those of a command have no task
}

// Attempt is one request of the smoke check.
type Attempt struct {
	Number int // from 1
	At     time.Time
	Took   time.Duration
	URL    string
	Status int    // 0: no answer
	Body   string // the beginning of it
	Err    string // what is wrong with the answer; "" for nothing
}

// Trouble says that the rollout cannot be read for the moment, and since when;
// it is tried again by itself, later and later. A Trouble without Err says that
// it is over.
type Trouble struct {
	Err   error
	Since time.Time
}

// Diagnosis names a known cause. Row is its row in the failure table, 0 when
// the cause is unknown.
type Diagnosis struct {
	Row      int
	Cause    string // "OutOfMemoryError, exit code 137"
	Evidence string // the reason, event or log line that it was matched on
	Remedy   string
}

// Ended closes the stream.
type Ended struct {
	Outcome Outcome
	At      time.Time
	Elapsed time.Duration
	Reason  string // one line, for the status bar and the history
	Advice  string
	Err     error
}

func (StepStarted) event()     {}
func (StepFinished) event()    {}
func (StepFailed) event()      {}
func (BuildProgress) event()   {}
func (PushProgress) event()    {}
func (RolloutProgress) event() {}
func (Paused) event()          {}
func (ServiceEvent) event()    {}
func (TaskFailed) event()      {}
func (HookLog) event()         {}
func (Attempt) event()         {}
func (Trouble) event()         {}
func (Ended) event()           {}
