package ecsapi

import (
	"context"
	"fmt"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

type getEventsInput struct {
	Group      string `json:"logGroupName"`
	Identifier string `json:"logGroupIdentifier"`
	Stream     string `json:"logStreamName"`
	Start      int64  `json:"startTime"`
	End        int64  `json:"endTime"`
	FromHead   bool   `json:"startFromHead"`
	Limit      int    `json:"limit"`
	Token      string `json:"nextToken"`
}

// getLogEvents reads one stream forwards or backwards. Both tokens come with
// every answer; at an end the token comes back that was sent.
func (h *Handler) getLogEvents(ctx context.Context, in *getEventsInput) (any, error) {
	group := groupName(in.Group, in.Identifier)
	limit, err := limited(in.Limit, mostEvents)
	if err != nil {
		return nil, err
	}
	scope := fmt.Sprintf("GetLogEvents %q %q", group, in.Stream)
	forward := in.FromHead
	token := in.Token
	switch {
	case strings.HasPrefix(token, "f/"):
		forward = true
	case strings.HasPrefix(token, "b/"):
		forward = false
	case token != "":
		return nil, invalidf("The specified nextToken is invalid.")
	}
	at, err := readMark(scope, strings.TrimPrefix(strings.TrimPrefix(token, "f/"), "b/"))
	if err != nil {
		return nil, err
	}
	streams, err := h.find(ctx, group, []string{in.Stream}, "")
	if err != nil {
		return nil, err
	}
	win := window{from: fromMillis(in.Start), to: fromMillis(in.End), limit: limit}
	var events []event
	var before mark // how many events at the time of the first stand before it
	if forward {
		win.after = at
		win.match = func(string) bool { return true }
		events, _, err = h.read(ctx, streams, win)
		before = at
	} else {
		events, before, err = h.last(ctx, streams, win, at)
	}
	if err != nil {
		return nil, err
	}
	back, ahead := at, at
	if len(events) > 0 {
		back = mark{At: events[0].at}
		if before.At.Equal(back.At) {
			back.N = before.N
		}
		ahead = markAfter(events, len(events))
		if ahead.At.Equal(back.At) {
			ahead.N += back.N
		}
	}
	return obj{
		"events":            eventShapes(events, false),
		"nextForwardToken":  "f/" + seal(scope, ahead.String()),
		"nextBackwardToken": "b/" + seal(scope, back.String()),
	}, nil
}

// last gives the last events of a window that stand before a mark; the zero
// mark is the end. It also says how many of the first one's time stand before
// it.
func (h *Handler) last(ctx context.Context, streams []stream, win window, before mark) ([]event, mark, error) {
	q := backend.LogQuery{Since: win.from}
	if before.At.IsZero() && win.to.IsZero() {
		q.Tail = win.limit
	}
	var t tail
	atMark := 0
	err := h.lines(ctx, streams, q, func(e event) bool {
		switch {
		case !win.to.IsZero() && !e.at.Before(win.to), !before.At.IsZero() && e.at.After(before.At):
			return false
		case e.at.Equal(before.At):
			if atMark++; atMark > before.N {
				return false
			}
		}
		t.events = append(t.events, e)
		if len(t.events) > 2*win.limit+1000 {
			t.keep(win.limit)
		}
		return true
	})
	if err != nil {
		return nil, mark{}, err
	}
	size, n := 0, 0
	for i := len(t.events) - 1; i >= 0 && n < win.limit; i-- {
		size += len(t.events[i].text) + eventBytes
		if n > 0 && size > mostLogBytes {
			break
		}
		n++
	}
	t.keep(n)
	if n == 0 {
		return nil, mark{}, nil
	}
	return t.events, mark{t.events[0].at, t.ties}, nil
}

// tail is the end of a log, and how many events of the first one's time were
// dropped before it.
type tail struct {
	events []event
	ties   int
}

// keep drops all but the last n events.
func (t *tail) keep(n int) {
	drop := len(t.events) - n
	if drop <= 0 {
		return
	}
	if n > 0 {
		first := t.events[drop].at
		if !first.Equal(t.events[0].at) {
			t.ties = 0
		}
		for i := drop - 1; i >= 0 && t.events[i].at.Equal(first); i-- {
			t.ties++
		}
	}
	t.events = append([]event(nil), t.events[drop:]...)
}
