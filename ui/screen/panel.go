package screen

import (
	"context"
	"iter"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// panel is a part of a screen that is read by itself, again and again: when it
// can't be read, the other parts stay, and what it had read stays with its age.
// The zero value reads nothing.
type panel[T any] struct {
	value  T
	loaded bool
	err    error
	at     time.Time // when it became what it is

	stream Stream[watch.Snapshot[T]]
	readAt atomic.Int64 // when it was read last, in Unix nanoseconds; its goroutine writes this
}

// start reads now, and then every so often. Something that tells of its changes
// itself is read when it does.
func (p *panel[T]) start(env *Env, every time.Duration, read func(context.Context) (T, error)) tea.Cmd {
	p.stream.Keep = 1
	return p.stream.Start(env.Ctx, func(ctx context.Context) iter.Seq[watch.Snapshot[T]] {
		o := env.watchOptions(nil)
		o.Interval, o.Timeout = every, callTimeout
		o.Read = func(at time.Time) { p.readAt.Store(at.UnixNano()) }
		return watchOne(ctx, read, o)
	})
}

// watchOne watches something that is read whole.
func watchOne[T any](ctx context.Context, read func(context.Context) (T, error), o watch.Options) iter.Seq[watch.Snapshot[T]] {
	const ref = "it"
	return watch.List(ctx, watch.Source[T]{
		List: func(context.Context, backend.PageRequest) (backend.Page[string], error) {
			return backend.Page[string]{Items: []string{ref}}, nil
		},
		Describe: func(ctx context.Context, _ []string) ([]T, error) {
			v, err := read(ctx)
			if err != nil {
				return nil, err
			}
			return []T{v}, nil
		},
		Ref: func(T) string { return ref }, Batch: 1,
	}, o)
}

// refreshed says when the value was read last, "" while it can't be.
func (p *panel[T]) refreshed(env *Env) string {
	at := p.readAt.Load()
	if at == 0 || p.err != nil {
		return ""
	}
	return refreshedAt(env, at)
}

// refreshedAt says how long ago something was read, in Unix nanoseconds.
func refreshedAt(env *Env, at int64) string {
	return "refreshed " + widget.Ago(env.Clock.Now(), time.Unix(0, at))
}

// stop ends the reading; what was read stays.
func (p *panel[T]) stop() { p.stream.Stop() }

// receive takes a message, and says whether it was the panel's.
func (p *panel[T]) receive(msg tea.Msg) (next tea.Cmd, mine bool) {
	snaps, _, next, mine := p.stream.Receive(msg)
	if !mine || len(snaps) == 0 {
		return next, mine
	}
	s := snaps[len(snaps)-1]
	p.err = s.Err
	if items := s.Items(); len(items) > 0 {
		p.value, p.loaded, p.at = items[0], true, s.At
	}
	return next, true
}

// banner says that what is shown is old, and why.
func (p *panel[T]) banner(env *Env, w int) []string {
	if p.err == nil || !p.loaded {
		return nil
	}
	text := oneLine(p.err)
	if !p.at.IsZero() {
		text = "from " + widget.Ago(env.Clock.Now(), p.at) + " · " + text
	}
	return []string{widget.Banner(env.Theme, theme.Warning, text, w)}
}

// page draws the panel on a page of its own: draw draws what was read.
func (p *panel[T]) page(env *Env, what string, w, h int, draw func(w, h int) string) string {
	switch {
	case p.loaded:
		head := p.banner(env, w)
		body := draw(w, h-len(head))
		for _, line := range head {
			body = line + "\n" + body
		}
		return body
	case p.err != nil:
		return failurePage(env.Theme, p.err, "it is tried again by itself; ctrl+r tries now", w, h)
	default:
		return message(env.Theme, "reading "+what+" …", "", w, h)
	}
}

// factLines are labels with their values, as many lines as the values need.
func factLines(th *theme.Theme, rows [][2]string, w int) []string {
	const label = 10
	var out []string
	for _, r := range rows {
		for i, line := range widget.Wrap(r[1], max(10, w-label-3)) {
			name := ""
			if i == 0 {
				name = r[0]
			}
			out = append(out, " "+th.Paint(theme.Muted, widget.Pad(name, label))+" "+line)
		}
	}
	return out
}
