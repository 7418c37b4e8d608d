package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

// The bounds of what waits to be read, for each container.
const (
	maxQueuedLines = 4096
	maxQueuedBytes = 1 << 20
	maxChunkLines  = 512
	// maxLag is how far behind a followed log may be before it skips to now.
	maxLag = time.Second
	// quiet is how long a followed log says nothing before its history counts
	// as read.
	quiet = 60 * time.Millisecond
)

// logSource reads one container's log into a bounded queue. Its reader blocks
// while the queue is full; what is written meanwhile waits in the engine, and
// when it has become too old it is skipped.
type logSource struct {
	id, task, name string
	wake           chan<- struct{} // tells the merger
	space          chan struct{}   // tells the reader
	follow         bool

	mu      sync.Mutex
	queue   []backend.LogLine
	bytes   int
	skipped int
	live    bool // its history is read: it holds nobody up any more
	ended   bool
	err     error
	touched time.Time // when something came last
	last    time.Time // the time of the newest line that was queued
}

// logWindow is what of a log is to be read.
type logWindow struct {
	since  time.Time
	tail   int
	follow bool
	skew   time.Duration // the engine's clock minus ours
}

func (w logWindow) options() client.ContainerLogsOptions {
	o := client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Timestamps: true, Follow: w.follow}
	if !w.since.IsZero() {
		o.Since = fmt.Sprintf("%d.%09d", w.since.Unix(), w.since.Nanosecond())
	}
	if w.tail > 0 {
		o.Tail = strconv.Itoa(w.tail)
	}
	return o
}

// run reads until the log ends or ctx does.
func (s *logSource) run(ctx context.Context, e *Engine, w logWindow) {
	opts := w.options()
	var gap *logGap
	var err error
	for {
		gap, err = s.read(ctx, e, w, opts, gap)
		if gap == nil || err != nil || ctx.Err() != nil {
			break
		}
		// Skip: nothing is read from before now. "tail 0" starts at the end of
		// the file at once, where "since now" would read all of it.
		opts.Since, opts.Tail = "", "0"
	}
	s.mu.Lock()
	s.ended = true
	if err != nil && ctx.Err() == nil && !gone(err) {
		s.err = err
	}
	s.mu.Unlock()
	s.notify()
}

// gone says that the engine no longer has the thing, or no longer lets it be
// used like this: a container was removed, an image has come into use.
func gone(err error) bool {
	if err == nil {
		return false
	}
	k, _ := classify(err)
	return k == backend.NotFound || k == backend.Conflict
}

// logGap remembers the end of what was read before a skip, to estimate what
// lies between.
type logGap struct {
	last time.Time
	rate float64 // lines a second
}

// read reads one stream to its end, which gives no gap, or until it has
// fallen too far behind.
func (s *logSource) read(ctx context.Context, e *Engine, w logWindow, opts client.ContainerLogsOptions, gap *logGap) (*logGap, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	body, err := e.client.ContainerLogs(ctx, s.id, opts)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	dec := newLogDecoder(body)
	opened := e.clock.Now().Add(w.skew)
	var chunk []backend.LogLine
	var first, last time.Time
	count := 0
	for {
		line, err := dec.next()
		if err != nil {
			s.push(ctx, chunk)
			if errors.Is(err, io.EOF) || errors.Is(err, context.Canceled) {
				err = nil
			}
			return nil, err
		}
		if gap != nil {
			s.skip(gap, line.at)
			gap = nil
		}
		if count == 0 {
			first = line.at
		}
		count++
		last = line.at
		chunk = append(chunk, s.line(line))
		if dec.buffered() && len(chunk) < maxChunkLines {
			continue
		}
		if !s.push(ctx, chunk) {
			return nil, nil
		}
		chunk = nil
		if w.follow && !last.Before(opened) {
			s.setLive()
			if e.clock.Now().Add(w.skew).Sub(last) > maxLag {
				return &logGap{last: last, rate: rate(count, last.Sub(first))}, nil
			}
		}
	}
}

func rate(lines int, in time.Duration) float64 {
	if in <= 0 {
		return 0
	}
	return float64(lines) / in.Seconds()
}

// line makes a decoded line one of the contract.
func (s *logSource) line(d decodedLine) backend.LogLine {
	text := backend.CleanLog(string(d.text))
	if d.cut > 0 {
		text += fmt.Sprintf(" … (%d bytes more)", d.cut)
	}
	return backend.LogLine{At: d.at, Task: s.task, Container: s.name, Stderr: d.stderr, Text: text}
}

// push queues lines, and waits while there is no room. false: ctx has ended.
func (s *logSource) push(ctx context.Context, lines []backend.LogLine) bool {
	if len(lines) == 0 {
		return ctx.Err() == nil
	}
	for {
		s.mu.Lock()
		if len(s.queue) < maxQueuedLines && s.bytes < maxQueuedBytes {
			s.queue = append(s.queue, lines...)
			for _, l := range lines {
				s.bytes += len(l.Text)
			}
			s.touched, s.last = time.Now(), lines[len(lines)-1].At
			s.mu.Unlock()
			s.notify()
			return true
		}
		s.mu.Unlock()
		select {
		case <-s.space:
		case <-ctx.Done():
			return false
		}
	}
}

func (s *logSource) notify() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// hasEnded says whether the log was read to its end, and up to when it goes.
func (s *logSource) hasEnded() (last time.Time, ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.ended
}

func (s *logSource) setLive() {
	s.mu.Lock()
	s.live = true
	s.mu.Unlock()
}

// skip counts the lines lost between gap and at, by the rate before it.
func (s *logSource) skip(gap *logGap, at time.Time) {
	lost := int(gap.rate * at.Sub(gap.last).Seconds())
	s.mu.Lock()
	s.skipped += max(lost, 1)
	s.mu.Unlock()
}

// take removes the lines up to and including the time limit, a zero limit
// being none, and what was lost before them.
func (s *logSource) take(limit time.Time, into []backend.LogLine) ([]backend.LogLine, int) {
	s.mu.Lock()
	n := len(s.queue)
	if !limit.IsZero() {
		for n > 0 && s.queue[n-1].At.After(limit) {
			n--
		}
	}
	into = append(into, s.queue[:n]...)
	for _, l := range s.queue[:n] {
		s.bytes -= len(l.Text)
	}
	rest := copy(s.queue, s.queue[n:])
	clear(s.queue[rest:])
	s.queue = s.queue[:rest]
	if rest == 0 && cap(s.queue) > maxChunkLines {
		s.queue = nil // what a burst needed is not kept
	}
	skipped := s.skipped
	s.skipped = 0
	s.mu.Unlock()
	select {
	case s.space <- struct{}{}:
	default:
	}
	return into, skipped
}

// state is what the merger has to know: the time of the newest line that
// waits, whether more of the past may come, and whether nothing more will come.
func (s *logSource) state() (newest time.Time, history, ended bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.queue); n > 0 {
		newest = s.queue[n-1].At
	}
	if s.follow && !s.live && time.Since(s.touched) > quiet {
		s.live = true
	}
	return newest, !s.live && !s.ended, s.ended, s.err
}
