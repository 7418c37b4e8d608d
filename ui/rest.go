package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// The program stands open all day, and is looked at more than it is used.
const (
	restAfter = 10 * time.Second // nothing is typed: it is at rest
	restAgain = 20 * time.Second // it still is
)

// rest notices when nobody types any more, and when somebody does again.
type rest struct {
	tell  func(atRest bool)
	since time.Time // of the last key
	told  time.Time // when it was last told to be at rest; zero while it is not
}

// typed is a command, so that the key does not wait for who is told.
func (r *rest) typed(now time.Time) tea.Cmd {
	r.since = now
	if r.told.IsZero() {
		return nil
	}
	r.told = time.Time{}
	return r.telling(false)
}

func (r *rest) tick(now time.Time) tea.Cmd {
	if r.tell == nil || now.Sub(r.since) < restAfter || now.Sub(r.told) < restAgain {
		return nil
	}
	r.told = now
	return r.telling(true)
}

func (r *rest) telling(atRest bool) tea.Cmd {
	tell := r.tell
	return func() tea.Msg {
		tell(atRest)
		return nil
	}
}
