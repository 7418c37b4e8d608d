package aws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/ecs-tui/ecs-tui/backend"
)

var (
	errNoRegion     = errors.New("no region is configured")
	errNoCluster    = errors.New("the cluster does not exist")
	errTooLong      = errors.New("the answer is longer than any that AWS gives")
	errThrottled    = errors.New("AWS refused the call for its rate, again and again")
	errWaitsForCode = errors.New("the profile's MFA code has not been typed yet")
	errNoTime       = errors.New("AWS did not answer in time")
)

// skewed is what to do about a clock that is wrong.
const skewed = "the clock of this machine is wrong: set it (timedatectl set-ntp true), then try again"

// named gives an error of the connection the name of the call that needed it.
func named(err error, op, resource string) error {
	var e *backend.Error
	if !errors.As(err, &e) {
		return err
	}
	out := *e
	out.Op = op
	if out.Resource == "" {
		out.Resource = backend.Clean(resource)
	}
	return &out
}

// wrapSeen is wrap for a call of which something was seen on the wire: one that
// ran out of time while it was throttled says so.
func (b *Backend) wrapSeen(op, resource string, err error, seen *capture) error {
	seen.mu.Lock()
	throttled := seen.throttled
	seen.mu.Unlock()
	if throttled && errors.Is(err, context.DeadlineExceeded) {
		return &backend.Error{Op: op, Kind: backend.Throttled, Resource: backend.Clean(resource), Err: errThrottled}
	}
	return b.wrap(op, resource, err)
}

// wrap gives an error of the SDK its kind and its advice.
func (b *Backend) wrap(op, resource string, err error) error {
	var done *backend.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &done):
		return named(done, op, resource)
	case errors.Is(err, context.DeadlineExceeded) && b.asking.Load():
		return &backend.Error{
			Op: op, Kind: backend.Expired, Resource: backend.Clean(resource), Err: errWaitsForCode,
			Remedy: "type it where it is asked for; what is on screen goes on by itself then",
		}
	case errors.Is(err, ErrNoCode):
		return &backend.Error{
			Op: op, Kind: backend.Expired, Resource: backend.Clean(resource), Err: ErrNoCode,
			Remedy: "the profile's role needs one: :mfa asks again",
		}
	case errors.Is(err, context.Canceled):
		return &backend.Error{Op: op, Kind: backend.Cancelled, Resource: backend.Clean(resource), Err: context.Canceled}
	}
	out := &backend.Error{Op: op, Resource: backend.Clean(resource)}
	if b.credentialProblem(out, err) {
		return out
	}
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() != noCode {
		b.apiProblem(out, api)
		return out
	}
	b.wireProblem(out, err)
	return out
}

// noCode is what the SDK makes of an answer in the query protocol that is not
// AWS's: the page of a proxy.
const noCode = "UnknownError"

// apiProblem is what AWS answered.
func (b *Backend) apiProblem(out *backend.Error, api smithy.APIError) {
	code, message := backend.Clean(api.ErrorCode()), backend.Clean(api.ErrorMessage())
	if message == "" {
		message = code
	}
	out.Err = errors.New(message)
	lower := strings.ToLower(message)
	switch {
	case isSkew(code, lower):
		out.Kind, out.Remedy = backend.Denied, skewed
	case isExpired(code, lower):
		out.Kind, out.Remedy = backend.Expired, b.login()
	case isDenied(code), authorized.MatchString(message):
		denied(out, message)
	case strings.Contains(code, "Throttl"), code == "TooManyRequestsException", code == "RequestLimitExceeded", strings.Contains(lower, "rate exceeded"):
		out.Kind = backend.Throttled
	case code == "ClusterNotFoundException":
		out.Kind, out.Remedy = backend.NotFound, "name another with --cluster or :cluster; the region may be another one too: "+b.region()
	case code == "ScanNotFoundException":
		never := backend.NeverScanned(out.Op, out.Resource)
		out.Kind, out.Err, out.Remedy = never.Kind, never.Err, never.Remedy
	case strings.HasSuffix(code, "NotFoundException"), strings.HasSuffix(code, "NotFound"), code == "NoSuchEntity": // ELB, Cloud Map and IAM have no "Exception"
		out.Kind = backend.NotFound
	case code == "LimitExceededException", strings.Contains(lower, "limit exceeded"), strings.Contains(lower, "quota"):
		out.Kind, out.Remedy = backend.Exhausted, "a quota of the account is used up: remove something, or ask for more in Service Quotas"
	case code == "ServerException", code == "InternalServerError", code == "ServiceUnavailable", code == "InternalFailure",
		strings.HasPrefix(code, "5"), api.ErrorFault() == smithy.FaultServer:
		out.Kind, out.Remedy = backend.Unreachable, "AWS has a problem of its own; it is tried again by itself, and health.aws.amazon.com tells more"
	default:
		out.Kind, out.Remedy = meaning(out.Op, code, lower)
	}
}

