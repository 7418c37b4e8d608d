package watch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
)

// thing is an item of a list; weight is what takes its memory.
type thing struct {
	name   string
	state  int
	moving bool
	weight string
}

// shelf is a list behind a slow and counted API. Time is a bubble's.
type shelf struct {
	mu       sync.Mutex
	things   []thing
	lists    int
	calls    int
	largest  int
	failing  map[string]bool // a batch with one of these fails
	listFail error
	visible  []string
	moved    chan struct{}
}

const latency = 40 * time.Millisecond

func newShelf(n int) *shelf {
	s := &shelf{failing: map[string]bool{}, moved: make(chan struct{}, 1)}
	for i := range n {
		s.things = append(s.things, thing{name: fmt.Sprintf("t%05d", i), weight: "heavy"})
	}
	return s
}

func (s *shelf) source() watch.Source[thing] {
	return watch.Source[thing]{
		List: s.list, Describe: s.describe, Batch: 10,
		Ref:      func(t thing) string { return t.name },
		Changing: func(t thing) bool { return t.moving },
		Slim:     func(t thing) thing { t.weight = ""; return t },
	}
}

func (s *shelf) list(_ context.Context, p backend.PageRequest) (backend.Page[string], error) {
	time.Sleep(latency)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lists++
	if s.listFail != nil {
		return backend.Page[string]{}, s.listFail
	}
	from, _ := strconv.Atoi(p.Token)
	to := min(from+100, len(s.things))
	var page backend.Page[string]
	for _, t := range s.things[from:to] {
		page.Items = append(page.Items, t.name)
	}
	if to < len(s.things) {
		page.Next = strconv.Itoa(to)
	}
	return page, nil
}

func (s *shelf) describe(_ context.Context, refs []string) ([]thing, error) {
	time.Sleep(latency)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	s.largest = max(s.largest, len(refs))
	var out []thing
	for _, ref := range refs {
		if s.failing[ref] {
			return nil, errors.New("no answer about " + ref)
		}
		if i := slices.IndexFunc(s.things, func(t thing) bool { return t.name == ref }); i >= 0 {
			out = append(out, s.things[i])
		}
	}
	return out, nil
}

func (s *shelf) look(refs ...string) {
	s.mu.Lock()
	s.visible = refs
	s.mu.Unlock()
	select {
	case s.moved <- struct{}{}:
	default:
	}
}

func (s *shelf) options(background float64) watch.Options {
	return watch.Options{
		Background: background, Moved: s.moved,
		Visible: func() []string {
			s.mu.Lock()
			defer s.mu.Unlock()
			return slices.Clone(s.visible)
		},
	}
}

func (s *shelf) counts() (lists, calls int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lists, s.calls
}

// viewer keeps the last snapshot of a watch that runs in the background.
type viewer struct {
	mu   sync.Mutex
	last watch.Snapshot[thing]
	got  int
}

func view(ctx context.Context, s *shelf, o watch.Options) *viewer {
	v := &viewer{}
	go func() {
		for snap := range watch.List(ctx, s.source(), o) {
			v.mu.Lock()
			v.last, v.got = snap.Over(v.last), v.got+1
			v.mu.Unlock()
		}
	}()
	return v
}

func (v *viewer) snap() watch.Snapshot[thing] {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.last
}

func (v *viewer) loaded() int { return len(v.snap().Items()) }

func (v *viewer) item(ref string) (thing, bool) {
	for _, r := range v.snap().Rows {
		if r.Ref == ref {
			return r.Item, r.Loaded
		}
	}
	return thing{}, false
}

// bubble runs a test in virtual time, with a context that ends with it.
func bubble(t *testing.T, run func(t *testing.T, ctx context.Context)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		run(t, ctx)
	})
}

func TestFirstListCostsTheSameAtAnyLength(t *testing.T) {
	for _, n := range []int{100, 1000, 5000} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			bubble(t, func(t *testing.T, ctx context.Context) {
				s := newShelf(n)
				v := view(ctx, s, s.options(4))
				time.Sleep(2*latency + time.Millisecond)
				synctest.Wait()
				if lists, calls := s.counts(); lists != 1 || calls > 4 {
					t.Errorf("%d lists and %d describe calls", lists, calls)
				}
				if len(v.snap().Rows) != 100 || v.loaded() != 40 {
					t.Errorf("%d rows, %d of them in full", len(v.snap().Rows), v.loaded())
				}
				if v.snap().Partial != (n > 100) {
					t.Errorf("partial is %v", v.snap().Partial)
				}
			})
		})
	}
}

func TestMeteredListIsReadToItsEndSlowly(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		s := newShelf(1000)
		v := view(ctx, s, s.options(4))
		start := time.Now()
		for v.loaded() < 1000 {
			time.Sleep(time.Second)
			synctest.Wait()
			lists, calls := s.counts()
			if most := 10 + 5*int(time.Since(start).Seconds()); lists+calls > most {
				t.Fatalf("%d calls after %s", lists+calls, time.Since(start))
			}
			if time.Since(start) > 2*time.Minute {
				t.Fatalf("%d of 1000 in full", v.loaded())
			}
		}
		if v.snap().Partial || s.largest > 10 {
			t.Errorf("partial %v, batches of %d", v.snap().Partial, s.largest)
		}
		if it, _ := v.item("t00999"); it.weight != "" {
			t.Error("what nobody looks at is kept whole")
		}
	})
}

func TestWhatBecomesVisibleIsReadAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		s := newShelf(300)
		v := view(ctx, s, s.options(1))
		for len(v.snap().Rows) < 300 {
			time.Sleep(time.Second)
			synctest.Wait()
		}
		if _, loaded := v.item("t00299"); loaded {
			t.Fatal("it was read before anybody looked")
		}
		s.look("t00298", "t00299")
		time.Sleep(300 * time.Millisecond)
		synctest.Wait()
		if it, loaded := v.item("t00299"); !loaded || it.weight == "" {
			t.Errorf("loaded %v, %+v", loaded, it)
		}
	})
}

// Who goes through a long list does not keep all of it whole; what comes back on
// screen is read again.
func TestWhatWasLookedAtIsNotKeptWhole(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		s := newShelf(1000)
		v := view(ctx, s, s.options(4))
		for len(v.snap().Rows) < 1000 {
			time.Sleep(time.Second)
			synctest.Wait()
		}
		refs := make([]string, 1000)
		for i, r := range v.snap().Rows {
			refs[i] = r.Ref
		}
		for page := range slices.Chunk(refs[:600], 20) {
			s.look(page...)
			time.Sleep(time.Second)
			synctest.Wait()
		}
		whole := 0
		for _, it := range v.snap().Items() {
			if it.weight != "" {
				whole++
			}
		}
		if whole < 20 || whole > 260 {
			t.Errorf("%d are whole", whole)
		}
		s.look(refs[:20]...)
		time.Sleep(time.Second)
		synctest.Wait()
		if it, _ := v.item(refs[0]); it.weight == "" {
			t.Error("what is looked at again is not whole")
		}
	})
}

func TestIdleRefreshIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		s := newShelf(200)
		v := view(ctx, s, s.options(20))
		var refs []string
		for _, it := range s.things[:60] {
			refs = append(refs, it.name)
		}
		s.look(refs...)
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if v.loaded() != 200 {
			t.Fatalf("%d in full", v.loaded())
		}
		l0, c0 := s.counts()
		s.mu.Lock()
		for i := range 60 {
			s.things[i].state = 7
		}
		s.mu.Unlock()
		time.Sleep(15 * time.Second) // three turns
		synctest.Wait()
		l1, c1 := s.counts()
		if l1-l0+c1-c0 > 9 {
			t.Errorf("three refreshes took %d lists and %d describe calls", l1-l0, c1-c0)
		}
		for _, ref := range refs {
			if it, _ := v.item(ref); it.state != 7 {
				t.Fatalf("%s was not read again in three turns", ref)
			}
		}
	})
}

func TestAFailedBatchKeepsTheOthersAndTheRows(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		s := newShelf(30)
		o := s.options(0)
		o.Visible = nil
		v := view(ctx, s, o)
		time.Sleep(time.Second)
		synctest.Wait()
		s.mu.Lock()
		s.failing["t00015"] = true
		for i := range s.things {
			s.things[i].state = 3
		}
		s.mu.Unlock()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		snap := v.snap()
		if snap.Err == nil || len(snap.Rows) != 30 || v.loaded() != 30 {
			t.Fatalf("err %v, %d rows, %d in full", snap.Err, len(snap.Rows), v.loaded())
		}
		a, _ := v.item("t00002")
		b, _ := v.item("t00015")
		if a.state != 3 || b.state != 0 {
			t.Errorf("of the batch that was read: %+v; of the one that failed: %+v", a, b)
		}
	})
}

func TestAFailedListKeepsTheRowsAndTheirAge(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		s := newShelf(5)
		v := view(ctx, s, s.options(0))
		time.Sleep(3 * time.Second)
		synctest.Wait()
		s.mu.Lock()
		s.listFail = errors.New("throttled")
		s.mu.Unlock()
		failedAt := time.Now()
		time.Sleep(time.Minute)
		synctest.Wait()
		snap := v.snap()
		if snap.Err == nil || v.loaded() != 5 || snap.At.After(failedAt) || snap.At.IsZero() {
			t.Fatalf("err %v, %d in full, read at %s", snap.Err, v.loaded(), snap.At)
		}
		if lists, _ := s.counts(); lists > 10 {
			t.Errorf("%d lists: it does not back off", lists)
		}
		s.mu.Lock()
		s.listFail = nil
		s.mu.Unlock()
		time.Sleep(40 * time.Second)
		synctest.Wait()
		if v.snap().Err != nil {
			t.Errorf("still %v", v.snap().Err)
		}
	})
}

// TestARowThatIsListedTwiceIsOne: a list that changes while its pages are read
// may name a thing on two of them.
func TestARowThatIsListedTwiceIsOne(t *testing.T) {
	bubble(t, func(t *testing.T, ctx context.Context) {
		s := newShelf(120)
		s.things = slices.Insert(s.things, 110, s.things[90])
		v := view(ctx, s, s.options(0))
		time.Sleep(time.Minute)
		synctest.Wait()
		if rows, loaded := len(v.snap().Rows), v.loaded(); rows != 120 || loaded != 120 {
			t.Errorf("%d rows of 120 things, %d with their details", rows, loaded)
		}
	})
}

func TestGoneRowsGo(t *testing.T) {
	for _, background := range []float64{0, 4} {
		t.Run(fmt.Sprint(background), func(t *testing.T) {
			bubble(t, func(t *testing.T, ctx context.Context) {
				s := newShelf(120)
				v := view(ctx, s, s.options(background))
				time.Sleep(time.Minute)
				synctest.Wait()
				s.mu.Lock()
				s.things = slices.Delete(s.things, 50, 60)
				s.mu.Unlock()
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				if _, there := v.item("t00055"); there || len(v.snap().Rows) != 110 {
					t.Errorf("%d rows", len(v.snap().Rows))
				}
			})
		})
	}
}
