package datachannel

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	// chunk is how many bytes of the terminal go into a message, as the agent of
	// AWS has it.
	chunk = 1024
	// helloTimeout bounds the time from the connection to the end of the
	// handshake.
	helloTimeout = 30 * time.Second
	// farewell is what hanging up may take.
	farewell = time.Second
)

// Client attaches a terminal to a session that ExecuteCommand has opened.
type Client struct {
	URL, Token string // of the session
	HTTP       *http.Client
	// DataKey gets a key of [KeySize] bytes for a session that the cluster has
	// encrypted, from the KMS key of this id: the key itself, and the key as only
	// KMS can read it. nil refuses such sessions.
	DataKey func(ctx context.Context, keyID string) (key, sealed []byte, err error)

	// Resume gives the session another token, and the address to show it at, after
	// its connection broke. An error that is [ErrOver] ends the session; others are
	// tried again for a while. nil: a session that breaks is over.
	Resume func(ctx context.Context) (url, token string, err error)
	// Broken is told that the connection went away and does not come back at once,
	// and then that it is back. It may be nil.
	Broken func(back bool)

	// In may be nil. The goroutine that reads it ends when a Read returns.
	In     io.Reader
	Out    io.Writer
	Resize <-chan backend.Size
}

// Result is how a session ended.
type Result struct {
	ExitCode int
	Known    bool   // whether the exit code was told: ECS Exec does not
	Output   string // why the session was closed, where something went wrong
}

var (
	// ErrBrokeOff is a session whose connection went away.
	ErrBrokeOff = errors.New("the session broke off")
	// ErrOver is a session that can't be resumed.
	ErrOver = errors.New("it can't be resumed")
)

var errNoAgent = fmt.Errorf("the agent in the container did not begin within %s", helloTimeout)

// Run attaches the terminal until the command ends. When ctx ends it hangs up:
// the command gets an interrupt and the end of its input.
func (c Client) Run(ctx context.Context) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	conn, err := c.dial(ctx, c.URL, c.Token)
	if err != nil {
		return Result{}, err
	}
	// The connection outlives ctx by as long as it takes to hang up.
	live, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	s := &attached{Client: c, ch: newChannel(conn, inputStream), live: live}
	if c.Resume != nil {
		s.ch.again = s.resume
	}
	defer func() { _ = s.ch.current().CloseNow() }()
	defer s.helpers.Wait()
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() { s.hangUp(); cancel(ctx.Err()) })
	defer stop()
	s.helpers.Go(func() { cancel(s.ch.keep(live)) })
	waiting := time.AfterFunc(helloTimeout, func() { s.begun.Do(func() { cancel(errNoAgent) }) })
	defer waiting.Stop()
	end, err := s.ch.receive(live, s.take)
	return s.result(ctx, end, err)
}

// dial opens the channel with a token.
func (c Client) dial(ctx context.Context, url, token string) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, helloTimeout)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: c.HTTP}) //nolint:bodyclose // a body of an upgrade is the connection
	if err != nil {
		return nil, fmt.Errorf("the session's channel can't be opened: %w", err)
	}
	hello := mustJSON(opening{"1.0", randomUUID(), token, randomUUID(), clientVersion})
	if err := conn.Write(ctx, websocket.MessageText, hello); err != nil {
		_ = conn.CloseNow()
		return nil, fmt.Errorf("%w: %w", ErrBrokeOff, err)
	}
	return conn, nil
}

func randomUUID() string { return newMessage("", 0, 0, 0, nil).uuid() }

// attached is a terminal that hangs on a channel.
type attached struct {
	Client
	ch      *channel
	live    context.Context
	helpers sync.WaitGroup

	key   atomic.Pointer[seal]
	begun sync.Once // by the end of the handshake, or by its deadline
	// The receiver's own.
	failure error // why the handshake failed, as it was told to the agent
	res     Result
}

func (s *attached) result(ctx context.Context, end closed, err error) (Result, error) {
	switch {
	case ctx.Err() != nil:
		return Result{}, ctx.Err()
	case s.failure != nil:
		return Result{}, s.failure
	case err == nil:
		s.res.Output = backend.Clean(end.Output)
		return s.res, nil
	case s.res.Known: // only the goodbye is missing
		return s.res, nil
	case s.live.Err() != nil:
		return Result{}, fmt.Errorf("%w: %w", ErrBrokeOff, context.Cause(s.live))
	case errors.Is(err, ErrOver):
		return Result{}, fmt.Errorf("%w, and %w", ErrBrokeOff, err)
	default:
		return Result{}, fmt.Errorf("%w: %s", ErrBrokeOff, backend.Clean(err.Error()))
	}
}

