package backend

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Kind says what sort of failure an [Error] is; the advice given to the user
// hangs on it, and so does whether trying again makes sense.
type Kind int

// The kinds of failure.
const (
	Other       Kind = iota
	NotFound         // the resource does not exist
	Conflict         // it exists, or is in a state that forbids this
	Invalid          // the request is wrong; Resource or Err names the field
	Denied           // not allowed, or read-only
	Expired          // credentials are expired or missing
	Throttled        // too many calls; trying again later works
	Unreachable      // the engine or endpoint does not answer
	Unsupported      // this backend cannot do it, and Err says why
	Cancelled        // the caller cancelled
	Exhausted        // out of disk, memory, ports or quota
)

func (k Kind) String() string {
	names := [...]string{
		"error", "not found", "conflict", "invalid", "denied", "expired credentials",
		"throttled", "unreachable", "unsupported", "cancelled", "exhausted",
	}
	if int(k) < len(names) {
		return names[k]
	}
	return "error"
}

// Error is what every backend returns: what was done, to what, why it failed,
// and what to do next.
type Error struct {
	Op       string // the ECS operation, e.g. "UpdateService", or "Build"
	Kind     Kind
	Resource string // what it was done to, as the user named it
	Err      error  // the cause, cleaned
	Remedy   string // what to do next; empty gives the Kind's own advice
}

// Error gives one line: operation, resource, cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Resource != "" {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(shown(e.Resource))
	}
	cause := e.Kind.String()
	if e.Err != nil {
		cause = e.Err.Error()
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(cause)
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// shown is a resource as messages name it: what ECS gave an ARN goes by the name
// that people gave it.
func shown(resource string) string {
	if parts := strings.SplitN(resource, ":", 4); len(parts) == 4 && parts[0] == "arn" && parts[2] == "ecs" {
		return ShortName(resource)
	}
	return resource
}

// Advice is the next step for the user, never empty for a known Kind.
func (e *Error) Advice() string {
	if e.Remedy != "" {
		return e.Remedy
	}
	switch e.Kind {
	case NotFound:
		return "check the name, the cluster and the backend you are on"
	case Conflict:
		return "look at its current state, then try again"
	case Invalid:
		return "correct the field and try again"
	case Denied:
		return "ask for the permission named here, or leave --read-only off"
	case Expired:
		return "log in again, then refresh"
	case Throttled:
		return "wait a moment; it is tried again by itself"
	case Unreachable:
		return "check that it is running and that you can reach it: ecs-tui doctor"
	case Unsupported:
		return "use another backend for this"
	case Exhausted:
		return "free some space or capacity, then try again"
	default:
		return ""
	}
}

// Passes says whether an error may go away by itself, so that it is worth trying
// again.
func Passes(err error) bool {
	switch KindOf(err) {
	case Unreachable, Throttled, Other, Exhausted:
		return true
	}
	return false
}

// KindOf gives the Kind of the first [Error] in err's chain. A cancelled
// context is Cancelled, a deadline that passed is Unreachable.
func KindOf(err error) Kind {
	var e *Error
	switch {
	case errors.As(err, &e) && e.Kind != Other:
		return e.Kind
	case errors.Is(err, context.Canceled):
		return Cancelled
	case errors.Is(err, context.DeadlineExceeded):
		return Unreachable
	default:
		return Other
	}
}

// AdviceFor gives the advice of the first [Error] in err's chain, or "".
func AdviceFor(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Advice()
	}
	return ""
}

// Errorf makes an [Error] with a formatted cause.
func Errorf(op string, k Kind, resource, format string, args ...any) *Error {
	return &Error{Op: op, Kind: k, Resource: resource, Err: fmt.Errorf(format, args...)}
}
