package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

// whenBusy is what to do where somebody deploys the service already: the value
// of --when-busy.
type whenBusy string

// The values. Where nobody can be asked, asking is leaving.
const (
	busyAsk      whenBusy = "ask"
	busyWait     whenBusy = "wait"
	busyTakeOver whenBusy = "take-over"
	busyLeave    whenBusy = "leave"
)

func (w *whenBusy) String() string { return string(*w) }
func (w *whenBusy) Type() string   { return "answer" }

// Set takes ask, wait, take-over or leave.
func (w *whenBusy) Set(s string) error {
	switch whenBusy(s) {
	case busyAsk, busyWait, busyTakeOver, busyLeave:
		*w = whenBusy(s)
		return nil
	}
	return usagef("%q is no answer to a deployment that goes on: ask, wait, take-over or leave", s)
}

func (w *whenBusy) register(cmd *cobra.Command) {
	cmd.Flags().Var(w, "when-busy", "where the service is being deployed already: ask, wait, take-over or leave")
}

// choose says what to do about a deployment that goes on.
func (w whenBusy) choose(ctx context.Context, s *session, going *deploy.GoingOn) (whenBusy, error) {
	said := fmt.Sprintf("%s is being deployed to %s, since %s", going, going.Service, elapsed(going.Since(s.clock.Now())))
	if w == busyAsk && s.io.asks() && !s.flags.Yes {
		answer, err := s.io.ask(ctx, said+". [w]ait for it, [t]ake over, or leave it? ")
		if err != nil {
			return "", context.Canceled
		}
		switch strings.ToLower(answer) {
		case "w", "wait":
			return busyWait, nil
		case "t", "take over":
			return busyTakeOver, nil
		}
		return "", context.Canceled
	}
	if w == busyAsk || w == busyLeave {
		return "", advise(fmt.Errorf("%s; nothing was changed", said), "--when-busy wait deploys after it, --when-busy take-over in its place")
	}
	return w, nil
}

// waitFor follows what goes on to its end, however it ends.
func (s *session) waitFor(ctx context.Context, going *deploy.GoingOn) error {
	p := s.newProgress()
	defer p.close()
	p.say(fmt.Sprintf("waiting for %s", going))
	opts := s.following(backend.ShortName(going.Cluster))
	opts.Timeout = 0 // that is for a deploy of one's own
	for e := range deploy.Follow(ctx, s.backend, going.Cluster, going.Service, going.ARN, opts) {
		if _, over := e.(deploy.Ended); !over { // its outcome is not this one's
			p.show(e)
		}
	}
	return ctx.Err()
}
