package ecsapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
)

func TestCaller(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Empty: true}, nil)
	who, err := sts.NewFromConfig(w.cfg).GetCallerIdentity(t.Context(), nil)
	if err != nil || aws.ToString(who.Account) != "123456789012" || !strings.Contains(aws.ToString(who.Arn), "AKIDEXAMPLE") {
		t.Errorf("the caller is %+v, %v", who, err)
	}
}

// TestLogs reads the logs of a service in every way that there is.
func TestLogs(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Empty: true, Services: 1}, nil)
	c := cloudwatchlogs.NewFromConfig(w.cfg)
	ctx := t.Context()
	groups, err := c.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/shop/")})
	if err != nil || len(groups.LogGroups) != 1 || aws.ToInt64(groups.LogGroups[0].CreationTime) == 0 {
		t.Fatalf("groups %+v, %v, want /shop/bulk", groups, err)
	}
	group := aws.String("/shop/bulk")
	_, err = c.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("/none")})
	wantCode(t, "no group", err, "ResourceNotFoundException")
	_, err = c.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: aws.String("x/y/z")})
	wantCode(t, "no stream", err, "ResourceNotFoundException")

	// What the backend has is what comes, line by line.
	arns, err := w.b.ListTasks(ctx, backend.TaskQuery{Cluster: "demo", Service: "bulk-0000"}, backend.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := w.b.DescribeTasks(ctx, "demo", arns.Items)
	if err != nil {
		t.Fatal(err)
	}
	task := tasks[0]
	name := task.Containers[0].RuntimeID // the demo's definitions give no prefix
	var want []string
	var from, to int64
	for batch, err := range w.b.Logs(ctx, backend.LogQuery{Cluster: "demo", Tasks: []string{task.ARN}, Tail: 60}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range batch.Lines {
			if from == 0 {
				from = l.At.UnixMilli()
			}
			to = l.At.UnixMilli()
			want = append(want, l.Text)
		}
	}
	var got []string
	ids := map[string]bool{}
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(c, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: group, LogStreamNames: []string{name}, StartTime: &from, EndTime: &to, Limit: aws.Int32(7),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Events) > 7 {
			t.Errorf("a page of %d events, 7 were asked for", len(page.Events))
		}
		for _, e := range page.Events {
			ids[aws.ToString(e.EventId)] = true
			got = append(got, aws.ToString(e.Message))
		}
	}
	// Lines of the first and last millisecond that are not in want come as well.
	if !strings.Contains(strings.Join(got, "\n"), strings.Join(want, "\n")) || len(got) > len(want)+5 || len(ids) != len(got) {
		t.Errorf("%d events with %d ids, %d lines were written:\n%s", len(got), len(ids), len(want), strings.Join(got, "\n"))
	}
	backwards(t, c, group, name, from, to, got)

	some, err := c.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: group, StartTime: &from, FilterPattern: aws.String(`GET -"favicon"`),
	})
	if err != nil || len(some.Events) == 0 {
		t.Errorf("filtered: %v", err)
	}
	for _, e := range some.Events {
		if !strings.Contains(aws.ToString(e.Message), "GET") {
			t.Errorf("%q was not asked for", aws.ToString(e.Message))
		}
	}
}

// backwards reads a stream from its end to its beginning, and ends where the
// token comes back.
func backwards(t *testing.T, c *cloudwatchlogs.Client, group *string, stream string, from, to int64, want []string) {
	t.Helper()
	to++ // exclusive here
	in := &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: group, LogStreamName: &stream, StartTime: &from, EndTime: &to, Limit: aws.Int32(8),
	}
	var got []string
	for range 100 {
		page, err := c.GetLogEvents(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if aws.ToString(page.NextBackwardToken) == aws.ToString(in.NextToken) {
			break
		}
		got = append(messages(page.Events), got...)
		in.NextToken = page.NextBackwardToken
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("read backwards:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func messages(events []types.OutputLogEvent) []string {
	var out []string
	for _, e := range events {
		out = append(out, aws.ToString(e.Message))
	}
	return out
}

// TestLogStreams: streams are named as awslogs names them, and the groups of
// containers without awslogs as the console would.
func TestLogStreams(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{Empty: true}, nil)
	ctx := t.Context()
	td, err := w.b.RegisterTaskDefinition(ctx, backend.Document(`{"family": "two", "containerDefinitions": [
		{"name": "a", "image": "i:1", "memory": 64, "logConfiguration": {"logDriver": "awslogs",
			"options": {"awslogs-group": "/mine", "awslogs-stream-prefix": "pre"}}},
		{"name": "b", "image": "i:1", "memory": 64}]}`))
	if err != nil {
		t.Fatal(err)
	}
	ran, err := w.b.RunTask(ctx, backend.RunTaskRequest{Cluster: "demo", TaskDefinition: td.ARN})
	if err != nil {
		t.Fatal(err)
	}
	c := cloudwatchlogs.NewFromConfig(w.cfg)
	for group, want := range map[string]string{"/mine": "pre/a/" + ran[0].ID(), "/ecs/two": "ecs/b/" + ran[0].ID()} {
		eventually(t, "written: "+want, func() (bool, string) {
			streams, err := c.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{
				LogGroupName: &group, OrderBy: types.OrderByLastEventTime, Descending: aws.Bool(true),
			})
			if err != nil {
				return false, err.Error()
			}
			if len(streams.LogStreams) != 1 || aws.ToString(streams.LogStreams[0].LogStreamName) != want {
				t.Fatalf("streams of %s: %+v", group, streams.LogStreams)
			}
			page, err := c.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: &group, LogStreamName: &want})
			if err != nil {
				return false, err.Error()
			}
			return streams.LogStreams[0].LastEventTimestamp != nil && len(page.Events) > 0, "no events yet"
		})
	}
}
