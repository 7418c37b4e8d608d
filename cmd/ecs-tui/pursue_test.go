package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// answered is a backend that takes answers to pauses, and nothing else.
type answered struct {
	backend.Backend
	got chan string
	err error
}

func (a *answered) ContinueServiceDeployment(_ context.Context, arn, hook string, action backend.HookAction) (backend.ServiceDeployment, error) {
	a.got <- fmt.Sprint(arn, " ", hook, " ", action)
	return backend.ServiceDeployment{}, a.err
}

// TestPausesAreAnswered: by what is typed on a terminal, else by the flag; a
// pause with neither is left alone.
func TestPausesAreAnswered(t *testing.T) {
	for name, c := range map[string]struct {
		terminal bool
		typed    string
		pause    onPause
		err      error
		want     string // "" is no answer
		says     string
	}{
		"typed c":             {terminal: true, typed: "what\nc\n", pause: pauseWait, want: "arn:d hook-1 CONTINUE", says: "c or r?"},
		"typed r":             {terminal: true, typed: "R\n", pause: pauseWait, want: "arn:d hook-1 ROLLBACK", says: "ctrl+c stops watching"},
		"nobody types":        {terminal: true, pause: pauseWait, says: "ecs-tui continue --service web"},
		"no terminal":         {pause: pauseWait, says: "ecs-tui rollback --service web takes it back"},
		"flag":                {pause: pauseContinue, want: "arn:d hook-1 CONTINUE", says: "paused at POST_SCALE_UP"},
		"flag, rollback":      {pause: pauseRollback, want: "arn:d hook-1 ROLLBACK", says: "then it rolls back"},
		"answered in between": {pause: pauseContinue, want: "arn:d hook-1 CONTINUE", err: backend.Errorf("ContinueServiceDeployment", backend.Conflict, "web", "it does not wait"), says: "it does not wait"},
		"flag beats the keys": {terminal: true, typed: "r\n", pause: pauseContinue, want: "arn:d hook-1 CONTINUE", says: "paused at"},
	} {
		t.Run(name, func(t *testing.T) {
			b := &answered{got: make(chan string, 1), err: c.err}
			var out bytes.Buffer
			s := &session{backend: b, factory: &factory{io: &streams{
				In: strings.NewReader(c.typed), Out: &out, Err: &out, InTTY: c.terminal, ErrTTY: c.terminal,
				Getenv: func(string) string { return "" }, Size: func() (int, int) { return 80, 24 },
			}}}
			d := backend.ServiceDeployment{ARN: "arn:d", Service: "web", Stage: backend.StagePostScaleUp, Status: backend.InProgress}
			h := backend.Hook{ID: "hook-1", Status: backend.HookAwaiting, ExpiresAt: time.Unix(1e9, 0), TimeoutAction: backend.HookRollback}
			got := ""
			err := s.pursue(t.Context(), func(yield func(deploy.Event) bool) {
				if !yield(deploy.Paused{Deployment: d, Hook: h, Advice: "ecs-tui continue --service web lets it go on, ecs-tui rollback --service web takes it back"}) {
					return
				}
				if c.want != "" {
					got = <-b.got
				}
				yield(deploy.Ended{Outcome: deploy.RolledBack})
			}, c.pause)
			if exitCode(err) != exitRolledBack {
				t.Errorf("%v", err)
			}
			if got != c.want {
				t.Errorf("answered %q, want %q", got, c.want)
			}
			if !strings.Contains(out.String(), c.says) {
				t.Errorf("no %q in\n%s", c.says, out.String())
			}
		})
	}
}
