package demo

import (
	"container/heap"
	"time"
)

// sim is a discrete event simulation: what is to happen is on an agenda, in
// order of time, and time jumps from one entry to the next. A demo that nobody
// looked at for an hour catches up in a moment, and gets where it would have
// been.
type sim struct {
	now  time.Time
	todo agenda
	seq  int
}

type entry struct {
	at  time.Time
	seq int // keeps entries of one time in the order they were made
	do  func()
}

type agenda []entry

func (a agenda) Len() int { return len(a) }

func (a agenda) Less(i, j int) bool {
	if !a[i].at.Equal(a[j].at) {
		return a[i].at.Before(a[j].at)
	}
	return a[i].seq < a[j].seq
}

func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }

func (a *agenda) Push(x any) { *a = append(*a, x.(entry)) }

func (a *agenda) Pop() any {
	old := *a
	last := old[len(old)-1]
	*a = old[:len(old)-1]
	return last
}

// after puts do on the agenda.
func (s *sim) after(d time.Duration, do func()) {
	s.seq++
	heap.Push(&s.todo, entry{s.now.Add(max(d, 0)), s.seq, do})
}

// next is when something happens next.
func (s *sim) next() (time.Time, bool) {
	if len(s.todo) == 0 {
		return time.Time{}, false
	}
	return s.todo[0].at, true
}

// run lets everything happen that is due by to. settle is called after all
// entries of one moment, and may put more on the agenda.
func (s *sim) run(to time.Time, settle func()) {
	settle()
	for len(s.todo) > 0 && !s.todo[0].at.After(to) {
		s.now = s.todo[0].at
		for len(s.todo) > 0 && !s.todo[0].at.After(s.now) {
			heap.Pop(&s.todo).(entry).do()
		}
		settle()
	}
	if to.After(s.now) {
		s.now = to
	}
}
