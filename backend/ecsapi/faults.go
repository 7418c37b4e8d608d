package ecsapi

import (
	"bytes"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Fault is one kind of trouble that calls run into. Exactly one of the fields
// below Times is set.
type Fault struct {
	// Action is what it happens to, as a policy names it: "ecs:ListServices",
	// "logs:*", or "*" for everything.
	Action string
	// Times is how often it happens; 0 is until it is cleared.
	Times int

	Hang          bool // no answer, until the caller gives up or it is cleared
	HalfBody      bool // the answer breaks off in its middle
	UnknownFields bool // the answer has fields that no client knows yet
	// Status is that of an error, with its type and text. Without a Code it is
	// not AWS that answers, but a proxy, with a page for a browser.
	Status        int
	Code, Message string
}

// Denied is what a missing permission gives. Resource is an ARN, or "*".
func Denied(action, resource string) Fault {
	return Fault{
		Action: action, Status: http.StatusBadRequest, Code: "AccessDeniedException",
		Message: "User: arn:aws:iam::123456789012:user/demo is not authorized to perform: " + action + " on resource: " + resource +
			" because no identity-based policy allows the " + action + " action",
	}
}

// Expired is what credentials give that have run out.
func Expired(action string) Fault {
	return Fault{
		Action: action, Status: http.StatusBadRequest, Code: "ExpiredTokenException",
		Message: "The security token included in the request is expired",
	}
}

// Skewed is what a call gives that was signed by a clock that is wrong.
func Skewed(action string) Fault {
	return Fault{
		Action: action, Status: http.StatusBadRequest, Code: "InvalidSignatureException",
		Message: "Signature expired: 20260101T000000Z is now earlier than 20260101T010000Z (20260101T011500Z - 15 min.)",
	}
}

// Throttled is what a call gives that came too soon.
func Throttled(action string) Fault {
	return Fault{Action: action, Status: http.StatusBadRequest, Code: "ThrottlingException", Message: "Rate exceeded"}
}

// Broken is a fault of the service itself.
func Broken(action string) Fault {
	return Fault{Action: action, Status: http.StatusInternalServerError, Code: "ServerException", Message: "Service Unavailable. Please try again later."}
}

// Faults stands in front of a [Handler] and makes trouble on demand. It is for
// tests, and for showing what the program does when the cloud is not well;
// nothing else serves through it.
type Faults struct {
	next  http.Handler
	clock backend.Clock

	mu       sync.Mutex
	latency  time.Duration
	faults   []*injected
	throttle bool
	buckets  map[string]*bucket
	calls    map[string]int
	refused  int
	channels map[net.Conn]bool // of sessions
}

type injected struct {
	Fault
	left    int
	cleared chan struct{}
}

var _ http.Handler = (*Faults)(nil)

// NewFaults wraps a handler; clock may be nil for the system's.
func NewFaults(next http.Handler, clock backend.Clock) *Faults {
	if clock == nil {
		clock = backend.SystemClock{}
	}
	return &Faults{next: next, clock: clock, buckets: map[string]*bucket{}, calls: map[string]int{}, channels: map[net.Conn]bool{}}
}

// Latency makes every answer take at least so long.
func (f *Faults) Latency(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.latency = d
}

// Throttle enforces AWS's own token buckets, all full at first.
func (f *Faults) Throttle(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.throttle = on
	clear(f.buckets)
}

// Inject makes a fault happen from now on. The newest that fits a call wins.
func (f *Faults) Inject(fault Fault) (clear func()) {
	in := &injected{Fault: fault, left: fault.Times, cleared: make(chan struct{})}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, in)
	return sync.OnceFunc(func() {
		close(in.cleared)
		f.mu.Lock()
		defer f.mu.Unlock()
		for i, other := range f.faults {
			if other == in {
				f.faults = append(f.faults[:i:i], f.faults[i+1:]...)
				return
			}
		}
	})
}

// Calls counts the calls so far, by action.
func (f *Faults) Calls() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.calls)
}

// Refused counts the calls that found their bucket empty.
func (f *Faults) Refused() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.refused
}

// ServeHTTP lets a call through, or not.
func (f *Faults) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch { // protocols of their own, not calls of AWS
	case strings.HasPrefix(r.URL.Path, channelPath):
		f.next.ServeHTTP(&channelWriter{w, f}, r)
		return
	case strings.HasPrefix(r.URL.Path, "/v2/"):
		f.next.ServeHTTP(w, r)
		return
	}
	// Read to its end, so that the server notices when the caller goes away.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c := identify(r)
	if c.action == "" {
		_ = c.wire.decode(c, body) // the handler finds what is wrong with it
	}
	latency, fault := f.meet(c.name())
	if latency > 0 {
		select {
		case <-f.clock.After(latency):
		case <-r.Context().Done():
			return
		}
	}
	if fault == nil {
		f.next.ServeHTTP(w, r)
		return
	}
	fault.happen(w, r, c, f.next)
}

// name is the call as a policy names it.
func (c *call) name() string {
	if c.service == serviceCW {
		return "cloudwatch:" + c.action
	}
	return c.service + ":" + c.action
}

// meet counts a call and finds the fault that it runs into, if any.
func (f *Faults) meet(action string) (time.Duration, *injected) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[action]++
	for i := len(f.faults) - 1; i >= 0; i-- {
		in := f.faults[i]
		if !in.fits(action) {
			continue
		}
		if in.Times > 0 {
			if in.left--; in.left == 0 {
				f.faults = append(f.faults[:i:i], f.faults[i+1:]...)
			}
		}
		return f.latency, in
	}
	if f.throttle && !f.take(action) {
		f.refused++
		return f.latency, &injected{Fault: Throttled(action)}
	}
	return f.latency, nil
}

func (in *injected) fits(action string) bool {
	service, any := strings.CutSuffix(in.Action, "*")
	return in.Action == action || any && strings.HasPrefix(action, service)
}

// take takes a token from the bucket of an action.
func (f *Faults) take(action string) bool {
	class, limited := classes()[action]
	if !limited {
		return true
	}
	now := f.clock.Now()
	b := f.buckets[class]
	if b == nil {
		r := rates()[class]
		b = &bucket{rate: r, left: r.burst, at: now}
		f.buckets[class] = b
	}
	return b.take(now)
}
