package screen

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
)

// What stands beside the rows of a list (usage, the newest deployment) is read
// for visible rows only, and on its own: when it fails, the rows stay.
const (
	extrasEvery = 2 * time.Second
	usageFor    = 20 * time.Second // then the visible tasks are looked at again
)

// frameOut is what a frame that was just composed takes to be on screen, with
// room to spare: it is drawn at least sixty times a second.
const frameOut = 50 * time.Millisecond

// LetFrameOut lets the frame with the first rows go out before anything that
// stands beside them is asked for, where calls are counted. It says whether to
// go on.
func LetFrameOut(ctx context.Context, env *Env) bool {
	if watch.BackgroundOf(env.Backend) == 0 {
		return ctx.Err() == nil
	}
	return pause(ctx, env, frameOut)
}

// taskUsage measures the visible tasks.
func taskUsage(env *Env, cluster string) func(context.Context, func() []backend.Task) iter.Seq[map[string]extra] {
	return func(ctx context.Context, visible func() []backend.Task) iter.Seq[map[string]extra] {
		return func(yield func(map[string]extra) bool) {
			for ctx.Err() == nil {
				tasks := visible()
				if len(tasks) == 0 {
					pause(ctx, env, extrasEvery)
					continue
				}
				owner := runningTasks(tasks)
				m := measurement{env, cluster, owner, nil, func() bool { return !maps.Equal(owner, runningTasks(visible())) }}
				if !m.run(ctx, yield) {
					return
				}
			}
		}
	}
}

// runningTasks are the tasks that can be measured, each its own owner.
func runningTasks(tasks []backend.Task) map[string]string {
	owner := map[string]string{}
	for _, t := range tasks {
		if t.LastStatus == backend.Running {
			owner[t.ARN] = t.ARN
		}
	}
	return owner
}

// serviceExtras measures the visible services, summed over their tasks, and
// reads their newest deployments.
func serviceExtras(env *Env, cluster string) func(context.Context, func() []backend.Service) iter.Seq[map[string]extra] {
	return func(ctx context.Context, visible func() []backend.Service) iter.Seq[map[string]extra] {
		return func(yield func(map[string]extra) bool) {
			known, names := map[string]backend.ServiceDeployment{}, tagNames{}
			for ctx.Err() == nil {
				services := visible()
				if len(services) == 0 {
					pause(ctx, env, extrasEvery)
					continue
				}
				found := newestDeployments(ctx, env, services, known)
				names.add(ctx, env, services, found)
				if !yield(found) {
					return
				}
				if meter := backend.ServiceMeterOf(env.Backend); meter != nil {
					if !meterServices(ctx, env, meter, services, found, yield) {
						return
					}
					continue
				}
				owner := tasksOf(ctx, env, cluster, services)
				m := measurement{env, cluster, owner, found, func() bool { return moved(services, visible()) }}
				if !m.run(ctx, yield) {
					return
				}
			}
		}
	}
}

// meterServices adds what a backend measures for whole services. It says
// whether to go on.
func meterServices(ctx context.Context, env *Env, meter backend.ServiceMeter, services []backend.Service, found map[string]extra, yield func(map[string]extra) bool) bool {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	used, err := meter.ServiceUsage(call, services)
	if err != nil {
		env.Log.Debug("measure services", "err", err)
	}
	out := maps.Clone(found)
	for arn, u := range used {
		e := out[arn]
		e.Usage = &u
		out[arn] = e
	}
	if !yield(out) {
		return false
	}
	pause(ctx, env, extrasEvery)
	return ctx.Err() == nil
}

// moved says that other services are visible, or their tasks or deployments are
// others than before.
func moved(before, now []backend.Service) bool {
	return !slices.EqualFunc(before, now, func(a, b backend.Service) bool {
		return a.ARN == b.ARN && a.Current == b.Current && a.Running == b.Running
	})
}

// newestDeployments reads what is not known yet, or still goes on.
func newestDeployments(ctx context.Context, env *Env, services []backend.Service, known map[string]backend.ServiceDeployment) map[string]extra {
	var ask []string
	for _, s := range services {
		if d, ok := known[s.Current]; s.Current != "" && (!ok || !d.Status.Ended()) {
			ask = append(ask, s.Current)
		}
	}
	if len(ask) > 0 {
		got, err := env.Backend.DescribeServiceDeployments(ctx, ask)
		if err != nil {
			env.Log.Debug("describe service deployments", "err", err)
		}
		for _, d := range got {
			known[d.ARN] = d
		}
	}
	out := map[string]extra{}
	for _, s := range services {
		if d, ok := known[s.Current]; ok {
			out[s.ARN] = extra{Deployment: &d}
		}
	}
	return out
}

// tasksOf lists the running tasks of the services, as task → service.
func tasksOf(ctx context.Context, env *Env, cluster string, services []backend.Service) map[string]string {
	owner := map[string]string{}
	if env.Backend.Unsupported(backend.CanMetrics) != "" {
		return owner
	}
	for _, s := range services {
		if s.Running == 0 {
			continue
		}
		page, err := env.Backend.ListTasks(ctx, backend.TaskQuery{Cluster: cluster, Service: s.Name}, backend.PageRequest{})
		if err != nil {
			return owner
		}
		for _, arn := range page.Items {
			owner[arn] = s.ARN
		}
	}
	return owner
}

// measurement is what visible tasks use, summed by owner and added to base.
type measurement struct {
	env     *Env
	cluster string
	owner   map[string]string // task → row
	base    map[string]extra
	changed func() bool // something else is visible now
}

// run streams the measurement for a while, or until what is visible changes.
// It says whether to go on.
func (m measurement) run(ctx context.Context, yield func(map[string]extra) bool) bool {
	if len(m.owner) == 0 || m.env.Backend.Unsupported(backend.CanMetrics) != "" {
		return pause(ctx, m.env, extrasEvery)
	}
	span := usageFor
	for _, e := range m.base {
		if e.Deployment != nil && !e.Deployment.Status.Ended() {
			span = extrasEvery // its counts move
		}
	}
	limited, cancel := context.WithTimeout(ctx, span)
	defer cancel()
	tasks := slices.Collect(maps.Keys(m.owner))
	for samples, err := range m.env.Backend.Usage(limited, m.cluster, tasks) {
		if err != nil {
			break
		}
		if !yield(m.sum(samples)) {
			return false
		}
		if m.changed() {
			return true
		}
	}
	if limited.Err() == nil { // the stream ended early: no hurry to ask again
		return pause(ctx, m.env, extrasEvery)
	}
	return ctx.Err() == nil
}

// pause lets some time pass. It says whether to go on.
func pause(ctx context.Context, env *Env, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-env.Clock.After(d):
		return true
	}
}

func (m measurement) sum(samples []backend.Usage) map[string]extra {
	out := map[string]extra{}
	maps.Copy(out, m.base)
	for _, u := range samples {
		e := out[m.owner[u.Task]]
		sum := backend.Usage{At: u.At}
		if e.Usage != nil {
			sum = *e.Usage
		}
		sum.CPU += u.CPU
		sum.Memory += u.Memory
		sum.MemoryLimit += u.MemoryLimit
		e.Usage = &sum
		out[m.owner[u.Task]] = e
	}
	return out
}
