package ecsapi_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/ecs-tui/ecs-tui/backend/demo"
)

// atOnePlace keeps the SDK from asking streaming-127.0.0.1.
func atOnePlace(o *cloudwatchlogs.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("OnePlace", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
		}), middleware.Before)
	})
}

// TestLiveTail: the lines of a group come by themselves, as the SDK reads them.
func TestLiveTail(t *testing.T) {
	t.Parallel()
	w := serve(t, demo.Options{}, nil)
	logs := cloudwatchlogs.NewFromConfig(w.cfg)
	groups, err := logs.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/ecs/web")})
	if err != nil || len(groups.LogGroups) == 0 {
		t.Fatalf("%+v, %v", groups, err)
	}
	arn := aws.ToString(groups.LogGroups[0].LogGroupArn)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := logs.StartLiveTail(ctx, &cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{arn}}, atOnePlace)
	if err != nil {
		t.Fatal(err)
	}
	stream := out.GetStream()
	defer stream.Close()
	started, lines := false, 0
	for event := range stream.Events() {
		switch e := event.(type) {
		case *types.StartLiveTailResponseStreamMemberSessionStart:
			started = len(e.Value.LogGroupIdentifiers) == 1
		case *types.StartLiveTailResponseStreamMemberSessionUpdate:
			for _, l := range e.Value.SessionResults {
				if aws.ToString(l.LogGroupIdentifier) != arn || aws.ToString(l.LogStreamName) == "" || aws.ToString(l.Message) == "" || aws.ToInt64(l.Timestamp) == 0 {
					t.Errorf("a line without its place: %+v", l)
				}
				lines++
			}
		}
		if lines > 0 {
			break
		}
	}
	if !started || lines == 0 {
		t.Errorf("started %v, %d lines, %v", started, lines, stream.Err())
	}
	for what, in := range map[string]cloudwatchlogs.StartLiveTailInput{
		"a name":         {LogGroupIdentifiers: []string{"/ecs/web"}},
		"names of two":   {LogGroupIdentifiers: []string{arn, arn}, LogStreamNames: []string{"x"}},
		"names and more": {LogGroupIdentifiers: []string{arn}, LogStreamNames: []string{"x"}, LogStreamNamePrefixes: []string{"x"}},
	} {
		_, err = logs.StartLiveTail(ctx, &in, atOnePlace)
		wantCode(t, what, err, "InvalidParameterException")
	}
	_, err = logs.StartLiveTail(ctx, &cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{arn + "x"}}, atOnePlace)
	wantCode(t, "no such group", err, "ResourceNotFoundException")
}
