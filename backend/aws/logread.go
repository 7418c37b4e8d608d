package aws

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/ecs-tui/ecs-tui/backend"
)

// logSource is what one FilterLogEvents asks for: the streams of a group that
// begin alike. A stream that does not exist yet is no error that way.
type logSource struct {
	region, group, prefix string
	container             string // whose lines these are, "" where the prefix is a whole name
}

// sources are the calls that cover all streams. For a service, one covers all
// tasks of a container.
func (set logSet) sources(service bool) []logSource {
	var out []logSource
	for key, s := range set.streams {
		src := logSource{region: s.region, group: s.group, prefix: key[len(s.region+" "+s.group+" "):]}
		if service && s.prefix != "" {
			src.prefix, src.container = s.prefix, s.container
		}
		if !slices.Contains(out, src) {
			out = append(out, src)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		return out[i].group+" "+out[i].prefix < out[j].group+" "+out[j].prefix
	})
	return out
}

// logEvent is one line of CloudWatch.
type logEvent struct {
	at     int64 // milliseconds
	id     string
	stream string
	text   string
}

// logsCall makes one call of CloudWatch Logs, in the region of the group.
func logsCall[In, Out any](ctx context.Context, b *Backend, op, region, group string, in *In,
	send func(*cloudwatchlogs.Client, context.Context, *In, ...func(*cloudwatchlogs.Options)) (*Out, error),
) (*Out, error) {
	c, err := b.connect(ctx)
	if err != nil {
		return nil, named(err, op, group)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	seen := &capture{}
	out, err := send(c.logs, context.WithValue(ctx, captureKey{}, seen), in, func(o *cloudwatchlogs.Options) {
		if region != "" {
			o.Region = region
		}
	})
	if err != nil {
		return nil, b.wrapSeen(op, group, err, seen)
	}
	return out, nil
}

// filter reads one page of a source. A group that does not exist has no lines:
// ECS makes it with the first one, or can't, which the task's events tell.
func (r *logReader) filter(ctx context.Context, src logSource, from, to time.Time, token string) ([]logEvent, string, error) {
	in := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &src.group, LogStreamNamePrefix: &src.prefix}
	if !from.IsZero() {
		in.StartTime = awssdk.Int64(from.UnixMilli())
	}
	if !to.IsZero() {
		in.EndTime = awssdk.Int64(to.UnixMilli())
	}
	if token != "" {
		in.NextToken = &token
	}
	out, err := logsCall(ctx, r.b, "FilterLogEvents", src.region, src.group, in, (*cloudwatchlogs.Client).FilterLogEvents)
	if backend.KindOf(err) == backend.NotFound {
		r.missing[src.group] = true
		return nil, "", nil
	}
	if err != nil {
		return nil, "", named(err, "Logs", src.group)
	}
	delete(r.missing, src.group)
	events := make([]logEvent, 0, len(out.Events))
	for _, e := range out.Events {
		events = append(events, logEvent{
			at: awssdk.ToInt64(e.Timestamp), id: awssdk.ToString(e.EventId),
			stream: awssdk.ToString(e.LogStreamName), text: awssdk.ToString(e.Message),
		})
	}
	return events, awssdk.ToString(out.NextToken), nil
}

// line makes a line of an event, if it was asked for and did not come before.
func (r *logReader) line(src logSource, e logEvent) (backend.LogLine, bool) {
	s, ok := r.wanted(src, e.stream)
	if !ok {
		return backend.LogLine{}, false
	}
	if e.at < r.floor[src.region+" "+src.group+" "+e.stream] {
		return backend.LogLine{}, false
	}
	if _, again := r.seen[e.id]; again && e.id != "" {
		return backend.LogLine{}, false
	}
	key := looseKey(src.group, e)
	if n := r.loose[key]; n > 0 && e.id != "" {
		r.loose[key] = n - 1
		r.seen[e.id] = e.at
		return backend.LogLine{}, false
	}
	if e.id != "" {
		r.seen[e.id] = e.at
		if r.echoes.take(key) {
			return backend.LogLine{}, false
		}
		if r.tailing {
			r.looked.add(key, e.at)
		}
	}
	return backend.LogLine{
		At: time.UnixMilli(e.at).UTC(), Task: s.task, Container: s.container, Text: backend.CleanLog(e.text),
	}, true
}

