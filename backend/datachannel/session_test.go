package datachannel

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/ecs-tui/ecs-tui/backend"
)

// serve is an agent that runs a command for whoever shows the token.
func serve(t *testing.T, run func(context.Context, Terminal) (int, error)) string {
	t.Helper()
	return listen(t, func(w http.ResponseWriter, r *http.Request) {
		agent, token, err := Accept(w, r)
		if err != nil {
			return
		}
		if token != "open" {
			agent.Refuse("no such token")
			return
		}
		_ = agent.Serve(r.Context(), "ecs-execute-command-1", run)
	})
}

func listen(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	var busy sync.WaitGroup
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		busy.Add(1)
		defer busy.Done()
		handler(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		busy.Wait() // a session that goes on without its client hangs the test
	})
	return "ws" + strings.TrimPrefix(server.URL, "http") + "/v1/data-channel/ecs-execute-command-1?role=publish_subscribe"
}

// output is what a terminal shows.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func newOutput() *output { return &output{more: make(chan struct{}, 1)} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.more <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// until waits for a text on the terminal.
func (o *output) until(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for !strings.Contains(o.String(), text) {
		select {
		case <-o.more:
		case <-deadline:
			t.Fatalf("%q never came; there is %q", text, o.String())
		}
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	url := serve(t, func(_ context.Context, term Terminal) (int, error) {
		size := <-term.Resize
		fmt.Fprintf(term.Out, "%dx%d\r\n", size.Width, size.Height)
		line := make([]byte, 6)
		if _, err := io.ReadFull(term.In, line); err != nil {
			return 0, err
		}
		fmt.Fprintf(term.Out, "got %q\r\n", line)
		fmt.Fprint(term.Out, strings.Repeat("äöü", 2000))
		size = <-term.Resize
		fmt.Fprintf(term.Out, "\r\n%dx%d\r\n", size.Width, size.Height)
		return 42, nil
	})
	keys, typed := io.Pipe()
	defer typed.Close()
	resize := make(chan backend.Size)
	out := newOutput()
	go func() {
		resize <- backend.Size{Width: 80, Height: 24}
		fmt.Fprint(typed, "hello\r")
		resize <- backend.Size{Width: 200, Height: 60}
	}()
	res, err := Client{URL: url, Token: "open", In: keys, Out: out, Resize: resize}.Run(t.Context())
	if err != nil || !res.Known || res.ExitCode != 42 || res.Output != "" {
		t.Errorf("ended with %+v, %v", res, err)
	}
	if want := "80x24\r\ngot \"hello\\r\"\r\n" + strings.Repeat("äöü", 2000) + "\r\n200x60\r\n"; out.String() != want {
		t.Errorf("the terminal shows %q", out.String())
	}
}

// A program that writes much and reads nothing is held back by a slow terminal,
// and what is typed meanwhile is neither lost nor in anybody's way.
func TestSlowTerminalAndDeafProgram(t *testing.T) {
	t.Parallel()
	const lines, keys = 500, 3 * mostTyped
	ready := make(chan struct{})
	url := serve(t, func(_ context.Context, term Terminal) (int, error) {
		for i := range lines {
			fmt.Fprintf(term.Out, "line %d\n", i)
		}
		close(ready)
		n, err := io.Copy(io.Discard, io.LimitReader(term.In, keys))
		fmt.Fprintf(term.Out, "read %d", n)
		return 0, err
	})
	out := newOutput()
	never, closeIt := io.Pipe()
	defer closeIt.Close()
	in := io.MultiReader(strings.NewReader(strings.Repeat("k", keys)), never)
	res, err := Client{URL: url, Token: "open", In: in, Out: slow{out, ready}}.Run(t.Context())
	if err != nil || !res.Known {
		t.Fatal(res, err)
	}
	text := out.String()
	if strings.Count(text, "\n") != lines || !strings.HasSuffix(text, fmt.Sprintf("read %d", keys)) {
		t.Errorf("%d lines, ending %q", strings.Count(text, "\n"), text[max(0, len(text)-40):])
	}
}

// slow is a terminal that dawdles until the program has written everything.
type slow struct {
	io.Writer
	ready chan struct{}
}

func (s slow) Write(p []byte) (int, error) {
	select {
	case <-s.ready:
	case <-time.After(time.Millisecond):
	}
	return s.Writer.Write(p)
}

func TestCancelHangsUp(t *testing.T) {
	t.Parallel()
	heard := make(chan string, 1)
	ended := make(chan struct{})
	url := serve(t, func(ctx context.Context, term Terminal) (int, error) {
		defer close(ended)
		fmt.Fprint(term.Out, "ready")
		buf := make([]byte, 10)
		n, _ := term.In.Read(buf)
		heard <- string(buf[:n])
		<-ctx.Done()
		return 0, ctx.Err()
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := newOutput()
	done := make(chan error, 1)
	go func() {
		_, err := Client{URL: url, Token: "open", Out: out}.Run(ctx)
		done <- err
	}()
	out.until(t, "ready")
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run gave %v", err)
	}
	if got := <-heard; got != "\x03\x04" {
		t.Errorf("the program heard %q", got)
	}
	<-ended
}

func TestEndings(t *testing.T) {
	t.Parallel()
	failing := serve(t, func(context.Context, Terminal) (int, error) {
		return 0, errors.New("no /bin/sh\x1b[2J in this image")
	})
	res, err := Client{URL: failing, Token: "open"}.Run(t.Context())
	if err != nil || res.Known || res.Output != backend.Clean("no /bin/sh\x1b[2J in this image") {
		t.Errorf("a command that can't start: %+v, %v", res, err)
	}
	if _, err := (Client{URL: failing, Token: "stolen"}).Run(t.Context()); !errors.Is(err, ErrBrokeOff) {
		t.Errorf("a wrong token gives %v", err)
	}
	if _, err := (Client{URL: "ws://127.0.0.1:1/"}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "can't be opened") {
		t.Errorf("nobody there gives %v", err)
	}
	broken := listen(t, func(w http.ResponseWriter, r *http.Request) {
		agent, _, err := Accept(w, r)
		if err == nil {
			_ = agent.conn.CloseNow()
		}
	})
	if _, err := (Client{URL: broken}).Run(t.Context()); !errors.Is(err, ErrBrokeOff) {
		t.Errorf("a connection that breaks gives %v", err)
	}
	web, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http"+strings.TrimPrefix(failing, "ws"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "https://elsewhere.example",
	} {
		web.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(web)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("a web page of elsewhere gets %s", resp.Status)
	}
}

// peer is an agent by hand, for what the real one does not do.
type peer struct {
	*testing.T
	ctx  context.Context
	conn *websocket.Conn
	next int64
}

func byHand(t *testing.T, do func(p *peer)) string {
	return listen(t, func(w http.ResponseWriter, r *http.Request) {
		agent, _, err := Accept(w, r)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = agent.conn.CloseNow() }()
		do(&peer{T: t, ctx: r.Context(), conn: agent.conn})
	})
}

