package screen

import (
	"context"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
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
	Uses       []deploy.RevisionUse // of a revision of a task definition
	Contents   *backend.RepositoryContents
}

// listRow is a row as the columns see it.
type listRow[T any] struct {
	watch.Row[T]
	Extra extra
}

// list is the mechanism of every list screen: it watches, keeps the cursor by
// ref, filters, and shows old rows with a banner when they can't be read.
type list[T any] struct {
	env   *Env
	cfg   listConfig[T]
	table *widget.Table[listRow[T]]

	rows   Stream[watch.Snapshot[T]]
	more   Stream[map[string]extra]
	extras map[string]extra
	snap   watch.Snapshot[T]
	loaded bool

	input     *widget.Input
	filtering bool

	visible atomic.Pointer[visibleRows[T]] // what the watch's goroutine may read
	moved   chan struct{}                  // tells it that others are visible
	total   string
	come    chan struct{} // closed when the first row is visible
	here    bool          // it is
	readAt  atomic.Int64  // when the rows were read last, in Unix nanoseconds; it writes this
}

type visibleRows[T any] struct {
	refs  []string
	items []T
}

func newList[T any](env *Env, cfg listConfig[T]) *list[T] {
	l := &list[T]{
		env: env, cfg: cfg, extras: map[string]extra{}, come: make(chan struct{}),
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
		o := l.env.watchOptions(func() []string { return l.visible.Load().refs })
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
		for found := range l.cfg.extras(ctx, func() []T { return l.visible.Load().items }) {
			if !yield(found) {
				return
			}
		}
	}
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
	}
	return nil
}

// takeExtras replaces what is known beside the rows. What a row used stays until
// it is measured again, which takes the first two samples.
func (l *list[T]) takeExtras(found map[string]extra) {
	extras := make(map[string]extra, len(found)) // found is the reader's
	for ref, e := range found {
		if old := l.extras[ref]; e.Usage == nil && old.Usage != nil && l.env.Clock.Now().Sub(old.Usage.At) < usageFor {
			e.Usage = old.Usage
		}
		extras[ref] = e
	}
	l.extras = extras
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
		rows = append(rows, listRow[T]{r, l.extras[r.Ref]})
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
	v := &visibleRows[T]{}
	for _, r := range l.table.Visible() {
		v.refs = append(v.refs, r.Ref)
		if r.Loaded {
			v.items = append(v.items, r.Item)
		}
	}
	if old := l.visible.Swap(v); !slices.Equal(old.refs, v.refs) {
		select {
		case l.moved <- struct{}{}:
		default: // it has not looked since the last move
		}
	}
	if len(v.items) > 0 && !l.here {
		l.here = true
		close(l.come)
	}
}

func (l *list[T]) View(w, h int) string {
	head := l.banner(w)
	body := l.body(w, h-len(head))
	l.publishVisible()
	for _, line := range head {
		body = line + "\n" + body
	}
	return body
}

// banner says that the rows are old, and why.
func (l *list[T]) banner(w int) []string {
	if l.snap.Err == nil || !l.table.Loaded() {
		return nil
	}
	text := oneLine(l.snap.Err)
	if !l.snap.At.IsZero() {
		text = "from " + widget.Ago(l.env.Clock.Now(), l.snap.At) + " · " + text
	}
	return []string{widget.Banner(l.env.Theme, theme.Warning, text, w)}
}

func (l *list[T]) body(w, h int) string {
	switch {
	case l.table.Loaded():
		foot := l.foot(w, h)
		return strings.Join(append([]string{l.table.View(w, h-len(foot))}, foot...), "\n")
	case l.snap.Err != nil:
		return failurePage(l.env.Theme, l.snap.Err, "it is tried again by itself; ctrl+r tries now", w, h)
	default:
		return message(l.env.Theme, "reading "+l.cfg.many+" …", "", w, h)
	}
}

// footLines is how many lines of the row under the cursor are told in full,
// and footFrom in how high a list.
const (
	footLines = 3
	footFrom  = 12
)

// foot tells of the row under the cursor what its columns have no room for.
func (l *list[T]) foot(w, h int) []string {
	if l.cfg.detail == nil || h < footFrom || l.table.Len() == 0 {
		return nil
	}
	text := ""
	if r, ok := l.table.Cursor(); ok && r.Loaded {
		text = l.cfg.detail(r.Item)
	}
	return footOf(l.env.Theme, text, w)
}