func looseKey(group string, e logEvent) string {
	return fmt.Sprintf("%s\x00%s\x00%d\x00%s", group, e.stream, e.at, e.text)
}

// pages reads a source page by page.
type pages struct {
	src   logSource
	buf   []logEvent
	token string
	done  bool
}

// history yields everything up to now, merged over the sources.
func (r *logReader) history(ctx context.Context, yield func(backend.LogBatch, error) bool) error {
	var open []*pages
	for _, src := range r.set.sources(r.q.Service != "") {
		open = append(open, &pages{src: src})
	}
	var batch backend.LogBatch
	for {
		var first *pages
		for _, p := range open {
			for len(p.buf) == 0 && !p.done {
				var err error
				p.buf, p.token, err = r.filter(ctx, p.src, r.since(), r.now, p.token)
				if err != nil {
					return err
				}
				p.done = p.token == ""
			}
			if len(p.buf) > 0 && (first == nil || p.buf[0].at < first.buf[0].at) {
				first = p
			}
		}
		if first == nil {
			break
		}
		if l, ok := r.line(first.src, first.buf[0]); ok {
			batch.Lines = append(batch.Lines, l)
		}
		first.buf = first.buf[1:]
		if len(batch.Lines) >= batchLines {
			if !r.emit(batch, yield) {
				return nil
			}
			batch = backend.LogBatch{}
		}
	}
	for group := range r.missing {
		batch.Notice = "the log group " + backend.Clean(group) + " does not exist"
	}
	r.forget(r.now.Add(-overlap))
	r.emit(batch, yield)
	return nil
}

// tail yields the last lines of each stream.
func (r *logReader) tail(ctx context.Context, yield func(backend.LogBatch, error) bool) error {
	var mu sync.Mutex
	var lines []backend.LogLine
	names := make([]string, 0, len(r.set.streams))
	for key := range r.set.streams {
		names = append(names, key)
	}
	_, err := describe(ctx, names, 1, func(ctx context.Context, key []string) ([]struct{}, error) {
		s := r.set.streams[key[0]]
		stream := key[0][len(s.region+" "+s.group+" "):]
		events, err := r.last(ctx, s, stream)
		mu.Lock()
		defer mu.Unlock()
		if len(events) >= r.q.Tail {
			r.floor[key[0]] = events[0].at
		}
		for _, e := range events {
			r.loose[looseKey(s.group, e)]++
			lines = append(lines, backend.LogLine{At: time.UnixMilli(e.at).UTC(), Task: s.task, Container: s.container, Text: backend.CleanLog(e.text)})
		}
		return nil, err
	})
	if err != nil {
		return err
	}
	sortLines(lines)
	for chunk := range slices.Chunk(lines, batchLines) {
		if !r.emit(backend.LogBatch{Lines: chunk}, yield) {
			return nil
		}
	}
	return nil
}

// last reads the last lines of one stream.
func (r *logReader) last(ctx context.Context, s logStream, stream string) ([]logEvent, error) {
	in := &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: &s.group, LogStreamName: &stream, Limit: awssdk.Int32(int32(min(r.q.Tail, 10000))),
		StartFromHead: awssdk.Bool(false), EndTime: awssdk.Int64(r.now.UnixMilli()),
	}
	if !r.q.Since.IsZero() {
		in.StartTime = awssdk.Int64(r.q.Since.UnixMilli())
	}
	out, err := logsCall(ctx, r.b, "GetLogEvents", s.region, s.group, in, (*cloudwatchlogs.Client).GetLogEvents)
	if backend.KindOf(err) == backend.NotFound { // nothing was written yet
		return nil, nil
	}
	if err != nil {
		return nil, named(err, "Logs", s.group)
	}
	var events []logEvent
	for _, e := range out.Events {
		events = append(events, logEvent{at: awssdk.ToInt64(e.Timestamp), stream: stream, text: awssdk.ToString(e.Message)})
	}
	return events, nil
}

func sortLines(lines []backend.LogLine) {
	sort.SliceStable(lines, func(i, j int) bool { return lines[i].At.Before(lines[j].At) })
}

// forget drops what can't come again: events before the window.
func (r *logReader) forget(before time.Time) {
	ms := before.UnixMilli()
	r.echoes.forget(ms)
	r.looked.forget(ms)
	for id, at := range r.seen {
		if at < ms {
			delete(r.seen, id)
		}
	}
}
