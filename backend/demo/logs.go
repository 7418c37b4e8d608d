package demo

import (
	"context"
	"iter"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Log stream sizes: what one batch holds at most, and how often a followed log
// is looked at.
const (
	batchLines = 2000
	followWait = 100 * time.Millisecond
)

// kinds are how the company's programs write.
func kinds() map[string]string {
	return map[string]string{
		"api": "json", "auth": "json", "billing": "json", "worker": "colour", "mailer": "colour",
		"thumbnails": "plain", "reports": "plain",
	}
}

// source gives what a container of a task writes.
func (b *Backend) source(t *task, i int) *source {
	c := t.view.Containers[i]
	s := &source{
		id: t.view.ID(), ref: t.rev.td.Ref(), container: c.Name, seed: mix(t.seed, uint64(i)), from: t.view.StartedAt,
		kind: kinds()[t.rev.td.Family], period: b.scaled(700 * time.Millisecond),
	}
	if i > 0 {
		s.kind, s.period = "proxy", b.scaled(3*time.Second)
	}
	def, _ := t.rev.td.Container(c.Name)
	def = overridden(def, t.overrides)
	if len(def.Command) > 1 && def.Command[0] == "say" {
		s.said = strings.Join(def.Command[1:], " ")
	}
	for _, kv := range def.Environment {
		if rate, err := strconv.Atoi(kv.Value); kv.Name == "LOG_RATE" && err == nil && rate > 0 {
			s.period = time.Second / time.Duration(rate)
		}
	}
	s.period = max(s.period, time.Microsecond)
	if t.view.LastStatus == backend.TaskStopped || t.view.DesiredStatus == backend.TaskStopped {
		s.to = t.view.StoppingAt
		s.lastWord = "received SIGTERM, shutting down"
		if i == 0 && t.fate.lastWord != "" && t.view.StopCode == t.fate.code {
			s.lastWord = t.fate.lastWord
		}
	}
	return s
}

// sources are all logs that a query asks for, as things stand now.
func (b *Backend) sources(q backend.LogQuery) ([]*source, error) {
	const op = "Logs"
	if _, err := b.cluster(op, q.Cluster); err != nil {
		return nil, err
	}
	var tasks []*task
	if q.Service != "" {
		s, err := b.findService(op, q.Cluster, q.Service)
		if err != nil {
			return nil, err
		}
		tasks = s.tasks
	} else {
		for _, ref := range q.Tasks {
			t := b.findTask(q.Cluster, ref)
			if t == nil {
				return nil, backend.Errorf(op, backend.NotFound, backend.Clean(ref), "the task does not exist")
			}
			tasks = append(tasks, t)
		}
	}
	var out []*source
	found := q.Container == "" || len(tasks) == 0
	for _, t := range tasks {
		for i, c := range t.view.Containers {
			if q.Container == "" || c.Name == q.Container {
				found = true
				if !t.view.StartedAt.IsZero() {
					out = append(out, b.source(t, i))
				}
			}
		}
	}
	if !found {
		return nil, backend.Errorf(op, backend.NotFound, backend.Clean(q.Container), "no task has such a container")
	}
	return out, nil
}

// Logs streams lines; see [backend.Logs].
func (b *Backend) Logs(ctx context.Context, q backend.LogQuery) iter.Seq2[backend.LogBatch, error] {
	return func(yield func(backend.LogBatch, error) bool) {
		now, err := b.history(ctx, q, yield)
		if err != nil {
			yield(backend.LogBatch{}, err)
			return
		}
		if now.IsZero() || !q.Follow {
			return
		}
		b.follow(ctx, q, now, yield)
	}
}

// history yields what was written before now. It returns the zero time when
// the reader has had enough.
func (b *Backend) history(ctx context.Context, q backend.LogQuery, yield func(backend.LogBatch, error) bool) (time.Time, error) {
	if err := ended(ctx, "Logs"); err != nil {
		return time.Time{}, err
	}
	b.lock()
	now := b.sim.now
	sources, err := b.sources(q)
	b.unlock()
	if err != nil {
		return time.Time{}, err
	}
	if len(sources) == 0 {
		return now, nil
	}
	if q.Tail > 0 {
		if !tail(sources, q, now, yield) {
			return time.Time{}, nil
		}
		return now, nil
	}
	at, step := windows(sources, q.Since)
	for at.Before(now) {
		if err := ended(ctx, "Logs"); err != nil {
			return time.Time{}, err
		}
		to := at.Add(step)
		if to.After(now) {
			to = now
		}
		var batch backend.LogBatch
		for _, s := range sources {
			lines, _ := s.lines(at, to, 0)
			batch.Lines = append(batch.Lines, lines...)
		}
		sortLines(batch.Lines)
		if len(batch.Lines) > 0 && !yield(batch, nil) {
			return time.Time{}, nil
		}
		at = to
	}
	return now, nil
}

// tail yields the last lines of each container, merged.
func tail(sources []*source, q backend.LogQuery, now time.Time, yield func(backend.LogBatch, error) bool) bool {
	var all []backend.LogLine
	for _, s := range sources {
		lines, _ := s.lines(q.Since, now, q.Tail)
		all = append(all, lines...)
	}
	sortLines(all)
	for chunk := range slices.Chunk(all, batchLines) {
		if !yield(backend.LogBatch{Lines: chunk}, nil) {
			return false
		}
	}
	return true
}

// windows gives where to begin reading whole logs, and steps of time that hold
// about as many lines as a batch.
func windows(sources []*source, since time.Time) (from time.Time, step time.Duration) {
	rate := 1.0 // lines a second
	for _, s := range sources {
		rate += float64(time.Second) / float64(s.period)
		if from.IsZero() || s.from.Before(from) {
			from = s.from
		}
	}
	if since.After(from) {
		from = since
	}
	return from, max(time.Duration(batchLines/rate*float64(time.Second)), time.Millisecond)
}

func sortLines(all []backend.LogLine) {
	sort.SliceStable(all, func(i, j int) bool { return all[i].At.Before(all[j].At) })
}

// follow yields what is written from since on, until ctx ends.
func (b *Backend) follow(ctx context.Context, q backend.LogQuery, since time.Time, yield func(backend.LogBatch, error) bool) {
	seen := map[string]bool{}
	for {
		b.lock()
		now := b.sim.now
		sources, err := b.sources(q)
		var batch backend.LogBatch
		for _, s := range sources {
			lines, left := s.lines(since, now, batchLines)
			batch.Lines = append(batch.Lines, lines...)
			batch.Skipped += left
		}
		batch.Notice = notice(sources, seen, since)
		b.unlock()
		if err != nil {
			yield(backend.LogBatch{}, err)
			return
		}
		sortLines(batch.Lines)
		if extra := len(batch.Lines) - batchLines; extra > 0 {
			batch.Skipped += extra
			batch.Lines = batch.Lines[extra:]
		}
		if len(batch.Lines)+batch.Skipped > 0 || batch.Notice != "" {
			if !yield(batch, nil) {
				return
			}
		}
		since = now
		select {
		case <-ctx.Done():
			yield(backend.LogBatch{}, ended(ctx, "Logs"))
			return
		case <-b.clock.After(followWait):
		}
	}
}

// notice says that tasks took the place of others since the last look.
func notice(sources []*source, seen map[string]bool, since time.Time) string {
	first := len(seen) == 0
	var fresh, gone string
	for _, s := range sources {
		id := backend.ShortID(s.id)
		if !seen[id] {
			seen[id] = true
			if !first {
				fresh = id
			}
		}
		if !s.to.IsZero() {
			gone = id
		}
	}
	switch {
	case fresh == "":
		return ""
	case gone == "":
		return "task " + fresh + " started"
	default:
		return "task " + gone + " was replaced by " + fresh
	}
}
