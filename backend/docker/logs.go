package docker

import (
	"cmp"
	"context"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	opLogs = "Logs"
	// frame is the least time between two batches of a live log: a screen
	// shows no more.
	frame = time.Second / 30
	// maxLogSources bounds how many containers are read at once; the newest
	// are taken.
	maxLogSources = 200
)

// Logs reads the logs of the containers that carry q's labels. A single merger
// takes what all their readers have queued: while one of them still has
// history to come, only up to the time that it has reached, so that history
// comes out in order; then whatever there is, thirty times a second.
func (e *Engine) Logs(ctx context.Context, q backend.LogQuery) iter.Seq2[backend.LogBatch, error] {
	return func(yield func(backend.LogBatch, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		m := &logMerger{
			engine: e, query: logQuery(q), yield: yield,
			wake: make(chan struct{}, 1), sources: map[string]*logSource{}, tasks: map[string]bool{},
		}
		defer m.readers.Wait()
		defer cancel()
		if err := m.run(ctx); err != nil {
			yield(backend.LogBatch{}, wrap(opLogs, logQuery(q).resource(), err))
		}
	}
}

// logMerger is one call of Logs. Its methods run in the consumer's goroutine.
type logMerger struct {
	engine  *Engine
	query   logQuery
	yield   func(backend.LogBatch, error) bool
	wake    chan struct{}
	readers sync.WaitGroup
	skew    time.Duration
	sources map[string]*logSource // by container id
	tasks   map[string]bool       // ids that have been seen
	ended   []string              // tasks whose container ended and that nothing has replaced yet
	notices []string
	buf     []backend.LogLine
	open    bool // one of the sources has more to give
}

func (m *logMerger) run(ctx context.Context) error {
	var changes client.EventsResult
	if m.query.Follow {
		m.skew = m.engine.skew(ctx)
		changes = m.engine.client.Events(ctx, client.EventsListOptions{Filters: m.engine.selecting(m.query).
			Add("type", string(events.ContainerEventType)).Add("event", string(events.ActionStart), string(events.ActionDie))})
	}
	if err := m.find(ctx); err != nil {
		return err
	}
	for {
		more, waiting, err := m.emit()
		switch {
		case !more:
			return nil
		case err != nil:
			return err
		case !m.query.Follow && !m.open:
			return nil
		}
		var tick <-chan time.Time
		if waiting {
			tick = time.After(quiet / 3)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case ev := <-changes.Messages:
			m.changed(ctx, ev)
		case err := <-changes.Err:
			return err
		case <-m.wake:
			if !waiting && !sleep(ctx, frame) {
				return ctx.Err()
			}
		case <-tick:
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// find starts a reader for each container that there is.
func (m *logMerger) find(ctx context.Context) error {
	res, err := m.engine.client.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: m.engine.selecting(m.query)})
	if err != nil {
		return err
	}
	found := slices.DeleteFunc(res.Items, func(c container.Summary) bool { return !m.query.matches(c.Labels) })
	slices.SortFunc(found, func(a, b container.Summary) int { return cmp.Compare(b.Created, a.Created) })
	for _, c := range found[:min(len(found), maxLogSources)] {
		m.add(ctx, c.ID, c.Labels, logWindow{since: m.query.Since, tail: m.query.Tail, follow: m.query.Follow, skew: m.skew})
	}
	if len(found) == 0 && m.query.Service == "" && !m.query.Follow {
		return &backend.Error{
			Op: opLogs, Kind: backend.NotFound, Resource: m.query.resource(), Err: errNoContainers,
			Remedy: "the logs of a task go when its containers are removed; look at the service's logs instead",
		}
	}
	return nil
}

func (m *logMerger) add(ctx context.Context, id string, labels map[string]string, w logWindow) {
	s := &logSource{
		id: id, task: backend.ShortName(labels[LabelTaskARN]), name: backend.Clean(labels[LabelContainerName]),
		wake: m.wake, space: make(chan struct{}, 1), touched: time.Now(), follow: w.follow,
	}
	m.sources[id] = s
	m.tasks[s.task] = true
	m.readers.Go(func() { s.run(ctx, m.engine, w) })
}

// changed handles a container that starts or ends while the log is followed.
func (m *logMerger) changed(ctx context.Context, ev events.Message) {
	labels := ev.Actor.Attributes
	if !m.query.matches(labels) {
		return
	}
	task := backend.ShortName(labels[LabelTaskARN])
	short, name := backend.ShortID(task), backend.Clean(labels[LabelContainerName])
	if ev.Action == events.ActionDie {
		m.notices = append(m.notices, "task "+short+": "+name+" ended with exit code "+backend.Clean(labels["exitCode"]))
		if !slices.Contains(m.ended, task) {
			m.ended = append(m.ended, task)
		}
		return
	}
	w := logWindow{follow: true, skew: m.skew}
	old := m.sources[ev.Actor.ID]
	if old != nil {
		last, ended := old.hasEnded()
		if !ended {
			return // its reader was there before the event
		}
		w.since = last.Add(1)
	}
	switch {
	case old != nil:
		m.notices = append(m.notices, "task "+short+": "+name+" has started again")
		m.ended = slices.DeleteFunc(m.ended, func(t string) bool { return t == task })
	case m.tasks[task]:
	case len(m.ended) > 0:
		m.notices = append(m.notices, "task "+backend.ShortID(m.ended[0])+" was replaced by "+short)
		m.ended = m.ended[1:]
	default:
		m.notices = append(m.notices, "task "+short+" has started")
	}
	if old != nil {
		m.buf, _ = old.take(time.Time{}, m.buf)
	}
	m.add(ctx, ev.Actor.ID, labels, w)
}

// emit hands out what may be. more is false when the consumer has left;
// waiting says that a reader still has history to come.
func (m *logMerger) emit() (more, waiting bool, err error) {
	var limit time.Time
	blocked := false
	m.open = false
	for _, s := range m.sources {
		newest, history, ended, readErr := s.state()
		if readErr != nil {
			err = readErr
		}
		waiting = waiting || history
		m.open = m.open || !ended // the queue of one that has ended is emptied below
		switch {
		case history && newest.IsZero():
			blocked = true
		case history && (limit.IsZero() || newest.Before(limit)):
			limit = newest
		}
	}
	for _, notice := range m.notices {
		if !m.yield(backend.LogBatch{Notice: notice}, nil) {
			return false, waiting, err
		}
	}
	m.notices = nil
	if blocked {
		return true, true, err
	}
	skipped := 0
	lines := m.buf
	for _, s := range m.sources {
		var lost int
		lines, lost = s.take(limit, lines)
		skipped += lost
	}
	m.buf = nil
	if len(lines) == 0 && skipped == 0 {
		return true, waiting, err
	}
	slices.SortStableFunc(lines, func(a, b backend.LogLine) int { return a.At.Compare(b.At) })
	return m.yield(backend.LogBatch{Lines: lines, Skipped: skipped, About: skipped > 0}, nil), waiting, err
}

// skew is how far the engine's clock is ahead of ours; on this machine it is
// the same clock.
func (e *Engine) skew(ctx context.Context) time.Duration {
	if runtime.GOOS == "linux" && strings.HasPrefix(e.endpoint.host, "unix://") {
		return 0
	}
	asked := e.clock.Now()
	info, err := e.info(ctx)
	if err != nil {
		return 0
	}
	at, err := time.Parse(time.RFC3339Nano, info.SystemTime)
	if err != nil {
		return 0
	}
	return at.Sub(asked.Add(e.clock.Now().Sub(asked) / 2))
}
