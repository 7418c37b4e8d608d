package screen

import (
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// deployState is a deploy as it can be drawn at one moment: everything that
// its events said so far, folded. It is a pure fold: apply an event, get the
// same state for the same events, whoever watches. Time enters with apply, so
// that tests and the demo decide what it is.
type deployState struct {
	Began time.Time
	Lines []stepLine // in the order they opened; waiting steps are not in it

	Builds  map[string]*buildFold // by container
	Pushes  map[string]*pushFold  // by container
	Hooks   hookFold
	Rollout rolloutFold

	Events   []backend.Event // oldest first, at most deployEventsKept
	Failures []deploy.TaskFailed
	Trouble  *deploy.Trouble // nil: the rollout can be read
	Ended    *deploy.Ended
}

// deployEventsKept bounds what a rollout that never ends can pile up.
const (
	deployEventsKept   = 500
	deployFailuresKept = 50
)

// stepPhase is where a step stands.
type stepPhase int

const (
	stepWaiting stepPhase = iota
	stepRunning
	stepDone
	stepSkipped
	stepFailed
)

// stepLine is one step working on one subject; build and push have one for
// each image.
type stepLine struct {
	Step            deploy.Step
	Subject         string
	Phase           stepPhase
	Started         time.Time
	Elapsed         time.Duration // once it ended
	Summary, Result string
	Skipped         string
	Warning         string
	Err             error
	Advice          string
}

func newDeployState(began time.Time) *deployState {
	return &deployState{
		Began:  began,
		Builds: map[string]*buildFold{},
		Pushes: map[string]*pushFold{},
	}
}

// apply folds one event in. now is when it was received.
func (s *deployState) apply(ev deploy.Event, now time.Time) {
	switch ev := ev.(type) {
	case deploy.StepStarted:
		l := s.line(ev.Step, ev.Subject)
		l.Phase, l.Started = stepRunning, orTime(ev.At, now)
	case deploy.StepFinished:
		l := s.line(ev.Step, ev.Subject)
		l.Phase, l.Elapsed = stepDone, ev.Elapsed
		l.Summary, l.Result, l.Skipped, l.Warning = ev.Summary, ev.Result, ev.Skipped, ev.Warning
		if ev.Skipped != "" {
			l.Phase = stepSkipped
		}
	case deploy.StepFailed:
		l := s.line(ev.Step, ev.Subject)
		l.Phase, l.Elapsed, l.Err, l.Advice = stepFailed, ev.Elapsed, ev.Err, ev.Advice
	case deploy.BuildProgress:
		s.build(ev.Container).apply(ev.Event)
	case deploy.PushProgress:
		s.push(ev.Container).apply(ev.Event)
	case deploy.HookLog:
		s.Hooks.log(ev)
	case deploy.Attempt:
		s.Hooks.attempt(ev)
	case deploy.RolloutProgress:
		s.Rollout.apply(ev, now)
		s.followed(ev, now)
	case deploy.ServiceEvent:
		s.event(ev.Event)
	case deploy.TaskFailed:
		s.failure(ev)
	case deploy.Trouble:
		s.Trouble = &ev
		if ev.Err == nil {
			s.Trouble = nil
		}
	case deploy.Ended:
		s.Ended, s.Trouble = &ev, nil
		s.closeSteps(ev)
	}
}

// followed opens the rollout's step where nobody did: a deployment of somebody
// else has no steps of ours.
func (s *deployState) followed(ev deploy.RolloutProgress, now time.Time) {
	l := s.line(deploy.Rollout, ev.Service.Name)
	if l.Phase == stepWaiting {
		l.Phase, l.Started = stepRunning, orTime(ev.Started, now)
	}
}

// closeSteps ends what was still open when the deploy ended.
func (s *deployState) closeSteps(ev deploy.Ended) {
	for i := range s.Lines {
		l := &s.Lines[i]
		if l.Phase != stepRunning {
			continue
		}
		l.Phase, l.Elapsed = stepFailed, max(0, ev.At.Sub(l.Started))
		if ev.Outcome == deploy.Stable {
			l.Phase = stepDone
		}
	}
}

// line finds the line of a step and subject, or opens it. A step that finishes
// under another subject than it started with (it learned the name on the way)
// keeps its line.
func (s *deployState) line(step deploy.Step, subject string) *stepLine {
	open := -1
	for i := range s.Lines {
		l := &s.Lines[i]
		if l.Step != step {
			continue
		}
		if l.Subject == subject {
			return l
		}
		if l.Phase == stepRunning {
			open = i
		}
	}
	if open >= 0 && step > deploy.Copy {
		s.Lines[open].Subject = subject
		return &s.Lines[open]
	}
	s.Lines = append(s.Lines, stepLine{Step: step, Subject: subject})
	return &s.Lines[len(s.Lines)-1]
}

// reached says whether step was opened at all.
func (s *deployState) reached(step deploy.Step) bool {
	for _, l := range s.Lines {
		if l.Step >= step {
			return true
		}
	}
	return false
}

// running is the line that works now, the newest if there are several.
func (s *deployState) running() (stepLine, bool) {
	for i := len(s.Lines) - 1; i >= 0; i-- {
		if s.Lines[i].Phase == stepRunning {
			return s.Lines[i], true
		}
	}
	return stepLine{}, false
}

func (s *deployState) build(container string) *buildFold {
	b := s.Builds[container]
	if b == nil {
		b = &buildFold{}
		s.Builds[container] = b
	}
	return b
}

func (s *deployState) push(container string) *pushFold {
	p := s.Pushes[container]
	if p == nil {
		p = &pushFold{}
		s.Pushes[container] = p
	}
	return p
}

// event keeps a service event once, by its id.
func (s *deployState) event(ev backend.Event) {
	for i := len(s.Events) - 1; i >= 0; i-- {
		if ev.ID != "" && s.Events[i].ID == ev.ID {
			return
		}
	}
	s.Events = append(s.Events, ev)
	if n := len(s.Events) - deployEventsKept; n > 0 {
		s.Events = s.Events[n:]
	}
}

// failure keeps a failed task once; what is said later of the same task is
// better informed and replaces what was said before.
func (s *deployState) failure(ev deploy.TaskFailed) {
	for i := range s.Failures {
		if s.Failures[i].Task.ARN == ev.Task.ARN {
			s.Failures[i] = ev
			return
		}
	}
	s.Failures = append(s.Failures, ev)
	if n := len(s.Failures) - deployFailuresKept; n > 0 {
		s.Failures = s.Failures[n:]
	}
}

// failed finds what is known about a task that failed.
func (s *deployState) failed(arn string) (deploy.TaskFailed, bool) {
	for _, f := range s.Failures {
		if f.Task.ARN == arn {
			return f, true
		}
	}
	return deploy.TaskFailed{}, false
}

// elapsed is how long the deploy takes, or took.
func (s *deployState) elapsed(now time.Time) time.Duration {
	if s.Ended != nil {
		if s.Ended.Elapsed > 0 {
			return s.Ended.Elapsed
		}
		return s.Ended.At.Sub(s.Began)
	}
	return max(now.Sub(s.Began), 0)
}

// summary is the deploy in a few words, for the footer and the services list.
func (s *deployState) summary() string {
	if s.Ended != nil {
		if s.Ended.Reason != "" && s.Ended.Outcome != deploy.Stable {
			return s.Ended.Outcome.String() + ": " + s.Ended.Reason
		}
		return s.Ended.Outcome.String()
	}
	l, ok := s.running()
	switch {
	case !ok:
		return "starting"
	case (l.Step == deploy.Rollout || l.Step == deploy.Back) && s.Rollout.Seen:
		return s.Rollout.progress()
	case l.Step == deploy.Check:
		return strings.TrimSuffix("smoke check: "+s.attempted(), ": ")
	case l.Subject != "":
		return l.Step.String() + " " + l.Subject
	default:
		return l.Step.String()
	}
}

func orTime(t, or time.Time) time.Time {
	if t.IsZero() {
		return or
	}
	return t
}
