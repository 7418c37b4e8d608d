package ecsapi

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// event is one line of a stream.
type event struct {
	at           time.Time
	stream, text string
}

// lines calls fn for what the containers of streams wrote, in the order of
// time within each cluster, until it returns false.
func (h *Handler) lines(ctx context.Context, streams []stream, q backend.LogQuery, fn func(event) bool) error {
	type key struct{ id, container string }
	byCluster := map[string][]stream{}
	names := map[key]string{}
	for _, s := range streams {
		byCluster[s.cluster] = append(byCluster[s.cluster], s)
		names[key{s.id, s.container}] = s.name
	}
	for cluster, part := range byCluster {
		q.Cluster, q.Tasks, q.Container = cluster, nil, part[0].container
		for _, s := range part {
			if !slices.Contains(q.Tasks, s.task) {
				q.Tasks = append(q.Tasks, s.task)
			}
			if s.container != q.Container {
				q.Container = "" // more than one: they are told apart below
			}
		}
		for batch, err := range h.b.Logs(ctx, q) {
			if err != nil {
				return err
			}
			more := true
			for _, l := range batch.Lines {
				if name, ours := names[key{l.Task, l.Container}]; ours && more {
					more = fn(event{l.At, name, l.Text})
				}
			}
			if !more {
				break
			}
		}
	}
	return nil
}

// mark is a place in a log: the n-th event of those with this time.
type mark struct {
	At time.Time `json:"at"`
	N  int       `json:"n"`
}

func (m mark) String() string {
	out, _ := json.Marshal(m) // two plain values
	return string(out)
}

func readMark(scope, token string) (mark, error) {
	text, err := unseal(scope, token)
	var m mark
	if err == nil && text != "" {
		if json.Unmarshal([]byte(text), &m) != nil {
			err = invalidf("The specified nextToken is invalid.")
		}
	}
	return m, err
}

// window is what to read of a log.
type window struct {
	from, to time.Time // to is exclusive; zero is open
	after    mark      // events up to here were delivered already
	limit    int
	match    func(text string) bool
}

// read gives the first events of a window in the order of time, and where to
// go on; next is the zero mark at the end.
func (h *Handler) read(ctx context.Context, streams []stream, win window) (events []event, next mark, err error) {
	from := win.from
	if win.after.At.After(from) {
		from = win.after.At
	}
	perCluster := map[string]int{}
	clusterOf := map[string]string{}
	for _, s := range streams {
		clusterOf[s.name] = s.cluster
	}
	// Ties are read to their end, so that they can be put into one order.
	last := map[string]time.Time{}
	err = h.lines(ctx, streams, backend.LogQuery{Since: from}, func(e event) bool {
		c := clusterOf[e.stream]
		if e.at.Before(from) || !win.to.IsZero() && !e.at.Before(win.to) || !win.match(e.text) {
			return win.to.IsZero() || e.at.Before(win.to)
		}
		if perCluster[c] > win.limit+win.after.N && e.at.After(last[c]) {
			return false
		}
		perCluster[c]++
		last[c] = e.at
		events = append(events, e)
		return true
	})
	if err != nil {
		return nil, mark{}, err
	}
	inOrder(events)
	skip := 0
	for skip < len(events) && skip < win.after.N && events[skip].at.Equal(win.after.At) {
		skip++
	}
	whole := events
	events = events[skip:]
	n := fits(events, win.limit)
	if n == len(events) {
		return events, mark{}, nil
	}
	return events[:n], markAfter(whole, skip+n), nil
}

// inOrder sorts by time, and ties by stream: the order of every page.
func inOrder(events []event) {
	slices.SortStableFunc(events, func(a, b event) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return strings.Compare(a.stream, b.stream)
	})
}

// markAfter is the place behind the first n events.
func markAfter(events []event, n int) mark {
	m := mark{At: events[n-1].at}
	for i := n - 1; i >= 0 && events[i].at.Equal(m.At); i-- {
		m.N++
	}
	return m
}