func (p *peer) write(m message) {
	if err := p.conn.Write(p.ctx, websocket.MessageBinary, m.encode()); err != nil {
		p.Error(err)
	}
}

func (p *peer) send(k kind, payload []byte) {
	p.write(newMessage(outputStream, p.next, 0, k, payload))
	p.next++
}

// read gives the next message of the client's stream.
func (p *peer) read() message {
	for {
		_, raw, err := p.conn.Read(p.ctx)
		if err != nil {
			p.Error(err)
			return message{}
		}
		if m, err := decode(raw); err == nil && m.typ == inputStream {
			return m
		}
	}
}

func (p *peer) ack(m message) {
	p.write(newMessage(acknowledge, 0, synFin, 0, mustJSON(acknowledgement{m.typ, m.uuid(), m.sequence, true})))
}

// close ends the session, and waits until the client has gone: a connection
// that is torn down takes what was not read with it.
func (p *peer) close() {
	p.write(newMessage(channelClosed, 0, synFin, 0, mustJSON(closed{})))
	for {
		if _, _, err := p.conn.Read(p.ctx); err != nil {
			return
		}
	}
}

// What comes out of order or twice is put right, what is not acknowledged is
// sent again, and an agent that shakes no hands and tells no exit code does.
func TestAgentOfOld(t *testing.T) {
	t.Parallel()
	url := byHand(t, func(p *peer) {
		first := newMessage(outputStream, 0, 0, kindOutput, []byte("one "))
		p.write(newMessage(outputStream, 2, 0, kindOutput, []byte("three")))
		p.write(newMessage(outputStream, 1, 0, kindOutput, []byte("two ")))
		p.write(first)
		p.write(first)
		m := p.read()
		again := p.read() // not acknowledged
		if m.id != again.id || string(again.payload) != "x" {
			p.Errorf("%+v came, then %+v", m, again)
		}
		p.ack(again)
		p.close()
	})
	out := newOutput()
	never, closeIt := io.Pipe()
	defer closeIt.Close()
	res, err := Client{URL: url, In: io.MultiReader(strings.NewReader("x"), never), Out: out}.Run(t.Context())
	if err != nil || res.Known || out.String() != "one two three" {
		t.Errorf("%+v, %v, the terminal shows %q", res, err, out.String())
	}
}

