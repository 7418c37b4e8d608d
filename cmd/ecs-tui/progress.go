package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// progress shows the events of a build or a deploy, and what else there is to
// say between them. close puts the terminal back as it was; nothing may be shown
// after it.
type progress interface {
	show(deploy.Event)
	say(text string)
	close()
}

// newProgress picks how: JSON lines, live on a terminal, else plain lines, which
// are grouped in GitHub Actions.
func (s *session) newProgress() progress {
	var p progress
	switch {
	case s.flags.json():
		p = newJSONProgress(s.io.Out)
	case s.live():
		p = newLiveProgress(s.io, s.cfg.NoColor, s.clock)
	default:
		p = newPlainProgress(s.io.Out)
	}
	if s.github != nil {
		return newGitHubProgress(s, p)
	}
	return p
}

// live says whether progress is redrawn in place, for somebody who watches it.
func (s *session) live() bool { return s.io.live() && !s.flags.json() }

// plainProgress writes one line for each fact, for a pipe or a log file.
type plainProgress struct {
	out     io.Writer
	names   map[string]string // of build steps, by id
	told    map[string]bool   // build steps whose name stands above their log
	ended   map[string]bool   // build steps that were said to have ended; BuildKit repeats itself
	rollout string            // the last line about the rollout
	usual   time.Duration     // that it takes, as it was said
}

func newPlainProgress(out io.Writer) *plainProgress {
	return &plainProgress{out: out, names: map[string]string{}, told: map[string]bool{}, ended: map[string]bool{}}
}

func (p *plainProgress) close() {}

func (p *plainProgress) say(text string) { p.line("%s", text) }

func (p *plainProgress) line(format string, args ...any) {
	fmt.Fprintln(p.out, strings.TrimRight(ansi.Strip(fmt.Sprintf(format, args...)), " "))
}

func (p *plainProgress) show(e deploy.Event) {
	switch e := e.(type) {
	case deploy.StepStarted:
		p.line("%s %s", e.Step, e.Subject)
	case deploy.BuildProgress:
		p.build(e.Event)
	case deploy.PushProgress:
		if notice, ok := e.Event.(backend.PushNotice); ok {
			p.line("  %s", notice.Text)
		}
	case deploy.RolloutProgress:
		if e.Usual > 0 && e.Usual != p.usual {
			p.usual = e.Usual
			p.line("  it usually takes %s", elapsed(e.Usual))
		}
		if line := rolloutLine(e); line != p.rollout {
			p.rollout = line
			p.line("  %s", line)
		}
	default:
		for _, line := range lasting(e) {
			p.line("%s", line)
		}
	}
}

func (p *plainProgress) build(e backend.BuildEvent) {
	switch e := e.(type) {
	case backend.BuildVertex:
		p.names[e.ID] = e.Name
		if e.Err == "" && e.Completed.IsZero() && !e.Cached || p.ended[e.Name] {
			return
		}
		p.ended[e.Name] = true
		switch {
		case e.Err != "":
			p.line("  %s  failed", e.Name)
		case e.Cached:
			p.line("  %s  cached", e.Name)
		default:
			p.line("  %s  %s", e.Name, elapsed(e.Completed.Sub(e.Started)))
		}
	case backend.BuildLog:
		if !p.told[e.Vertex] && p.names[e.Vertex] != "" {
			p.told[e.Vertex] = true
			p.line("  %s", p.names[e.Vertex])
		}
		p.line("    %s", e.Text)
	case backend.BuildWarning, backend.BuildNotice:
		p.line("  %s", buildRemark(e))
	}
}

// buildRemark is a warning or a notice in one line.
func buildRemark(e backend.BuildEvent) string {
	switch e := e.(type) {
	case backend.BuildWarning:
		if e.File != "" && e.Line > 0 {
			return fmt.Sprintf("▲ %s:%d: %s", e.File, e.Line, e.Text)
		}
		return "▲ " + e.Text
	case backend.BuildNotice:
		return "▲ " + e.Text
	}
	return ""
}

// lasting are the lines that stay of an event, on a terminal as in a pipe.
func lasting(e deploy.Event) []string {
	switch e := e.(type) {
	case deploy.StepFinished:
		if e.Warning != "" {
			return []string{fmt.Sprintf("▲ %-8s %-16s %8s  %s", e.Step, e.Subject, elapsed(e.Elapsed), e.Warning)}
		}
		if e.Skipped != "" {
			return []string{fmt.Sprintf("✓ %-8s %-16s %8s  %s", e.Step, e.Subject, "–", e.Skipped)}
		}
		return []string{fmt.Sprintf("✓ %-8s %-16s %8s  %-26s  %s", e.Step, e.Subject, elapsed(e.Elapsed), e.Summary, e.Result)}
	case deploy.StepFailed:
		line := fmt.Sprintf("✗ %-8s %-16s %8s", e.Step, e.Subject, elapsed(e.Elapsed))
		if e.Step == deploy.Before || e.Step == deploy.Check || e.Step == deploy.Back { // more may come before the end says it
			line += "  " + e.Err.Error()
		}
		return []string{line}
	case deploy.Paused:
		return pausedLines(e)
	case deploy.HookLog:
		return hookLines(e)
	case deploy.Attempt:
		return []string{attemptLine(e)}
	case deploy.ServiceEvent:
		return []string{"  " + e.Event.At.Local().Format(time.TimeOnly) + " " + e.Event.Message}
	case deploy.TaskFailed:
		return failedTask(e)
	case deploy.Trouble:
		if e.Err == nil {
			return []string{"  the rollout can be read again"}
		}
		return []string{"▲ the rollout can't be read, it is tried again: " + e.Err.Error()}
	case deploy.Ended:
		sign := "✗"
		if e.Outcome == deploy.Stable {
			sign = "✓"
		}
		line := fmt.Sprintf("%s %s after %s", sign, e.Outcome, elapsed(e.Elapsed))
		if e.Reason != "" && e.Outcome != deploy.Stable {
			line += ": " + e.Reason
		}
		if e.Advice != "" {
			return []string{line, "  → " + e.Advice}
		}
		return []string{line}
	}
	return nil
}

func failedTask(e deploy.TaskFailed) []string {
	cause := e.Diagnosis.Cause
	if cause == "" {
		cause = whyStopped(e.Task)
	}
	lines := []string{fmt.Sprintf("  ✗ task %s  %s", backend.ShortID(e.Task.ARN), cause)}
	if e.Diagnosis.Remedy != "" {
		lines = append(lines, "    → "+e.Diagnosis.Remedy)
	}
	for _, l := range e.LastLines {
		lines = append(lines, fmt.Sprintf("    │ %s %s  %s", l.At.Local().Format(time.TimeOnly), l.Container, l.Text))
	}
	return lines
}
