package watch

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	// parallel is how many describe calls are open at once.
	parallel = 4
	// refreshCalls bounds the describe calls of a turn where calls are counted:
	// what is left over has its turn next time. With them goes one page of the
	// list.
	refreshCalls = 2
)

// watcher is one watch. Everything in it belongs to one goroutine.
type watcher[T any] struct {
	src   Source[T]
	o     Options
	clock backend.Clock
	yield func(Snapshot[T]) bool

	rows     []*Row[T]       // as they were yielded: another row takes the place of one that changes
	index    map[string]int  // ref → row; nil when rows came, went or moved since it was made
	slim     map[string]bool // refs whose items were slimmed
	whole    map[string]bool // refs whose items were not, where they can be
	at       time.Time       // of the last read without an error
	err      error
	yielded  bool
	failures int
	offset   int // where the next bounded refresh begins

	paging *paging // a list that is being read
	listed bool    // the whole list was read once
}

// paging is a list of which some pages have been read.
type paging struct {
	token string
	refs  []string
}

func (w *watcher[T]) bounded() bool { return w.o.Background > 0 }

// turn reads once and yields what is different. It says whether to go on.
func (w *watcher[T]) turn(ctx context.Context) bool {
	changed, err := w.list(ctx)
	if err == nil && changed && len(w.rows) > w.src.Batch && !w.emit(nil) { // rows first, details follow
		return false
	}
	if err == nil {
		first, rest := w.wanted()
		var diff bool
		if diff, err = w.describe(ctx, first, false); diff {
			if !w.emit(err) {
				return false
			}
			changed = false
		}
		if err == nil && len(rest) > 0 && ctx.Err() == nil {
			diff, err = w.describe(ctx, rest, true)
			changed = changed || diff
		}
	}
	return ctx.Err() == nil && w.settle(changed, err)
}

// settle ends a turn: it yields what is left to yield, and keeps count of
// failures.
func (w *watcher[T]) settle(changed bool, err error) bool {
	hadErr := w.err != nil
	if err == nil {
		w.at, w.failures = w.clock.Now(), 0
		if w.o.Read != nil {
			w.o.Read(w.at)
		}
	} else {
		w.failures++
	}
	if changed || err != nil || hadErr || !w.yielded {
		return w.emit(err)
	}
	return true
}

// mostWhole is how many items may be whole that nobody looks at any more: going
// back a little finds them as they were.
const mostWhole = 200

// shed slims what was looked at and is not any more, once that is much.
func (w *watcher[T]) shed() {
	if len(w.whole) <= mostWhole || w.o.Visible == nil {
		return
	}
	seen := map[string]bool{}
	for _, ref := range w.o.Visible() {
		seen[ref] = true
	}
	for i, r := range w.rows {
		if w.whole[r.Ref] && !seen[r.Ref] {
			w.rows[i] = &Row[T]{Ref: r.Ref, Item: w.src.Slim(r.Item), Loaded: r.Loaded}
			w.slim[r.Ref] = true
		}
	}
	maps.DeleteFunc(w.whole, func(ref string, _ bool) bool { return !seen[ref] })
}

func (w *watcher[T]) emit(err error) bool {
	w.shed()
	if err == nil {
		w.at = w.clock.Now()
	}
	w.err, w.yielded = err, true
	return w.yield(Snapshot[T]{Rows: slices.Clone(w.rows), At: w.at, Err: err, Partial: !w.listed})
}

// list reads the refs and keeps what is known of those that are still there.
// Where calls are counted it reads one page: the first time, the others follow
// in the background; later on, one at each turn.
func (w *watcher[T]) list(ctx context.Context) (changed bool, err error) {
	if w.paging == nil {
		w.paging = &paging{}
	} else if w.bounded() && !w.listed {
		return false, nil // readOn goes on with it
	}
	for {
		diff, err := w.page(ctx)
		changed = changed || diff
		if err != nil {
			w.paging = nil
			return changed, err
		}
		if w.paging == nil || w.bounded() {
			return changed, nil
		}
	}
}

