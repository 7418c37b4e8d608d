package ecsapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// mostQueries is how many metrics one GetMetricData takes.
const mostQueries = 500

// metrics are the operations of CloudWatch, for the two metrics that ECS has of
// its services. The past is what the backend remembers, or what was measured for
// earlier calls, see [Handler.past].
func (h *Handler) metrics() map[string]operation {
	return map[string]operation{"GetMetricData": typed(h.getMetricData)}
}

type metricInput struct {
	Start   when          `json:"StartTime"`
	End     when          `json:"EndTime"`
	Queries []metricQuery `json:"MetricDataQueries"`
	ScanBy  string        `json:"ScanBy"`
}

type metricQuery struct {
	ID         string `json:"Id"`
	Label      string `json:"Label"`
	Expression string `json:"Expression"`
	Stat       struct {
		Metric struct {
			Namespace  string `json:"Namespace"`
			Name       string `json:"MetricName"`
			Dimensions []struct{ Name, Value string }
		} `json:"Metric"`
		Period count  `json:"Period"`
		Stat   string `json:"Stat"`
	} `json:"MetricStat"`
}

// of says which service's metric a query asks for; ok is false where there is
// none here.
func (q metricQuery) of() (s service, metric string, ok bool) {
	m := q.Stat.Metric
	for _, d := range m.Dimensions {
		switch d.Name {
		case "ClusterName":
			s.cluster = d.Value
		case "ServiceName":
			s.name = d.Value
		default:
			return s, "", false
		}
	}
	ok = m.Namespace == "AWS/ECS" && s.cluster != "" && (m.Name == cpuMetric || m.Name == memoryMetric)
	return s, m.Name, ok
}

func (q metricQuery) check() error {
	period := int(q.Stat.Period)
	switch {
	case q.Expression != "":
		return failf(http.StatusBadRequest, "ValidationError", "MetricDataQueries: this endpoint has metrics, and no expressions over them.")
	case period < 60 || period%60 != 0:
		return failf(http.StatusBadRequest, "ValidationError", "MetricStat.Period must be a multiple of 60.")
	case !slices.Contains([]string{"Average", "Minimum", "Maximum", "Sum", "SampleCount"}, q.Stat.Stat):
		return failf(http.StatusBadRequest, "ValidationError", "MetricStat.Stat: this endpoint knows Average, Minimum, Maximum, Sum and SampleCount.")
	default:
		return nil
	}
}

func (h *Handler) getMetricData(ctx context.Context, in *metricInput) (any, error) {
	start, end := time.Time(in.Start), time.Time(in.End)
	switch {
	case len(in.Queries) == 0 || len(in.Queries) > mostQueries:
		return nil, failf(http.StatusBadRequest, "ValidationError", "MetricDataQueries must have 1 to %d elements.", mostQueries)
	case !start.Before(end):
		return nil, failf(http.StatusBadRequest, "ValidationError", "StartTime must be before EndTime.")
	}
	var asked []service
	for _, q := range in.Queries {
		if err := q.check(); err != nil {
			return nil, err
		}
		if s, _, ok := q.of(); ok && !slices.Contains(asked, s) {
			asked = append(asked, s)
		}
	}
	if err := h.measure(ctx, asked); err != nil {
		return nil, err
	}
	results := make([]any, 0, len(in.Queries))
	read := map[pastOf]backend.UsageHistory{}
	for _, q := range in.Queries {
		points, err := h.metricPoints(ctx, q, start, end, read)
		if err != nil {
			return nil, err
		}
		if in.ScanBy != "TimestampAscending" {
			slices.Reverse(points)
		}
		label := q.Label
		if label == "" {
			label = q.Stat.Metric.Name
		}
		results = append(results, obj{
			"Id": q.ID, "Label": label, "StatusCode": "Complete",
			"Timestamps": list(points, func(p backend.UsagePoint) any { return stamp(p.At) }),
			"Values":     list(points, func(p backend.UsagePoint) any { return statistic(p, q.Stat.Stat) }),
		})
	}
	return obj{"Messages": []any{}, "MetricDataResults": results}, nil
}

// pastOf is what queries of one call have in common that one reading answers.
type pastOf struct {
	service
	stat   string
	period time.Duration
}

