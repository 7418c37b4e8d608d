package main

import (
	"bufio"
	"context"
	"iter"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// onPause is what to do where a deployment pauses: the value of --on-pause.
type onPause string

// The values. Waiting is for an answer from the terminal or from elsewhere.
const (
	pauseWait     onPause = "wait"
	pauseContinue onPause = "continue"
	pauseRollback onPause = "rollback"
)

func (p *onPause) String() string { return string(*p) }
func (p *onPause) Type() string   { return "answer" }

// Set takes wait, continue or rollback.
func (p *onPause) Set(s string) error {
	switch onPause(s) {
	case pauseWait, pauseContinue, pauseRollback:
		*p = onPause(s)
		return nil
	}
	return usagef("%q is no answer to a pause: wait, continue or rollback", s)
}

func (p *onPause) register(cmd *cobra.Command) {
	cmd.Flags().Var(p, "on-pause", "answer to a PAUSE hook: wait, continue or rollback")
}

// pursue shows a deploy's events to their end, whose outcome is the exit code,
// and answers the pauses on the way.
func (s *session) pursue(ctx context.Context, events iter.Seq[deploy.Event], pause onPause) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := &sharedProgress{progress: s.newProgress()}
	outcome := deploy.Failed
	answers := &answerer{session: s, pause: pause, progress: p}
	for e := range events {
		if end, ok := e.(deploy.Ended); ok {
			outcome = end.Outcome
		}
		p.show(e)
		if paused, ok := e.(deploy.Paused); ok {
			answers.paused(ctx, paused)
		}
	}
	p.close()
	if outcome == deploy.Stable {
		return nil
	}
	return exitErr{Code: outcome.ExitCode()} // the last event has said why
}

// sharedProgress is a progress that several goroutines write to, until it is
// closed.
type sharedProgress struct {
	mu     sync.Mutex
	closed bool
	progress
}

func (p *sharedProgress) show(e deploy.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.progress.show(e)
}

func (p *sharedProgress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.progress.say(text)
	}
}

// typed tells a progress that redraws itself of a line that the terminal echoed.
func (p *sharedProgress) typed() {
	if live, ok := p.progress.(*liveProgress); ok {
		live.typed()
	}
}

func (p *sharedProgress) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.progress.close()
}

// answerer answers pauses: as the flag says, or as somebody types.
type answerer struct {
	*session
	pause    onPause
	progress *sharedProgress
	typed    chan string        // lines of the terminal; nil until they are read
	leave    context.CancelFunc // ends the asking for an earlier pause
}

func (a *answerer) paused(ctx context.Context, e deploy.Paused) {
	switch {
	case a.pause == pauseContinue:
		a.answer(ctx, e, backend.HookContinue)
	case a.pause == pauseRollback:
		a.answer(ctx, e, backend.HookRollback)
	case a.io.asks() && !a.flags.json():
		a.progress.say("  c and enter lets it go on, r and enter takes it back; ctrl+c stops watching, and it waits on")
		if a.typed == nil {
			a.typed = make(chan string)
			go a.listen(ctx)
		}
		if a.leave != nil {
			a.leave() // that one was answered elsewhere
		}
		ctx, a.leave = context.WithCancel(ctx)
		go a.ask(ctx, e)
	}
}

// answer tells the backend. What it can't be told is no end of the deploy: the
// pause is still there to be answered from elsewhere.
func (a *answerer) answer(ctx context.Context, e deploy.Paused, action backend.HookAction) {
	if _, err := a.backend.ContinueServiceDeployment(ctx, e.Deployment.ARN, e.Hook.ID, action); err != nil {
		a.progress.say("▲ " + err.Error())
	}
}

// listen reads lines until there are no more. A terminal's read can't be called
// off: it ends with the process.
func (a *answerer) listen(ctx context.Context) {
	lines := bufio.NewScanner(a.io.In)
	for lines.Scan() {
		a.progress.typed()
		select {
		case a.typed <- strings.TrimSpace(strings.ToLower(lines.Text())):
		case <-ctx.Done():
			return
		}
	}
}

// ask waits for the answer to one pause. Where it was given elsewhere meanwhile,
// the backend says so, or the next pause takes its place.
func (a *answerer) ask(ctx context.Context, e deploy.Paused) {
	for {
		select {
		case <-ctx.Done():
			return
		case line := <-a.typed:
			switch line {
			case "c", "continue":
				a.answer(ctx, e, backend.HookContinue)
				return
			case "r", "rollback":
				a.answer(ctx, e, backend.HookRollback)
				return
			}
			a.progress.say("  c or r?")
		}
	}
}
