// Package watch turns the backend's reads into streams of changes: it polls,
// compares, and yields when something is different.
//
// You are between the backend and whoever shows it. The list call comes first,
// so that rows are there at once; details are described for what is visible
// before anything else. Where calls are counted ([backend.Metered]), neither what a
// refresh costs nor what it waits for grows with the length of the list: the
// rest is read in the background, a call at a time. A failed call never empties
// a list: the old rows are yielded again with the error and their age. Nothing
// here keeps a goroutine when the consumer stops iterating.
package watch

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Row is one thing of a list: known by its ref (an ARN) from the first list
// call on, and in full once it was described.
type Row[T any] struct {
	Ref    string
	Item   T
	Loaded bool
}

// Snapshot is a whole list at one moment. Rows are in the order of the list
// call. They are shared with the snapshots before and after: a list of thousands
// of which one row is different costs that row and a pointer for each of the
// others. Nobody may change one.
type Snapshot[T any] struct {
	Rows    []*Row[T]
	At      time.Time // when the rows were last read without an error
	Err     error     // why they could not be read since then
	Partial bool      // the list has more pages, which are still to come
}

// Over lays s over what an earlier watch had read: what s knows by its ref only
// is shown as it was, and while s is partial, rows that it has not come to stay.
func (s Snapshot[T]) Over(old Snapshot[T]) Snapshot[T] {
	if !s.Partial || len(old.Rows) <= len(s.Rows) {
		return s.filled(old)
	}
	now := make(map[string]*Row[T], len(s.Rows))
	for _, r := range s.Rows {
		now[r.Ref] = r
	}
	rows := slices.Clone(old.Rows)
	for i, r := range rows {
		if n, ok := now[r.Ref]; ok && (n.Loaded || !r.Loaded) {
			rows[i] = n
		}
	}
	s.Rows = rows
	return s
}

// filled takes from old what s has not described yet.
func (s Snapshot[T]) filled(old Snapshot[T]) Snapshot[T] {
	if !slices.ContainsFunc(s.Rows, func(r *Row[T]) bool { return !r.Loaded }) {
		return s
	}
	before := make(map[string]*Row[T], len(old.Rows))
	for _, r := range old.Rows {
		before[r.Ref] = r
	}
	rows := slices.Clone(s.Rows)
	for i, r := range rows {
		if was, ok := before[r.Ref]; ok && was.Loaded && !r.Loaded {
			rows[i] = was
		}
	}
	s.Rows = rows
	return s
}

// Items are the rows that were described.
func (s Snapshot[T]) Items() []T {
	items := make([]T, 0, len(s.Rows))
	for _, r := range s.Rows {
		if r.Loaded {
			items = append(items, r.Item)
		}
	}
	return items
}

// Source is how a list is read.
type Source[T any] struct {
	List     func(context.Context, backend.PageRequest) (backend.Page[string], error)
	Describe func(context.Context, []string) ([]T, error)
	Ref      func(T) string
	Batch    int // most per describe call
	// Changing says whether an item will soon be different, so that it is read
	// again at every turn, seen or not. nil: all are.
	Changing func(T) bool
	// Slim gives an item that nobody looks at without what only takes memory.
	// It is read again as soon as it becomes visible. nil keeps all of it.
	Slim func(T) T
}

// Options shape a watch. The zero value reads everything every two seconds.
type Options struct {
	Clock backend.Clock
	// Interval is the time between two reads; 0 is two seconds, ten where a
	// Notifier tells of changes at once, and five where calls are counted.
	Interval time.Duration
	Timeout  time.Duration // of one call, 10 s
	// Visible gives the refs on screen; nil when all are. It is called from the
	// watch's goroutine. Moved tells that others have become visible.
	Visible func() []string
	Moved   <-chan struct{}
	// Background is how many calls a second may be spent on what nobody looks
	// at; 0 is no bound, and everything is read at every turn.
	Background float64
	// Read is told when everything was read without an error, also where
	// nothing is different and nothing is yielded. It is called from the watch's
	// goroutine; nil tells nobody.
	Read func(at time.Time)
	// Notifier tells of changes between the polls; nil when the backend has none.
	Notifier backend.Notifier
}

// BackgroundOf is what b says of itself as a [backend.Metered], else 0: no bound.
func BackgroundOf(b any) float64 {
	if m, ok := b.(backend.Metered); ok {
		return m.Background()
	}
	return 0
}

// NotifierOf gives b's notifications, or nil.
func NotifierOf(b any) backend.Notifier {
	n, _ := b.(backend.Notifier)
	return n
}

// List watches src until ctx ends. Every yield is a complete snapshot.
func List[T any](ctx context.Context, src Source[T], o Options) iter.Seq[Snapshot[T]] {
	return func(yield func(Snapshot[T]) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		w := newWatch(src, o, yield)
		wake, done := w.wakes(ctx)
		defer func() { cancel(); <-done }()
		for w.turn(ctx) && w.rest(ctx, wake) {
		}
	}
}

func newWatch[T any](src Source[T], o Options, yield func(Snapshot[T]) bool) *watcher[T] {
	if o.Clock == nil {
		o.Clock = backend.SystemClock{}
	}
	switch {
	case o.Interval != 0:
	case o.Background > 0:
		o.Interval = 5 * time.Second
	case o.Notifier != nil:
		o.Interval = 10 * time.Second
	default:
		o.Interval = 2 * time.Second
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	src.Batch = max(1, src.Batch)
	return &watcher[T]{src: src, o: o, clock: o.Clock, yield: yield, slim: map[string]bool{}, whole: map[string]bool{}}
}

// wakes delivers merged notifications until ctx ends; done is closed when the
// notifier has returned.
func (w *watcher[T]) wakes(ctx context.Context) (wake chan struct{}, done chan struct{}) {
	wake, done = make(chan struct{}, 1), make(chan struct{})
	if w.o.Notifier == nil {
		close(done)
		return wake, done
	}
	go func() {
		defer close(done)
		w.o.Notifier.Notify(ctx, func() {
			select {
			case wake <- struct{}{}:
			default:
			}
		})
	}()
	return wake, done
}

// longestPause is how long nothing is tried after failures in a row: whoever
// looks at an endpoint that is back wants to see it.
const longestPause = 30 * time.Second

// pause is the time to the next turn, longer after failures in a row.
func (w *watcher[T]) pause() time.Duration {
	return max(w.o.Interval, min(w.o.Interval<<min(w.failures, 4), longestPause))
}

// rest waits for the next turn. Meanwhile it reads what becomes visible and,
// where calls are counted, the rest of the list, one call at a time. It says
// whether to go on.
func (w *watcher[T]) rest(ctx context.Context, wake <-chan struct{}) bool {
	turn := w.clock.After(w.pause())
	for {
		var background <-chan time.Time
		if w.o.Background > 0 && w.failures == 0 && w.unfinished() {
			background = w.clock.After(time.Duration(float64(time.Second) / w.o.Background))
		}
		select {
		case <-ctx.Done():
			return false
		case <-wake:
			return true
		case <-turn:
			return true
		case <-w.o.Moved:
			if !w.catchUp(ctx) {
				return false
			}
		case <-background:
			if !w.readOn(ctx) {
				return false
			}
		}
	}
}
