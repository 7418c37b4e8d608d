package aws

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// maxBody bounds an answer: ECS's largest are a few megabytes.
const maxBody = 32 << 20

// capture keeps the body of a call's last answer, as it came.
type capture struct {
	mu        sync.Mutex
	body      []byte
	throttled bool // an attempt of this call was throttled
}

type captureKey struct{}

// transport is under every call: it waits for the call's place in its token
// bucket, bounds each attempt in time, and keeps the bytes of the answer.
type transport struct {
	next   awssdk.HTTPClient
	limits *limiter
}

// Do sends one attempt. The answer is read whole before it is handed on, so
// that one which breaks off in the middle is an error here, where it is tried
// again, and not a half-read document there.
func (t *transport) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if err := t.limits.wait(ctx, operationOf(req)); err != nil {
		return nil, err
	}
	if operationOf(req) == "logs.StartLiveTail" {
		return t.next.Do(req) // its answer has no end
	}
	attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	resp, err := t.next.Do(req.WithContext(attempt))
	if err != nil {
		return nil, timedOut(ctx, attempt, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, timedOut(ctx, attempt, fmt.Errorf("the answer broke off: %w", err))
	case len(body) > maxBody:
		return nil, errTooLong
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	throttled := isThrottled(resp.StatusCode, body)
	if throttled {
		t.limits.throttled(operationOf(req))
	}
	if c, ok := ctx.Value(captureKey{}).(*capture); ok {
		c.mu.Lock()
		c.body, c.throttled = body, c.throttled || throttled
		c.mu.Unlock()
	}
	return resp, nil
}

// timedOut tells an attempt that took too long, which is tried again, from a
// caller who has given up, and from one whose time is over.
func timedOut(ctx, attempt context.Context, err error) error {
	if ctx.Err() == nil && errors.Is(attempt.Err(), context.DeadlineExceeded) {
		return &hangError{err}
	}
	return err
}

// hangError is an endpoint that accepts a call and does not answer it.
type hangError struct{ err error }

func (e *hangError) Error() string   { return fmt.Sprintf("no answer within %s", attemptTimeout) }
func (e *hangError) Unwrap() error   { return e.err }
func (e *hangError) Timeout() bool   { return true }
func (e *hangError) Temporary() bool { return true }

func isThrottled(status int, body []byte) bool {
	return status == http.StatusTooManyRequests ||
		status == http.StatusBadRequest && (bytes.Contains(body, []byte("Throttl")) || bytes.Contains(body, []byte("Rate exceeded")))
}

// operationOf is "ecs.DescribeServices" for a call that has a token bucket, ""
// for the others.
func operationOf(req *http.Request) string {
	service, op, ok := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	switch {
	case !ok:
		return untargeted(req.Context())
	case strings.HasPrefix(service, "AmazonEC2ContainerService"):
		return "ecs." + op
	case strings.HasPrefix(service, "AmazonEC2ContainerRegistry"):
		return "ecr." + op
	case strings.HasPrefix(service, "Logs_"):
		return "logs." + op
	case strings.HasPrefix(service, "AnyScaleFrontendService"):
		return "scaling." + op
	case strings.HasPrefix(service, "Route53AutoNaming"):
		return "discovery." + op
	case service == "secretsmanager":
		return "secrets." + op
	case service == "AmazonSSM":
		return "systems." + op
	default:
		return ""
	}
}

// untargeted is "elb.DescribeTargetHealth" for a call whose protocol says so in
// its body or its path only; the SDK's context says it too.
func untargeted(ctx context.Context) string {
	service := ""
	switch awsmiddleware.GetServiceID(ctx) {
	case elasticloadbalancingv2.ServiceID:
		service = "elb"
	case scheduler.ServiceID:
		service = "scheduler"
	case iamID:
		service = "iam"
	case ec2ID:
		service = "ec2"
	default:
		return ""
	}
	return service + "." + awsmiddleware.GetOperationName(ctx)
}

// sendBody makes a call send doc as it is, with the fields that the SDK does
// not know.
func sendBody(doc []byte) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Build.Add(middleware.BuildMiddlewareFunc("SendDocument", func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (
			middleware.BuildOutput, middleware.Metadata, error,
		) {
			req, ok := in.Request.(*smithyhttp.Request)
			if !ok {
				return middleware.BuildOutput{}, middleware.Metadata{}, fmt.Errorf("unexpected transport %T", in.Request)
			}
			req, err := req.SetStream(bytes.NewReader(doc))
			if err != nil {
				return middleware.BuildOutput{}, middleware.Metadata{}, err
			}
			in.Request = req
			return next.HandleBuild(ctx, in)
		}), middleware.Before)
	}
}
