package ecsapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream/eventstreamapi"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Limits of StartLiveTail, from its API reference.
const (
	mostLiveGroups = 10
	mostLiveEvents = 500 // a second; what is over it is left out, and sampled says so
	liveEvery      = time.Second
	liveLook       = 2 * time.Second // for streams of tasks that are new
)

// streamed is an answer that goes on: it writes itself until ctx ends.
type streamed func(ctx context.Context, w http.ResponseWriter)

type liveTailInput struct {
	Groups   []string `json:"logGroupIdentifiers"`
	Streams  []string `json:"logStreamNames"`
	Prefixes []string `json:"logStreamNamePrefixes"`
	Pattern  string   `json:"logEventFilterPattern"`
}

// wants says whether a stream was asked for.
func (in *liveTailInput) wants(s stream) bool {
	if len(in.Streams)+len(in.Prefixes) == 0 || slices.Contains(in.Streams, s.name) {
		return true
	}
	return slices.ContainsFunc(in.Prefixes, func(p string) bool { return strings.HasPrefix(s.name, p) })
}

func (h *Handler) startLiveTail(ctx context.Context, in *liveTailInput) (any, error) {
	match, err := pattern(in.Pattern)
	switch {
	case err != nil:
		return nil, err
	case len(in.Groups) == 0 || len(in.Groups) > mostLiveGroups:
		return nil, invalidf("logGroupIdentifiers must have 1 to %d elements.", mostLiveGroups)
	case len(in.Streams) > 0 && len(in.Prefixes) > 0:
		return nil, invalidf("logStreamNames and logStreamNamePrefixes exclude each other.")
	case len(in.Streams)+len(in.Prefixes) > 0 && len(in.Groups) > 1:
		return nil, invalidf("logStreamNames and logStreamNamePrefixes go with a single log group.")
	}
	ix := h.index()
	for _, id := range in.Groups {
		if !strings.HasPrefix(id, "arn:") {
			return nil, invalidf("logGroupIdentifiers: %q is no ARN of a log group.", backend.Clean(id))
		}
		if err := ix.exists(ctx, groupName("", id)); err != nil {
			return nil, err
		}
	}
	return streamed(func(ctx context.Context, w http.ResponseWriter) {
		t := &liveTail{h: h, in: in, match: match, out: w, events: make(chan liveEvent, mostLiveEvents), open: map[string]bool{}, since: h.clock.Now()}
		t.run(ctx)
	}), nil
}

// liveTail is one session.
type liveTail struct {
	h     *Handler
	in    *liveTailInput
	match func(string) bool
	out   http.ResponseWriter
	since time.Time

	events chan liveEvent
	open   map[string]bool // streams that are followed, by group and name
}

type liveEvent struct {
	event
	group string // as it was named
}

func (t *liveTail) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t.out.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
	t.out.WriteHeader(http.StatusOK)
	start := obj{
		"requestId": requestID(), "sessionId": requestID(), "logGroupIdentifiers": t.in.Groups,
		"logStreamNames": listed(t.in.Streams), "logStreamNamePrefixes": listed(t.in.Prefixes), "logEventFilterPattern": t.in.Pattern,
	}
	if !t.send("initial-response", obj{}) || !t.send("sessionStart", start) {
		return
	}
	t.look(ctx)
	var results []any
	sampled := false
	looked := t.h.clock.Now()
	tick := t.h.clock.After(liveEvery)
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-t.events:
			if sampled = sampled || len(results) == mostLiveEvents; !sampled {
				results = append(results, obj{
					"logGroupIdentifier": e.group, "logStreamName": e.stream, "message": e.text,
					"timestamp": millis(e.at), "ingestionTime": millis(e.at),
				})
			}
		case now := <-tick:
			update := obj{"sessionMetadata": obj{"sampled": sampled}, "sessionResults": append([]any{}, results...)}
			if !t.send("sessionUpdate", update) {
				return
			}
			results, sampled = nil, false
			if now.Sub(looked) >= liveLook {
				looked = now
				t.look(ctx)
			}
			tick = t.h.clock.After(liveEvery)
		}
	}
}

// look follows the streams that are not followed yet. What can't be read now is
// looked for again.
func (t *liveTail) look(ctx context.Context) {
	ix := t.h.index()
	for _, id := range t.in.Groups {
		streams, err := ix.streams(ctx, groupName("", id))
		if err != nil {
			continue
		}
		for _, s := range streams {
			key := s.group + "\x00" + s.name
			if t.open[key] || !t.in.wants(s) {
				continue
			}
			t.open[key] = true
			go t.follow(ctx, id, s) // ends with ctx
		}
	}
}

func (t *liveTail) follow(ctx context.Context, group string, s stream) {
	_ = t.h.lines(ctx, []stream{s}, backend.LogQuery{Since: t.since, Follow: true}, func(e event) bool {
		if !t.match(e.text) {
			return true
		}
		select {
		case t.events <- liveEvent{e, group}:
			return true
		case <-ctx.Done():
			return false
		}
	}) // a stream that can't be followed is silent
}

// send writes one event; false where nobody is there to read it.
func (t *liveTail) send(kind string, payload obj) bool {
	body, err := json.Marshal(payload)
	if err != nil {
		return false
	}
	m := eventstream.Message{Payload: body}
	m.Headers.Set(eventstreamapi.MessageTypeHeader, eventstream.StringValue(eventstreamapi.EventMessageType))
	m.Headers.Set(eventstreamapi.EventTypeHeader, eventstream.StringValue(kind))
	m.Headers.Set(eventstreamapi.ContentTypeHeader, eventstream.StringValue("application/x-amz-json-1.1"))
	if eventstream.NewEncoder().Encode(t.out, m) != nil {
		return false
	}
	return http.NewResponseController(t.out).Flush() == nil
}
