package demo

import (
	"context"
	"hash/fnv"
	"math"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// ServiceHistory is what a service would have used: what the tasks that are
// still known used, and before them what such tasks use, with the tides of a
// day. The newest point is what [Backend.Usage] measures.
func (b *Backend) ServiceHistory(ctx context.Context, cluster, name string, q backend.HistoryQuery) (backend.UsageHistory, error) {
	const op = "ServiceHistory"
	return inService(ctx, b, op, cluster, name, func(s *service) (backend.UsageHistory, error) {
		var out backend.UsageHistory
		period := max(q.Period, time.Minute)
		for at := q.From.Truncate(period); at.Before(q.To) && !at.After(b.sim.now); at = at.Add(period) {
			cpu, memory, ok := b.usedIn(s, at, period)
			if !ok {
				continue
			}
			cpu.At, memory.At = at, at
			out.CPU, out.Memory = append(out.CPU, cpu), append(out.Memory, memory)
		}
		return out, nil
	})
}

// usedIn sums up the tasks of a service in one period, by its middle, the newest
// one by now; ok is false when none ran then. A task that ended in the period has its end in
// the peak: that is when those are highest that run out of memory.
func (b *Backend) usedIn(s *service, from time.Time, period time.Duration) (cpu, memory backend.UsagePoint, ok bool) {
	at := from.Add(period / 2)
	if from.Add(period).After(b.sim.now) {
		at = b.sim.now
	}
	if at.Before(s.rec.CreatedAt) {
		return cpu, memory, false
	}
	tide := tide(s.rec.Name, at) / tide(s.rec.Name, b.sim.now)
	known := b.sim.now // since when all its tasks are known
	var peak float64
	for _, t := range s.tasks {
		v := t.view
		if v.StartedAt.IsZero() {
			continue
		}
		if v.StartedAt.Before(known) {
			known = v.StartedAt
		}
		if end := v.StoppedAt; !end.IsZero() && !end.Before(from) && end.Before(from.Add(period)) {
			u := b.usageAt(t, end)
			peak = max(peak, backend.ShareOf(float64(u.Memory), float64(u.MemoryLimit)))
		}
		if v.StartedAt.After(at) || !v.StoppedAt.IsZero() && v.StoppedAt.Before(at) {
			continue
		}
		u := b.usageAt(t, at)
		units, _ := t.rev.td.Reserves()
		addTo(&cpu, backend.ShareOf(tide*u.CPU/100, float64(max(units, 1))/1024))
		addTo(&memory, backend.ShareOf(float64(u.Memory), float64(u.MemoryLimit)))
	}
	memory.Maximum = max(memory.Maximum, peak)
	if cpu.Samples > 0 || !at.Before(known) || s.rec.Desired == 0 {
		return cpu, memory, cpu.Samples > 0
	}
	rev := b.findRevision(s.rec.TaskDefinition)
	if rev == nil {
		return cpu, memory, false
	}
	units, _ := rev.td.Reserves()
	need := needsOf(rev.td.Family)
	for n := range s.rec.Desired {
		c, m := need.at(mix(seedOf(s.rec.Name), uint64(n)), at)
		addTo(&cpu, backend.ShareOf(tide*c/100, float64(max(units, 1))/1024))
		addTo(&memory, 100*m)
	}
	return cpu, memory, true
}

// addTo adds one task to a point.
func addTo(p *backend.UsagePoint, value float64) {
	if p.Samples == 0 {
		p.Minimum = value
	}
	p.Average = (p.Average*float64(p.Samples) + value) / float64(p.Samples+1)
	p.Minimum, p.Maximum = min(p.Minimum, value), max(p.Maximum, value)
	p.Samples++
}

// tide is how busy a service is at a time of day, around 1: quiet nights, a
// morning that comes late or early, and hours that differ.
func tide(name string, at time.Time) float64 {
	seed := seedOf(name)
	hours := float64(at.Unix()) / 3600
	shift := float64(seed % 6)
	return 1 + 0.30*math.Sin(2*math.Pi*(hours-8-shift)/24) + 0.18*math.Sin(2*math.Pi*(hours+shift)/1.7) + 0.08*math.Sin(2*math.Pi*hours/0.31)
}

func seedOf(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}
