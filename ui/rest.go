package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// restAfter is how long nothing is typed before the program is at rest. It
// stands open all day, and is looked at more than it is used.
const restAfter = 5 * time.Second

// rest notices when nobody types any more, and when somebody does again.
type rest struct {
	tell    func(atRest bool)
	since   time.Time // of the last key
	resting bool
}

// typed is a command, so that the key does not wait for who is told.
func (r *rest) typed(now time.Time) tea.Cmd {
	r.since = now
	if !r.resting {
		return nil
	}
	r.resting = false
	return r.telling(false)
}

// tick tells it at every beat, since what is needed at rest grows.
func (r *rest) tick(now time.Time) tea.Cmd {
	if r.tell == nil || now.Sub(r.since) < restAfter {
		return nil
	}
	r.resting = true
	return r.telling(true)
}

func (r *rest) telling(atRest bool) tea.Cmd {
	tell := r.tell
	return func() tea.Msg {
		tell(atRest)
		return nil
	}
}
