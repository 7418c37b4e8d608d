package datachannel

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Agent is the container's end of a channel.
type Agent struct {
	conn *websocket.Conn
	// Rejoin lets the client come back to the session that is served; nil ends it
	// with its connection.
	Rejoin *Rejoin
}

// Accept takes the request of a client that opens a channel, and gives the
// token that it shows. Whoever calls it checks the token, then calls Serve or
// Refuse.
func Accept(w http.ResponseWriter, r *http.Request) (*Agent, string, error) {
	conn, err := websocket.Accept(w, r, nil) // refuses what a web page of elsewhere sends
	if err != nil {
		return nil, "", err
	}
	conn.SetReadLimit(longestMessage)
	ctx, cancel := context.WithTimeout(r.Context(), helloTimeout)
	defer cancel()
	_, raw, err := conn.Read(ctx)
	var hello opening
	if err == nil {
		err = json.Unmarshal(raw, &hello)
	}
	if err != nil {
		conn.Close(websocket.StatusPolicyViolation, "the channel is opened with a token")
		return nil, "", fmt.Errorf("the channel was not opened: %w", err)
	}
	return &Agent{conn: conn}, hello.TokenValue, nil
}

// Refuse closes a channel that may not be opened.
func (a *Agent) Refuse(why string) { a.conn.Close(websocket.StatusPolicyViolation, why) }

// Terminal is what a client has attached.
type Terminal struct {
	In     io.Reader
	Out    io.Writer
	Resize <-chan backend.Size
}

// Serve greets the client and runs a command on its terminal. The channel is
// closed when run returns; ctx of run ends when the client has gone. What run
// fails with is told to the client.
func (a *Agent) Serve(ctx context.Context, session string, run func(context.Context, Terminal) (int, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	s := &served{
		ch: newChannel(a.conn, outputStream), session: session, live: ctx, ended: cancel,
		in: newInbox(), resize: make(chan backend.Size, 1), greeted: make(chan struct{}),
	}
	if a.Rejoin != nil {
		a.Rejoin.of(s.ch)
		defer close(a.Rejoin.over)
	}
	defer s.helpers.Wait()
	defer func() { _ = s.ch.current().CloseNow() }() // ends the helpers that read and write
	defer cancel()
	started := time.Now()
	s.helpers.Go(func() {
		defer cancel()
		_, _ = s.ch.receive(ctx, s.take) // how a client leaves is all the same
		s.in.end()
	})
	s.helpers.Go(func() {
		_ = s.ch.keep(ctx)
		cancel()
	})
	if err := s.greet(ctx, started); err != nil {
		return err
	}
	code, err := run(ctx, Terminal{s.in, s, s.resize})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.in.end()
	return s.goodbye(ctx, code, err)
}

// served is a terminal whose command runs here.
type served struct {
	ch      *channel
	session string
	live    context.Context // ends with the client
	ended   context.CancelFunc
	helpers sync.WaitGroup
	in      *inbox
	resize  chan backend.Size

	greeted   chan struct{}
	greetOnce sync.Once
	tellsCode bool // the client knows what an exit code is; read after greeted
}

// greet shakes hands.
func (s *served) greet(ctx context.Context, started time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, helloTimeout)
	defer cancel()
	req := handshakeRequest{AgentVersion: "3.3.0.0", Actions: []requestedAction{
		{actionSession, mustJSON(sessionType{"InteractiveCommands", nil})},
		{actionExitCode, mustJSON(struct{}{})},
	}}
	if err := s.ch.send(ctx, kindHandshakeRequest, mustJSON(req)); err != nil {
		return err
	}
	select {
	case <-s.greeted:
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.ch.send(ctx, kindHandshakeComplete, mustJSON(handshakeComplete{Took: time.Since(started)}))
}

// take is one message of the client.
func (s *served) take(m message) (bool, error) {
	switch m.kind {
	case kindHandshakeResponse:
		var resp handshakeResponse
		if err := json.Unmarshal(m.payload, &resp); err != nil {
			return true, err
		}
		s.greetOnce.Do(func() {
			for _, a := range resp.Actions {
				s.tellsCode = s.tellsCode || a.Type == actionExitCode && a.Status == actionDone
			}
			close(s.greeted)
		})
	case kindOutput:
		return s.in.offer(m.payload), nil
	case kindSize:
		var size terminalSize
		if json.Unmarshal(m.payload, &size) == nil {
			s.resized(size)
		}
	case kindFlag:
		if len(m.payload) == 4 && binary.BigEndian.Uint32(m.payload) == flagTerminate {
			s.ended()
		}
	}
	return true, nil
}

// resized keeps the newest size for whoever looks.
func (s *served) resized(size terminalSize) {
	select {
	case <-s.resize:
	default:
	}
	s.resize <- backend.Size{Width: int(size.Cols), Height: int(size.Rows)} // only take calls this: there is room
}

// Write sends what the command writes.
func (s *served) Write(p []byte) (int, error) {
	sent := 0
	for sent < len(p) {
		n := min(chunk, len(p)-sent)
		if err := s.ch.send(s.live, kindOutput, p[sent:sent+n]); err != nil {
			return sent, err
		}
		sent += n
	}
	return sent, nil
}

// goodbye tells how the command ended and closes the channel.
func (s *served) goodbye(ctx context.Context, code int, failure error) error {
	ctx, cancel := context.WithTimeout(ctx, helloTimeout)
	defer cancel()
	if failure == nil && s.tellsCode {
		if err := s.ch.send(ctx, kindExitCode, []byte(strconv.Itoa(code))); err != nil {
			return err
		}
	}
	s.ch.drain(ctx) // closing overtakes what is not acknowledged
	end := closed{
		MessageType: channelClosed, MessageID: randomUUID(), SessionID: s.session, SchemaVersion: schemaVersion,
		CreatedDate: time.Now().UTC().Format(time.RFC3339),
	}
	if failure != nil {
		end.Output = backend.Clean(failure.Error())
	}
	if err := s.ch.alone(ctx, channelClosed, mustJSON(end)); err != nil {
		return err
	}
	return s.ch.current().Close(websocket.StatusNormalClosure, "")
}

// mostTyped bounds what was typed and not yet read.
const mostTyped = 64 << 10

// inbox is the terminal's input: what was taken off the channel and the command
// has not read. It is bounded; what does not fit is refused, and comes again.
type inbox struct {
	mu    sync.Mutex
	more  *sync.Cond
	buf   []byte
	ended bool
}

func newInbox() *inbox {
	in := &inbox{}
	in.more = sync.NewCond(&in.mu)
	return in
}

func (in *inbox) offer(p []byte) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.buf)+len(p) > mostTyped && len(in.buf) > 0 {
		return false
	}
	in.buf = append(in.buf, p...)
	in.more.Broadcast()
	return true
}

func (in *inbox) end() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ended = true
	in.more.Broadcast()
}

// Read waits for input; the end comes with the client's.
func (in *inbox) Read(p []byte) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for len(in.buf) == 0 {
		if in.ended {
			return 0, io.EOF
		}
		in.more.Wait()
	}
	n := copy(p, in.buf)
	in.buf = in.buf[n:]
	return n, nil
}
