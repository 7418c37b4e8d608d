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

// usage is what a task uses now.
func (b *Backend) usage(t *task) backend.Usage { return b.usageAt(t, b.sim.now) }

// usageAt is a smooth curve around what the program usually needs; one that will
// run out of memory climbs to its limit.
func (b *Backend) usageAt(t *task, at time.Time) backend.Usage {
	_, memory := t.rev.td.Reserves()
	if memory == 0 {
		memory = 256
	}
	limit := int64(memory) << 20
	need := needsOf(t.rev.td.Family)
	u := backend.Usage{Task: t.view.ARN, At: at, MemoryLimit: limit}
	var share float64
	u.CPU, share = need.at(t.seed, at)
	age := at.Sub(t.view.StartedAt)
	if t.fate.exit == 137 && t.fate.after > 0 {
		share = min(0.999, 0.2+0.8*float64(age)/float64(b.scaled(t.fate.after)))
	} else if warm := b.scaled(5 * time.Second); age < warm {
		share *= 0.4 + 0.6*float64(age)/float64(warm)
	}
	u.Memory = int64(share * float64(limit))
	return u
}

// needs is what a program usually needs: percent of a core, and the share of its
// memory.
type needs struct{ cpu, memory float64 }

func needsOf(family string) needs {
	n := mix(uint64(len(family))*77, uint64(family[0]))
	return needs{cpu: 1 + float64(n%14), memory: 0.15 + float64(n>>8%30)/100}
}

// at is what a task of the program needs at one moment.
func (n needs) at(seed uint64, at time.Time) (cpu, memory float64) {
	return n.cpu * (1 + 0.6*wave(seed, at)), n.memory + 0.04*wave(seed^1, at)
}
