package docker

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// screen is a terminal's output that a test can wait for.
type screen struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *screen) has(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains(s.buf.String(), text)
}

func shellTask(t *testing.T, e *Engine, image string, cmd ...string) backend.ShellRequest {
	cluster := dockertest.Unique(t, "shell")
	labels := taskLabels(cluster, "web", "aaaaaa1", "app")
	dockertest.Run(t, e.client, dockertest.Spec{Image: image, Labels: labels, Cmd: cmd})
	return backend.ShellRequest{Cluster: cluster, Task: labels[LabelTaskARN]}
}

func TestShellCommand(t *testing.T) {
	e := openEngine(t, Options{})
	req := shellTask(t, e, dockertest.BusyboxImage(t), "sleep", "100")
	var out, errOut bytes.Buffer
	req.Command, req.In, req.Out, req.Err = []string{"sh", "-c", "cat; echo oh >&2; exit 9"}, strings.NewReader("ping\n"), &out, &errOut
	code, err := e.Shell(t.Context(), req)
	if err != nil || code != 9 || out.String() != "ping\n" || errOut.String() != "oh\n" {
		t.Errorf("code %d, %v, out %q, err %q", code, err, out.String(), errOut.String())
	}
	req.Container = "none"
	_, err = e.Shell(t.Context(), req)
	wantError(t, err, backend.NotFound, "aaaaaa")
}

func TestShellTerminal(t *testing.T) {
	e := openEngine(t, Options{})
	req := shellTask(t, e, dockertest.BusyboxImage(t), "sleep", "100")
	in, typed := io.Pipe()
	var out screen
	sizes := make(chan backend.Size, 2)
	sizes <- backend.Size{Width: 101, Height: 33}
	req.TTY, req.In, req.Out, req.Resize = true, in, &out, sizes
	type result struct {
		code int
		err  error
	}
	ended := make(chan result, 1)
	go func() {
		code, err := e.Shell(t.Context(), req)
		ended <- result{code, err}
	}()
	dockertest.Eventually(t, 10*time.Second, "the size is known", func() bool {
		_, _ = io.WriteString(typed, "stty size\n")
		return out.has("33 101")
	})
	sizes <- backend.Size{Width: 70, Height: 20}
	dockertest.Eventually(t, 10*time.Second, "the new size is known", func() bool {
		_, _ = io.WriteString(typed, "stty size\n")
		return out.has("20 70")
	})
	_, _ = io.WriteString(typed, "exit 5\n")
	select {
	case r := <-ended:
		if r.code != 5 || r.err != nil {
			t.Errorf("ended with %d, %v", r.code, r.err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the shell does not end")
	}
	typed.Close()
}

func TestShellCancelled(t *testing.T) {
	for _, tty := range []bool{true, false} {
		t.Run(strconv.FormatBool(tty), func(t *testing.T) {
			e := openEngine(t, Options{})
			req := shellTask(t, e, dockertest.BusyboxImage(t), "sleep", "100")
			in, typed := io.Pipe()
			defer typed.Close()
			seconds := strconv.FormatInt(300000+time.Now().UnixNano()%1e6, 10)
			req.TTY, req.In, req.Out = tty, in, &screen{}
			if !tty {
				req.Command = []string{"sh", "-c", "cat; exec sleep 0"}
			}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				_, err := e.Shell(ctx, req)
				ended <- err
			}()
			if tty {
				_, _ = io.WriteString(typed, "sleep "+seconds+"\n")
				dockertest.Eventually(t, 10*time.Second, "the command runs", func() bool { return hasProcess(seconds) })
			} else {
				_, _ = io.WriteString(typed, "x\n")
			}
			cancel()
			select {
			case err := <-ended:
				wantError(t, err, backend.Cancelled)
			case <-time.After(5 * time.Second):
				t.Fatal("the shell does not end")
			}
			dockertest.Eventually(t, 5*time.Second, "the command has ended too", func() bool { return !hasProcess(seconds) })
		})
	}
}

func TestShellMissing(t *testing.T) {
	e := openEngine(t, Options{})
	_, err := e.Shell(t.Context(), shellTask(t, e, dockertest.StaticImage(t), "-http", ":8080"))
	wantError(t, err, backend.Unsupported, "no shell in this image")
	req := shellTask(t, e, dockertest.StaticImage(t), "-exit-after", "1ms")
	dockertest.Eventually(t, 10*time.Second, "the task has ended", func() bool {
		_, err = e.Shell(t.Context(), req)
		return backend.KindOf(err) == backend.Conflict
	})
	wantError(t, err, backend.Conflict, "not running")
}