// footOf tells something in full under a table.
func footOf(th *theme.Theme, text string, w int) []string {
	foot := make([]string, footLines)
	lines := widget.Wrap(text, w-3)
	if len(lines) > footLines {
		lines = lines[:footLines]
		lines[footLines-1] += th.Glyphs().Ellipsis
	}
	for i, line := range lines {
		foot[i] = widget.Cut("  "+th.Paint(theme.Muted, line), w)
	}
	return append([]string{widget.Rule(th, "", w)}, foot...)
}

// Capturing says whether the filter is being typed.
func (l *list[T]) Capturing() bool { return l.filtering }

// InputLine is the filter's line.
func (l *list[T]) InputLine(w int) string {
	return l.input.Line(widget.Plural(l.table.Len(), "match", "matches"), w)
}

// Escape clears the filter, then the selection.
func (l *list[T]) Escape() bool {
	switch {
	case l.table.FilterText() != "":
		l.input.Reset()
		l.table.Filter("")
	case l.table.SelectedCount() > 0:
		l.table.ClearSelection()
	default:
		return false
	}
	return true
}

// Note says which filter is on, and how many rows are selected.
func (l *list[T]) Note() (beside, right string) {
	if f := l.table.FilterText(); f != "" && !l.filtering {
		beside = "filter: " + f
	}
	if n := l.table.SelectedCount(); n > 0 {
		right = widget.Count(n) + " selected"
	} else if at := l.readAt.Load(); at > 0 && l.snap.Err == nil {
		right = "refreshed " + widget.Ago(l.env.Clock.Now(), time.Unix(0, at))
	}
	return beside, right
}

// Count is the number of rows, for the header.
func (l *list[T]) Count() string {
	if !l.table.Loaded() {
		return ""
	}
	if l.cfg.count != nil {
		return l.total
	}
	if l.snap.Partial {
		return widget.Count(l.table.Len()) + "+ " + l.cfg.many + l.total
	}
	return widget.Plural(l.table.Len(), l.cfg.one, l.cfg.many) + l.total
}

// Actions are the list's own keys around those of its kind.
func (l *list[T]) Actions() []Action {
	var out []Action
	if l.cfg.enter != nil {
		out = append(out, Action{
			Keys: []string{"enter"}, Name: l.cfg.enterName, Help: "go into the " + l.cfg.one, Group: groupGo, Footer: true,
			Disabled: l.needEntry, Run: func() tea.Cmd { r, _ := l.table.Cursor(); return l.cfg.enter(r) },
		})
	}
	if l.cfg.actions != nil {
		out = append(out, l.cfg.actions(l)...)
	}
	return append(out,
		Action{Keys: []string{"/"}, Name: "filter", Help: "show only rows that contain these words", Group: groupView, Footer: true, Run: func() tea.Cmd {
			l.filtering = true
			l.input.Focus()
			return nil
		}},
		Action{Keys: []string{"ctrl+r"}, Name: "refresh", Help: "read everything again now", Group: groupView, Run: l.Init},
		keyHelp("o", "sort", "by the next column; O turns the order round", l.pressTable),
		keyHelp("space", "select", "for actions on several rows", l.pressTable),
	)
}

// keyHelp is an action that a widget does by itself when its key is pressed.
func keyHelp(key, name, help string, press func(string)) Action {
	return Action{Keys: []string{key}, Name: name, Help: help, Group: groupView, Run: func() tea.Cmd {
		press(key)
		return nil
	}}
}

// pressTable hands a key that an action stands for to the table.
func (l *list[T]) pressTable(key string) {
	k := tea.KeyPressMsg{Text: key, Code: []rune(key)[0]}
	if key == "space" {
		k = tea.KeyPressMsg{Text: " ", Code: tea.KeySpace}
	}
	l.table.Key(k)
}

// needRow is the reason of actions that work on the row under the cursor.
func (l *list[T]) needRow() string {
	r, ok := l.table.Cursor()
	switch {
	case !ok:
		return "no " + l.cfg.one + " is under the cursor"
	case !r.Loaded:
		return "it is still being read"
	}
	return ""
}

// needEntry is needRow for going into a row.
func (l *list[T]) needEntry() string {
	if _, ok := l.table.Cursor(); ok && l.cfg.byRef {
		return ""
	}
	return l.needRow()
}

// current is the item under the cursor.
func (l *list[T]) current() T {
	r, _ := l.table.Cursor()
	return r.Item
}

// chosen are the selected items, or the one under the cursor.
func (l *list[T]) chosen() []T {
	var out []T
	for _, r := range l.table.Selected() {
		if r.Loaded {
			out = append(out, r.Item)
		}
	}
	return out
}

// since is an age as columns show it, "–" for never.
func since(env *Env, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return widget.Age(env.Clock.Now().Sub(t))
}
