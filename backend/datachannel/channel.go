package datachannel

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	// window is how many messages may be under way without an answer. A sender
	// waits then, so that a slow reader holds a fast writer back.
	window = 64
	// mostEarly bounds what came before its turn.
	mostEarly = 2 * window
	// A message that is not acknowledged is sent again: soon at first, then at
	// the longer pace.
	resendFirst, resendLast = 200 * time.Millisecond, time.Second
	// silence is how long the other side may leave messages unanswered and say
	// nothing at all, before it counts as gone.
	silence = time.Minute
	// keepAlive is how often something is sent, so that nobody between here and
	// there takes the connection for forgotten.
	keepAlive = time.Minute
)

// mostVain is how often in a row a new connection may bring nothing at all.
const mostVain = 5

var errSilent = errors.New("the other side has not answered for a minute")

// channel is a websocket with two ordered streams of messages that are each
// acknowledged: one to send, one to receive. Where its connection can be had
// again, the streams go on over a new one as if nothing had happened.
type channel struct {
	sends string // the type of the messages of its own stream
	slots chan struct{}
	// again gives a new connection after one broke; nil ends the channel then. It
	// is called by the receiver.
	again func(ctx context.Context, cause error) (*websocket.Conn, error)

	writing sync.Mutex // messages leave in the order of their numbers

	mu      sync.Mutex
	conn    *websocket.Conn
	next    int64
	flying  []flight // sent and not acknowledged, oldest first
	heard   time.Time
	drained chan struct{} // closed when nothing flies; nil while nobody waits

	// The receiver's own.
	expected int64
	early    map[int64]message
	vain     int // connections in a row that brought nothing
}

// flight is a message under way.
type flight struct {
	sequence    int64
	raw         []byte
	first, last time.Time
}

func newChannel(conn *websocket.Conn, sends string) *channel {
	conn.SetReadLimit(longestMessage)
	return &channel{conn: conn, sends: sends, slots: make(chan struct{}, window), heard: time.Now(), early: map[int64]message{}}
}

// send puts a message on the stream. It waits while too many are unanswered.
func (c *channel) send(ctx context.Context, k kind, payload []byte) error {
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	now := time.Now()
	c.mu.Lock()
	raw := newMessage(c.sends, c.next, 0, k, payload).encode()
	c.flying = append(c.flying, flight{c.next, raw, now, now})
	c.next++
	c.mu.Unlock()
	return c.write(ctx, raw)
}

// write puts a message of the stream on the wire. Where a new connection can be
// had, one that breaks under it is no failure: what flies is sent again.
func (c *channel) write(ctx context.Context, raw []byte) error {
	conn := c.current()
	err := conn.Write(ctx, websocket.MessageBinary, raw)
	if err == nil || c.again == nil || ctx.Err() != nil {
		return err
	}
	_ = conn.CloseNow() // the receiver sees it, and gets another
	return nil
}

// current is the connection of now.
func (c *channel) current() *websocket.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn
}

// alone sends a message outside the stream.
func (c *channel) alone(ctx context.Context, typ string, payload []byte) error {
	return c.current().Write(ctx, websocket.MessageBinary, newMessage(typ, 0, synFin, 0, payload).encode())
}

// receive hands on the messages of the other side's stream in their order,
// until take ends it, the channel is closed, or ctx ends. A message that take
// refuses will be sent again.
func (c *channel) receive(ctx context.Context, take func(message) (taken bool, err error)) (closed, error) {
	for {
		_, raw, err := c.current().Read(ctx)
		if err != nil {
			if err := c.reconnect(ctx, err); err != nil {
				return closed{}, err
			}
			continue
		}
		c.vain = 0
		c.mu.Lock()
		c.heard = time.Now()
		c.mu.Unlock()
		m, err := decode(raw)
		if err != nil {
			continue // it will be sent again
		}
		switch m.typ {
		case acknowledge:
			c.acknowledged(m)
		case channelClosed:
			var end closed
			_ = json.Unmarshal(m.payload, &end) // closed is closed
			return end, nil
		case inputStream, outputStream:
			if m.typ == c.sends {
				continue
			}
			if err := c.ordered(ctx, m, take); err != nil {
				return closed{}, err
			}
		}
	}
}