// meaning reads the errors that have no code of their own: ECS packs many into
// ClientException and InvalidParameterException, with a text.
func meaning(op, code, lower string) (backend.Kind, string) {
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(lower, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("unable to describe task definition", "taskdefinition not found", "task definition does not exist", "referenced task was not found", "task definition is not found", "does not exist"):
		return backend.NotFound, ""
	case has("taskdefinition is inactive", "task definition is inactive"):
		return backend.Conflict, "the revision was deregistered: deploy another one"
	case has("not idempotent"), has("exists already"):
		return backend.Conflict, "a service of this name exists already"
	case has("still draining"), code == "ServiceNotActiveException":
		return backend.Conflict, "the service is being deleted: wait until it is gone, then try again"
	case has("cannot be stopped while"), has("scaled above 0"):
		return backend.Conflict, "scale it to zero first, or force the deletion"
	case strings.HasPrefix(code, "ClusterContains"):
		return backend.Conflict, "delete its services, stop its tasks and deregister its machines first"
	case code == "ConflictException", code == "ResourceInUseException", strings.HasSuffix(code, "AlreadyExistsException"), code == "UpdateInProgressException":
		return backend.Conflict, ""
	case code == "ImageTagAlreadyExistsException", has("immutable"):
		return backend.Conflict, "this tag exists and may not change: push under another one"
	case code == "UnsupportedFeatureException", code == "PlatformUnknownException", code == "PlatformTaskDefinitionIncompatibilityException":
		return backend.Unsupported, ""
	case code == "TargetNotConnectedException":
		return backend.Conflict, "the agent for ECS Exec is not there yet: wait some seconds, then try again"
	case code == "BlockedException":
		return backend.Denied, "the account is blocked: AWS support can tell why"
	case code == "ClientException", strings.HasPrefix(code, "Invalid"), strings.HasPrefix(code, "Validation"), code == "SerializationException", code == "MissingParameter":
		return backend.Invalid, ""
	default:
		return backend.Other, "look the error up in AWS's documentation of " + op
	}
}

// wireProblem is an answer that never came.
func (b *Backend) wireProblem(out *backend.Error, err error) {
	var dns *net.DNSError
	var hang *hangError
	var page *smithyhttp.ResponseError
	text := backend.Clean(err.Error())
	switch {
	case errors.As(err, &hang):
		out.Kind, out.Err = backend.Unreachable, errors.New(hang.Error())
		out.Remedy = "the endpoint accepts the call and is silent: check the network, a proxy, or AWS_ENDPOINT_URL"
	case errors.As(err, &dns):
		out.Kind, out.Err = backend.Unreachable, errors.New("there is no host "+backend.Clean(dns.Name))
		out.Remedy = "check the name of the region (" + b.region() + ") and that there is a network"
	case errors.Is(err, syscall.ECONNREFUSED):
		out.Kind, out.Err = backend.Unreachable, errors.New("nothing listens at the endpoint: connection refused")
		out.Remedy = "check AWS_ENDPOINT_URL, a proxy, or the network"
	case errors.Is(err, context.DeadlineExceeded):
		out.Kind, out.Err = backend.Unreachable, errNoTime
		out.Remedy = "check the network; it is tried again at the next refresh"
	case strings.Contains(text, "answer broke off"):
		out.Kind, out.Err = backend.Unreachable, errors.New("the answer broke off in the middle")
		out.Remedy = "check the network; nothing of the half answer was used"
	case errors.As(err, &page) && page.HTTPStatusCode() >= 300:
		status := page.HTTPStatusCode()
		out.Kind, out.Err = backend.Unreachable, fmt.Errorf("the endpoint answers %d %s, and not as AWS does", status, http.StatusText(status))
		out.Remedy = "a proxy or a load balancer is in the way; it is tried again at the next refresh"
	case strings.Contains(text, "exceeded maximum number of attempts"), strings.Contains(text, "request send failed"), isNetwork(err):
		out.Kind, out.Err = backend.Unreachable, errors.New(short(text))
	default:
		out.Err = errors.New(short(text))
	}
}

func isNetwork(err error) bool {
	var n net.Error
	return errors.As(err, &n)
}

// short leaves out the SDK's own preamble.
func short(text string) string {
	for _, cut := range []string{"request send failed, ", "exceeded maximum number of attempts, "} {
		if i := strings.Index(text, cut); i >= 0 {
			text = text[i+len(cut):]
		}
	}
	return text
}

// region is the region that is asked, for advice.
func (b *Backend) region() string {
	if r := b.asked.Load(); r != nil {
		return *r
	}
	return b.opts.Region
}

// neverRetried says which failures are told at once: another attempt within the
// same call would only keep the user waiting.
func neverRetried(err error) awssdk.Ternary {
	var hang *hangError
	var dns *net.DNSError
	if errors.As(err, &hang) || errors.As(err, &dns) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, errTooLong) {
		return awssdk.FalseTernary
	}
	return awssdk.UnknownTernary
}
