package aws

import (
	"context"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/ecs-tui/ecs-tui/backend"
)

// StartLiveTail brings lines about a second after they were taken in, at a price
// for every minute, so that it is used only where it was asked for
// ([Options.LiveTail]). It gives no ids, leaves lines out above 500 a second, and
// is told of no tasks that start: the looks of FilterLogEvents go on, less often,
// and what both bring comes once.
const (
	liveLookEvery = overlap
	mostLive      = 10 // log groups in a session
)

// liveEvents are what a session brings at once, by the source they belong to.
type liveEvents map[logSource][]logEvent

// live starts a session for what is followed. nil where none is wanted, or can be
// had, for whatever reason: the looks bring everything too. The channel is closed
// when the session ends.
func (r *logReader) live(ctx context.Context) <-chan liveEvents {
	sources := r.set.sources(r.q.Service != "")
	if !r.b.opts.LiveTail || len(sources) == 0 {
		return nil
	}
	info, err := r.b.Info(ctx)
	if err != nil {
		return nil
	}
	region := sources[0].region
	byARN := map[string][]logSource{}
	for _, src := range sources {
		if src.region != region {
			return nil // one session is of one region
		}
		arn := logGroupARN(region, info, src.group)
		byARN[arn] = append(byARN[arn], src)
	}
	if len(byARN) > mostLive {
		return nil
	}
	stream, err := r.b.startLiveTail(ctx, region, byARN)
	if err != nil {
		r.b.log.Info("no live tail, the looks go on", "err", backend.Clean(err.Error()))
		return nil
	}
	out := make(chan liveEvents)
	go func() { // ends with ctx, or with the session
		defer close(out)
		defer stream.Close()
		for event := range stream.Events() {
			update, ok := event.(*types.StartLiveTailResponseStreamMemberSessionUpdate)
			if !ok {
				continue
			}
			select {
			case out <- sorted(update.Value.SessionResults, byARN):
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func logGroupARN(region string, info backend.Info, group string) string {
	if region == "" {
		region = info.Region
	}
	partition := "aws"
	switch {
	case strings.HasPrefix(region, "cn-"):
		partition = "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		partition = "aws-us-gov"
	}
	return strings.Join([]string{"arn", partition, "logs", region, info.Account, "log-group", group}, ":")
}

func (b *Backend) startLiveTail(ctx context.Context, region string, byARN map[string][]logSource) (*cloudwatchlogs.StartLiveTailEventStream, error) {
	c, err := b.connect(ctx)
	if err != nil {
		return nil, err
	}
	in := &cloudwatchlogs.StartLiveTailInput{}
	for arn := range byARN {
		in.LogGroupIdentifiers = append(in.LogGroupIdentifiers, arn)
	}
	out, err := c.logs.StartLiveTail(ctx, in, func(o *cloudwatchlogs.Options) {
		if region != "" {
			o.Region = region
		}
		if o.BaseEndpoint != nil { // it has no other host for streams
			o.APIOptions = append(o.APIOptions, oneHost)
		}
	})
	if err != nil {
		return nil, err
	}
	return out.GetStream(), nil
}

// oneHost keeps a call at the endpoint's own host.
func oneHost(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("OneHost", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
		middleware.InitializeOutput, middleware.Metadata, error,
	) {
		return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
	}), middleware.Before)
}

// sorted gives each event to its source: sources of one group are told apart by
// how their streams begin.
func sorted(results []types.LiveTailSessionLogEvent, byARN map[string][]logSource) liveEvents {
	out := liveEvents{}
	for _, e := range results {
		stream := awssdk.ToString(e.LogStreamName)
		for _, src := range byARN[awssdk.ToString(e.LogGroupIdentifier)] {
			if strings.HasPrefix(stream, src.prefix) {
				out[src] = append(out[src], logEvent{at: awssdk.ToInt64(e.Timestamp), stream: stream, text: awssdk.ToString(e.Message)})
				break
			}
		}
	}
	return out
}

// arrived makes lines of what a session brought, but for those that a look has
// brought already, and remembers them for the looks to come.
func (r *logReader) arrived(events liveEvents) backend.LogBatch {
	var batch backend.LogBatch
	for src, list := range events {
		for _, e := range list {
			key := looseKey(src.group, e)
			if r.looked.take(key) {
				continue
			}
			if l, ok := r.line(src, e); ok {
				r.echoes.add(key, e.at)
				batch.Lines = append(batch.Lines, l)
			}
		}
	}
	sortLines(batch.Lines)
	return batch
}

// ledger counts lines that came one way, until they come the other.
type ledger map[string]entry

type entry struct {
	n  int
	at int64 // milliseconds
}

func (l ledger) add(key string, at int64) { l[key] = entry{l[key].n + 1, at} }

// take says whether a line is in the ledger, and takes it out.
func (l ledger) take(key string) bool {
	e, ok := l[key]
	if !ok {
		return false
	}
	if e.n--; e.n == 0 {
		delete(l, key)
	} else {
		l[key] = e
	}
	return true
}

// forget drops what is older than a time, in milliseconds.
func (l ledger) forget(before int64) {
	for key, e := range l {
		if e.at < before {
			delete(l, key)
		}
	}
}
