package main

import (
	"context"
	"fmt"
	"os"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/config"
)

// shellOptions are those of `ecs-tui shell TASK [-- COMMAND…]`, which is also
// what s does on the screen.
type shellOptions struct {
	*factory
	Task, Container string
	Command         []string
}

func newShellCmd(f *factory) *cobra.Command {
	o := &shellOptions{factory: f}
	cmd := &cobra.Command{
		Use:     "shell TASK [-- COMMAND…]",
		Aliases: []string{"exec"},
		Short:   "Run a shell, or a command, in a container of a task",
		Long: "Runs a shell, or a command, in a container of a task, and hands its input and outputs on as they are. " +
			"The exit code is the command's own, where the backend tells it. In the log of GitHub Actions, lines that would be workflow commands get a space.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Task, o.Command = args[0], args[1:]
			return runShell(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Container, "container", "", "container of the task; the first that runs where it is left out")
	return cmd
}

func runShell(ctx context.Context, o *shellOptions) error {
	return o.inCluster(ctx, "", func(s *session, cluster string) error { return o.run(ctx, s, cluster) })
}

func (o *shellOptions) run(ctx context.Context, s *session, cluster string) error {
	task, err := o.findTask(ctx, s, cluster)
	if err != nil {
		return err
	}
	container, err := o.container(task)
	if err != nil {
		return err
	}
	req := backend.ShellRequest{
		Cluster: cluster, Task: task.ARN, Container: container, Command: o.Command,
		In: o.io.In, Out: o.github.bytesOf(o.io.Out), Err: o.io.Err,
	}
	if in, ok := o.io.In.(*os.File); ok && o.io.InTTY && o.io.OutTTY {
		restore, err := rawTerminal(in)
		if err != nil {
			return err
		}
		defer restore()
		resize, stop := watchSize(ctx, o.io.Size)
		defer stop()
		req.TTY, req.Resize = true, resize
	}
	code, err := s.backend.Shell(ctx, req)
	if err != nil {
		return err
	}
	if code < 0 {
		if len(o.Command) > 0 {
			fmt.Fprintln(o.io.Err, "note: ECS Exec does not tell the exit code of a command")
		}
		return nil
	}
	if code != 0 {
		return exitErr{Code: code} // as a shell would: the command's own
	}
	return nil
}

// findTask finds the task. The demo of another process has other tasks: there,
// one with the same container does as well.
func (o *shellOptions) findTask(ctx context.Context, s *session, cluster string) (backend.Task, error) {
	task, err := findTask(ctx, s.backend, cluster, o.Task)
	if err == nil || s.cfg.Backend != config.Demo {
		return task, err
	}
	tasks, listErr := listTasks(ctx, s.backend, backend.TaskQuery{Cluster: cluster})
	if listErr != nil {
		return task, listErr
	}
	for _, t := range tasks {
		if _, noContainer := o.container(t); noContainer == nil {
			return t, nil
		}
	}
	return task, err
}

// container is the one to go into.
func (o *shellOptions) container(task backend.Task) (string, error) {
	for _, c := range task.Containers {
		if o.Container == c.Name || o.Container == "" && c.LastStatus == backend.Running {
			return c.Name, nil
		}
	}
	if o.Container != "" {
		return "", usagef("--container: task %s has no container %q", task.ID(), o.Container)
	}
	return "", advise(fmt.Errorf("no container of task %s is running", task.ID()), "ecs-tui ps lists the tasks that run")
}

// rawTerminal hands every key to the container, and gives the terminal back.
func rawTerminal(in *os.File) (restore func(), err error) {
	state, err := term.MakeRaw(in.Fd())
	if err != nil {
		return nil, err
	}
	return func() { _ = term.Restore(in.Fd(), state) }, nil
}

// watchSize delivers the terminal's size now and after each change, until
// stop. Only the newest size counts: one that nobody took yet is replaced.
func watchSize(ctx context.Context, size func() (int, int)) (<-chan backend.Size, func()) {
	ctx, cancel := context.WithCancel(ctx)
	changed, unwatch := sizeChanges(ctx)
	out := make(chan backend.Size, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			w, h := size()
			select {
			case <-out:
			default:
			}
			out <- backend.Size{Width: w, Height: h}
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
		}
	}()
	return out, func() {
		cancel()
		unwatch()
		<-done
	}
}
