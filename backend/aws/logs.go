package aws

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	// batchLines is how many lines a batch holds at most.
	batchLines = 1000
	// stoppedFor is how long ECS shows stopped tasks. Lines that are older come
	// from tasks that nothing lists any more.
	stoppedFor = time.Hour
)

// Logs reads the lines of the containers that write to CloudWatch Logs, merged
// over tasks and containers. Where others write is told in a notice, or as the
// error when there are no more.
func (b *Backend) Logs(ctx context.Context, q backend.LogQuery) iter.Seq2[backend.LogBatch, error] {
	return func(yield func(backend.LogBatch, error) bool) {
		r := &logReader{b: b, q: q, now: b.clock.Now(), seen: map[string]int64{}, loose: map[string]int{}, floor: map[string]int64{}, missing: map[string]bool{}, echoes: ledger{}, looked: ledger{}}
		if err := r.read(ctx, yield); err != nil && !r.left {
			yield(backend.LogBatch{}, err)
		}
	}
}

// logReader is one reading of logs. Its state keeps each line from coming
// twice: windows of time overlap, since CloudWatch takes lines late.
type logReader struct {
	b   *Backend
	q   backend.LogQuery
	set logSet
	now time.Time // where the history ends
	// seen are the ids of events that were yielded, with their time; loose are
	// those that a tail read, which have no id.
	seen  map[string]int64
	loose map[string]int
	// echoes are lines that a live tail brought and no look has yet; looked are
	// those of looks, while there is a live tail.
	echoes, looked ledger
	floor          map[string]int64 // by stream: what a tail left out is older than this
	missing        map[string]bool  // log groups that do not exist
	left           bool             // the consumer wants no more
	tailing        bool             // a live tail goes on
}

func (r *logReader) read(ctx context.Context, yield func(backend.LogBatch, error) bool) error {
	var err error
	if r.set, err = r.b.logSet(ctx, r.q); err != nil {
		return err
	}
	if len(r.set.elsewhere) > 0 && !r.emit(backend.LogBatch{Notice: strings.Join(r.set.elsewhere, "; ")}, yield) {
		return nil
	}
	if r.q.Tail > 0 {
		err = r.tail(ctx, yield)
	} else {
		err = r.history(ctx, yield)
	}
	if err != nil || r.left || !r.q.Follow {
		return err
	}
	return r.follow(ctx, yield)
}

// emit hands a batch on, unless it is empty; it says whether to go on.
func (r *logReader) emit(batch backend.LogBatch, yield func(backend.LogBatch, error) bool) bool {
	if r.left {
		return false
	}
	if len(batch.Lines)+batch.Skipped > 0 || batch.Notice != "" {
		r.left = !yield(batch, nil)
	}
	return !r.left
}

// since is where the history begins: where it was asked to, or with the oldest
// task that is known.
func (r *logReader) since() time.Time {
	if !r.q.Since.IsZero() {
		return r.q.Since
	}
	return r.set.from
}

// wanted says whose line an event is, and whether it was asked for. Streams of
// tasks that ECS has forgotten count where the query goes back that far.
func (r *logReader) wanted(src logSource, stream string) (logStream, bool) {
	if s, ok := r.set.streams[src.region+" "+src.group+" "+stream]; ok {
		return s, true
	}
	if src.container == "" || r.q.Service == "" || r.q.Since.IsZero() || r.now.Sub(r.q.Since) < stoppedFor {
		return logStream{}, false
	}
	task := strings.TrimPrefix(stream, src.prefix)
	return logStream{task: backend.Clean(task), container: src.container}, !strings.Contains(task, "/")
}
