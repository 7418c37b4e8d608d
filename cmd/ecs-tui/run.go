package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
)

// runOptions are those of `ecs-tui run [-- COMMAND…]`.
type runOptions struct {
	*factory
	Definition, Container string
	Command               []string
	Env                   []string
	Count                 int
	Detach, Exec          bool
}

func newRunCmd(f *factory) *cobra.Command {
	o := &runOptions{factory: f}
	cmd := &cobra.Command{
		Use:   "run [-- COMMAND…]",
		Short: "Run a task of its own, and show how it ended",
		Long: "Starts a task that belongs to no service, prints what it writes, and waits for its end. " +
			"On ECS it takes network and launch type of the service --service, else of the one named like its family, " +
			"and a shell can be opened in it where that is so for the service, or with --exec. " +
			"The exit code is that of its container: the one that COMMAND is for, else the first essential one that failed; " +
			"4 where the task did not get as far as to have one.",
		Example: "ecs-tui run -- /cli migrate\necs-tui run --task-definition report:3 --detach",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Command = args
			return runRun(cmd.Context(), o)
		},
	}
	o.register(cmd)
	fs := cmd.Flags()
	fs.BoolVar(&o.Exec, "exec", false, "switch ECS Exec on, so that ecs-tui shell can reach into the task")
	fs.BoolVar(&o.Detach, "detach", false, "do not wait for the end")
	return cmd
}

// register adds the flags that say what runs, now or at its times.
func (o *runOptions) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&o.Definition, "task-definition", "", "family, or family:revision; the app's where it is left out")
	fs.StringVar(&o.Container, "container", "", "container that COMMAND and --set-env are for; the first where it is left out")
	fs.StringArrayVar(&o.Env, "set-env", nil, "NAME=VALUE to set in the tasks")
	fs.IntVar(&o.Count, "count", 1, "how many tasks, 1 to 10")
}

// check refuses what can be known to be wrong before a backend is open.
func (o *runOptions) check() error {
	if o.Count < 1 || o.Count > 10 {
		return usagef("--count: %d is out of range: 1 to 10", o.Count)
	}
	return nil
}

func runRun(ctx context.Context, o *runOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	s, err := o.openNoted(ctx, "")
	if err != nil {
		return err
	}
	defer s.backend.Close()
	cluster, err := s.cluster(ctx)
	if err != nil {
		return err
	}
	td, err := o.definition(ctx, s)
	if err != nil {
		return err
	}
	override, err := o.override(td)
	if err != nil {
		return err
	}
	if err := s.confirm(ctx, fmt.Sprintf("Run %s of %s on %s?", plural(o.Count, "task"), td.Ref(), s.where(cluster)), ""); err != nil {
		return err
	}
	started := o.clock.Now()
	tasks, err := s.backend.RunTask(ctx, backend.RunTaskRequest{
		Cluster: cluster, TaskDefinition: td.Ref(), Count: o.Count, StartedBy: "ecs-tui", Overrides: override,
		Like: s.cfg.Service, Exec: o.Exec,
	})
	if err != nil {
		return err
	}
	if o.Detach {
		return o.report(tasks)
	}
	ended, err := waitForEnd(ctx, o, s, cluster, tasks, started)
	if err != nil {
		return err
	}
	if err := o.report(ended); err != nil {
		return err
	}
	for _, t := range ended {
		if code, why := taskFailure(t, td, o.container(td)); why != "" {
			return exitErr{code, fmt.Errorf("task %s failed: %s", backend.ShortID(t.ARN), why)}
		}
	}
	return nil
}

// container is the one that COMMAND and --set-env are for.
func (o *runOptions) container(td backend.TaskDefinition) string {
	if o.Container == "" && len(td.Containers) > 0 {
		return td.Containers[0].Name
	}
	return o.Container
}

// definition is the revision to run.
func (o *runOptions) definition(ctx context.Context, s *session) (backend.TaskDefinition, error) {
	ref := o.Definition
	if ref == "" {
		if s.cfg.App == nil {
			return backend.TaskDefinition{}, advise(usagef("which task definition?"), "name it: --task-definition FAMILY, or go to a folder with an app")
		}
		docs, err := s.documents()
		if err != nil {
			return backend.TaskDefinition{}, err
		}
		ref = docs.Definition.Family
	}
	td, err := s.backend.DescribeTaskDefinition(ctx, ref)
	if backend.KindOf(err) == backend.NotFound {
		return td, advise(err, "register it first: ecs-tui deploy")
	}
	return td, err
}

