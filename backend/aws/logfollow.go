package aws

import (
	"context"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	followEvery = 1500 * time.Millisecond
	// overlap is how far each look goes back over the one before: CloudWatch
	// takes lines in up to some seconds late.
	overlap = 15 * time.Second
	// lookEvery is how often a service's tasks are listed anew.
	lookEvery = 4 * time.Second
	// pagesALook bounds a look. What is behind it is skipped, and counted.
	pagesALook = 5
	// longest wait after a failure that passes.
	followWait = 20 * time.Second
)

// follow yields what comes after the history, until ctx ends.
func (r *logReader) follow(ctx context.Context, yield func(backend.LogBatch, error) bool) error {
	looked := r.b.clock.Now()
	since := r.now
	wait := followEvery
	live := r.live(ctx)
	next := r.b.clock.After(wait)
	for {
		r.tailing = live != nil
		select {
		case <-ctx.Done():
			return r.b.wrap("Logs", r.q.Service, ctx.Err())
		case events, more := <-live:
			if !more {
				live = nil // what it missed, the looks bring
			}
			if !r.emit(r.arrived(events), yield) {
				return nil
			}
			continue
		case <-next:
		}
		now := r.b.clock.Now()
		var batch backend.LogBatch
		var err error
		if r.q.Service != "" && now.Sub(looked) >= lookEvery {
			batch.Notice, err = r.lookAgain(ctx)
			looked = now
		}
		// The first look brings what was written before the tail began.
		quiet := r.tailing && since != r.now && now.Sub(since) < liveLookEvery
		if err == nil && !quiet {
			err = r.look(ctx, since, &batch)
		}
		switch kind := backend.KindOf(err); {
		case err == nil && quiet:
		case err == nil:
			since, wait = now, followEvery
		case kind == backend.Throttled || kind == backend.Unreachable: // it passes; nothing is lost meanwhile
			if wait == followEvery {
				batch.Notice = "no new lines can be read for the moment: " + err.Error()
			}
			wait = min(wait*2, followWait)
		default:
			return err
		}
		next = r.b.clock.After(wait)
		r.forget(since.Add(-2 * overlap))
		if !r.emit(batch, yield) {
			return nil
		}
	}
}

// look reads what came since the last look, and what came late.
func (r *logReader) look(ctx context.Context, since time.Time, batch *backend.LogBatch) error {
	from := since.Add(-overlap)
	if !r.q.Since.IsZero() && from.Before(r.q.Since) {
		from = r.q.Since
	}
	for _, src := range r.set.sources(r.q.Service != "") {
		token := ""
		for page := 0; ; page++ {
			events, next, err := r.filter(ctx, src, from, time.Time{}, token)
			if err != nil {
				return err
			}
			for _, e := range events {
				if l, ok := r.line(src, e); ok {
					batch.Lines = append(batch.Lines, l)
				}
			}
			if next == "" {
				break
			}
			if token = next; page+1 >= pagesALook {
				batch.Skipped += len(events)
				batch.About = true
				break
			}
		}
	}
	sortLines(batch.Lines)
	return nil
}

// lookAgain lists the service's tasks anew, and says which ones are new.
func (r *logReader) lookAgain(ctx context.Context) (notice string, err error) {
	set, err := r.b.logSet(ctx, r.q)
	if backend.KindOf(err) == backend.NotFound || backend.KindOf(err) == backend.Unsupported {
		return "", nil // the service goes away; its last lines still come
	}
	if err != nil {
		return "", err
	}
	for id := range set.tasks {
		if !r.set.tasks[id] {
			notice = "task " + backend.ShortID(id) + " started"
		}
	}
	r.set = set
	return notice, nil
}
