package aws

import (
	"context"
	"slices"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// history is what was read of a service, and what was asked.
type history struct {
	backend.UsageHistory
	q     backend.HistoryQuery
	asked time.Time
}

// fresh says whether the answer is still the newest: ECS reports by the minute.
func (h history) fresh(q backend.HistoryQuery, now time.Time) bool {
	keep := metricPeriod
	if len(h.CPU) == 0 {
		keep = metricRetry
	}
	return h.q.Period == q.Period && h.q.To.Sub(h.q.From) == q.To.Sub(q.From) &&
		q.To.Sub(h.q.To).Abs() < metricPeriod && now.Sub(h.asked) < keep
}

// ServiceHistory reads averages and peaks from CloudWatch, at most once a minute
// for a service, since each question costs money.
func (b *Backend) ServiceHistory(ctx context.Context, cluster, service string, q backend.HistoryQuery) (backend.UsageHistory, error) {
	cluster, service = backend.ShortName(b.cluster(cluster)), backend.ShortName(service)
	key, now := cluster+"/"+service, b.clock.Now()
	if h, ok := b.histories.get(key); ok && h.fresh(q, now) {
		return h.UsageHistory, nil
	}
	read, err := b.readHistory(ctx, cluster, service, q)
	if err != nil {
		return backend.UsageHistory{}, err
	}
	if len(read.CPU) == 0 && len(read.Memory) == 0 {
		read.Note = "CloudWatch has no values of this service in this time: it has them while tasks run, a few minutes later"
	}
	b.histories.put(key, history{read, q, now})
	return read, nil
}

// historySeries are the four lines that a history is read from.
type historySeries struct {
	metric, stat string
	points       map[int64]float64 // by time, in Unix seconds
}

func (b *Backend) readHistory(ctx context.Context, cluster, service string, q backend.HistoryQuery) (backend.UsageHistory, error) {
	const op = "GetMetricData"
	c, err := b.connect(ctx)
	if err != nil {
		return backend.UsageHistory{}, named(err, op, service)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	series := map[string]*historySeries{
		"ca": {metric: metricCPU, stat: "Average"}, "cm": {metric: metricCPU, stat: "Maximum"},
		"ma": {metric: metricMemory, stat: "Average"}, "mm": {metric: metricMemory, stat: "Maximum"},
	}
	in := &cloudwatch.GetMetricDataInput{StartTime: &q.From, EndTime: &q.To, ScanBy: types.ScanByTimestampAscending}
	for id, s := range series {
		s.points = map[int64]float64{}
		in.MetricDataQueries = append(in.MetricDataQueries, metricQuery(id, s.metric, s.stat, cluster, service, q.Period))
	}
	for {
		page, err := c.cw.GetMetricData(ctx, in)
		if err != nil {
			return backend.UsageHistory{}, b.wrap(op, service, err)
		}
		for _, r := range page.MetricDataResults {
			s := series[awssdk.ToString(r.Id)]
			if s == nil {
				continue
			}
			for i := range min(len(r.Timestamps), len(r.Values)) {
				s.points[r.Timestamps[i].Unix()] = r.Values[i]
			}
		}
		if awssdk.ToString(page.NextToken) == "" {
			return backend.UsageHistory{CPU: usagePoints(series["ca"], series["cm"]), Memory: usagePoints(series["ma"], series["mm"])}, nil
		}
		in.NextToken = page.NextToken
	}
}

// usagePoints joins averages with the peaks of the same periods.
func usagePoints(average, most *historySeries) []backend.UsagePoint {
	out := make([]backend.UsagePoint, 0, len(average.points))
	for at, value := range average.points {
		out = append(out, backend.UsagePoint{At: time.Unix(at, 0).UTC(), Average: value, Maximum: max(value, most.points[at])})
	}
	slices.SortFunc(out, func(a, b backend.UsagePoint) int { return a.At.Compare(b.At) })
	return out
}