// metricPoints answers one query, oldest first.
func (h *Handler) metricPoints(ctx context.Context, q metricQuery, start, end time.Time, read map[pastOf]backend.UsageHistory) ([]backend.UsagePoint, error) {
	s, metric, ok := q.of()
	if !ok {
		return nil, nil
	}
	of := pastOf{s, q.Stat.Stat, time.Duration(q.Stat.Period) * time.Second}
	found, known := read[of]
	if !known {
		var err error
		if found, err = h.past(ctx, s, of.stat, backend.HistoryQuery{From: start, To: end, Period: of.period}); err != nil {
			return nil, err
		}
		read[of] = found
	}
	if metric == memoryMetric {
		return slices.Clone(found.Memory), nil
	}
	return slices.Clone(found.CPU), nil
}

// list turns a slice into a list of plain values.
func list[T any](items []T, value func(T) any) []any {
	out := make([]any, 0, len(items))
	for _, item := range items {
		out = append(out, value(item))
	}
	return out
}

// measureTime is how long a backend may take to measure.
const measureTime = 10 * time.Second

// measure takes a sample of services that have none from just now. A backend
// that cannot measure has no metrics, which is no error in CloudWatch.
func (h *Handler) measure(ctx context.Context, services []service) error {
	if h.b.Unsupported(backend.CanMetrics) != "" {
		return nil
	}
	now := h.clock.Now()
	byCluster := map[string][]backend.Task{}
	of := map[string][]service{} // by task
	for _, s := range services {
		if !h.samples.due(s, now) {
			continue
		}
		tasks, err := h.running(ctx, s)
		if backend.KindOf(err) == backend.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		for _, t := range tasks {
			if len(of[t.ARN]) == 0 {
				byCluster[s.cluster] = append(byCluster[s.cluster], t)
			}
			of[t.ARN] = append(of[t.ARN], s)
		}
	}
	ix := h.index()
	for cluster, tasks := range byCluster {
		usage, err := h.usage(ctx, cluster, tasks)
		if err != nil {
			return err
		}
		for _, t := range tasks {
			u, measured := usage[t.ARN]
			if !measured {
				continue
			}
			units, err := ix.reserved(ctx, t)
			if err != nil {
				return err
			}
			for _, s := range of[t.ARN] {
				h.samples.note(s, u, units)
			}
		}
	}
	return nil
}

// running are the tasks that run for a service, or in a cluster.
func (h *Handler) running(ctx context.Context, s service) ([]backend.Task, error) {
	var arns []string
	for arn, err := range backend.All(ctx, func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
		return h.b.ListTasks(ctx, backend.TaskQuery{Cluster: s.cluster, Service: s.name}, p)
	}) {
		if err != nil {
			return nil, err
		}
		arns = append(arns, arn)
	}
	if len(arns) == 0 {
		return nil, nil
	}
	tasks, err := h.b.DescribeTasks(ctx, s.cluster, arns)
	return slices.DeleteFunc(tasks, func(t backend.Task) bool { return t.LastStatus != backend.Running }), err
}

// usage waits for the first measurement of tasks.
func (h *Handler) usage(ctx context.Context, cluster string, tasks []backend.Task) (map[string]backend.Usage, error) {
	arns := make([]string, 0, len(tasks))
	for _, t := range tasks {
		arns = append(arns, t.ARN)
	}
	ctx, cancel := context.WithTimeout(ctx, measureTime)
	defer cancel()
	out := map[string]backend.Usage{}
	for batch, err := range h.b.Usage(ctx, cluster, arns) {
		switch {
		case ctx.Err() != nil: // nothing was measured in time
			return out, nil
		case err != nil:
			return nil, err
		}
		for _, u := range batch {
			out[u.Task] = u
		}
		if len(batch) > 0 {
			break
		}
	}
	return out, nil
}

// reserved is the CPU that a task has, in units of 1/1024 core: its own size,
// what its containers ask for, or one core where nothing says.
func (ix *index) reserved(ctx context.Context, t backend.Task) (int, error) {
	if units, err := backend.ParseCPU(t.CPU); err == nil && units > 0 {
		return units, nil
	}
	td, err := ix.definition(ctx, t.TaskDefinition)
	if err != nil {
		return 0, err
	}
	units := 0
	if td != nil {
		units, _ = td.Reserves()
	}
	if units == 0 {
		units = 1024
	}
	return units, nil
}