// A session that the cluster encrypts: the key comes from KMS, the agent checks
// that both have it, and nothing of the terminal goes over the wire in clear.
func TestEncryptedSession(t *testing.T) {
	t.Parallel()
	key := make([]byte, KeySize)
	_, _ = rand.Read(key)
	url := byHand(t, func(p *peer) {
		mine, err := clientSeal(append(bytes.Clone(key[KeySize/2:]), key[:KeySize/2]...)) // the other way round
		if err != nil {
			p.Error(err)
			return
		}
		p.send(kindHandshakeRequest, []byte(`{"AgentVersion":"3.1","RequestedClientActions":[
			{"ActionType":"KMSEncryption","ActionParameters":{"KMSKeyId":"arn:aws:kms:eu-west-1:1:key/k"}},
			{"ActionType":"SessionType","ActionParameters":{"SessionType":"InteractiveCommands"}},
			{"ActionType":"OfTomorrow","ActionParameters":{}}]}`))
		m := p.read()
		var resp handshakeResponse
		if err := json.Unmarshal(m.payload, &resp); err != nil || len(resp.Actions) != 3 ||
			string(resp.Actions[0].Result) != `{"KMSCipherTextKey":"c2VhbGVk"}` || resp.Actions[2].Status != actionUnsupported || len(resp.Errors) != 1 {
			p.Errorf("the client answers %s, %v", m.payload, err)
		}
		p.ack(m)
		p.send(kindChallengeRequest, mustJSON(challenge{mine.close([]byte("riddle"))}))
		m = p.read()
		var answer challenge
		if err := json.Unmarshal(m.payload, &answer); err != nil {
			p.Error(err)
		}
		if text, err := mine.open(answer.Challenge); err != nil || string(text) != "riddle" {
			p.Errorf("the challenge is answered with %q, %v", text, err)
		}
		p.ack(m)
		p.send(kindHandshakeComplete, []byte(`{"HandshakeTimeToComplete":1,"CustomerMessage":"This session is encrypted."}`))
		m = p.read()
		if text, err := mine.open(m.payload); err != nil || string(text) != "ls\r" || bytes.Contains(m.payload, []byte("ls")) {
			p.Errorf("typed %q, %v", text, err)
		}
		p.ack(m)
		p.send(kindOutput, mine.close([]byte("file\r\n")))
		p.close()
	})
	out := newOutput()
	never, closeIt := io.Pipe()
	defer closeIt.Close()
	c := Client{URL: url, In: io.MultiReader(strings.NewReader("ls\r"), never), Out: out}
	c.DataKey = func(_ context.Context, id string) (plain, sealed []byte, err error) {
		if id != "arn:aws:kms:eu-west-1:1:key/k" {
			t.Errorf("a key is asked for from %s", id)
		}
		return key, []byte("sealed"), nil
	}
	if _, err := c.Run(t.Context()); err != nil || out.String() != "This session is encrypted.\r\nfile\r\n" {
		t.Errorf("%v, the terminal shows %q", err, out.String())
	}
}

// Without access to the key the agent is told, and so is the user.
func TestEncryptedSessionWithoutTheKey(t *testing.T) {
	t.Parallel()
	told := make(chan string, 1)
	url := byHand(t, func(p *peer) {
		p.send(kindHandshakeRequest, []byte(`{"RequestedClientActions":[{"ActionType":"KMSEncryption","ActionParameters":{"KMSKeyId":"k"}}]}`))
		m := p.read()
		told <- string(m.payload)
	})
	c := Client{URL: url, DataKey: func(context.Context, string) ([]byte, []byte, error) {
		return nil, nil, errors.New("not authorized to perform: kms:GenerateDataKey")
	}}
	if _, err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "kms:GenerateDataKey") {
		t.Errorf("Run gives %v", err)
	}
	if got := <-told; !strings.Contains(got, "kms:GenerateDataKey") || !strings.Contains(got, `"ActionStatus":2`) {
		t.Errorf("the agent is told %s", got)
	}
}

func TestExitCode(t *testing.T) {
	for text, want := range map[string]int{"3": 3, "EXIT_CODE: 127\n": 127, "0": 0} {
		if code, ok := exitCode(text); !ok || code != want {
			t.Errorf("%q is %d, %v", text, code, ok)
		}
	}
	if code, ok := exitCode("none"); ok {
		t.Errorf("no number is %d", code)
	}
}