// page reads the next page of the list. Until the first list is whole, its
// pages are shown as they come; later ones take its place in one piece.
func (w *watcher[T]) page(ctx context.Context) (changed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, w.o.Timeout)
	defer cancel()
	p := w.paging
	got, err := w.src.List(ctx, backend.PageRequest{Token: p.token})
	if err != nil {
		return false, err
	}
	p.refs = append(p.refs, got.Items...)
	p.token = got.Next
	if got.Next != "" {
		if w.listed || !w.bounded() {
			return false, nil
		}
		return w.show(p.refs), nil
	}
	changed = w.show(p.refs)
	w.paging, w.listed = nil, true
	return changed, nil
}

// show makes rows of refs, with what is known of them. It says whether they are
// others than before. A list that changes while it is read may name one twice.
func (w *watcher[T]) show(refs []string) (changed bool) {
	if slices.EqualFunc(w.rows, refs, func(r *Row[T], ref string) bool { return r.Ref == ref }) {
		return false
	}
	before := w.byRef()
	rows, index := make([]*Row[T], 0, len(refs)), make(map[string]int, len(refs))
	for _, ref := range refs {
		if _, twice := index[ref]; twice {
			continue
		}
		row := &Row[T]{Ref: ref}
		if at, known := before[ref]; known {
			row = w.rows[at]
		}
		index[ref] = len(rows)
		rows = append(rows, row)
	}
	w.rows, w.index = rows, index
	return true
}

// wanted are the refs to describe in this turn: the visible ones, and after
// them what is not known yet or is changing.
func (w *watcher[T]) wanted() (first, rest []string) {
	if w.o.Visible == nil {
		for _, r := range w.rows {
			first = append(first, r.Ref)
		}
		return first, nil
	}
	byRef := w.byRef()
	seen := map[string]bool{}
	for _, ref := range w.o.Visible() {
		if _, listed := byRef[ref]; listed && !seen[ref] {
			seen[ref] = true
			first = append(first, ref)
		}
	}
	if len(first) == 0 && w.bounded() { // nothing is drawn yet: the top will be
		for _, r := range w.rows[:min(len(w.rows), parallel*w.src.Batch)] {
			seen[r.Ref] = true
			first = append(first, r.Ref)
		}
	}
	for _, r := range w.rows {
		if seen[r.Ref] {
			continue
		}
		if !r.Loaded && !w.bounded() || r.Loaded && (w.src.Changing == nil && !w.bounded() || w.src.Changing != nil && w.src.Changing(r.Item)) {
			rest = append(rest, r.Ref)
		}
	}
	if w.bounded() {
		return w.bound(byRef, first, rest)
	}
	return first, rest
}

// bound takes what is not known yet, and of the others as many as a refresh may
// cost, each in its turn.
func (w *watcher[T]) bound(byRef map[string]int, first, rest []string) (now, later []string) {
	var known []string
	for _, ref := range first {
		if i := byRef[ref]; !w.rows[i].Loaded || w.slim[ref] {
			now = append(now, ref)
		} else {
			known = append(known, ref)
		}
	}
	if len(now) > 0 {
		return now, nil
	}
	known = append(known, rest...)
	limit := refreshCalls * w.src.Batch
	if len(known) <= limit {
		return known, nil
	}
	from := w.offset % len(known)
	w.offset = from + limit
	turned := append(slices.Clone(known[from:]), known[:from]...)
	return turned[:limit], nil
}

func (w *watcher[T]) byRef() map[string]int {
	if w.index == nil {
		w.index = make(map[string]int, len(w.rows))
		for i, r := range w.rows {
			w.index[r.Ref] = i
		}
	}
	return w.index
}

