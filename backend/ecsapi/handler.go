package ecsapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Options say how to serve a backend. The zero value serves ECS, logs, metrics
// and the caller's identity, and no registry.
type Options struct {
	Clock    backend.Clock // nil is the system's
	Registry *Registry     // what ECR's calls are about; nil: there is none
	// MFA are virtual MFA devices: their seeds, in base32, by serial number. Where
	// there is one, assuming a role takes its code.
	MFA map[string]string
	// Balancers is where load balancers answer, "127.0.0.1:8080"; "" is nowhere.
	Balancers string
	// Account is what there is beside ECS: roles, secrets, networks.
	Account *Account
}

// maxBody is the longest request that is read. A task definition may have 64
// KiB; a PutImage of ECR has a manifest of up to 4 MiB.
const maxBody = 8 << 20

// Handler answers the calls of AWS clients. It may be called from any
// goroutine. All state is the backend's, but for what was measured, for sessions
// that wait for their terminal, and for the credentials that were given.
type Handler struct {
	b        backend.Backend
	clock    backend.Clock
	registry *Registry
	samples  *samples
	account  *Account
	sessions execSessions
	given    given
	devices  devices
	// balancers is where load balancers answer.
	balancers string
	services  map[string]map[string]operation // by service and action
}

var _ http.Handler = (*Handler)(nil)

// New serves b. The handler does not close it.
func New(b backend.Backend, opts Options) *Handler {
	if opts.Clock == nil {
		opts.Clock = backend.SystemClock{}
	}
	h := &Handler{
		b: b, clock: opts.Clock, registry: opts.Registry, account: opts.Account, samples: newSamples(),
		devices: devices{seeds: opts.MFA}, balancers: opts.Balancers,
	}
	h.services = map[string]map[string]operation{
		serviceECS:  h.ecs(),
		serviceECR:  h.ecr(),
		serviceSTS:  h.sts(),
		serviceLogs: h.logs(),
		serviceCW:   h.metrics(),
		serviceASG:  h.scaling(),
		serviceELB:  h.balancing(),
		serviceSD:   h.discovery(),
		serviceSSM:  h.ssm(),
		serviceEBS:  h.scheduling(),
	}
	for service, actions := range h.beside(opts.Account) {
		if h.services[service] == nil {
			h.services[service] = map[string]operation{}
		}
		maps.Copy(h.services[service], actions)
	}
	return h
}

// operation answers one call. What it returns is a tree of obj, slices and
// plain values that every protocol can write.
type operation func(ctx context.Context, c *call) (any, error)

// ServeHTTP answers one call. Where there is a registry, what is asked of it
// under /v2/ is answered as well, so that one address serves both.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.registry != nil && strings.HasPrefix(r.URL.Path, "/v2/") {
		h.registry.ServeHTTP(w, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, channelPath) {
		h.attach(w, r)
		return
	}
	if r.Method == http.MethodGet && r.URL.Path == "/" {
		greet(w, r)
		return
	}
	w.Header().Set("X-Amzn-Requestid", requestID())
	c, err := read(r)
	if err != nil {
		c.wire.fail(w, asAPIError(c, err))
		return
	}
	out, err := h.do(r.Context(), c)
	switch {
	case r.Context().Err() != nil: // nobody is there any more
	case err != nil:
		c.wire.fail(w, asAPIError(c, err))
	default:
		if going, ok := out.(streamed); ok {
			going(r.Context(), w)
			return
		}
		c.wire.answer(w, c, out)
	}
}

func (h *Handler) do(ctx context.Context, c *call) (any, error) {
	actions, known := h.services[c.service]
	if !known {
		return nil, failf(http.StatusBadRequest, "UnknownOperationException", "this endpoint does not have the service %q", backend.Clean(c.service))
	}
	if err := h.given.check(h.clock.Now(), c); err != nil {
		return nil, err
	}
	op, known := actions[c.action]
	if !known {
		return nil, failf(http.StatusBadRequest, "UnknownOperationException", "this endpoint does not have the operation %q of %s", backend.Clean(c.action), c.service)
	}
	return op(ctx, c)
}

// greet tells somebody who came with a browser, or curl, what this is.
func greet(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, "This is an ECS endpoint. Try: aws --endpoint-url http://%s ecs list-clusters\n", backend.Clean(r.Host))
}

// read takes a call off the wire. A browser says where a page came from that
// posts something, and no client of AWS does: no web page gets in, also not
// one that has its own name point here.
func read(r *http.Request) (*call, error) {
	c := identify(r)
	if r.Header.Get("Origin") != "" {
		return c, failf(http.StatusForbidden, "AccessDeniedException", "web pages can not use this endpoint")
	}
	if r.Method != http.MethodPost && c.service != serviceEBS {
		return c, failf(http.StatusMethodNotAllowed, "UnknownOperationException", "AWS's protocols use POST, not %s", r.Method)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return c, failf(http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "the request is longer than %d bytes", maxBody)
	case err != nil:
		return c, failf(http.StatusBadRequest, "SerializationException", "the request broke off: %v", err)
	}
	if err := c.wire.decode(c, body); err != nil {
		return c, err
	}
	if c.accessKey == "" && c.action == actionWebIdentity {
		c.service = serviceSTS
		return c, nil
	}
	if c.accessKey == "" {
		return c, failf(http.StatusForbidden, "MissingAuthenticationTokenException", "the request is not signed")
	}
	return c, nil
}

// requestID is a random UUID.
func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
