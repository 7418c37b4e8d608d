package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/datachannel"
)

const opShell = "ExecuteCommand"

// Shell runs a command in a container through ECS Exec. Its output comes from a
// terminal, also where nobody sits at one: standard error is in it. The exit
// code is -1 where the container's agent does not tell it, as that of AWS.
func (b *Backend) Shell(ctx context.Context, req backend.ShellRequest) (int, error) {
	cluster, command := b.cluster(req.Cluster), req.Command
	if len(command) == 0 {
		command = []string{"/bin/sh"}
	}
	line := quote(command)
	in := &ecs.ExecuteCommandInput{Cluster: &cluster, Task: &req.Task, Command: &line, Interactive: true}
	if req.Container != "" {
		in.Container = &req.Container
	}
	var out struct {
		Session struct {
			ID    string `json:"sessionId"`
			URL   string `json:"streamUrl"`
			Token string `json:"tokenValue"`
		} `json:"session"`
	}
	resource := backend.ShortID(req.Task)
	if err := call(ctx, b, opShell, resource, in, nil, &out, (*ecs.Client).ExecuteCommand); err != nil {
		return 0, b.explainShell(ctx, cluster, req, err)
	}
	c, err := b.connect(ctx)
	if err != nil {
		return 0, named(err, opShell, resource)
	}
	opened := session{out.Session.ID, out.Session.URL, out.Session.Token}
	client := datachannel.Client{
		Resume: func(ctx context.Context) (url, token string, err error) { return b.resume(ctx, opened) },
		Broken: broken(req),
		URL:    out.Session.URL, Token: out.Session.Token, HTTP: c.plain, In: req.In, Out: req.Out,
		DataKey: func(ctx context.Context, key string) (plain, sealed []byte, err error) {
			return b.dataKey(ctx, key, cluster, req, out.Session.ID)
		},
	}
	if req.TTY {
		client.Resize = req.Resize
	} else {
		client.In, client.Out = typed(req.In), printed(req.Out)
	}
	res, err := client.Run(ctx)
	switch {
	case errors.Is(err, datachannel.ErrBrokeOff):
		return 0, brokeOff(resource, err)
	case err != nil:
		return 0, b.wrap(opShell, resource, err)
	case res.Output != "":
		return 0, notStarted(resource, line, res.Output)
	case !res.Known:
		return -1, nil
	}
	return res.ExitCode, nil
}

// brokeOff is a session that went away and did not come back.
func brokeOff(resource string, err error) error {
	e := &backend.Error{
		Op: opShell, Kind: backend.Unreachable, Resource: resource, Err: err,
		Remedy: "the task may have stopped, or the network is gone: look at the task, then open the shell again",
	}
	var refused *backend.Error
	if errors.As(err, &refused) && refused.Kind == backend.Denied {
		e.Err = fmt.Errorf("%w, and it may not be resumed", datachannel.ErrBrokeOff)
		e.Remedy = "open the shell again. " + refused.Advice() + ": with that, it would have come back by itself"
	}
	return e
}

// broken tells whoever sits at the terminal why nothing moves.
func broken(req backend.ShellRequest) func(back bool) {
	to, end := req.Err, "\n"
	if to == nil {
		to = req.Out
	}
	if req.TTY {
		end = "\r\n"
	}
	return func(back bool) {
		text := "ecs-tui: the connection broke; trying to get it back …"
		if back {
			text = "ecs-tui: connected again"
		}
		if to != nil {
			_, _ = io.WriteString(to, end+text+end) // a terminal that is gone shows nothing
		}
	}
}

// notStarted is a session that was closed with an error: the agent could not
// start the command.
func notStarted(resource, line, output string) error {
	e := &backend.Error{Op: opShell, Kind: backend.Other, Resource: resource, Err: errors.New(output)}
	lower := strings.ToLower(output)
	switch {
	case strings.Contains(lower, "no such file"), strings.Contains(lower, "not found"), strings.Contains(lower, "there is no shell"):
		e.Kind = backend.Unsupported
		e.Remedy = "the image has no " + line + ": name a program that it has, or add a shell to it"
	case strings.Contains(lower, "permission denied"):
		e.Kind, e.Remedy = backend.Denied, "the container's user may not run "+line
	case strings.Contains(lower, "kms"):
		e.Kind, e.Remedy = backend.Denied, "the task role needs kms:Decrypt on the cluster's key"
	}
	return e
}

