package aws

import (
	"context"
	"fmt"
	"iter"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// The metrics that ECS reports for each service, in percent of what its tasks
// reserve.
const (
	metricCPU    = "CPUUtilization"
	metricMemory = "MemoryUtilization"
)

const (
	// metricPeriod is how often ECS reports a service's use, and how long a
	// value is kept: each question costs money.
	metricPeriod = time.Minute
	// metricWindow is how far back a value may lie.
	metricWindow = 10 * time.Minute
	// metricRetry is how soon to ask again where there was no value yet.
	metricRetry = 10 * time.Second
	// metricsACall is how many services one GetMetricData asks for: it takes
	// 500 queries, and a service has two.
	metricsACall = 250
)

// load is what a service used, in percent of what its tasks reserve.
type load struct {
	cpu, memory float64
	at          time.Time // of the value; zero when there was none
	asked       time.Time
}

// Usage gives what tasks use, from the averages that ECS reports for their
// service. A task of its own has no metric without Container Insights, and is
// left out.
func (b *Backend) Usage(ctx context.Context, cluster string, arns []string) iter.Seq2[[]backend.Usage, error] {
	return func(yield func([]backend.Usage, error) bool) {
		const op = "Usage"
		tasks, err := b.DescribeTasks(ctx, cluster, arns)
		if err != nil {
			yield(nil, named(err, op, ""))
			return
		}
		for {
			samples, err := b.sample(ctx, b.cluster(cluster), tasks)
			if !yield(samples, err) || err != nil {
				return
			}
			wait := metricPeriod
			if len(samples) == 0 {
				wait = metricRetry
			}
			select {
			case <-ctx.Done():
				yield(nil, b.wrap(op, "", ctx.Err()))
				return
			case <-b.clock.After(wait):
			}
		}
	}
}

// sample is one look at the tasks.
func (b *Backend) sample(ctx context.Context, cluster string, tasks []backend.Task) ([]backend.Usage, error) {
	var services []string
	seen := map[string]bool{}
	for _, t := range tasks {
		if t.Service != "" && !seen[t.Service] {
			seen[t.Service] = true
			services = append(services, t.Service)
		}
	}
	loads, err := b.loadsOf(ctx, backend.ShortName(cluster), services)
	if err != nil {
		return nil, err
	}
	var out []backend.Usage
	for _, t := range tasks {
		l, ok := loads[t.Service]
		if !ok || l.at.IsZero() || t.LastStatus == backend.TaskStopped {
			continue
		}
		u, err := b.usageOf(ctx, l, t)
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	return out, nil
}

// ServiceUsage is what services use: the average of a service's tasks, times
// how many run.
func (b *Backend) ServiceUsage(ctx context.Context, services []backend.Service) (map[string]backend.Usage, error) {
	byCluster := map[string][]string{}
	for _, s := range services {
		if s.Running > 0 {
			byCluster[s.Cluster] = append(byCluster[s.Cluster], s.Name)
		}
	}
	out := map[string]backend.Usage{}
	for cluster, names := range byCluster {
		loads, err := b.loadsOf(ctx, cluster, names)
		if err != nil {
			return nil, err
		}
		for _, s := range services {
			l, ok := loads[s.Name]
			if !ok || s.Cluster != cluster || l.at.IsZero() {
				continue
			}
			one, err := b.usageOf(ctx, l, backend.Task{TaskDefinition: s.TaskDefinition})
			if err != nil {
				return nil, err
			}
			n := s.Running
			out[s.ARN] = backend.Usage{
				At: one.At, CPU: one.CPU * float64(n), Memory: one.Memory * int64(n), MemoryLimit: one.MemoryLimit * int64(n),
			}
		}
	}
	return out, nil
}

// usageOf is a load in absolute numbers, for one task.
func (b *Backend) usageOf(ctx context.Context, l load, t backend.Task) (backend.Usage, error) {
	cpu, memory, err := b.reserved(ctx, t)
	return backend.Usage{
		Task: t.ARN, At: l.at, CPU: l.cpu * float64(cpu) / 1024,
		Memory: int64(l.memory / 100 * float64(memory) * (1 << 20)), MemoryLimit: int64(memory) << 20,
	}, err
}

// reserved is what a task reserves: CPU units and MiB.
func (b *Backend) reserved(ctx context.Context, t backend.Task) (cpu, memory int, err error) {
	cpu, _ = backend.ParseCPU(t.CPU)
	memory, _ = backend.ParseMemory(t.Memory)
	if cpu > 0 && memory > 0 {
		return cpu, memory, nil
	}
	td, err := b.definition(ctx, t.TaskDefinition)
	if err != nil {
		return 0, 0, named(err, "Usage", t.TaskDefinition)
	}
	ofCPU, ofMemory := td.Reserves()
	if cpu == 0 {
		cpu = ofCPU
	}
	if memory == 0 {
		memory = ofMemory
	}
	return cpu, memory, nil
}

// loadsOf gives the newest values of services, asking for those that are older
// than a period only.
func (b *Backend) loadsOf(ctx context.Context, cluster string, services []string) (map[string]load, error) {
	now := b.clock.Now()
	out := map[string]load{}
	var ask []string
	for _, s := range services {
		l, ok := b.loads.get(cluster + "/" + s)
		fresh := metricPeriod
		if l.at.IsZero() {
			fresh = metricRetry
		}
		if ok && now.Sub(l.asked) < fresh {
			out[s] = l
			continue
		}
		ask = append(ask, s)
	}
	read, err := describe(ctx, ask, metricsACall, func(ctx context.Context, services []string) ([]namedLoad, error) {
		return b.readLoads(ctx, cluster, services)
	})
	if err != nil {
		return nil, err
	}
	for _, l := range read {
		b.loads.put(cluster+"/"+l.service, l.load)
		out[l.service] = l.load
	}
	return out, nil
}

type namedLoad struct {
	service string
	load
}

func (b *Backend) readLoads(ctx context.Context, cluster string, services []string) ([]namedLoad, error) {
	const op = "GetMetricData"
	c, err := b.connect(ctx)
	if err != nil {
		return nil, named(err, op, cluster)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	now := b.clock.Now()
	in := &cloudwatch.GetMetricDataInput{
		StartTime: awssdk.Time(now.Add(-metricWindow).Truncate(metricPeriod)), EndTime: awssdk.Time(now),
		ScanBy: types.ScanByTimestampDescending,
	}
	out := make([]namedLoad, len(services))
	byID := map[string]int{}
	for i, s := range services {
		out[i] = namedLoad{s, load{asked: now}}
		for _, metric := range []string{metricCPU, metricMemory} {
			id := fmt.Sprintf("%s%d", map[string]string{metricCPU: "c", metricMemory: "m"}[metric], i)
			byID[id] = i
			in.MetricDataQueries = append(in.MetricDataQueries, metricQuery(id, metric, "Average", cluster, s, metricPeriod))
		}
	}
	for {
		page, err := c.cw.GetMetricData(ctx, in)
		if err != nil {
			return nil, b.wrap(op, cluster, err)
		}
		for _, r := range page.MetricDataResults {
			i, known := byID[awssdk.ToString(r.Id)]
			if !known || len(r.Values) == 0 || len(r.Timestamps) == 0 || !out[i].at.IsZero() && r.Timestamps[0].Before(out[i].at.Add(-metricPeriod)) {
				continue
			}
			if awssdk.ToString(r.Id)[0] == 'c' {
				out[i].cpu = r.Values[0]
			} else {
				out[i].memory = r.Values[0]
			}
			out[i].at = r.Timestamps[0]
		}
		if awssdk.ToString(page.NextToken) == "" {
			return out, nil
		}
		in.NextToken = page.NextToken
	}
}

func metricQuery(id, metric, stat, cluster, service string, period time.Duration) types.MetricDataQuery {
	return types.MetricDataQuery{
		Id: &id,
		MetricStat: &types.MetricStat{
			Period: awssdk.Int32(int32(period / time.Second)), Stat: &stat,
			Metric: &types.Metric{
				Namespace: str("AWS/ECS"), MetricName: &metric,
				Dimensions: []types.Dimension{
					{Name: str("ClusterName"), Value: &cluster}, {Name: str("ServiceName"), Value: &service},
				},
			},
		},
	}
}
