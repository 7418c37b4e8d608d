package backend

import (
	"fmt"
	"testing"
	"time"
)

func TestHistoryPeriod(t *testing.T) {
	for span, want := range map[time.Duration]time.Duration{
		0: time.Minute, time.Hour: time.Minute, 3 * time.Hour: time.Minute, 12 * time.Hour: 5 * time.Minute,
		24 * time.Hour: 15 * time.Minute, 7 * 24 * time.Hour: time.Hour, 90 * 24 * time.Hour: time.Hour,
	} {
		if got := HistoryPeriod(span); got != want {
			t.Errorf("%s in points of %s, want %s", span, got, want)
		}
	}
}

func TestUsageSamples(t *testing.T) {
	start := time.Date(2026, 3, 2, 12, 0, 30, 0, time.UTC)
	var s UsageSamples
	s.Add("demo/web", start, 10, 50)
	s.Add("demo/web", start.Add(10*time.Second), 30, -1) // a task without a memory limit
	s.Add("demo/web", start.Add(2*time.Minute), 20, 70)
	s.Add("demo/other", start, 99, 99)
	q := HistoryQuery{From: start.Add(-time.Hour), To: start.Add(time.Hour), Period: time.Minute}
	h := s.History("demo/web", q)
	if len(h.CPU) != 2 || len(h.Memory) != 2 {
		t.Fatalf("%+v", h)
	}
	want := UsagePoint{At: start.Truncate(time.Minute), Average: 20, Minimum: 10, Maximum: 30, Samples: 2}
	if h.CPU[0] != want {
		t.Errorf("the first minute is %+v, want %+v", h.CPU[0], want)
	}
	if m := h.Memory[0]; m.Samples != 1 || m.Average != 50 {
		t.Errorf("its memory is %+v", m)
	}
	q.Period = 5 * time.Minute
	if h = s.History("demo/web", q); len(h.CPU) != 1 || h.CPU[0].Samples != 3 || h.CPU[0].Average != 20 || h.CPU[0].Maximum != 30 {
		t.Errorf("in five minutes: %+v", h.CPU)
	}
	q.From, q.Period = start.Add(time.Minute), time.Minute
	if h = s.History("demo/web", q); len(h.CPU) != 1 || h.CPU[0].Average != 20 {
		t.Errorf("from the second minute on: %+v", h.CPU)
	}
	if since := s.Since("demo/web"); !since.Equal(start.Truncate(time.Minute)) {
		t.Errorf("since %s", since)
	}
	if !s.Since("nobody").IsZero() || len(s.History("nobody", q).CPU) != 0 {
		t.Error("nobody has a past")
	}
}

// What is kept is bounded, in time and in how many services there are.
func TestUsageSamplesAreBounded(t *testing.T) {
	start := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	var s UsageSamples
	for i := range 600 {
		s.Add("demo/web", start.Add(time.Duration(i)*time.Minute), 1, 1)
	}
	if n := len(s.kept["demo/web"]); n != 181 {
		t.Errorf("%d minutes are kept, want those of 3 hours", n)
	}
	for i := range mostSampled + 10 {
		s.Add(fmt.Sprint(i), start, 1, 1)
	}
	if n := len(s.kept); n > mostSampled {
		t.Errorf("%d services are kept", n)
	}
}
