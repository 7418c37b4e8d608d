package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
)

// stopOptions are those of `ecs-tui stop TASK`.
type stopOptions struct {
	*factory
	Task, Reason string
}

func newStopCmd(f *factory) *cobra.Command {
	o := &stopOptions{factory: f}
	cmd := &cobra.Command{
		Use:   "stop TASK",
		Short: "Stop a task; a service replaces it",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("stop takes one task: its id, or the start of it")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Task = args[0]
			return runStop(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Reason, "reason", "stopped by ecs-tui", "why, as the task will show it")
	return cmd
}

func runStop(ctx context.Context, o *stopOptions) error {
	return o.inCluster(ctx, "", func(s *session, cluster string) error { return o.run(ctx, s, cluster) })
}

func (o *stopOptions) run(ctx context.Context, s *session, cluster string) error {
	task, err := findTask(ctx, s.backend, cluster, o.Task)
	if err != nil {
		return err
	}
	if task.LastStatus == backend.TaskStopped {
		return advise(fmt.Errorf("task %s has stopped already: %s", task.ID(), whyStopped(task)), "ecs-tui ps --all lists what runs")
	}
	of := ""
	if task.Service != "" {
		of = fmt.Sprintf(" of service %s", task.Service)
	}
	if err := s.confirm(ctx, fmt.Sprintf("Stop task %s%s on %s?", task.ID(), of, s.where(cluster)), ""); err != nil {
		return err
	}
	stopped, err := s.backend.StopTask(ctx, cluster, task.ARN, o.Reason)
	if err != nil {
		return err
	}
	if o.flags.json() {
		return printJSON(o.io.Out, taskSummaries([]backend.Task{stopped})[0])
	}
	_, err = fmt.Fprintf(o.io.Out, "task %s%s is stopping\n", task.ID(), of)
	return err
}