// catchUp describes what has become visible and is not known, or not whole.
func (w *watcher[T]) catchUp(ctx context.Context) bool {
	if w.o.Visible == nil {
		return true
	}
	byRef := w.byRef()
	var refs []string
	for _, ref := range w.o.Visible() {
		if i, listed := byRef[ref]; listed && (!w.rows[i].Loaded || w.slim[ref]) {
			refs = append(refs, ref)
		}
	}
	if len(refs) == 0 {
		return true
	}
	changed, err := w.describe(ctx, refs, false)
	if ctx.Err() != nil {
		return false
	}
	return !changed && err == nil || w.emit(err)
}

// unfinished says that there is something to read in the background.
func (w *watcher[T]) unfinished() bool {
	return w.paging != nil && !w.listed || slices.ContainsFunc(w.rows, func(r *Row[T]) bool { return !r.Loaded })
}

// readOn makes one call for what nobody looks at: the next page of the list,
// or details of what is not known.
func (w *watcher[T]) readOn(ctx context.Context) bool {
	var changed bool
	var err error
	unhurried := backend.Background(ctx)
	if w.paging != nil && !w.listed {
		if changed, err = w.page(unhurried); err != nil {
			w.paging = nil
		}
	} else {
		refs := make([]string, 0, w.src.Batch)
		for _, r := range w.rows {
			if !r.Loaded && len(refs) < w.src.Batch {
				refs = append(refs, r.Ref)
			}
		}
		changed, err = w.describe(unhurried, refs, true)
	}
	switch {
	case ctx.Err() != nil:
		return false
	case err != nil:
		w.failures++
		return w.emit(err)
	case changed:
		return w.emit(nil)
	}
	return true
}

// describe reads refs in batches and takes over what it gets; what an answer
// leaves out is gone. A batch that fails leaves its rows as they were.
func (w *watcher[T]) describe(ctx context.Context, refs []string, unseen bool) (changed bool, err error) {
	if len(refs) == 0 {
		return false, nil
	}
	var mu sync.Mutex
	got, asked := map[string]T{}, map[string]bool{}
	group := errgroup.Group{}
	group.SetLimit(parallel)
	for batch := range slices.Chunk(refs, w.src.Batch) {
		group.Go(func() error {
			limited, cancel := context.WithTimeout(ctx, w.o.Timeout)
			defer cancel()
			items, err := w.src.Describe(limited, batch)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for _, ref := range batch {
				asked[ref] = true
			}
			for _, it := range items {
				got[w.src.Ref(it)] = it
			}
			return nil
		})
	}
	err = group.Wait()
	return w.takeOver(asked, got, unseen), err
}

// takeOver puts what was read into the rows that were asked for; those without an
// answer are gone. It says whether any of them is different.
func (w *watcher[T]) takeOver(asked map[string]bool, got map[string]T, unseen bool) (changed bool) {
	byRef, gone := w.byRef(), false
	for ref := range asked {
		i, listed := byRef[ref]
		it, there := got[ref]
		switch {
		case !listed:
		case !there:
			delete(w.slim, ref)
			w.rows[i], gone = nil, true
		default:
			r := w.take(w.rows[i], it, unseen)
			changed = changed || r != w.rows[i]
			w.rows[i] = r
		}
	}
	if gone {
		w.rows = slices.DeleteFunc(w.rows, func(r *Row[T]) bool { return r == nil })
		w.index = nil
	}
	return changed || gone
}

// take is the row with an item that was read: the same one where it is no
// different.
func (w *watcher[T]) take(r *Row[T], it T, unseen bool) *Row[T] {
	switch {
	case w.src.Slim == nil || !w.bounded():
	case unseen:
		it = w.src.Slim(it)
		w.slim[r.Ref] = true
		delete(w.whole, r.Ref)
	default:
		w.whole[r.Ref] = true
		delete(w.slim, r.Ref)
	}
	if r.Loaded && reflect.DeepEqual(r.Item, it) {
		return r
	}
	return &Row[T]{Ref: r.Ref, Item: it, Loaded: true}
}
