package demo

import (
	"math"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

func TestServiceHistory(t *testing.T) {
	b, clock := open(t, Options{Quiet: true})
	clock.Advance(30 * time.Second)
	read := func(name string, span time.Duration) backend.UsageHistory {
		t.Helper()
		now := clock.Now()
		h, err := b.ServiceHistory(t.Context(), "demo", name, backend.HistoryQuery{From: now.Add(-span), To: now, Period: backend.HistoryPeriod(span)})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	h := read("web", 3*time.Hour)
	if len(h.CPU) < 179 || len(h.CPU) > 181 || len(h.Memory) != len(h.CPU) {
		t.Fatalf("%d and %d points in three hours", len(h.CPU), len(h.Memory))
	}
	for i, p := range h.CPU {
		if p.Average <= 0 || p.Average > 100 || p.Maximum < p.Average || p.Minimum > p.Average || i > 0 && !p.At.After(h.CPU[i-1].At) {
			t.Fatalf("point %d is %+v", i, p)
		}
	}
	// The newest point is what is measured now.
	var used, running float64
	for _, task := range b.services["demo"]["web"].tasks {
		if task.view.LastStatus == backend.Running {
			used += b.usage(task).CPU
			running++
		}
	}
	now := backend.ShareOf(used/100/running, 256.0/1024)
	if last := h.CPU[len(h.CPU)-1].Average; math.Abs(last-now) > 0.01 {
		t.Errorf("the newest point is %.2f, and %.2f is measured", last, now)
	}
	if again := read("web", 3*time.Hour); again.CPU[7] != h.CPU[7] {
		t.Error("the past has changed")
	}
	if h := read("web", 7*24*time.Hour); len(h.CPU) < 100 {
		t.Errorf("%d points in a week", len(h.CPU))
	}
	// Nothing runs in reports, and so it uses nothing.
	if h := read("reports", time.Hour); len(h.CPU) != 0 {
		t.Errorf("reports used %+v", h.CPU)
	}
	// Tasks that ran out of memory show in the peaks.
	most := 0.0
	for _, p := range read("billing", time.Hour).Memory {
		most = max(most, p.Maximum)
	}
	if most < 50 {
		t.Errorf("billing's tasks ran out of memory, and used %.0f %% at most", most)
	}
	if _, err := b.ServiceHistory(t.Context(), "demo", "nobody", backend.HistoryQuery{}); backend.KindOf(err) != backend.NotFound {
		t.Errorf("the past of nobody: %v", err)
	}
}