// take is one message of the agent.
func (s *attached) take(m message) (bool, error) {
	switch m.kind {
	case kindHandshakeRequest:
		return true, s.handshake(m.payload)
	case kindChallengeRequest:
		return true, s.challenged(m.payload)
	case kindHandshakeComplete:
		var done handshakeComplete
		_ = json.Unmarshal(m.payload, &done) // its text is all there is in it
		if done.Message != "" {
			if err := s.print([]byte(done.Message + "\r\n")); err != nil {
				return true, err
			}
		}
		s.begin()
		return true, nil
	case kindOutput, kindStderr:
		s.begin() // old agents shake no hands
		text, err := s.key.Load().open(m.payload)
		if err != nil {
			return true, err
		}
		return true, s.print(text)
	case kindExitCode:
		text, err := s.key.Load().open(m.payload)
		if err != nil {
			return true, err
		}
		if code, ok := exitCode(string(text)); ok {
			s.res.ExitCode, s.res.Known = code, true
		}
	}
	return true, nil
}

func (s *attached) print(text []byte) error {
	if s.Out == nil {
		return nil
	}
	_, err := s.Out.Write(text)
	return err
}

// exitCode reads the number at the end of the payload, which may have a prefix.
func exitCode(text string) (int, bool) {
	text = strings.TrimSpace(text)
	i := strings.LastIndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	code, err := strconv.Atoi(text[i+1:])
	return code, err == nil
}

// handshake does what the agent asks for, and says what was done.
func (s *attached) handshake(payload []byte) error {
	var req handshakeRequest
	if err := json.Unmarshal(payload, &req); err != nil {
		return fmt.Errorf("the agent's greeting can't be read: %w", err)
	}
	resp := handshakeResponse{ClientVersion: clientVersion, Actions: []processedAction{}, Errors: []string{}}
	for _, a := range req.Actions {
		done := processedAction{Type: a.Type, Status: actionDone, Result: json.RawMessage("null")}
		switch a.Type {
		case actionSession, actionExitCode:
		case actionEncrypt:
			result, err := s.encrypt(a.Parameters)
			if err != nil {
				done.Status, done.Error, s.failure = actionFailed, err.Error(), err
				break
			}
			done.Result = result
		default:
			done.Status, done.Error = actionUnsupported, "Unsupported action "+a.Type
		}
		if done.Error != "" {
			resp.Errors = append(resp.Errors, done.Error)
		}
		resp.Actions = append(resp.Actions, done)
	}
	if err := s.ch.send(s.live, kindHandshakeResponse, mustJSON(resp)); err != nil {
		return err
	}
	return s.failure
}

// encrypt gets the key of the session.
func (s *attached) encrypt(parameters json.RawMessage) (json.RawMessage, error) {
	var p encryption
	if err := json.Unmarshal(parameters, &p); err != nil {
		return nil, fmt.Errorf("the agent's greeting can't be read: %w", err)
	}
	if s.DataKey == nil {
		return nil, errors.New("the session is encrypted with a key of KMS, and there is no access to KMS")
	}
	key, sealed, err := s.DataKey(s.live, p.KeyID)
	if err != nil {
		return nil, err
	}
	sealing, err := clientSeal(key)
	if err != nil {
		return nil, err
	}
	s.key.Store(sealing)
	return mustJSON(encrypted{sealed}), nil
}

// challenged shows that the key is known.
func (s *attached) challenged(payload []byte) error {
	var c challenge
	if err := json.Unmarshal(payload, &c); err != nil {
		return errSealed
	}
	text, err := s.key.Load().open(c.Challenge)
	if err != nil {
		return err
	}
	return s.ch.send(s.live, kindChallengeResponse, mustJSON(challenge{s.key.Load().close(text)}))
}

// begin starts to send the terminal's keys and sizes, once.
func (s *attached) begin() {
	s.begun.Do(func() {
		if s.In != nil {
			go s.keys() // ends with the input, or when the channel is closed
		}
		if s.Resize != nil {
			s.helpers.Go(s.sizes)
		}
	})
}

func (s *attached) keys() {
	buf := make([]byte, chunk)
	for {
		n, err := s.In.Read(buf)
		if n > 0 && s.ch.send(s.live, kindOutput, s.key.Load().close(buf[:n])) != nil {
			return
		}
		if err != nil {
			return
		}
	}
}

func (s *attached) sizes() {
	for {
		select {
		case <-s.live.Done():
			return
		case size, ok := <-s.Resize:
			if !ok {
				return
			}
			if size.Width <= 0 || size.Height <= 0 {
				continue
			}
			payload := mustJSON(terminalSize{uint32(size.Width), uint32(size.Height)})
			if s.ch.send(s.live, kindSize, payload) != nil {
				return
			}
		}
	}
}

// hangUp ends a command whose user has gone: ^C stops what runs, ^D ends the
// shell, and the flag ends the session where the agent knows it.
func (s *attached) hangUp() {
	ctx, cancel := context.WithTimeout(s.live, farewell)
	defer cancel()
	if s.ch.send(ctx, kindOutput, s.key.Load().close([]byte("\x03\x04"))) != nil {
		return
	}
	if s.ch.send(ctx, kindFlag, binary.BigEndian.AppendUint32(nil, flagTerminate)) == nil {
		s.ch.drain(ctx)
	}
}
