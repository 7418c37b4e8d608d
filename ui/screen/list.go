package screen

import (
	"context"
	"iter"
	"slices"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// listConfig is a list screen as data.
type listConfig[T any] struct {
	crumb       string
	one, many   string // nouns for the count
	columns     []widget.Column[listRow[T]]
	watch       func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[T]]
	extras      func(ctx context.Context, visible func() []T) iter.Seq[map[string]extra] // nil: none
	actions     func(l *list[T]) []Action
	enter       func(row listRow[T]) tea.Cmd
	enterName   string
	byRef       bool                           // enter needs no more than the row's ref
	keep        func(T) bool                   // rows that are shown; nil shows all
	first       func(ref string) bool          // the row that the cursor starts on; nil: the first one
	total       func(rows []listRow[T]) string // told of all rows beside their count, computed when they come; nil: nothing
	count       func(rows []listRow[T]) string // in the place of both; nil: they are told
	detail      func(T) string                 // what is told in full of the row under the cursor; nil: nothing
	empty, hint string
}

// extra is what is known of a row beyond its own document: what it uses, its
// newest deployment, and a name for the image that this one runs.
type extra struct {
	Usage      *backend.Usage
	Deployment *backend.ServiceDeployment
	Image      string
	Origin     deploy.Origin        // of the revision that a deployment brought
	Unfit      bool                 // the smoke check of what a deployment brought failed
	Uses       []deploy.RevisionUse // of a revision of a task definition
	Contents   *backend.RepositoryContents
}

// listRow is a row as the columns see it. It is two pointers, since a list of
// thousands makes all of its rows anew when one is different. Neither is nil.
type listRow[T any] struct {
	*watch.Row[T]
	Extra *extra
}

// noExtra is what is known of a row beyond its document before anything is.
var noExtra extra

// list is the mechanism of every list screen: it watches, keeps the cursor by
// ref, filters, and shows old rows with a banner when they can't be read.
type list[T any] struct {
	env   *Env
	cfg   listConfig[T]
	table *widget.Table[listRow[T]]
	head  int // lines over the table, in the last frame

	rows   Stream[watch.Snapshot[T]]
	more   Stream[map[string]extra]
	extras map[string]*extra
	snap   watch.Snapshot[T]
	loaded bool

	input     *widget.Input
	filtering bool

	visible atomic.Pointer[visibleRows[T]] // what the watch's goroutine may read
	moved   chan struct{}                  // tells it that others are visible
	total   string
	come    chan struct{} // closed when the first row is visible
	here    bool          // it is
	shown   chan struct{} // closed then, and when there is none to come
	over    bool          // it is
	readAt  atomic.Int64  // when the rows were read last, in Unix nanoseconds; it writes this
}

// visibleRows are the rows on screen; they are made at every key, so that what
// is in them is only copied for who asks.
type visibleRows[T any] []*watch.Row[T]

func (v visibleRows[T]) refs() []string {
	refs := make([]string, len(v))
	for i, r := range v {
		refs[i] = r.Ref
	}
	return refs
}

func (v visibleRows[T]) items() []T {
	items := make([]T, 0, len(v))
	for _, r := range v {
		if r.Loaded {
			items = append(items, r.Item)
		}
	}
	return items
}

func newList[T any](env *Env, cfg listConfig[T]) *list[T] {
	l := &list[T]{
		env: env, cfg: cfg, extras: map[string]*extra{}, come: make(chan struct{}), shown: make(chan struct{}),
		rows: Stream[watch.Snapshot[T]]{Keep: 1}, more: Stream[map[string]extra]{Keep: 1},
		table: widget.NewTable(env.Theme, cfg.columns, func(r listRow[T]) string { return r.Ref }),
		input: widget.NewInput(env.Theme, "/", "filter; !word leaves out"),
		moved: make(chan struct{}, 1),
	}
	l.table.SetEmpty(cfg.empty, cfg.hint)
	l.visible.Store(&visibleRows[T]{})
	return l
}

func (l *list[T]) Crumb() string { return l.cfg.crumb }

// Init starts the watch.
func (l *list[T]) Init() tea.Cmd {
	cmds := []tea.Cmd{l.rows.Start(l.env.Ctx, func(ctx context.Context) iter.Seq[watch.Snapshot[T]] {
		o := l.env.watchOptions(func() []string { return l.visible.Load().refs() })
		o.Moved = l.moved
		o.Read = func(at time.Time) { l.readAt.Store(at.UnixNano()) }
		return l.cfg.watch(ctx, o)
	})}
	if l.cfg.extras != nil {
		cmds = append(cmds, l.more.Start(l.env.Ctx, l.readExtras))
	}
	return tea.Batch(cmds...)
}

