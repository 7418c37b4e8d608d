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
// and goes on behind the last line that it has.
type logReader struct {
	logs  backend.Logs
	clock backend.Clock
	query backend.LogQuery
	last  time.Time // lines up to here are known already
}

// The waits after a failure.
const (
	logsWait    = time.Second
	logsWaitMax = 15 * time.Second
)

func (r *logReader) read(ctx context.Context) iter.Seq[logItem] {
	return func(yield func(logItem) bool) {
		for wait := logsWait; ; wait = min(2*wait, logsWaitMax) {
			before := r.last
			err, more := r.once(ctx, yield)
			if !more || err == nil || ctx.Err() != nil || !passes(err) {
				return
			}
			if r.last.After(before) {
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
	known := r.last
	q := r.query
	if known.After(q.Since) {
		q.Since = known
	}
	for batch, err := range r.logs.Logs(ctx, q) {
		if err != nil {
			if ctx.Err() != nil {
				return nil, false
			}
			return err, yield(logItem{err: err})
		}
		if !known.IsZero() {
			batch.Lines = slices.DeleteFunc(slices.Clone(batch.Lines), func(l backend.LogLine) bool { return !l.At.After(known) })
		}
		for _, l := range batch.Lines {
			if l.At.After(r.last) {
				r.last = l.At
			}
		}
		if !yield(logItem{batch: batch}) {
			return nil, false
		}
	}
	return nil, true
}

// passes says whether an error may go away by itself.
func passes(err error) bool {
	switch backend.KindOf(err) {
	case backend.Unreachable, backend.Throttled, backend.Other, backend.Exhausted:
		return true
	}
	return false
}