// cuttable is an agent whose connections can be broken, and to whose session a
// client may come back with the token that resume gives.
type cuttable struct {
	url   string
	agent *Rejoin

	mu    sync.Mutex
	conns []net.Conn
	token string
	given int
}

func cutting(t *testing.T, wait time.Duration, run func(context.Context, Terminal) (int, error)) *cuttable {
	t.Helper()
	c := &cuttable{agent: NewRejoin(wait), token: "open"}
	first := true
	c.url = listen(t, func(w http.ResponseWriter, r *http.Request) {
		agent, token, err := Accept(keeper{w, c}, r)
		if err != nil {
			return
		}
		c.mu.Lock()
		good, begin := token == c.token, first
		c.token, first = "", false
		c.mu.Unlock()
		switch {
		case !good:
			agent.Refuse("no such token")
		case begin:
			agent.Rejoin = c.agent
			_ = agent.Serve(r.Context(), "ecs-execute-command-1", run)
		default:
			c.agent.Join(agent)
		}
	})
	return c
}

type keeper struct {
	http.ResponseWriter
	c *cuttable
}

func (k keeper) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buf, err := http.NewResponseController(k.ResponseWriter).Hijack()
	k.c.mu.Lock()
	defer k.c.mu.Unlock()
	k.c.conns = append(k.c.conns, conn)
	return conn, buf, err
}

func (c *cuttable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}

func (c *cuttable) resume(context.Context) (url, token string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.given++
	c.token = fmt.Sprintf("again %d", c.given)
	return c.url, c.token, nil
}

// A session whose connection breaks goes on over another one: nothing that was
// written or typed meanwhile is lost, doubled or in another order.
func TestResume(t *testing.T) {
	t.Parallel()
	const lines, every = 3000, 700
	var c *cuttable
	c = cutting(t, time.Minute, func(_ context.Context, term Terminal) (int, error) {
		wrote := make(chan struct{})
		go func() {
			defer close(wrote)
			for i := range lines {
				if i%every == every-1 {
					c.cut()
				}
				fmt.Fprintf(term.Out, "line %d\n", i)
			}
		}()
		typed := make([]byte, 5*lines)
		if _, err := io.ReadFull(term.In, typed); err != nil {
			return 0, err
		}
		for i := range lines {
			if got := string(typed[5*i : 5*i+5]); got != fmt.Sprintf("%04d.", i) {
				return 0, fmt.Errorf("%q was read as number %d", got, i)
			}
		}
		<-wrote
		return 7, nil
	})
	keys, typed := io.Pipe()
	defer typed.Close()
	go func() {
		for i := range lines {
			fmt.Fprintf(typed, "%04d.", i)
			if i == lines/2 {
				c.cut()
			}
		}
	}()
	out := newOutput()
	done := make(chan struct{})
	go func() {
		defer close(done)
		res, err := Client{URL: c.url, Token: "open", In: keys, Out: out, Resume: c.resume}.Run(t.Context())
		if err != nil || !res.Known || res.ExitCode != 7 {
			t.Errorf("ended with %+v, %v", res, err)
		}
	}()
	select {
	case <-done:
	case <-time.After(50 * time.Second):
		t.Fatalf("it does not end; the terminal shows %d bytes", len(out.String()))
	}
	if c.given == 0 {
		t.Error("the connection never broke")
	}
	want := &strings.Builder{}
	for i := range lines {
		fmt.Fprintf(want, "line %d\n", i)
	}
	if got := out.String(); got != want.String() {
		t.Errorf("the terminal shows %d bytes, and not the %d that were written", len(got), want.Len())
	}
}

// A session that can't be resumed ends, and says so; one whose client stays
// away ends too.
func TestResumeRefused(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	c := cutting(t, 50*time.Millisecond, func(ctx context.Context, term Terminal) (int, error) {
		fmt.Fprint(term.Out, "ready")
		<-ctx.Done()
		close(ended)
		return 0, ctx.Err()
	})
	out := newOutput()
	over := fmt.Errorf("%w: the session does not exist", ErrOver)
	go func() {
		out.until(t, "ready")
		c.cut()
	}()
	_, err := Client{URL: c.url, Token: "open", Out: out, Resume: func(context.Context) (url, token string, err error) { return "", "", over }}.Run(t.Context())
	if !errors.Is(err, ErrBrokeOff) || !errors.Is(err, ErrOver) || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("ended with %v", err)
	}
	<-ended
}
