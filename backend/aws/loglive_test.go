package aws_test

import (
	"context"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// Where it was asked for, logs are followed by StartLiveTail: each line comes
// once, although the looks go on. Where it is denied, they are looked for as
// before, and nobody is told.
func TestFollowByLiveTail(t *testing.T) {
	t.Parallel()
	for name, denied := range map[string]bool{"allowed": false, "denied": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serve(t, demo.Options{Quiet: true}, ecsapi.Options{})
			if denied {
				w.faults.Inject(ecsapi.Denied("logs:StartLiveTail", "*"))
			}
			b := connect(t, w.url, func(o *aws.Options) { o.LiveTail = true })
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			seen := map[backend.LogLine]int{}
			began := time.Now()
			for batch, err := range b.Logs(ctx, backend.LogQuery{Cluster: "demo", Service: "api", Tail: 1, Follow: true}) {
				if err != nil {
					t.Fatal(err)
				}
				if batch.Notice != "" {
					t.Errorf("it says %q", batch.Notice)
				}
				for _, l := range batch.Lines {
					if seen[l]++; seen[l] > 1 {
						t.Errorf("%+v came %d times", l, seen[l])
					}
				}
				if len(seen) > 8 && time.Since(began) > 4*time.Second {
					break
				}
			}
			calls := w.faults.Calls()
			if calls["logs:StartLiveTail"] != 1 || len(seen) <= 8 {
				t.Errorf("%d lines, %v", len(seen), calls)
			}
			const look = 4 // calls: one for each task
			if n := calls["logs:FilterLogEvents"]; denied && n < 2*look || !denied && n != look {
				t.Errorf("%d calls to look, %d are a look", n, look)
			}
		})
	}
}
