package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	notifyTimeout = 30 * time.Second
	// notifyHurried is for a deploy that was cancelled: somebody waits for the end.
	notifyHurried = 5 * time.Second
	notifyOutput  = 4 << 10 // the end of what the command writes is kept
)

// Report is what a notification command gets on its standard input, as JSON, and
// in part as variables. No value of a secret is in it.
type Report struct {
	App         string    `json:"app"`
	Environment string    `json:"environment"`
	Cluster     string    `json:"cluster"`
	Service     string    `json:"service"`
	Outcome     string    `json:"outcome"`
	ExitCode    int       `json:"exitCode"`
	Revision    string    `json:"revision,omitempty"` // "" where none was registered
	Before      string    `json:"before,omitempty"`   // what ran before
	Commit      string    `json:"commit,omitempty"`
	Branch      string    `json:"branch,omitempty"`
	By          string    `json:"by,omitempty"`
	Reason      string    `json:"reason,omitempty"`
	Advice      string    `json:"advice,omitempty"`
	Seconds     float64   `json:"seconds"`
	At          time.Time `json:"at"`
}

// variables are those that the command gets.
func (p Report) variables() []string {
	return []string{
		"ECS_TUI_APP=" + p.App, "ECS_TUI_ENVIRONMENT=" + p.Environment, "ECS_TUI_SERVICE=" + p.Service,
		"ECS_TUI_OUTCOME=" + p.Outcome, "ECS_TUI_REVISION=" + p.Revision, "ECS_TUI_COMMIT=" + p.Commit,
		"ECS_TUI_BY=" + p.By, "ECS_TUI_REASON=" + p.Reason, fmt.Sprintf("ECS_TUI_DURATION=%.0f", p.Seconds),
	}
}

// report is how the deploy ended.
func (r *run) report(end Ended) Report {
	req, origin := r.plan.Request, r.plan.origin()
	p := Report{
		App: req.App, Environment: req.Environment, Cluster: req.Cluster, Revision: r.revision,
		Outcome: end.Outcome.String(), ExitCode: end.Outcome.ExitCode(), Commit: origin.Commit, Branch: origin.Branch, By: req.By,
		Reason: r.veiled(end.Reason), Advice: r.veiled(end.Advice), Seconds: end.Elapsed.Seconds(), At: end.At,
	}
	if req.Service != nil {
		p.Service = req.Service.Name
	}
	if r.plan.Running != nil && r.plan.Current != nil {
		p.Before = r.plan.Running.Ref()
	}
	return p
}

// tell runs the notification command. What becomes of it changes no outcome.
func (r *run) tell(ctx context.Context, end Ended) {
	n := r.plan.Request.Hooks.Notify
	if n == nil || r.idle || r.out.gone {
		return
	}
	s := stepRun{r, Tell, backend.Clean(filepath.Base(n.Command[0])), r.opts.Clock.Now()}
	if !r.out.emit(StepStarted{Step: Tell, Subject: s.subject, At: s.at}) {
		return
	}
	timeout := notifyTimeout
	if ctx.Err() != nil {
		timeout = notifyHurried
	}
	run, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	output, err := runNotify(run, r.plan.Request.Dir, n, r.report(end))
	if run.Err() != nil {
		err = fmt.Errorf("did not end within %s; it was stopped", spell(timeout))
	}
	if lines := r.outputLines(output); len(lines) > 0 {
		r.out.emit(HookLog{Tell, lines})
	}
	done := StepFinished{Step: Tell, Subject: s.subject, At: r.opts.Clock.Now(), Summary: end.Outcome.String()}
	done.Elapsed = done.At.Sub(s.at)
	if err != nil {
		done.Warning = backend.Clean(strings.Join(n.Command, " ") + ": " + err.Error())
	}
	r.out.emit(done)
}

// runNotify runs the command in the app's folder, on this machine.
func runNotify(ctx context.Context, dir string, n *Notify, p Report) (output string, err error) {
	in, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	out := &tail{most: notifyOutput}
	cmd := exec.CommandContext(ctx, n.Command[0], n.Command[1:]...)
	cmd.Dir, cmd.Env = dir, append(harmless(os.Environ(), n.Env), p.variables()...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(string(in)+"\n"), out, out
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // it left something in the background, and ended well
	}
	return string(out.kept), err
}

// harmless are the variables of an environment whose names don't look secret,
// and those that are named.
func harmless(environ, named []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return (SecretName(name) || strings.HasPrefix(name, "ECS_TUI_")) && !slices.Contains(named, name)
	})
}

// outputLines is what the command wrote, as lines.
func (r *run) outputLines(output string) []backend.LogLine {
	var lines []backend.LogLine
	for text := range strings.Lines(output) {
		if text = strings.TrimRight(text, "\r\n"); text != "" {
			lines = append(lines, backend.LogLine{At: r.opts.Clock.Now(), Text: r.veiled(backend.CleanLog(text))})
		}
	}
	return lines
}

// tail keeps the end of what is written to it.
type tail struct {
	most int
	kept []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if n := len(t.kept) - t.most; n > 0 {
		t.kept = t.kept[n:]
	}
	return len(p), nil
}
