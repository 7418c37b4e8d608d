package aws_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
	"github.com/ecs-tui/ecs-tui/backend/watch"
)

// A cluster of 2,000 services has its first rows with their details after five
// calls at most, and no call ever finds ECS's token bucket empty.
func TestLargeCluster(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Quiet: true, Services: 2000, Empty: true}, ecsapi.Options{})
	w.faults.Throttle(true)
	b := connect(t, w.url, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var visible atomic.Pointer[[]string]
	none := []string{}
	visible.Store(&none)
	first := 0
	for snap := range watch.Services(ctx, b, "demo", watch.Options{
		Visible: func() []string { return *visible.Load() }, Background: b.Background(),
	}) {
		if snap.Err != nil {
			t.Fatal(snap.Err)
		}
		if len(snap.Rows) == 0 {
			continue
		}
		screen := []string{}
		loaded := 0
		for _, r := range snap.Rows[:min(30, len(snap.Rows))] {
			screen = append(screen, r.Ref)
			if r.Loaded {
				loaded++
			}
		}
		visible.Store(&screen)
		if first == 0 && loaded == 30 {
			for _, n := range w.faults.Calls() {
				first += n
			}
		}
		if first > 0 && !snap.Partial {
			if len(snap.Rows) != 2000 {
				t.Errorf("%d services", len(snap.Rows))
			}
			break
		}
	}
	if first == 0 || first > 5 {
		t.Errorf("%d calls before the first full screen, %v in all", first, w.faults.Calls())
	}
	if n := w.faults.Refused(); n != 0 {
		t.Errorf("%d calls were throttled: %v", n, w.faults.Calls())
	}
}
