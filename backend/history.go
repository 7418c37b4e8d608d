package backend

import (
	"sync"
	"time"
)

// HistoryQuery asks for what a service used from From to To, in points of
// Period: a whole number of minutes, see [HistoryPeriod].
type HistoryQuery struct {
	From, To time.Time
	Period   time.Duration
}

// HistoryPoints is about how many points a history has at most: more than a
// chart shows, and few enough for one answer of CloudWatch.
const HistoryPoints = 200

// HistoryPeriod is the shortest period in which a span has no more than
// [HistoryPoints]: a minute, which is how often ECS reports, or a longer one
// that divides an hour.
func HistoryPeriod(span time.Duration) time.Duration {
	for _, minutes := range []time.Duration{1, 5, 15, 30} {
		if span <= HistoryPoints*minutes*time.Minute {
			return minutes * time.Minute
		}
	}
	return time.Hour
}

// UsageHistory is what the tasks of a service used, in percent of what they
// reserve: CloudWatch's CPUUtilization and MemoryUtilization of AWS/ECS. Points
// are oldest first; a period in which nothing was measured has none.
type UsageHistory struct {
	CPU, Memory []UsagePoint
	// Note says why there may be less than was asked for, "" where there is
	// nothing to say.
	Note string
}

// UsagePoint sums up one period that begins at At. Samples and Minimum are 0
// where the backend does not tell them.
type UsagePoint struct {
	At                        time.Time
	Average, Minimum, Maximum float64
	Samples                   int
}

// join adds what was measured in the same period.
func (p UsagePoint) join(o UsagePoint) UsagePoint {
	if p.Samples == 0 {
		return o
	}
	n := p.Samples + o.Samples
	return UsagePoint{
		At: p.At, Samples: n, Minimum: min(p.Minimum, o.Minimum), Maximum: max(p.Maximum, o.Maximum),
		Average: (p.Average*float64(p.Samples) + o.Average*float64(o.Samples)) / float64(n),
	}
}

const (
	samplesKept = 3 * time.Hour
	mostSampled = 20000 // services
)

// UsageSamples remembers what was measured, by the minute, where nobody else
// keeps a history: for three hours, and of so many services that names which
// somebody made up cannot fill the memory. Nothing runs in the background, so
// that there is a past only of what somebody watched. The zero value is empty;
// its methods may be called from any goroutine.
type UsageSamples struct {
	mu   sync.Mutex
	kept map[string][]usageMinute // oldest first
}

type usageMinute struct {
	at          time.Time
	cpu, memory UsagePoint // without samples where there was nothing to measure by
}

// Add notes what one task of a service used at one moment, in percent of what
// it reserves. What it has no limit of is below 0, and is not kept.
func (s *UsageSamples) Add(service string, at time.Time, cpu, memory float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil || len(s.kept) >= mostSampled && s.kept[service] == nil {
		s.kept = map[string][]usageMinute{}
	}
	at = at.Truncate(time.Minute)
	kept := s.kept[service]
	for len(kept) > 0 && at.Sub(kept[0].at) > samplesKept {
		kept = kept[1:]
	}
	if len(kept) == 0 || kept[len(kept)-1].at.Before(at) {
		kept = append(kept, usageMinute{at: at})
	}
	s.kept[service] = kept
	m := &kept[len(kept)-1]
	note := func(p *UsagePoint, value float64) {
		if value >= 0 {
			*p = p.join(UsagePoint{At: m.at, Average: value, Minimum: value, Maximum: value, Samples: 1})
		}
	}
	note(&m.cpu, cpu)
	note(&m.memory, memory)
}

// History gives what is remembered of a service.
func (s *UsageSamples) History(service string, q HistoryQuery) UsageHistory {
	s.mu.Lock()
	defer s.mu.Unlock()
	period := max(q.Period, time.Minute)
	add := func(to []UsagePoint, p UsagePoint) []UsagePoint {
		if p.Samples == 0 {
			return to
		}
		p.At = p.At.Truncate(period)
		if n := len(to); n > 0 && to[n-1].At.Equal(p.At) {
			to[n-1] = to[n-1].join(p)
			return to
		}
		return append(to, p)
	}
	var out UsageHistory
	for _, m := range s.kept[service] {
		if !m.at.Before(q.From) && m.at.Before(q.To) {
			out.CPU, out.Memory = add(out.CPU, m.cpu), add(out.Memory, m.memory)
		}
	}
	return out
}

// Since is when the first of what is remembered of a service was measured, the
// zero time where nothing is.
func (s *UsageSamples) Since(service string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept := s.kept[service]; len(kept) > 0 {
		return kept[0].at
	}
	return time.Time{}
}

// ShareOf is part in percent of whole, and below 0 where there is no whole.
func ShareOf(part, whole float64) float64 {
	if whole <= 0 {
		return -1
	}
	return 100 * part / whole
}
