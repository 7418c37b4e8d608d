package screen

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// logItem is a batch, or an error after which reading is tried again.
type logItem struct {
	batch backend.LogBatch
	err   error
}

// logReader reads a log and keeps at it: after an error that may pass it waits,
// and goes on behind the lines that it has.
type logReader struct {
	logs  backend.Logs
	clock backend.Clock
	query backend.LogQuery
	known logMarks
}

// The waits after a failure.
const (
	logsWait    = time.Second
	logsWaitMax = 15 * time.Second
)

// How to go on with a log that was left.
const (
	// logsLate is how late a line of one container may come after those of another.
	logsLate = 10 * time.Second
	// logsAway is for how long everything that was written meanwhile is read;
	// after more, the look back is bounded as it is at the beginning.
	logsAway = time.Minute
)

func (r *logReader) read(ctx context.Context) iter.Seq[logItem] {
	return func(yield func(logItem) bool) {
		for wait := logsWait; ; wait = min(2*wait, logsWaitMax) {
			before := r.known.newest
			err, more := r.once(ctx, yield)
			if !more || err == nil || ctx.Err() != nil || !backend.Passes(err) {
				return
			}
			if r.known.newest.After(before) {
				wait = logsWait // it worked for a while
			}
			select {
			case <-ctx.Done():
				return
			case <-r.clock.After(wait):
			}
		}
	}
}

// once reads until the log ends or fails. more is false when the reader's
// reader has gone.
func (r *logReader) once(ctx context.Context, yield func(logItem) bool) (failed error, more bool) {
	q, known := r.query, r.known.clone()
	if now := r.clock.Now(); now.Sub(known.newest) <= logsAway {
		q.Tail = 0
		if at := known.newest.Add(-logsLate); at.After(q.Since) {
			q.Since = at
		}
	}
	met := map[logSourceID]bool{}
	for batch, err := range r.logs.Logs(ctx, q) {
		if err != nil {
			if ctx.Err() != nil {
				return nil, false
			}
			return err, yield(logItem{err: err})
		}
		if q.Tail > 0 {
			if n := known.missing(batch.Lines, met); n > 0 {
				batch.Skipped, batch.About = batch.Skipped+n, true
			}
		}
		batch.Lines = slices.DeleteFunc(slices.Clone(batch.Lines), known.replayed)
		r.known.add(batch.Lines)
		if !yield(logItem{batch: batch}) {
			return nil, false
		}
	}
	return nil, true
}
