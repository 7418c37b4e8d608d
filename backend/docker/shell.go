package docker

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

const opShell = "ExecuteCommand"

var _ backend.Shell = (*Engine)(nil)

// Shell runs a command in a running container. Cancelling ctx hangs up: the
// command gets an interrupt and the end of its input, as from a terminal that
// is closed, since the engine's API has no way to kill it. The goroutine that
// reads req.In ends when a Read returns: give a reader that can be cancelled.
func (e *Engine) Shell(ctx context.Context, req backend.ShellRequest) (int, error) {
	resource := backend.ShortID(req.Task)
	if req.Container != "" {
		resource += "/" + backend.Clean(req.Container)
	}
	id, err := e.findContainer(ctx, req)
	if err != nil {
		return 0, wrap(opShell, resource, err)
	}
	command := req.Command
	if len(command) == 0 {
		if command, err = e.findShell(ctx, id); err != nil {
			return 0, wrap(opShell, resource, err)
		}
	}
	created, err := e.client.ExecCreate(ctx, id, client.ExecCreateOptions{
		Cmd: command, TTY: req.TTY, AttachStdin: req.In != nil, AttachStdout: true, AttachStderr: !req.TTY,
		Env: shellEnv(req.TTY, e.opts.Getenv),
	})
	if err != nil {
		return 0, wrap(opShell, resource, err)
	}
	conn, err := e.client.ExecAttach(ctx, created.ID, client.ExecAttachOptions{TTY: req.TTY})
	if err != nil {
		return 0, wrap(opShell, resource, err)
	}
	defer conn.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { hangUp(conn.HijackedResponse, req.TTY) })
	defer stop()
	e.pump(ctx, created.ID, conn.HijackedResponse, req)
	if err := transfer(conn.HijackedResponse, req); err != nil && ctx.Err() == nil {
		return 0, wrap(opShell, resource, err)
	}
	if ctx.Err() != nil {
		return 0, wrap(opShell, resource, ctx.Err())
	}
	code, err := e.exitCode(ctx, created.ID)
	return code, wrap(opShell, resource, err)
}

// shellEnv gives a command on a terminal that terminal's kind.
func shellEnv(tty bool, getenv func(string) string) []string {
	term := getenv("TERM")
	if !tty || term == "" {
		return nil
	}
	return []string{"TERM=" + term}
}

// hangUp ends a command whose user has gone: ^C stops what runs, ^D ends the
// shell, closing does the rest.
func hangUp(conn client.HijackedResponse, tty bool) {
	if tty {
		_ = conn.Conn.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = conn.Conn.Write([]byte("\x03\x04"))
	}
	_ = conn.CloseWrite()
	conn.Close()
}

// transfer copies what the command writes until it ends.
func transfer(conn client.HijackedResponse, req backend.ShellRequest) error {
	out, errOut := req.Out, req.Err
	if out == nil {
		out = io.Discard
	}
	if errOut == nil {
		errOut = out
	}
	var err error
	if req.TTY {
		_, err = io.Copy(out, conn.Reader)
	} else {
		_, err = stdcopy.StdCopy(out, errOut, conn.Reader)
	}
	return err
}

// pump sends the user's input and the sizes of the terminal.
func (e *Engine) pump(ctx context.Context, exec string, conn client.HijackedResponse, req backend.ShellRequest) {
	if req.In != nil {
		go func() { // ends with the input, or when the connection is closed
			_, _ = io.Copy(conn.Conn, req.In)
			_ = conn.CloseWrite()
		}()
	}
	if req.Resize == nil || !req.TTY {
		return
	}
	go func() { // ends with ctx
		for {
			select {
			case size, ok := <-req.Resize:
				if !ok {
					return
				}
				e.resize(ctx, exec, size)
			case <-ctx.Done():
				return
			}
		}
	}()
}

// resize tells the command its terminal's size. The engine takes that only
// once the command runs, which the answer to attaching does not wait for.
func (e *Engine) resize(ctx context.Context, exec string, size backend.Size) {
	if size.Width <= 0 || size.Height <= 0 {
		return
	}
	for range 25 {
		_, err := e.client.ExecResize(ctx, exec, client.ExecResizeOptions{Height: uint(size.Height), Width: uint(size.Width)})
		if err == nil || !sleep(ctx, 20*time.Millisecond) {
			return
		}
	}
}

// exitCode asks for the code of a command whose output has ended; the engine
// may need a moment more to notice that it has.
func (e *Engine) exitCode(ctx context.Context, exec string) (int, error) {
	for {
		res, err := e.client.ExecInspect(ctx, exec, client.ExecInspectOptions{})
		if err != nil {
			return 0, err
		}
		if !res.Running {
			return res.ExitCode, nil
		}
		if !sleep(ctx, 20*time.Millisecond) {
			return 0, ctx.Err()
		}
	}
}

// findContainer finds the running container of a task that a shell is wanted
// in. A task of one container needs no name.
func (e *Engine) findContainer(ctx context.Context, req backend.ShellRequest) (string, error) {
	q := logQuery{Cluster: req.Cluster, Tasks: []string{req.Task}, Container: req.Container}
	res, err := e.client.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: e.selecting(q)})
	if err != nil {
		return "", err
	}
	found := slices.DeleteFunc(res.Items, func(c container.Summary) bool { return !q.matches(c.Labels) })
	running := slices.DeleteFunc(slices.Clone(found), func(c container.Summary) bool { return c.State != container.StateRunning })
	var names []string
	for _, c := range running {
		names = append(names, backend.Clean(c.Labels[LabelContainerName]))
	}
	slices.Sort(names)
	fail := func(kind backend.Kind, cause, remedy string) error {
		return &backend.Error{Op: opShell, Kind: kind, Resource: backend.ShortID(req.Task), Err: errors.New(cause), Remedy: remedy}
	}
	switch {
	case len(found) == 0:
		return "", fail(backend.NotFound, "the task has no such container on this engine", "look at the list of tasks again: it may have been replaced")
	case len(running) == 0:
		return "", fail(backend.Conflict, "the container is not running ("+string(found[0].State)+")", "choose a running task; the logs (l) say why this one has ended")
	case len(running) > 1:
		return "", fail(backend.Invalid, "the task has several containers: "+strings.Join(names, ", "), "name one of them")
	}
	return running[0].ID, nil
}

// findShell looks for a shell among the container's files, which costs less
// than starting one after the other and shows no errors.
func (e *Engine) findShell(ctx context.Context, id string) ([]string, error) {
	for _, command := range [][]string{
		{"/bin/sh"}, {"/usr/bin/sh"}, {"/bin/bash"}, {"/usr/bin/bash"}, {"/bin/ash"}, {"/bin/busybox", "sh"}, {"/busybox/sh"},
	} {
		_, err := e.client.ContainerStatPath(ctx, id, client.ContainerStatPathOptions{Path: command[0]})
		if err == nil {
			return command, nil
		}
		if kind, _ := classify(err); kind != backend.NotFound {
			return nil, err
		}
	}
	return nil, &backend.Error{
		Op: opShell, Kind: backend.Unsupported, Resource: id[:12], Err: errors.New("there is no shell in this image"),
		Remedy: "name a program that the image has, or add a shell to it (busybox is small)",
	}
}
