package ecsapi

import (
	"context"
	"sync"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// The metrics that ECS reports.
const (
	cpuMetric    = "CPUUtilization"
	memoryMetric = "MemoryUtilization"
)

const (
	sampleAgain = 10 * time.Second // then a sample is taken again
	mostSampled = 20000            // services
)

// service names whose metrics; without a name, the whole cluster's.
type service struct{ cluster, name string }

func (s service) key() string { return s.cluster + "/" + s.name }

// samples remembers what was measured for earlier calls. It is filled by being
// asked: nothing runs in the background.
type samples struct {
	backend.UsageSamples
	mu   sync.Mutex
	last map[service]time.Time
}

func newSamples() *samples { return &samples{last: map[service]time.Time{}} }

// due says whether it is time for another sample, and notes that it is taken.
func (s *samples) due(of service, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.last[of]; ok && now.Sub(last) < sampleAgain && !now.Before(last) {
		return false
	}
	if len(s.last) >= mostSampled { // names that somebody made up
		clear(s.last)
	}
	s.last[of] = now
	return true
}

// note keeps what one task used.
func (s *samples) note(of service, u backend.Usage, units int) {
	s.Add(of.key(), u.At, backend.ShareOf(u.CPU/100, float64(units)/1024), backend.ShareOf(float64(u.Memory), float64(u.MemoryLimit)))
}

// past is what a service used: as the backend remembers it, where it does, else
// what was measured here. Only the latter knows more than average and maximum.
func (h *Handler) past(ctx context.Context, of service, stat string, q backend.HistoryQuery) (backend.UsageHistory, error) {
	if of.name != "" && (stat == "Average" || stat == "Maximum") && h.b.Unsupported(backend.CanMetrics) == "" {
		found, err := h.b.ServiceHistory(ctx, of.cluster, of.name, q)
		if err != nil && backend.KindOf(err) != backend.NotFound {
			return backend.UsageHistory{}, err
		}
		if len(found.CPU) > 0 || len(found.Memory) > 0 {
			return found, nil
		}
	}
	return h.samples.History(of.key(), q), nil
}

// statistic is one of CloudWatch's over a period.
func statistic(p backend.UsagePoint, name string) float64 {
	switch name {
	case "Minimum":
		return p.Minimum
	case "Maximum":
		return p.Maximum
	case "Sum":
		return p.Average * float64(p.Samples)
	case "SampleCount":
		return float64(p.Samples)
	default:
		return p.Average
	}
}
