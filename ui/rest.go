package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// restAfter is how long nothing is typed until the program is at rest: it stands
// open all day, and is looked at more than it is used.
const restAfter = 10 * time.Second

// rest notices when nobody types any more.
type rest struct {
	do    func()
	since time.Time // of the last key
	over  bool      // it was noticed
}

func (r *rest) typed(now time.Time) { r.since, r.over = now, false }

func (r *rest) tick(now time.Time) tea.Cmd {
	if r.do == nil || r.over || now.Sub(r.since) < restAfter {
		return nil
	}
	r.over = true
	return func() tea.Msg {
		r.do()
		return nil
	}
}
