package ui

import (
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/screen"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// status is the line of what happened last. Good news goes by itself; a failure
// stays until a key shows that it was seen.
type status struct {
	sign  theme.Status
	text  string
	until time.Time // zero: until a key is pressed
}

// statusFor is how long good news stays.
const statusFor = 8 * time.Second

func (s *status) say(now time.Time, sign theme.Status, text string) {
	*s = status{sign: sign, text: text, until: now.Add(statusFor)}
}

// fail says what went wrong, and what to do next.
func (s *status) fail(err error) {
	if backend.KindOf(err) == backend.Cancelled {
		return
	}
	text := strings.TrimSpace(backend.Clean(err.Error()))
	if advice := backend.AdviceFor(err); advice != "" {
		text += " · " + advice
	}
	*s = status{sign: theme.Failure, text: text}
}

func (s *status) expire(now time.Time) {
	if !s.until.IsZero() && now.After(s.until) {
		*s = status{}
	}
}

func (s *status) seen() {
	if s.until.IsZero() {
		*s = status{}
	}
}

// background tells of the deploys that run while something else is on screen.
func (a *App) background() string {
	running := slices.DeleteFunc(a.env.Deploys.Running(), func(r *screen.DeployRun) bool {
		s, ok := a.top().(screen.DeployShower)
		return ok && s.ShowsDeploy(r)
	})
	if len(running) == 0 {
		return ""
	}
	run := running[0]
	text, elapsed := run.Summary(a.env.Clock.Now())
	line := run.Job.Key.Service + ": " + text + " " + widget.Elapsed(elapsed)
	if len(running) > 1 {
		line += " and " + widget.Plural(len(running)-1, "more", "more")
	}
	return a.env.Theme.Mark(theme.InMotion) + " " + a.env.Theme.Paint(theme.Moving, line)
}
