package ecsapi_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/ecs-tui/ecs-tui/backend/demo"
)

// TestMetrics asks for the use of a service over CBOR, as the SDK does.
func TestMetrics(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Empty: true, Services: 1}, nil)
	c := cloudwatch.NewFromConfig(w.cfg)
	query := func(id, metric, service string) types.MetricDataQuery {
		return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
			Period: aws.Int32(60), Stat: aws.String("Average"),
			Metric: &types.Metric{Namespace: aws.String("AWS/ECS"), MetricName: &metric, Dimensions: []types.Dimension{
				{Name: aws.String("ClusterName"), Value: aws.String("demo")}, {Name: aws.String("ServiceName"), Value: &service},
			}},
		}}
	}
	now := time.Now()
	in := &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(now.Add(-10 * time.Minute)), EndTime: aws.Time(now.Add(time.Minute)),
		MetricDataQueries: []types.MetricDataQuery{
			query("cpu", "CPUUtilization", "bulk-0000"), query("memory", "MemoryUtilization", "bulk-0000"), query("nobody", "CPUUtilization", "nobody"),
		},
	}
	out, err := c.GetMetricData(t.Context(), in)
	if err != nil || len(out.MetricDataResults) != 3 {
		t.Fatalf("%+v, %v", out, err)
	}
	for i, r := range out.MetricDataResults {
		switch {
		case i == 2:
			if len(r.Values) != 0 {
				t.Errorf("nobody uses %v", r.Values)
			}
		case len(r.Values) == 0 || len(r.Values) != len(r.Timestamps) || r.Values[0] <= 0 || r.Values[0] > 100:
			t.Errorf("%s: %v at %v", aws.ToString(r.Id), r.Values, r.Timestamps)
		case now.Sub(r.Timestamps[0]).Abs() > 3*time.Minute:
			t.Errorf("%s is of %s", aws.ToString(r.Id), r.Timestamps[0])
		}
	}
	in.MetricDataQueries[0].MetricStat.Period = aws.Int32(7)
	_, err = c.GetMetricData(t.Context(), in)
	wantCode(t, "a period of 7 seconds", err, "ValidationError")
}

// TestMetricsQuery asks in the query protocol, as older clients do.
func TestMetricsQuery(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Empty: true, Services: 1}, nil)
	q := "MetricDataQueries.member.1."
	form := url.Values{
		"Action": {"GetMetricData"}, "Version": {"2010-08-01"},
		"StartTime": {time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)}, "EndTime": {time.Now().Add(time.Hour).UTC().Format(time.RFC3339)},
		q + "Id": {"cpu"}, q + "MetricStat.Period": {"60"}, q + "MetricStat.Stat": {"Maximum"},
		q + "MetricStat.Metric.Namespace": {"AWS/ECS"}, q + "MetricStat.Metric.MetricName": {"CPUUtilization"},
		q + "MetricStat.Metric.Dimensions.member.1.Name": {"ClusterName"}, q + "MetricStat.Metric.Dimensions.member.1.Value": {"demo"},
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/monitoring/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "<Values><member>") {
		t.Errorf("%s %s, %v", resp.Status, body, err)
	}
}
