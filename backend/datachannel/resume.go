package datachannel

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	// resumeFor is how long a client tries to get back to its session, and
	// resumeFirst and resumeLast the time between two tries.
	resumeFor               = 45 * time.Second
	resumeFirst, resumeLast = 250 * time.Millisecond, 5 * time.Second
)

// resume opens the channel of a session again whose connection broke.
func (s *attached) resume(ctx context.Context, cause error) (*websocket.Conn, error) {
	if s.res.Known || s.failure != nil {
		return nil, cause // it is over, and how is known
	}
	ctx, cancel := context.WithTimeout(ctx, resumeFor)
	defer cancel()
	told := false
	for wait := resumeFirst; ; wait = min(2*wait, resumeLast) {
		conn, err := s.reopen(ctx)
		switch {
		case err == nil:
			if told {
				s.Broken(true)
			}
			return conn, nil
		case errors.Is(err, ErrOver):
			return nil, err
		}
		if !told && s.Broken != nil {
			told = true
			s.Broken(false)
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(cause, err)
		case <-time.After(wait):
		}
	}
}

func (s *attached) reopen(ctx context.Context) (*websocket.Conn, error) {
	url, token, err := s.Resume(ctx)
	if err != nil {
		return nil, err
	}
	return s.dial(ctx, url, token)
}

// Rejoin lets a client come back to a session that [Agent.Serve] has, after its
// connection broke. What runs there goes on meanwhile.
type Rejoin struct {
	wait  time.Duration
	conns chan *websocket.Conn
	over  chan struct{}

	mu sync.Mutex
	ch *channel
}

// NewRejoin waits so long for a client to come back.
func NewRejoin(wait time.Duration) *Rejoin {
	return &Rejoin{wait: wait, conns: make(chan *websocket.Conn), over: make(chan struct{})}
}

// Join gives a client that is back its session, and returns when that is over.
// The connection before ends, if it has not yet.
func (r *Rejoin) Join(a *Agent) {
	r.mu.Lock()
	ch := r.ch
	r.mu.Unlock()
	if ch != nil {
		_ = ch.current().CloseNow()
	}
	select {
	case r.conns <- a.conn:
		<-r.over
	case <-r.over:
		a.Refuse("the session is over")
	}
}

// of lets clients come back to a channel.
func (r *Rejoin) of(ch *channel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ch = ch
	ch.again = func(ctx context.Context, cause error) (*websocket.Conn, error) {
		timer := time.NewTimer(r.wait)
		defer timer.Stop()
		select {
		case conn := <-r.conns:
			return conn, nil
		case <-timer.C:
			return nil, cause
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
