package backendtest

import (
	"bytes"
	"context"
	"io"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// testShell runs a command in a container: its output, its exit code, and its
// end when the caller gives up.
func testShell(s *suite) {
	if why := s.b.Unsupported(backend.CanShell); why != "" || s.Shell == nil {
		s.Skipf("no shell here: %s", why)
	}
	name := s.name("web")
	td := s.register(s.definition(name, s.Image, nil))
	s.create(s.spec(name, td.ARN, 1))
	s.steady(name)
	task := s.tasks(name, false)[0].ARN
	for _, code := range []int{0, 3} {
		var out, errs bytes.Buffer
		got, err := s.b.Shell(s.Context(), backend.ShellRequest{
			Cluster: s.Cluster, Task: task, Container: "app", Command: s.Shell("hello-there", code),
			In: strings.NewReader(""), Out: &out, Err: &errs,
		})
		if err != nil || got != code || !strings.Contains(out.String(), "hello-there") {
			s.Errorf("exit code %d, want %d, %v; it wrote %q and %q", got, code, err, out.String(), errs.String())
		}
	}
	_, err := s.b.Shell(s.Context(), backend.ShellRequest{Cluster: s.Cluster, Task: task, Container: "nobody", Command: s.Shell("x", 0), Out: io.Discard, Err: io.Discard})
	s.kind("a shell in no container", err, backend.NotFound)
	s.sub("cancel", func(s *suite) {
		ctx, cancel := context.WithCancel(s.Context())
		time.AfterFunc(300*time.Millisecond, cancel)
		never, closeIt := io.Pipe()
		defer closeIt.Close()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = s.b.Shell(ctx, backend.ShellRequest{Cluster: s.Cluster, Task: task, Container: "app", TTY: true, In: never, Out: io.Discard, Err: io.Discard})
		}()
		s.ended("Shell", done)
		cancel()
	})
}