// reconnect goes on over a new connection: what was not acknowledged is sent
// again, in its order, and what was received already is known by its number.
func (c *channel) reconnect(ctx context.Context, cause error) error {
	if c.again == nil || ctx.Err() != nil || c.vain >= mostVain {
		return cause
	}
	c.vain++
	_ = c.current().CloseNow()
	conn, err := c.again(ctx, cause)
	if err != nil {
		return err
	}
	conn.SetReadLimit(longestMessage)
	c.writing.Lock()
	defer c.writing.Unlock()
	now := time.Now()
	c.mu.Lock()
	c.conn, c.heard = conn, now
	var raw [][]byte
	for i := range c.flying {
		c.flying[i].first, c.flying[i].last = now, now
		raw = append(raw, c.flying[i].raw)
	}
	c.mu.Unlock()
	for _, m := range raw {
		if c.write(ctx, m) != nil {
			break // the next read says why
		}
	}
	return nil
}

// ordered hands on a message when it is its turn, and those that came before
// theirs.
func (c *channel) ordered(ctx context.Context, m message, take func(message) (bool, error)) error {
	switch {
	case m.sequence < c.expected: // the answer did not arrive in time
		c.answer(ctx, m)
		return nil
	case m.sequence > c.expected:
		if len(c.early) < mostEarly {
			c.early[m.sequence] = m
		}
		return nil
	}
	for ok := true; ok; m, ok = c.early[c.expected] {
		delete(c.early, m.sequence)
		taken, err := take(m)
		if err != nil || !taken {
			return err
		}
		c.answer(ctx, m)
		c.expected++
	}
	return nil
}

// answer acknowledges a message. Where that fails the connection has gone, which
// the reader finds out: what came before may still be there to be read.
func (c *channel) answer(ctx context.Context, m message) {
	_ = c.alone(ctx, acknowledge, mustJSON(acknowledgement{m.typ, m.uuid(), m.sequence, true}))
}

func (c *channel) acknowledged(m message) {
	var ack acknowledgement
	if json.Unmarshal(m.payload, &ack) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, f := range c.flying {
		if f.sequence == ack.Sequence {
			c.flying = append(c.flying[:i], c.flying[i+1:]...)
			<-c.slots
			break
		}
	}
	if len(c.flying) == 0 && c.drained != nil {
		close(c.drained)
		c.drained = nil
	}
}

// drain waits until everything was acknowledged.
func (c *channel) drain(ctx context.Context) {
	c.mu.Lock()
	if len(c.flying) == 0 {
		c.mu.Unlock()
		return
	}
	if c.drained == nil {
		c.drained = make(chan struct{})
	}
	drained := c.drained
	c.mu.Unlock()
	select {
	case <-drained:
	case <-ctx.Done():
	}
}

// keep sends again what is not acknowledged, and gives up on an other side that
// is gone: it closes the connection. It returns when ctx ends.
func (c *channel) keep(ctx context.Context) error {
	tick := time.NewTicker(resendFirst / 2)
	defer tick.Stop()
	var quiet time.Duration
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			late, gone := c.late(now)
			if gone {
				_ = c.current().CloseNow()
				if c.again == nil {
					return errSilent
				}
			}
			for _, raw := range late {
				if c.write(ctx, raw) != nil {
					return nil // the reader has the same error
				}
			}
			if quiet += resendFirst / 2; quiet >= keepAlive {
				quiet = 0
				go func() { // the answer is of no use: who does not answer is told by silence
					ping, cancel := context.WithTimeout(ctx, silence)
					defer cancel()
					_ = c.current().Ping(ping)
				}()
			}
		}
	}
}

// late gives what has to be sent again: everything under way, in order, once
// the oldest has waited long enough.
func (c *channel) late(now time.Time) (raw [][]byte, gone bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.flying) == 0 {
		return nil, false
	}
	oldest := c.flying[0]
	if now.Sub(oldest.first) > silence && now.Sub(c.heard) > silence {
		return nil, true
	}
	wait := min(resendLast, max(resendFirst, oldest.last.Sub(oldest.first)))
	if now.Sub(oldest.last) < wait {
		return nil, false
	}
	for i := range c.flying {
		c.flying[i].last = now
		raw = append(raw, c.flying[i].raw)
	}
	return raw, false
}
