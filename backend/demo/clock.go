package demo

import (
	"sync"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// ManualClock is a clock that moves only when it is told to, so that a test or
// a picture sees the same demo every time.
type ManualClock struct {
	mu      sync.Mutex
	now     time.Time
	waiting []alarm
}

type alarm struct {
	at time.Time
	ch chan time.Time
}

var _ backend.Clock = (*ManualClock)(nil)

// NewManualClock returns a clock that stands at start.
func NewManualClock(start time.Time) *ManualClock { return &ManualClock{now: start} }

// Now is where the clock stands.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// After delivers once the clock was advanced by d.
func (c *ManualClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan time.Time, 1)
	if d <= 0 {
		ch <- c.now
		return ch
	}
	c.waiting = append(c.waiting, alarm{c.now.Add(d), ch})
	return ch
}

// Advance moves the clock and wakes whoever waited for that.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	kept := c.waiting[:0]
	for _, a := range c.waiting {
		if a.at.After(c.now) {
			kept = append(kept, a)
			continue
		}
		a.ch <- c.now
	}
	c.waiting = kept
}
