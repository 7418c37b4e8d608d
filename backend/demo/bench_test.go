package demo

import (
	"context"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

// What a screen with ten thousand tasks costs the demo at each look: it must
// be little next to what is measured.
func BenchmarkListTenThousand(b *testing.B) {
	d := New(Options{Clock: NewManualClock(start()), Tasks: 10000, Quiet: true})
	defer d.Close()
	for b.Loop() {
		n := 0
		for _, err := range backend.All(b.Context(), func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			return d.ListTasks(ctx, backend.TaskQuery{Cluster: "demo"}, p)
		}) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n < 10000 {
			b.Fatal(n)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		New(Options{Clock: NewManualClock(start())}).Close()
	}
}