// readExtras reads what stands beside the rows, once there are any.
func (l *list[T]) readExtras(ctx context.Context) iter.Seq[map[string]extra] {
	return func(yield func(map[string]extra) bool) {
		select {
		case <-ctx.Done():
			return
		case <-l.come:
		}
		if !LetFrameOut(ctx, l.env) {
			return
		}
		for found := range l.cfg.extras(ctx, func() []T { return l.visible.Load().items() }) {
			if !yield(found) {
				return
			}
		}
	}
}

// items are what was read last, in its order.
func (l *list[T]) items() []T {
	out := make([]T, 0, len(l.snap.Rows))
	for _, r := range l.snap.Rows {
		out = append(out, r.Item)
	}
	return out
}

// Close ends the watch; the rows stay for when the screen comes back.
func (l *list[T]) Close() {
	l.rows.Stop()
	l.more.Stop()
}

func (l *list[T]) Update(msg tea.Msg) tea.Cmd {
	if snaps, done, next, mine := l.rows.Receive(msg); mine {
		if !done && len(snaps) > 0 {
			l.snap, l.loaded = snaps[len(snaps)-1].Over(l.snap), true
			l.setRows()
		}
		return next
	}
	if found, _, next, mine := l.more.Receive(msg); mine {
		if len(found) > 0 {
			l.takeExtras(found[len(found)-1])
			l.setRows()
		}
		return next
	}
	if again, ok := msg.(reread[T]); ok && again.list == l {
		return l.Init()
	}
	if l.filtering {
		return l.typeFilter(msg)
	}
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		l.table.Key(msg)
		l.publishVisible()
	case tea.MouseWheelMsg:
		l.table.Move(wheel(msg))
		l.publishVisible()
	case Click:
		l.table.Click(msg.Line - l.head)
	}
	return nil
}

// takeExtras replaces what is known beside the rows. What a row used stays until
// it is measured again, which takes the first two samples.
func (l *list[T]) takeExtras(found map[string]extra) {
	extras := make(map[string]*extra, len(found)) // found is the reader's
	for ref, e := range found {
		if old := l.extra(ref); e.Usage == nil && old.Usage != nil && l.env.Clock.Now().Sub(old.Usage.At) < usageFor {
			e.Usage = old.Usage
		}
		extras[ref] = &e
	}
	l.extras = extras
}

// extra is what is known of a row beyond its document.
func (l *list[T]) extra(ref string) *extra {
	if e := l.extras[ref]; e != nil {
		return e
	}
	return &noExtra
}

func (l *list[T]) typeFilter(msg tea.Msg) tea.Cmd {
	cmd, result := l.input.Update(msg)
	switch result {
	case widget.Dismissed:
		l.input.Reset()
		l.filtering = false
	case widget.Accepted:
		l.filtering = false
		l.table.Move(0) // the cursor stays on what was found
	}
	l.table.Filter(l.input.Value())
	if !l.filtering {
		l.input.Blur()
	}
	return cmd
}

// setRows gives the table what was read, with what is known beside it.
func (l *list[T]) setRows() {
	rows := make([]listRow[T], 0, len(l.snap.Rows))
	for _, r := range l.snap.Rows {
		if r.Loaded && l.cfg.keep != nil && !l.cfg.keep(r.Item) {
			continue
		}
		rows = append(rows, listRow[T]{r, l.extra(r.Ref)})
	}
	if !l.loaded || l.snap.Err != nil && len(rows) == 0 {
		return
	}
	if !l.table.Loaded() && l.cfg.first != nil {
		if i := slices.IndexFunc(rows, func(r listRow[T]) bool { return l.cfg.first(r.Ref) }); i >= 0 {
			l.table.SetCursor(rows[i].Ref)
		}
	}
	l.table.SetRows(rows)
	switch {
	case l.cfg.count != nil:
		l.total = l.cfg.count(rows)
	case l.cfg.total != nil:
		l.total = ""
		if text := l.cfg.total(rows); text != "" {
			l.total = " · " + text
		}
	}
}

// publishVisible tells the watch which rows are on screen.
func (l *list[T]) publishVisible() {
	shown := l.table.Visible()
	v := make(visibleRows[T], len(shown))
	for i, r := range shown {
		v[i] = r.Row
	}
	sameRef := func(a, b *watch.Row[T]) bool { return a.Ref == b.Ref }
	if old := l.visible.Swap(&v); !slices.EqualFunc(*old, v, sameRef) {
		select {
		case l.moved <- struct{}{}:
		default: // it has not looked since the last move
		}
	}
	if !l.here && slices.ContainsFunc(v, func(r *watch.Row[T]) bool { return r.Loaded }) {
		l.here = true
		close(l.come)
	}
	if empty := l.loaded && len(l.snap.Rows) == 0; !l.over && (l.here || empty || l.snap.Err != nil) {
		l.over = true
		close(l.shown)
	}
}

// Shown is closed when the first rows are on screen with their details, or it is
// known that none come.
func (l *list[T]) Shown() <-chan struct{} { return l.shown }

// since is an age as columns show it, "–" for never.
func since(env *Env, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return widget.Age(env.Clock.Now().Sub(t))
}
