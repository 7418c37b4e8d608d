package demo

import (
	"context"
	"iter"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// usageWait is how often usage is measured.
const usageWait = 2 * time.Second

// Usage streams what running tasks use, until ctx ends.
func (b *Backend) Usage(ctx context.Context, cluster string, arns []string) iter.Seq2[[]backend.Usage, error] {
	return func(yield func([]backend.Usage, error) bool) {
		const op = "Usage"
		for {
			if err := ended(ctx, op); err != nil {
				yield(nil, err)
				return
			}
			b.lock()
			_, err := b.cluster(op, cluster)
			var out []backend.Usage
			for _, arn := range arns {
				if t := b.findTask(cluster, arn); t != nil && t.view.LastStatus == backend.Running {
					out = append(out, b.usage(t))
				}
			}
			b.unlock()
			if !yield(out, err) || err != nil {
				return
			}
			select {
			case <-ctx.Done():
			case <-b.clock.After(usageWait):
			}
		}
	}
}

// usage is a smooth curve around what the program usually needs; one that will
// run out of memory climbs to its limit.
func (b *Backend) usage(t *task) backend.Usage {
	limit := int64(256)
	if n, err := backend.ParseMemory(t.rev.td.Memory); err == nil && n > 0 {
		limit = int64(n)
	} else if m := t.rev.td.Containers[0].Memory; m > 0 {
		limit = int64(m)
	}
	limit <<= 20
	family := mix(uint64(len(t.rev.td.Family))*77, uint64(t.rev.td.Family[0]))
	busy := 1 + float64(family%14)
	u := backend.Usage{Task: t.view.ARN, At: b.sim.now, MemoryLimit: limit}
	u.CPU = busy * (1 + 0.6*wave(t.seed, b.sim.now))
	share := 0.15 + float64(family>>8%30)/100 + 0.04*wave(t.seed^1, b.sim.now)
	age := b.sim.now.Sub(t.view.StartedAt)
	if t.fate.exit == 137 && t.fate.after > 0 {
		share = min(0.999, 0.2+0.8*float64(age)/float64(b.scaled(t.fate.after)))
	} else if warm := b.scaled(5 * time.Second); age < warm {
		share *= 0.4 + 0.6*float64(age)/float64(warm)
	}
	u.Memory = int64(share * float64(limit))
	return u
}