// override is what this run changes of one container.
func (o *runOptions) override(td backend.TaskDefinition) ([]backend.ContainerOverride, error) {
	if len(o.Command) == 0 && len(o.Env) == 0 {
		return nil, nil
	}
	name := o.container(td)
	if _, ok := td.Container(name); !ok {
		return nil, usagef("--container: %s has no container %q", td.Ref(), name)
	}
	change := backend.ContainerOverride{Name: name, Command: o.Command, Environment: map[string]string{}}
	for _, pair := range o.Env {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, usagef("--set-env: %q is not NAME=VALUE", pair)
		}
		change.Environment[key] = value
	}
	return []backend.ContainerOverride{change}, nil
}

// waitForEnd prints the tasks' lines until all have stopped. Cancelling leaves
// them running, and says so.
func waitForEnd(ctx context.Context, o *runOptions, s *session, cluster string, tasks []backend.Task, since time.Time) ([]backend.Task, error) {
	arns := make([]string, len(tasks))
	for i, t := range tasks {
		arns[i] = t.ARN
	}
	logs, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		followRun(logs, o, s, backend.LogQuery{Cluster: cluster, Tasks: arns, Follow: true, Since: since})
	}()
	var trouble time.Time // since when they can't be read
	for {
		now, err := s.backend.DescribeTasks(ctx, cluster, arns)
		switch {
		case err == nil:
			trouble = time.Time{}
		case ctx.Err() != nil:
			fmt.Fprintf(o.io.Err, "ecs-tui: still running: %s; %s ends it\n", plural(len(arns), "task"), s.commandLine(cluster, "stop", backend.ShortID(arns[0])))
			return nil, err
		case !backend.Passes(err) || !trouble.IsZero() && o.clock.Now().Sub(trouble) >= giveUp:
			return nil, err
		case trouble.IsZero():
			trouble = o.clock.Now()
			fmt.Fprintf(o.io.Err, "ecs-tui: the task can't be read, it is tried again: %v\n", err)
		}
		if err == nil && allStopped(now) {
			// What was written last may still be on its way.
			select {
			case <-done:
			case <-o.clock.After(500 * time.Millisecond):
			}
			stop()
			<-done
			return now, nil
		}
		select {
		case <-ctx.Done():
		case <-o.clock.After(200 * time.Millisecond):
		}
	}
}

// followRun prints lines until ctx ends. In JSON, standard output is for the
// result: lines go to standard error.
func followRun(ctx context.Context, o *runOptions, s *session, q backend.LogQuery) {
	out := *o.io
	if o.flags.json() {
		out.Out, out.OutTTY = out.Err, out.ErrTTY
	}
	p := newLogPrinter(&out, false, s.cfg.NoColor, false)
	for batch, err := range s.backend.Logs(ctx, q) {
		if err != nil {
			if ctx.Err() == nil {
				fmt.Fprintf(o.io.Err, "ecs-tui: the lines of the task can't be read: %v\n", err)
			}
			return
		}
		if p.print(batch, func(string) bool { return true }) != nil {
			return
		}
	}
}

func allStopped(tasks []backend.Task) bool {
	for _, t := range tasks {
		if t.LastStatus != backend.TaskStopped {
			return false
		}
	}
	return true
}

// taskFailure says why a stopped task did not end well and with which exit code,
// which is that of its container as with `docker run`; why is "" when it did. The
// container that the run is about comes first. Others that end by a signal were
// stopped with the task, because that one had ended.
func taskFailure(t backend.Task, td backend.TaskDefinition, about string) (code int, why string) {
	ended := slices.Clone(t.Containers)
	slices.SortStableFunc(ended, func(a, b backend.Container) int {
		return btoi(b.Name == about) - btoi(a.Name == about)
	})
	done := false // what the run is about has ended well
	for _, c := range ended {
		def, known := td.Container(c.Name)
		switch {
		case known && !def.IsEssential():
		case c.ExitCode == nil:
			return exitFailed, c.Name + " did not start: " + whyStopped(t)
		case *c.ExitCode == 0:
			done = done || c.Name == about
		case !done || !bySignal(*c.ExitCode):
			return *c.ExitCode, strings.TrimSuffix(fmt.Sprintf("%s ended with exit code %d: %s", c.Name, *c.ExitCode, c.Reason), ": ")
		}
	}
	return exitOK, ""
}

// bySignal says whether an exit code is that of SIGTERM or SIGKILL, with which
// tasks are stopped.
func bySignal(code int) bool { return code == 128+15 || code == 128+9 }

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// report prints the tasks, one line each.
func (o *runOptions) report(tasks []backend.Task) error {
	if o.flags.json() {
		return printJSON(o.io.Out, taskSummaries(tasks))
	}
	for _, t := range tasks {
		line := fmt.Sprintf("task %s %s", t.ID(), strings.ToLower(t.LastStatus))
		if t.LastStatus == backend.TaskStopped {
			line += fmt.Sprintf(", exit code %s, after %s", exitCodes(t), elapsed(t.StoppedAt.Sub(t.StartedAt)))
		}
		fmt.Fprintln(o.io.Err, line)
	}
	return nil
}
