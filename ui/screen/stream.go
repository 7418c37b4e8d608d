package screen

import (
	"context"
	"fmt"
	"iter"
	"runtime/debug"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

const (
	// callTimeout bounds every single call of a screen.
	callTimeout = 20 * time.Second
	// changeTimeout bounds a change of a row: an engine takes a large image off a
	// slow disk for a while.
	changeTimeout = 2 * time.Minute
	// frame is the least time between two messages of one stream: 30 a second.
	frame = time.Second / 30
)

// Stream carries what an iterator yields into Update. At most one of its
// messages is under way at a time, and at most 30 a second: what comes in
// between is gathered. The zero value is a stream that was not started.
//
// A stream that keeps the last value only (Keep 1) drops older ones; any other
// drops nothing, and makes its source wait while Keep values are gathered.
type Stream[T any] struct {
	Keep int

	mu  sync.Mutex
	run *streamRun[T]
}

// streamRun is one start of a stream.
type streamRun[T any] struct {
	keep   int
	cancel context.CancelFunc
	ctx    context.Context

	mu      sync.Mutex
	pending []T
	done    bool
	panic   *Panic
	wake    chan struct{} // something is pending, or it is done
	room    chan struct{} // something was taken
	last    time.Time
}

// Batch is what a stream gathered. Hand it to [Stream.Receive].
type Batch[T any] struct {
	run   *streamRun[T]
	items []T
	done  bool
}

// Panic is a mistake of the program in one of its goroutines. The root ends the
// program in order, with the terminal restored.
type Panic struct {
	Value any
	Stack []byte
}

func (p Panic) Error() string { return fmt.Sprintf("panic: %v\n%s", p.Value, p.Stack) }

// Start begins a stream, ending the one before, and gives the command that
// waits for its first batch.
func (s *Stream[T]) Start(ctx context.Context, source func(context.Context) iter.Seq[T]) tea.Cmd {
	s.Stop()
	ctx, cancel := context.WithCancel(ctx)
	run := &streamRun[T]{
		keep: max(1, s.Keep), ctx: ctx, cancel: cancel,
		wake: make(chan struct{}, 1), room: make(chan struct{}, 1),
	}
	s.mu.Lock()
	s.run = run
	s.mu.Unlock()
	go run.consume(source)
	return run.wait
}

// Stop ends the stream; batches that are still under way are dropped.
func (s *Stream[T]) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run != nil {
		s.run.cancel()
		s.run = nil
	}
}

// Receive takes a message. mine says whether it was a batch of this stream, as
// it runs now; next is the command to return.
func (s *Stream[T]) Receive(msg tea.Msg) (items []T, done bool, next tea.Cmd, mine bool) {
	b, ok := msg.(Batch[T])
	if !ok {
		return nil, false, nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.run != s.run {
		return nil, false, nil, false
	}
	if b.done {
		return b.items, true, nil, true
	}
	return b.items, false, b.run.wait, true
}

// consume is the stream's goroutine: it ends with its source or its context.
func (r *streamRun[T]) consume(source func(context.Context) iter.Seq[T]) {
	defer func() {
		v := recover()
		r.mu.Lock()
		r.done = true
		if v != nil {
			r.panic = &Panic{v, debug.Stack()}
		}
		r.mu.Unlock()
		signal(r.wake)
	}()
	for v := range source(r.ctx) {
		if !r.put(v) {
			return
		}
	}
}

// put adds a value, waiting for room where nothing may be dropped.
func (r *streamRun[T]) put(v T) bool {
	for {
		r.mu.Lock()
		if r.keep == 1 {
			r.pending = append(r.pending[:0], v)
		} else if len(r.pending) < r.keep {
			r.pending = append(r.pending, v)
		} else {
			r.mu.Unlock()
			select {
			case <-r.room:
				continue
			case <-r.ctx.Done():
				return false
			}
		}
		r.mu.Unlock()
		signal(r.wake)
		return r.ctx.Err() == nil
	}
}

// wait is the command that is under way while the stream runs.
func (r *streamRun[T]) wait() tea.Msg {
	select {
	case <-r.ctx.Done():
		return nil
	case <-r.wake:
	}
	if early := frame - time.Since(r.last); early > 0 {
		select {
		case <-r.ctx.Done():
			return nil
		case <-time.After(early):
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = time.Now()
	b := Batch[T]{run: r, items: r.pending, done: r.done}
	r.pending = nil
	if r.panic != nil {
		return *r.panic
	}
	signal(r.room)
	return b
}

// signal wakes whoever waits; one waiting signal is enough.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