// quote writes a command as one line, which the agent takes apart as a shell
// does.
func quote(command []string) string {
	words := make([]string, len(command))
	for i, w := range command {
		words[i] = w
		if w == "" || strings.ContainsFunc(w, func(r rune) bool {
			return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%^", r)
		}) {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'"'"'`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// typed is input that does not come from a terminal, for one: its end is typed
// as well. A line that is not ended takes a second ^D.
func typed(in io.Reader) io.Reader {
	if in == nil {
		return nil
	}
	return &typist{in: in, last: '\n'}
}

type typist struct {
	in    io.Reader
	last  byte
	ended bool
}

func (t *typist) Read(p []byte) (int, error) {
	if t.ended {
		return 0, io.EOF
	}
	n, err := t.in.Read(p)
	if n > 0 {
		t.last = p[n-1]
		if err == io.EOF {
			err = nil // it is said again
		}
		return n, err
	}
	if err != io.EOF {
		return n, err
	}
	t.ended = true
	end := "\x04\x04"
	if t.last == '\n' {
		end = "\x04"
	}
	return copy(p, end), nil
}

// printed takes the terminal's line ends off what goes elsewhere.
func printed(out io.Writer) io.Writer {
	if out == nil {
		return nil
	}
	return &printer{out: out}
}

type printer struct {
	out io.Writer
	cr  bool // a carriage return is held back
}

func (p *printer) Write(text []byte) (int, error) {
	plain := make([]byte, 0, len(text)+1)
	for _, c := range text {
		if p.cr && c != '\n' {
			plain = append(plain, '\r')
		}
		if p.cr = c == '\r'; !p.cr {
			plain = append(plain, c)
		}
	}
	if _, err := p.out.Write(plain); err != nil {
		return 0, err
	}
	return len(text), nil
}

// execTask is what a task's document says about ECS Exec.
type execTask struct {
	Containers []struct {
		Name      string `json:"name"`
		RuntimeID string `json:"runtimeId"`
		Agents    []struct {
			Name   string `json:"name"`
			Status string `json:"lastStatus"`
			Reason string `json:"reason"`
		} `json:"managedAgents"`
	} `json:"containers"`
}

// explainTimeout bounds what looking for a reason may take.
const explainTimeout = 10 * time.Second

// explainShell looks for why a session was refused. ECS has one sentence for
// several reasons, and the task knows which one it is.
func (b *Backend) explainShell(ctx context.Context, cluster string, req backend.ShellRequest, refused error) error {
	switch backend.KindOf(refused) {
	case backend.Denied, backend.Expired, backend.Throttled, backend.Unreachable, backend.Cancelled:
		return refused // that is the reason
	}
	ctx, cancel := context.WithTimeout(ctx, explainTimeout)
	defer cancel()
	found, err := b.DescribeTasks(ctx, cluster, []string{req.Task})
	resource := backend.ShortID(req.Task)
	fail := func(kind backend.Kind, cause, remedy string) error {
		return &backend.Error{Op: opShell, Kind: kind, Resource: resource, Err: errors.New(cause), Remedy: remedy}
	}
	switch {
	case err != nil:
		return refused
	case len(found) == 0:
		return fail(backend.NotFound, "the task does not exist", "look at the list of tasks again: it may have been replaced")
	}
	t := found[0]
	var doc execTask
	if json.Unmarshal(t.Document, &doc) != nil {
		return refused
	}
	var names []string
	for _, c := range doc.Containers {
		names = append(names, backend.Clean(c.Name))
	}
	switch {
	case t.LastStatus != backend.Running:
		return fail(backend.Conflict, "the task is "+t.LastStatus+", not RUNNING", "choose a running task; the logs (l) say why this one has ended")
	case t.ExecOff:
		return backend.ExecDisabled(t)
	}
	for _, c := range doc.Containers {
		if c.Name != req.Container && (req.Container != "" || len(doc.Containers) > 1) {
			continue
		}
		for _, a := range c.Agents {
			if a.Name == "ExecuteCommandAgent" && a.Status != backend.Running {
				return b.noAgent(t, backend.Clean(a.Status), backend.Clean(a.Reason))
			}
		}
		if strings.Contains(refused.Error(), "internal error") { // TargetNotConnectedException
			return b.noAgent(t, "not connected", "")
		}
		return refused
	}
	if req.Container == "" {
		return fail(backend.Invalid, "the task has several containers: "+strings.Join(names, ", "), "name one of them")
	}
	return fail(backend.NotFound, "the task has no container "+backend.Clean(req.Container), "it has "+strings.Join(names, ", "))
}

// noAgent is a task whose agent for ECS Exec does not answer.
func (b *Backend) noAgent(t backend.Task, status, reason string) error {
	cause := "the agent for ECS Exec in the container is " + status
	if reason != "" {
		cause += ": " + reason
	}
	return &backend.Error{
		Op: opShell, Kind: backend.Conflict, Resource: t.ID(), Err: errors.New(cause),
		Remedy: "wait some seconds after the start; else the task role needs ssmmessages:CreateControlChannel, CreateDataChannel, " +
			"OpenControlChannel and OpenDataChannel, the network a way to ssmmessages." + b.region() + ".amazonaws.com, and the root file system must be writable",
	}
}
