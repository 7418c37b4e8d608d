package ecsapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// apiError is an error as it goes over the wire.
type apiError struct {
	status  int
	code    string // the type that clients match on
	message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

func failf(status int, code, format string, args ...any) *apiError {
	return &apiError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// invalidf is the error of ECS for a parameter that is wrong.
func invalidf(format string, args ...any) *apiError {
	return failf(http.StatusBadRequest, "InvalidParameterException", format, args...)
}

// unsupportedf is the error of ECS for what this endpoint cannot do.
func unsupportedf(format string, args ...any) *apiError {
	return failf(http.StatusBadRequest, "UnsupportedFeatureException", format, args...)
}

// asAPIError gives every error a type. Those that services name in their own
// way have one already, see ecsError.
func asAPIError(c *call, err error) *apiError {
	var done *apiError
	if errors.As(err, &done) {
		return done
	}
	text := message(err)
	bad, broken := http.StatusBadRequest, http.StatusInternalServerError
	switch backend.KindOf(err) {
	case backend.Denied:
		return failf(bad, "AccessDeniedException", "not authorized to perform: %s:%s: %s", c.service, c.action, text)
	case backend.Expired:
		return failf(bad, "ExpiredTokenException", "%s", text)
	case backend.Throttled:
		return failf(bad, "ThrottlingException", "Rate exceeded: %s", text)
	case backend.Unreachable:
		return failf(http.StatusServiceUnavailable, serverFault(c.service), "%s", text)
	case backend.NotFound:
		return failf(bad, "ResourceNotFoundException", "%s", text)
	case backend.Invalid, backend.Conflict, backend.Unsupported:
		return failf(bad, "InvalidParameterException", "%s", text)
	case backend.Exhausted:
		return failf(bad, "LimitExceededException", "%s", text)
	default:
		return failf(broken, serverFault(c.service), "%s", text)
	}
}

// serverFault is what a service calls its own fault.
func serverFault(service string) string {
	switch service {
	case serviceLogs:
		return "ServiceUnavailableException"
	case serviceSTS, serviceCW, serviceELB, serviceIAM, serviceEC2:
		return "InternalFailure"
	default:
		return "ServerException"
	}
}

// message is what a backend has to say, without the operation: the caller
// knows that. The field or resource stays, unless the cause names it itself.
func message(err error) string {
	var e *backend.Error
	if !errors.As(err, &e) {
		return backend.Clean(err.Error())
	}
	cause := e.Kind.String()
	if e.Err != nil {
		cause = e.Err.Error()
	}
	if e.Resource != "" && !strings.Contains(cause, e.Resource) {
		cause = e.Resource + ": " + cause
	}
	if e.Remedy != "" {
		cause += " (" + e.Remedy + ")"
	}
	return backend.Clean(cause)
}