// fits says how many events go into one answer: at least one, so that a reader
// gets on.
func fits(events []event, limit int) int {
	size := 0
	for i, e := range events {
		size += len(e.text) + eventBytes
		if i == limit || i > 0 && size > mostLogBytes {
			return i
		}
	}
	return len(events)
}

type filterInput struct {
	Group      string   `json:"logGroupName"`
	Identifier string   `json:"logGroupIdentifier"`
	Streams    []string `json:"logStreamNames"`
	Prefix     string   `json:"logStreamNamePrefix"`
	Start      int64    `json:"startTime"`
	End        int64    `json:"endTime"`
	Pattern    string   `json:"filterPattern"`
	Limit      int      `json:"limit"`
	Token      string   `json:"nextToken"`
}

func (h *Handler) filterLogEvents(ctx context.Context, in *filterInput) (any, error) {
	group := groupName(in.Group, in.Identifier)
	switch {
	case group == "":
		return nil, invalidf("logGroupName cannot be empty.")
	case in.Prefix != "" && len(in.Streams) > 0:
		return nil, invalidf("logStreamNames and logStreamNamePrefix exclude each other.")
	case len(in.Streams) > mostStreams:
		return nil, invalidf("logStreamNames cannot contain more than %d elements.", mostStreams)
	}
	match, err := pattern(in.Pattern)
	if err != nil {
		return nil, err
	}
	limit, err := limited(in.Limit, mostEvents)
	if err != nil {
		return nil, err
	}
	scope := fmt.Sprintf("FilterLogEvents %q %q %q %d %d %q", group, in.Streams, in.Prefix, in.Start, in.End, in.Pattern)
	after, err := readMark(scope, in.Token)
	if err != nil {
		return nil, err
	}
	streams, err := h.find(ctx, group, in.Streams, in.Prefix)
	if err != nil {
		return nil, err
	}
	events, next, err := h.read(ctx, streams, window{
		from: fromMillis(in.Start), to: after1ms(in.End), after: after, limit: limit, match: match,
	})
	if err != nil {
		return nil, err
	}
	out := obj{"events": eventShapes(events, true), "searchedLogStreams": []any{}}
	if next.At.IsZero() {
		return out, nil
	}
	return out.put("nextToken", seal(scope, next.String())), nil
}

// after1ms turns CloudWatch's last millisecond into a bound that is exclusive.
func after1ms(ms int64) time.Time {
	at := fromMillis(ms)
	if at.IsZero() {
		return at
	}
	return at.Add(time.Millisecond)
}

// limited reads a limit; 0 is the most.
func limited(limit, most int) (int, error) {
	if limit < 0 || limit > most {
		return 0, invalidf("limit must be between 1 and %d.", most)
	}
	if limit == 0 {
		limit = most
	}
	return limit, nil
}

// find gives the streams that a filter names, all of the group when it names
// none.
func (h *Handler) find(ctx context.Context, group string, names []string, prefix string) ([]stream, error) {
	ix := h.index()
	if len(names) > 0 {
		streams, err := ix.named(ctx, group, names)
		if err != nil || len(streams) > 0 {
			return streams, err
		}
		if err := ix.exists(ctx, group); err != nil {
			return nil, err
		}
		return nil, noSuchStream()
	}
	streams, err := ix.streams(ctx, group)
	return slices.DeleteFunc(streams, func(s stream) bool { return !strings.HasPrefix(s.name, prefix) }), err
}

// eventShapes are events as answers have them. The same line has the same id
// in every answer.
func eventShapes(events []event, filtered bool) []any {
	seen := map[event]int{}
	return each(events, func(e event) obj {
		o := obj{"timestamp": millis(e.at), "ingestionTime": millis(e.at), "message": e.text}
		if filtered {
			n := seen[e]
			seen[e]++
			hash := fnv.New64a()
			_, _ = fmt.Fprintf(hash, "%s\x00%s\x00%d", e.stream, e.text, n)
			o["logStreamName"], o["eventId"] = e.stream, fmt.Sprintf("%020d%020d", e.at.UnixNano(), hash.Sum64())
		}
		return o
	})
}
