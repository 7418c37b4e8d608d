package main

import (
	"encoding/json"
	"io"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// jsonProgress writes each event as one line of JSON with a type.
type jsonProgress struct{ enc *json.Encoder }

func newJSONProgress(out io.Writer) *jsonProgress {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return &jsonProgress{enc}
}

func (p *jsonProgress) close() {}

// plan writes what is about to be done, as `diff -o json` has it.
func (p *jsonProgress) plan(plan planDocument) error {
	return p.enc.Encode(struct {
		Type string       `json:"type"`
		Plan planDocument `json:"plan"`
	}{"plan", plan})
}

func (p *jsonProgress) say(text string) {
	_ = p.enc.Encode(record{Type: "notice", Text: ansi.Strip(text)}) // as in show
}

// record is one line; what an event does not have is left out.
type record struct {
	Type      string     `json:"type"`
	At        *time.Time `json:"at,omitempty"`
	Step      string     `json:"step,omitempty"`
	Subject   string     `json:"subject,omitempty"`
	Seconds   *float64   `json:"seconds,omitempty"`
	Summary   string     `json:"summary,omitempty"`
	Result    string     `json:"result,omitempty"`
	Skipped   string     `json:"skipped,omitempty"`
	Warning   string     `json:"warning,omitempty"`
	Number    int        `json:"number,omitempty"`
	URL       string     `json:"url,omitempty"`
	Code      int        `json:"code,omitempty"` // of an answer
	Error     string     `json:"error,omitempty"`
	Advice    string     `json:"advice,omitempty"`
	Container string     `json:"container,omitempty"`
	ID        string     `json:"id,omitempty"`
	Name      string     `json:"name,omitempty"`
	Cached    bool       `json:"cached,omitempty"`
	Text      string     `json:"text,omitempty"`
	Digest    string     `json:"digest,omitempty"`
	Size      int64      `json:"size,omitempty"`
	Status    string     `json:"status,omitempty"`
	Current   int64      `json:"current,omitempty"`
	Total     int64      `json:"total,omitempty"`
	Task      string     `json:"task,omitempty"`
	Cause     string     `json:"cause,omitempty"`
	Lines     []string   `json:"lines,omitempty"`
	Revision  string     `json:"revision,omitempty"`
	Counts    *counts    `json:"counts,omitempty"`
	Usual     float64    `json:"usualSeconds,omitempty"` // that such a rollout takes
	Rollout   *shifting  `json:"rollout,omitempty"`
	Hook      *hookState `json:"hook,omitempty"`
	Outcome   string     `json:"outcome,omitempty"`
	ExitCode  *int       `json:"exitCode,omitempty"`
	Reason    string     `json:"reason,omitempty"`
}

// counts are the tasks of the revision that is rolled out.
type counts struct {
	Desired int `json:"desired"`
	Pending int `json:"pending"`
	Running int `json:"running"`
	Healthy int `json:"healthy"`
	Failed  int `json:"failed"`
}

// shifting is what a rollout that shifts traffic has to say, and its alarms.
type shifting struct {
	Deployment string          `json:"deployment,omitempty"`
	Strategy   string          `json:"strategy,omitempty"`
	Stage      string          `json:"stage,omitempty"`
	Traffic    []revisionShare `json:"traffic,omitempty"`
	Alarms     []string        `json:"alarms,omitempty"`
	Triggered  []string        `json:"triggered,omitempty"`
}

// revisionShare is the share of traffic of one revision, in percent.
type revisionShare struct {
	Revision   string  `json:"revision"`
	Production float64 `json:"production"`
	Test       float64 `json:"test"`
}

// hookState is a pause that waits for an answer.
type hookState struct {
	ID            string     `json:"id"`
	ExpiresAt     *time.Time `json:"expiresAt,omitempty"`
	TimeoutAction string     `json:"timeoutAction,omitempty"`
}

func shiftingOf(d backend.ServiceDeployment) *shifting {
	out := shifting{Deployment: d.ARN, Strategy: d.Strategy, Stage: d.Stage}
	for _, r := range append([]backend.Revision{d.Target}, d.Source...) {
		if t := r.Traffic; t != nil {
			out.Traffic = append(out.Traffic, revisionShare{backend.ShortName(r.TaskDefinition), t.Production, t.Test})
		}
	}
	if d.Alarms != nil {
		out.Alarms, out.Triggered = d.Alarms.Names, d.Alarms.Triggered
	}
	return &out
}

func pausedRecord(e deploy.Paused) record {
	hook := hookState{ID: e.Hook.ID, TimeoutAction: string(e.Hook.TimeoutAction)}
	if !e.Hook.ExpiresAt.IsZero() {
		hook.ExpiresAt = &e.Hook.ExpiresAt
	}
	return record{Type: "paused", Rollout: shiftingOf(e.Deployment), Hook: &hook, Advice: e.Advice}
}

func (p *jsonProgress) show(e deploy.Event) {
	r := recordOf(e)
	r.Text = ansi.Strip(r.Text)
	// A reader that went away ends the command through SIGPIPE, or at the next
	// result; there is nobody to tell here.
	_ = p.enc.Encode(r)
}

func recordOf(e deploy.Event) record {
	switch e := e.(type) {
	case deploy.StepStarted:
		return record{Type: "stepStarted", At: &e.At, Step: e.Step.String(), Subject: e.Subject}
	case deploy.StepFinished:
		return record{Type: "stepFinished", At: &e.At, Step: e.Step.String(), Subject: e.Subject, Seconds: seconds(e.Elapsed), Summary: e.Summary, Result: e.Result, Skipped: e.Skipped, Warning: e.Warning}
	case deploy.StepFailed:
		r := record{Type: "stepFailed", At: &e.At, Step: e.Step.String(), Subject: e.Subject, Seconds: seconds(e.Elapsed), Advice: e.Advice}
		if e.Err != nil {
			r.Error = e.Err.Error()
		}
		return r
	case deploy.BuildProgress:
		return buildRecord(e)
	case deploy.PushProgress:
		return pushRecord(e)
	case deploy.RolloutProgress:
		t := e.Deployment.Target
		return record{
			Type: "rollout", Status: string(e.Deployment.Status), Revision: backend.ShortName(t.TaskDefinition),
			Usual:  e.Usual.Seconds(),
			Counts: &counts{t.Desired, t.Pending, t.Running, t.Healthy, t.Failed}, Rollout: shiftingOf(e.Deployment),
		}
	case deploy.Paused:
		return pausedRecord(e)
	case deploy.HookLog:
		r := record{Type: "hookLog", Step: e.Step.String()}
		for _, l := range e.Lines {
			r.Task, r.Container = l.Task, l.Container
			r.Lines = append(r.Lines, ansi.Strip(l.Text))
		}
		return r
	case deploy.Attempt:
		return record{Type: "attempt", At: &e.At, Number: e.Number, URL: e.URL, Code: e.Status, Seconds: seconds(e.Took), Text: e.Body, Error: e.Err}
	case deploy.ServiceEvent:
		return record{Type: "event", At: &e.Event.At, Text: e.Event.Message}
	case deploy.TaskFailed:
		r := record{Type: "taskFailed", Task: e.Task.ID(), Cause: e.Diagnosis.Cause, Advice: e.Diagnosis.Remedy, Reason: whyStopped(e.Task)}
		for _, l := range e.LastLines {
			r.Lines = append(r.Lines, ansi.Strip(l.Text))
		}
		return r
	case deploy.Trouble: // without an error: it is over
		r := record{Type: "trouble", At: &e.Since, Advice: backend.AdviceFor(e.Err)}
		if e.Err != nil {
			r.Error = e.Err.Error()
		}
		return r
	case deploy.Ended:
		code := e.Outcome.ExitCode()
		return record{Type: "ended", At: &e.At, Outcome: e.Outcome.String(), ExitCode: &code, Seconds: seconds(e.Elapsed), Reason: e.Reason, Advice: e.Advice}
	}
	return record{Type: "unknown"}
}

func buildRecord(e deploy.BuildProgress) record {
	switch b := e.Event.(type) {
	case backend.BuildVertex:
		r := record{Type: "buildStep", Container: e.Container, ID: b.ID, Name: b.Name, Cached: b.Cached, Error: b.Err, Current: b.Current, Total: b.Total, Status: "running"}
		if !b.Completed.IsZero() {
			r.Status, r.Seconds = "done", seconds(b.Completed.Sub(b.Started))
		}
		return r
	case backend.BuildLog:
		return record{Type: "buildLog", Container: e.Container, ID: b.Vertex, Text: b.Text}
	case backend.BuildDone:
		return record{Type: "buildDone", Container: e.Container, Digest: b.ImageID, Size: b.Size}
	default:
		return record{Type: "buildNotice", Container: e.Container, Text: buildRemark(b)}
	}
}

func pushRecord(e deploy.PushProgress) record {
	switch p := e.Event.(type) {
	case backend.PushLayer:
		return record{Type: "pushLayer", Container: e.Container, ID: p.ID, Status: p.Status, Current: p.Current, Total: p.Total}
	case backend.PushDone:
		return record{Type: "pushDone", Container: e.Container, Result: p.Reference, Digest: p.Digest, Size: p.Size}
	case backend.PushNotice:
		return record{Type: "pushNotice", Container: e.Container, Text: p.Text}
	}
	return record{Type: "pushNotice", Container: e.Container}
}

func seconds(d time.Duration) *float64 {
	s := d.Seconds()
	return &s
}
