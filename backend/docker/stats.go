package docker

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	opUsage = "Usage"
	// usageTick is the time between two batches, and usageFirst the shorter one
	// before the first: CPU is the difference of two samples.
	usageTick  = 2 * time.Second
	usageFirst = 700 * time.Millisecond
	// usageRate bounds the questions a second: with many containers on screen
	// they are asked less often, so that watching costs next to nothing.
	usageRate = 4
	// usageParallel is how many questions are open at once: engines before 23
	// answer each only with their collector's next round, up to a second later,
	// but then all together.
	usageParallel = 64
	// usageRefresh is how often it is looked up which containers a task has.
	usageRefresh = 15 * time.Second
)

var _ backend.Metrics = (*Backend)(nil)

// Usage measures tasks by asking for single samples: the engine's own stream
// of them has one a second for each container, whether anybody looks or not,
// and costs both sides several times as much.
func (e *Engine) Usage(ctx context.Context, cluster string, tasks []string) iter.Seq2[[]backend.Usage, error] {
	return func(yield func([]backend.Usage, error) bool) {
		m := meter{engine: e, query: logQuery{Cluster: cluster, Tasks: tasks}, last: map[string]sample{}}
		wait := time.Duration(0)
		for first := true; ; first = false {
			usage, err := m.measure(ctx)
			switch {
			case ctx.Err() != nil:
				yield(nil, wrap(opUsage, cluster, ctx.Err()))
				return
			case err != nil:
				yield(nil, wrap(opUsage, cluster, err))
				return
			case !first && !yield(usage, nil):
				return
			}
			wait = max(usageTick, time.Duration(len(m.containers))*time.Second/usageRate)
			if first {
				wait = usageFirst
			}
			select {
			case <-e.clock.After(wait):
			case <-ctx.Done():
				yield(nil, wrap(opUsage, cluster, ctx.Err()))
				return
			}
		}
	}
}

// meter is one call of Usage.
type meter struct {
	engine     *Engine
	query      logQuery
	containers map[string]string // id → task ARN
	listed     time.Time
	machine    int64 // its memory: a limit that high is none

	mu   sync.Mutex
	last map[string]sample // by container
	now  map[string]sample
}

// sample is what one container had used at one time.
type sample struct {
	at     time.Time
	cpu    uint64 // nanoseconds since it started
	memory int64
	limit  int64
}

// measure takes a sample of each container and sums them up by task. A
// container without an earlier sample counts with its memory only.
func (m *meter) measure(ctx context.Context) ([]backend.Usage, error) {
	if err := m.find(ctx); err != nil {
		return nil, err
	}
	m.now = make(map[string]sample, len(m.containers))
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(usageParallel)
	for id := range m.containers {
		group.Go(func() error { return m.ask(gctx, id) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	byTask := map[string]*backend.Usage{}
	unlimited := map[string]bool{}
	for id, s := range m.now {
		task := m.containers[id]
		u := byTask[task]
		if u == nil {
			u = &backend.Usage{Task: task}
			byTask[task] = u
		}
		if s.at.After(u.At) {
			u.At = s.at
		}
		u.Memory += s.memory
		u.MemoryLimit += s.limit
		unlimited[task] = unlimited[task] || s.limit == 0
		if before, ok := m.last[id]; ok && s.at.After(before.at) && s.cpu >= before.cpu {
			u.CPU += 100 * float64(s.cpu-before.cpu) / float64(s.at.Sub(before.at))
		}
	}
	m.last = m.now
	out := make([]backend.Usage, 0, len(byTask))
	for task, u := range byTask {
		if unlimited[task] {
			u.MemoryLimit = 0
		}
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b backend.Usage) int { return strings.Compare(a.Task, b.Task) })
	return out, nil
}

// find looks up which containers run for the tasks.
func (m *meter) find(ctx context.Context) error {
	now := m.engine.clock.Now()
	if m.containers != nil && now.Sub(m.listed) < usageRefresh {
		return nil
	}
	if m.machine == 0 {
		info, err := m.engine.info(ctx)
		if err != nil {
			return err
		}
		m.machine = info.MemTotal
	}
	list, err := m.engine.client.ContainerList(ctx, client.ContainerListOptions{Filters: m.engine.selecting(m.query)})
	if err != nil {
		return err
	}
	m.containers, m.listed = map[string]string{}, now
	for _, c := range list.Items {
		if m.query.matches(c.Labels) {
			m.containers[c.ID] = c.Labels[LabelTaskARN]
		}
	}
	return nil
}

// statsAnswer is the part of the engine's answer that is of use here.
type statsAnswer struct {
	Read time.Time `json:"read"`
	CPU  struct {
		Usage struct {
			Total uint64 `json:"total_usage"`
		} `json:"cpu_usage"`
	} `json:"cpu_stats"`
	Memory struct {
		Usage uint64 `json:"usage"`
		Limit uint64 `json:"limit"`
		Stats struct {
			InactiveFile      uint64 `json:"inactive_file"`       // cgroup v2
			TotalInactiveFile uint64 `json:"total_inactive_file"` // cgroup v1
		} `json:"stats"`
	} `json:"memory_stats"`
}

// ask takes one sample. A container that has ended meanwhile has none.
func (m *meter) ask(ctx context.Context, id string) error {
	res, err := m.engine.client.ContainerStats(ctx, id, client.ContainerStatsOptions{})
	if err != nil {
		if gone(err) {
			return nil
		}
		return err
	}
	defer res.Body.Close()
	var a statsAnswer
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		return err
	}
	if a.Memory.Usage == 0 && a.CPU.Usage.Total == 0 {
		return nil
	}
	s := sample{at: a.Read, cpu: a.CPU.Usage.Total, memory: withoutCache(a), limit: int64(a.Memory.Limit)}
	if s.at.IsZero() {
		s.at = m.engine.clock.Now()
	}
	if a.Memory.Limit >= uint64(m.machine) {
		s.limit = 0
	}
	m.mu.Lock()
	m.now[id] = s
	m.mu.Unlock()
	return nil
}

// withoutCache is the memory that can't be taken back at once: files that
// were read and are not in use now don't count.
func withoutCache(a statsAnswer) int64 {
	cache := a.Memory.Stats.TotalInactiveFile
	if cache == 0 {
		cache = a.Memory.Stats.InactiveFile
	}
	if cache > a.Memory.Usage {
		return int64(a.Memory.Usage)
	}
	return int64(a.Memory.Usage - cache)
}
