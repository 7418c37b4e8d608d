package main

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/ecs-tui/ecs-tui/backend/aws"
	"github.com/ecs-tui/ecs-tui/ui/screen"
)

// askCode asks for an MFA code on the terminal, or gives nil where there is none.
// The code is shown while it is typed: it is good once, and for half a minute.
func (f *factory) askCode() func(context.Context, aws.MFAQuestion) (string, error) {
	if f.codes != nil {
		return f.codes.ask
	}
	if !f.io.asks() {
		return nil
	}
	return func(ctx context.Context, q aws.MFAQuestion) (string, error) {
		code, err := f.io.ask(ctx, "MFA code of "+q.Serial+": ")
		if err == io.EOF || err == nil && code == "" {
			return "", aws.ErrNoCode
		}
		return code, err
	}
}

// codes has MFA codes asked for on the screen. Who said no is not asked again
// before he wants to be.
type codes struct {
	requests chan screen.CodeRequest
	now      func() time.Time

	mu      sync.Mutex
	refused bool
	given   map[string]time.Time // by device: when a code was last given
}

func newCodes(now func() time.Time) *codes {
	return &codes{requests: make(chan screen.CodeRequest), now: now, given: map[string]time.Time{}}
}

// soonAgain is how soon after a code another one is wanted only because that one
// was refused: credentials last a quarter of an hour at least.
const soonAgain = 5 * time.Minute

func (c *codes) ask(ctx context.Context, q aws.MFAQuestion) (string, error) {
	c.mu.Lock()
	refused := c.refused
	at, before := c.given[q.Serial]
	c.mu.Unlock()
	if refused {
		return "", aws.ErrNoCode
	}
	answer := make(chan string, 1)
	r := screen.CodeRequest{
		Ctx: ctx, Profile: q.Profile, Serial: q.Serial, Again: before && c.now().Sub(at) < soonAgain,
		Answer: func(code string) { answer <- code },
	}
	select {
	case c.requests <- r:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	select {
	case code := <-answer:
		c.mu.Lock()
		defer c.mu.Unlock()
		if code == "" {
			c.refused = true
			return "", aws.ErrNoCode
		}
		c.given[q.Serial] = c.now()
		return code, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// want forgets that somebody said no.
func (c *codes) want() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = false
}
