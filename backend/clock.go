package backend

import "time"

// Clock is how every package that waits or stamps learns the time, so that a
// test or the demo can drive it.
type Clock interface {
	Now() time.Time
	// After delivers once, no earlier than d from now.
	After(d time.Duration) <-chan time.Time
}

// SystemClock is the machine's own clock.
type SystemClock struct{}

var _ Clock = SystemClock{}

// Now is the wall-clock time.
func (SystemClock) Now() time.Time { return time.Now() }

// After is time.After.
func (SystemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }
