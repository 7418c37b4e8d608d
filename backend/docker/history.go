package docker

import (
	"context"
	"iter"
	"sync"

	"github.com/ecs-tui/ecs-tui/backend"
)

// measured keeps what this program has measured: the engine itself keeps no past.
type measured struct {
	backend.UsageSamples

	mu    sync.Mutex
	tasks map[string]reservation // by ARN
}

// reservation is whose task it is, and the CPU that it has, in units of 1/1024
// core. service is "" for a task of its own.
type reservation struct {
	service string
	cpu     int
}

// mostReservations bounds how many tasks are remembered; others are looked up
// again.
const mostReservations = 2000

// Usage measures tasks, and remembers for [Backend.ServiceHistory] what it
// measured.
func (b *Backend) Usage(ctx context.Context, cluster string, tasks []string) iter.Seq2[[]backend.Usage, error] {
	cluster = b.cluster(cluster)
	return func(yield func([]backend.Usage, error) bool) {
		for batch, err := range b.Engine.Usage(ctx, cluster, tasks) {
			if err == nil {
				b.remember(ctx, cluster, batch)
			}
			if !yield(batch, err) {
				return
			}
		}
	}
}

// remember keeps a batch. What cannot be looked up is left out: a measurement
// that is shown matters more.
func (b *Backend) remember(ctx context.Context, cluster string, batch []backend.Usage) {
	b.past.mu.Lock()
	var ask []string
	for _, u := range batch {
		if _, known := b.past.tasks[u.Task]; !known {
			ask = append(ask, u.Task)
		}
	}
	b.past.mu.Unlock()
	if len(ask) > 0 {
		b.lookUp(ctx, cluster, ask)
	}
	b.past.mu.Lock()
	defer b.past.mu.Unlock()
	for _, u := range batch {
		r := b.past.tasks[u.Task]
		if r.service == "" {
			continue
		}
		b.past.Add(cluster+"/"+r.service, u.At, backend.ShareOf(u.CPU/100, float64(r.cpu)/1024), backend.ShareOf(float64(u.Memory), float64(u.MemoryLimit)))
	}
}

// lookUp finds out whose the tasks are and what they reserve. One that reserves
// nothing is measured by a whole core.
func (b *Backend) lookUp(ctx context.Context, cluster string, arns []string) {
	tasks, err := b.DescribeTasks(ctx, cluster, arns)
	if err != nil {
		b.log.Debug("whose tasks were measured", "err", err)
		return
	}
	found := map[string]reservation{}
	for _, t := range tasks {
		r := reservation{service: t.Service, cpu: 1024}
		if td, err := b.DescribeTaskDefinition(ctx, t.TaskDefinition); err == nil {
			if cpu, _ := td.Reserves(); cpu > 0 {
				r.cpu = cpu
			}
		}
		found[t.ARN] = r
	}
	b.past.mu.Lock()
	defer b.past.mu.Unlock()
	if b.past.tasks == nil || len(b.past.tasks)+len(found) > mostReservations {
		b.past.tasks = map[string]reservation{}
	}
	for arn, r := range found {
		b.past.tasks[arn] = r
	}
}

// ServiceHistory gives what was measured while this program looked.
func (b *Backend) ServiceHistory(ctx context.Context, cluster, service string, q backend.HistoryQuery) (backend.UsageHistory, error) {
	const op = "ServiceHistory"
	name := ""
	err := b.read(ctx, op, backend.Clean(service), func(querier querier) error {
		s, err := b.service(ctx, querier, op, cluster, service)
		if err == nil {
			name = s.rec.Cluster + "/" + s.rec.Name
		}
		return err
	})
	if err != nil {
		return backend.UsageHistory{}, err
	}
	h := b.past.History(name, q)
	h.Note = "the engine keeps no past: it begins with the first look"
	if since := b.past.Since(name); !since.IsZero() {
		h.Note = "measured since " + since.Local().Format("15:04") + " by this program; the engine keeps no past"
	}
	return h, nil
}
