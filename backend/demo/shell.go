package demo

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Shell runs a very small shell inside a container that does not exist.
func (b *Backend) Shell(ctx context.Context, req backend.ShellRequest) (int, error) {
	const op = "ExecuteCommand"
	if err := ended(ctx, op); err != nil {
		return 0, err
	}
	b.lock()
	t := b.findTask(req.Cluster, req.Task)
	var err error
	name := req.Container
	switch {
	case t == nil:
		err = backend.Errorf(op, backend.NotFound, backend.Clean(req.Task), "the task does not exist")
	case t.view.LastStatus != backend.Running:
		err = backend.Errorf(op, backend.Conflict, backend.Clean(req.Task), "the task is %s, not RUNNING", t.view.LastStatus)
	case t.view.ExecOff:
		err = backend.ExecDisabled(t.view)
	case name == "":
		name = t.view.Containers[0].Name
	default:
		if _, ok := t.rev.td.Container(name); !ok {
			err = backend.Errorf(op, backend.NotFound, backend.Clean(name), "the task has no such container")
		}
	}
	b.unlock()
	if err != nil {
		return 0, err
	}
	sh := &shell{b: b, task: t, container: name, req: req}
	if len(req.Command) > 0 && !isShell(req.Command) {
		sh.line(strings.Join(unwrap(req.Command), " "))
		return sh.code, nil
	}
	return sh.loop(ctx)
}

func isShell(command []string) bool {
	return len(command) == 1 && (strings.HasSuffix(command[0], "sh") || strings.HasSuffix(command[0], "bash"))
}

// unwrap takes "sh -c" off a command.
func unwrap(command []string) []string {
	if len(command) > 2 && command[1] == "-c" {
		return command[2:]
	}
	return command
}

type shell struct {
	b         *Backend
	task      *task
	container string
	req       backend.ShellRequest
	code      int
	over      bool
}

func (s *shell) print(format string, args ...any) {
	if s.req.Out == nil {
		return
	}
	text := fmt.Sprintf(format, args...)
	if s.req.TTY {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if _, err := io.WriteString(s.req.Out, text); err != nil {
		s.over = true // nobody is there to read it
	}
}

// loop reads lines until exit, the end of input, or ctx. The reader goroutine
// ends with the input: a Read cannot be interrupted, as in any shell.
func (s *shell) loop(ctx context.Context) (int, error) {
	keys := make(chan byte)
	if s.req.In != nil {
		go func() {
			defer close(keys)
			buf := make([]byte, 256)
			for {
				n, err := s.req.In.Read(buf)
				for _, c := range buf[:n] {
					select {
					case keys <- c:
					case <-ctx.Done():
						return
					}
				}
				if err != nil {
					return
				}
			}
		}()
	} else {
		close(keys)
	}
	if s.req.TTY {
		s.print("This is the demo: a shell in a container that is not there. Try help.\n")
	}
	s.prompt()
	var line []byte
	for !s.over {
		select {
		case <-ctx.Done():
			return 0, ended(ctx, "ExecuteCommand")
		case <-s.req.Resize:
		case c, ok := <-keys:
			if !ok || c == 4 && len(line) == 0 {
				return s.code, nil
			}
			line = s.key(line, c)
		}
	}
	return s.code, nil
}

func (s *shell) prompt() {
	if s.req.TTY {
		s.print("/app # ")
	}
}

// key edits the line by one byte; on a terminal it is echoed here.
func (s *shell) key(line []byte, c byte) []byte {
	switch {
	case c == '\r' || c == '\n':
		if s.req.TTY {
			s.print("\n")
		}
		s.line(string(line))
		if !s.over {
			s.prompt()
		}
		return line[:0]
	case c == 3:
		s.print("^C\n")
		s.prompt()
		return line[:0]
	case c == 127 || c == 8:
		if len(line) > 0 {
			s.print("\b \b")
			return line[:len(line)-1]
		}
		return line
	case c < 32:
		return line
	}
	if s.req.TTY {
		s.print("%c", c)
	}
	return append(line, c)
}

// line does the commands of one line, up to an exit.
func (s *shell) line(text string) {
	for part := range strings.SplitSeq(text, ";") {
		if !s.over {
			s.run(part)
		}
	}
}

// run does one command.
func (s *shell) run(line string) {
	f := strings.Fields(backend.Clean(line))
	if len(f) == 0 {
		return
	}
	s.code = 0
	rest := strings.Join(f[1:], " ")
	switch f[0] {
	case "exit":
		s.over = true
		if len(f) > 1 {
			s.code, _ = strconv.Atoi(f[1])
			s.code &= 255
		}
	case "help":
		s.print("cat  echo  env  exit  help  hostname  id  ls  ps  pwd  true  false\n")
	case "echo":
		s.print("%s\n", strings.Trim(rest, `"'`))
	case "pwd":
		s.print("/app\n")
	case "ls":
		s.print("bin  config.yml  server  static\n")
	case "id":
		s.print("uid=1000(app) gid=1000(app)\n")
	case "hostname":
		s.print("ip-10-0-3-%d\n", s.task.seed%250)
	case "ps":
		s.print("PID   USER     COMMAND\n    1 app      /app/server\n   42 app      sh\n   57 app      ps\n")
	case "env":
		s.env()
	case "cat":
		s.cat(rest)
	case "true":
	case "false":
		s.code = 1
	default:
		s.print("sh: %s: not found\n", f[0])
		s.code = 127
	}
}

func (s *shell) env() {
	s.print("PATH=/usr/local/bin:/usr/bin:/bin\nHOME=/app\nECS_CONTAINER_METADATA_URI_V4=http://169.254.170.2/v4/%s\n", s.task.view.ID())
	def, _ := s.task.rev.td.Container(s.container)
	for _, kv := range def.Environment {
		s.print("%s=%s\n", backend.Clean(kv.Name), backend.Clean(kv.Value))
	}
}

func (s *shell) cat(name string) {
	switch name {
	case "/etc/os-release":
		s.print("PRETTY_NAME=\"Demo Linux\"\nID=demo\n")
	case "config.yml", "/app/config.yml":
		s.print("listen: :8080\nlog: info\n")
	default:
		s.print("cat: %s: No such file or directory\n", name)
		s.code = 1
	}
}
