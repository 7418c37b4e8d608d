package watch_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/watch"
)

// counting counts the describe calls for revisions.
type counting struct {
	*demo.Backend
	mu    sync.Mutex
	calls int
}

func (c *counting) DescribeTaskDefinition(ctx context.Context, ref string) (backend.TaskDefinition, error) {
	c.mu.Lock()
	c.calls++
	c.mu.Unlock()
	return c.Backend.DescribeTaskDefinition(ctx, ref)
}

// Revisions never change but for their status: each is described once, and once
// more when it moves to another list. ACTIVE ones come first.
func TestRevisionsAreDescribedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &counting{Backend: demo.New(demo.Options{Quiet: true})}
		defer b.Close()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		turns := 0
		for snap := range watch.Revisions(ctx, b, "web", watch.Options{Read: func(time.Time) {
			if turns++; turns == 5 {
				if _, err := b.DeregisterTaskDefinition(ctx, "web:13"); err != nil {
					t.Error(err)
				}
			}
		}}) {
			if snap.Err != nil {
				t.Fatal(snap.Err)
			}
			var inactive []string
			for _, td := range snap.Items() {
				if td.Status != backend.ActiveDefinition {
					inactive = append(inactive, td.Ref())
				}
			}
			if turns >= 5 && slices.Contains(inactive, "web:13") {
				if !slices.Equal(inactive, []string{"web:13", "web:2", "web:1"}) || snap.Items()[0].Ref() != "web:14" {
					t.Errorf("INACTIVE at the end are %v, the first is %s", inactive, snap.Items()[0].Ref())
				}
				break
			}
		}
		if b.calls != 15 {
			t.Errorf("%d describe calls for 14 revisions, one of which changed", b.calls)
		}
	})
}
