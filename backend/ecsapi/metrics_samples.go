package ecsapi

import (
	"sync"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// The metrics that ECS reports.
const (
	cpuMetric    = "CPUUtilization"
	memoryMetric = "MemoryUtilization"
)

// How finely samples are kept and how long, and how soon one is taken again.
const (
	sampleMinute = time.Minute
	sampleKept   = 3 * time.Hour
	sampleAgain  = 10 * time.Second
	mostSampled  = 20000 // services
)

// service names whose metrics; without a name, the whole cluster's.
type service struct{ cluster, name string }

// samples remembers what was measured, by the minute. It is filled by being
// asked: nothing runs in the background, and so there is a past only of what
// somebody watches.
type samples struct {
	mu   sync.Mutex
	last map[service]time.Time
	kept map[service][]*minute // oldest first
}

type minute struct {
	at     time.Time
	values map[string]point
}

// point sums up the values of one period.
type point struct {
	at            time.Time
	n             int
	sum, min, max float64
}

func newSamples() *samples {
	return &samples{last: map[service]time.Time{}, kept: map[service][]*minute{}}
}

// due says whether it is time for another sample, and notes that it is taken.
func (s *samples) due(of service, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.last[of]; ok && now.Sub(last) < sampleAgain && !now.Before(last) {
		return false
	}
	if len(s.last) >= mostSampled { // names that somebody made up
		clear(s.last)
		clear(s.kept)
	}
	s.last[of] = now
	return true
}

// add notes what one task used.
func (s *samples) add(of service, u backend.Usage, units int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := u.At.Truncate(sampleMinute)
	kept := s.kept[of]
	for len(kept) > 0 && at.Sub(kept[0].at) > sampleKept {
		kept = kept[1:]
	}
	if len(kept) == 0 || kept[len(kept)-1].at.Before(at) {
		kept = append(kept, &minute{at: at, values: map[string]point{}})
	}
	s.kept[of] = kept
	m := kept[len(kept)-1]
	m.add(cpuMetric, percent(u.CPU/100, float64(units)/1024))
	if u.MemoryLimit > 0 {
		m.add(memoryMetric, percent(float64(u.Memory), float64(u.MemoryLimit)))
	}
}

func (m *minute) add(metric string, value float64) {
	m.values[metric] = m.values[metric].with(point{at: m.at, n: 1, sum: value, min: value, max: value})
}

// with joins two points.
func (p point) with(o point) point {
	if p.n == 0 {
		return o
	}
	return point{p.at, p.n + o.n, p.sum + o.sum, min(p.min, o.min), max(p.max, o.max)}
}

func (p point) stat(name string) float64 {
	switch name {
	case "Minimum":
		return p.min
	case "Maximum":
		return p.max
	case "Sum":
		return p.sum
	case "SampleCount":
		return float64(p.n)
	default:
		return p.sum / float64(p.n)
	}
}

// points gives a metric by periods, oldest first.
func (s *samples) points(of service, metric string, from, to time.Time, period time.Duration) []point {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []point
	for _, m := range s.kept[of] {
		p, ok := m.values[metric]
		if !ok || m.at.Before(from) || !m.at.Before(to) {
			continue
		}
		p.at = m.at.Truncate(period)
		if n := len(out); n > 0 && out[n-1].at.Equal(p.at) {
			out[n-1] = out[n-1].with(p)
			continue
		}
		out = append(out, p)
	}
	return out
}
