package docker

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

// wrap makes an error of the engine's API one of the contract. nil stays nil,
// and what is a [*backend.Error] already passes through.
func wrap(op, resource string, err error) error {
	if err == nil {
		return nil
	}
	var done *backend.Error
	if errors.As(err, &done) {
		return err
	}
	kind, remedy := classify(err)
	return &backend.Error{Op: op, Kind: kind, Resource: resource, Err: cleanError(err), Remedy: remedy}
}

// classify finds the kind of an engine's error, and its remedy where the kind's
// own advice is not the best. Texts come first: the engine gives many of its
// failures a status that says nothing.
func classify(err error) (backend.Kind, string) {
	if kind, remedy := classifyText(strings.ToLower(err.Error())); kind != backend.Other {
		return kind, remedy
	}
	switch {
	case errors.Is(err, context.Canceled), errdefs.IsCanceled(err):
		return backend.Cancelled, ""
	case errors.Is(err, context.DeadlineExceeded), errdefs.IsDeadlineExceeded(err):
		return backend.Unreachable, ""
	case client.IsErrConnectionFailed(err), brokenConnection(err):
		return backend.Unreachable, "check that the Docker engine is running: ecs-tui doctor"
	case errdefs.IsNotFound(err):
		return backend.NotFound, ""
	case errdefs.IsConflict(err), errdefs.IsAlreadyExists(err), errdefs.IsFailedPrecondition(err):
		return backend.Conflict, ""
	case errdefs.IsInvalidArgument(err), errdefs.IsOutOfRange(err):
		return backend.Invalid, ""
	case errdefs.IsPermissionDenied(err), errdefs.IsUnauthorized(err):
		return backend.Denied, "check what this user may do on the engine"
	case errdefs.IsNotImplemented(err):
		return backend.Unsupported, "use a newer Docker engine for this"
	case errdefs.IsUnavailable(err):
		return backend.Unreachable, ""
	case errdefs.IsResourceExhausted(err):
		return backend.Exhausted, ""
	}
	return backend.Other, ""
}

func classifyText(text string) (backend.Kind, string) {
	switch {
	case strings.Contains(text, "no space left on device"), strings.Contains(text, "disk quota exceeded"):
		return backend.Exhausted, "free some disk space on the engine: remove unused images (i), or run docker system df to see what is large"
	case strings.Contains(text, "port is already allocated"), strings.Contains(text, "address already in use"):
		return backend.Conflict, "something else listens on that port: stop it, or set hostPort to 0 for a free one"
	case strings.Contains(text, "cannot allocate memory"):
		return backend.Exhausted, "the engine's machine is out of memory: stop something, or ask for less"
	case strings.Contains(text, "no such host") && strings.Contains(text, "lookup"):
		return backend.Unreachable, "the engine cannot reach that registry: build the image locally, or check its network"
	case strings.Contains(text, "context canceled"):
		return backend.Cancelled, ""
	}
	return backend.Other, ""
}

// brokenConnection says whether err is what an engine that goes away leaves
// behind in the middle of a call.
func brokenConnection(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNREFUSED)
}

// cleaned is an error from outside with its text made safe to draw. The chain
// below stays, so that errors.Is still works.
type cleaned struct {
	text string
	err  error
}

func (c *cleaned) Error() string { return c.text }
func (c *cleaned) Unwrap() error { return c.err }

// cleanError strips what the client and the engine put before the cause.
func cleanError(err error) error {
	text := err.Error()
	for _, prefix := range []string{"Error response from daemon: ", "error during connect: ", "rpc error: code = Unknown desc = "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return &cleaned{text: backend.Clean(strings.TrimSpace(text)), err: err}
}
