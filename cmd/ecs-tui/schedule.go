package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

func newScheduleCmd(f *factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schedule",
		Short: "Tasks that run at their times: list, add, pause, resume, remove",
		Long: "Lists the schedules of a cluster, and changes them. On ECS they are EventBridge Scheduler's; on the local engine the agent " +
			"runs them. Those of the app file are put in place by `ecs-tui deploy`.",
		Example: "ecs-tui schedule\necs-tui schedule add nightly 'cron(0 3 * * ? *)' --timezone Europe/Berlin -- ./report\necs-tui schedule pause nightly",
		Args:    maxArgs(0),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runScheduleList(cmd.Context(), f) },
	}
	list := &cobra.Command{
		Use: "list", Short: "List the schedules of the cluster", Args: maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runScheduleList(cmd.Context(), f) },
	}
	cmd.AddCommand(list, newScheduleAddCmd(f),
		newScheduleNamedCmd(f, "pause", "Do not run a schedule for now", pauseSchedule),
		newScheduleNamedCmd(f, "resume", "Let a schedule run again", resumeSchedule),
		newScheduleNamedCmd(f, "remove", "Remove a schedule; the tasks that it has started go on", removeSchedule))
	return cmd
}

// scheduleSummary is a schedule in `schedule list -o json`.
type scheduleSummary struct {
	Name           string       `json:"name"`
	ARN            string       `json:"arn"`
	App            string       `json:"app,omitempty"`
	Schedule       string       `json:"schedule"`
	Timezone       string       `json:"timezone"`
	Enabled        bool         `json:"enabled"`
	TaskDefinition string       `json:"taskDefinition"`
	Count          int          `json:"count"`
	Command        []string     `json:"command,omitempty"`
	Next           *time.Time   `json:"next,omitempty"`
	Last           *scheduleRun `json:"last,omitempty"`
	Note           string       `json:"note,omitempty"`
}

type scheduleRun struct {
	At       time.Time `json:"at"`
	Task     string    `json:"task"`
	Status   string    `json:"lastStatus"`
	ExitCode *int      `json:"exitCode,omitempty"`
	Reason   string    `json:"stoppedReason,omitempty"`
}

func scheduleOf(s backend.Schedule, now time.Time) scheduleSummary {
	out := scheduleSummary{
		Name: s.Name, ARN: s.ARN, App: s.App, Schedule: s.Expression, Timezone: cmp.Or(s.Timezone, "UTC"), Enabled: s.Enabled,
		TaskDefinition: backend.ShortName(s.TaskDefinition), Count: max(s.Count, 1), Note: s.Note,
	}
	for _, o := range s.Overrides {
		out.Command = append(out.Command, o.Command...)
	}
	if next := s.Next(now); !next.IsZero() {
		out.Next = &next
	}
	if l := s.Last; l != nil {
		out.Last = &scheduleRun{l.At, l.Task, l.Status, l.ExitCode, l.Reason}
	}
	return out
}

// schedules reads those of a cluster.
func (s *session) schedules(ctx context.Context, cluster string) ([]backend.Schedule, error) {
	var out []backend.Schedule
	for item, err := range backend.All(ctx, func(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Schedule], error) {
		return s.backend.ListSchedules(ctx, cluster, p)
	}) {
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

func runScheduleList(ctx context.Context, f *factory) error {
	return f.inCluster(ctx, "", func(s *session, cluster string) error {
		all, err := s.schedules(ctx, cluster)
		if err != nil {
			return err
		}
		now := f.clock.Now()
		if f.flags.json() {
			out := []scheduleSummary{}
			for _, item := range all {
				out = append(out, scheduleOf(item, now))
			}
			return printJSON(f.io.Out, out)
		}
		if len(all) == 0 {
			_, err := fmt.Fprintf(f.io.Out, "no schedules in cluster %s; ecs-tui schedule add makes one\n", cluster)
			return err
		}
		var rows [][]string
		for _, item := range all {
			rows = append(rows, []string{
				item.Name, item.When(), nextRun(item, now), lastRun(item, now), backend.ShortName(item.TaskDefinition), cmp.Or(item.App, "–"), item.Note,
			})
		}
		return printTable(f.io.Out, []string{"SCHEDULE", "RUNS", "NEXT", "LAST", "REVISION", "APP", ""}, nil, rows)
	})
}

// nextRun is when a schedule runs next: "in 12 min", "paused".
func nextRun(s backend.Schedule, now time.Time) string {
	next := s.Next(now)
	switch d := next.Sub(now); {
	case !s.Enabled:
		return "paused"
	case next.IsZero():
		return "never again"
	case d < time.Hour:
		return fmt.Sprintf("in %d min", int(d/time.Minute)+1)
	case d < 48*time.Hour:
		return fmt.Sprintf("in %d h", int(d/time.Hour))
	default:
		return next.Local().Format("2006-01-02 15:04")
	}
}

// lastRun is how a schedule's last run went: "5 min ago, exit code 0".
func lastRun(s backend.Schedule, now time.Time) string {
	if s.Last == nil {
		return "–"
	}
	text := ago(now, s.Last.At)
	switch {
	case s.Last.ExitCode != nil:
		return fmt.Sprintf("%s, exit code %d", text, *s.Last.ExitCode)
	case s.Last.Status == backend.TaskStopped:
		return text + ", failed"
	}
	return text + ", runs"
}

// scheduleAddOptions are those of `ecs-tui schedule add`.
type scheduleAddOptions struct {
	runOptions
	Name, Schedule, Timezone, Role string
	Paused                         bool
}

func newScheduleAddCmd(f *factory) *cobra.Command {
	o := &scheduleAddOptions{runOptions: runOptions{factory: f}}
	cmd := &cobra.Command{
		Use:   "add NAME SCHEDULE [-- COMMAND…]",
		Short: "Make a schedule, or replace the one of that name",
		Long: "SCHEDULE is an expression of EventBridge Scheduler: rate(5 minutes), cron(0 3 * * ? *) with minutes, hours, day of month, month, " +
			"day of week and year, or at(2026-03-01T03:00:00). The task definition is the app's where none is named; without a revision, each run takes the newest.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return errors.New("schedule add takes a name and a schedule: ecs-tui schedule add nightly 'cron(0 3 * * ? *)'")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Schedule, o.Command = args[0], args[1], args[2:]
			return runScheduleAdd(cmd.Context(), o)
		},
	}
	o.register(cmd)
	fs := cmd.Flags()
	fs.StringVar(&o.Timezone, "timezone", "", "time zone of cron and at, as Europe/Berlin; UTC where it is left out")
	fs.StringVar(&o.Role, "role", "", "ARN of the role that starts the tasks, on AWS; the environment's scheduleRole where it is left out")
	fs.BoolVar(&o.Paused, "paused", false, "make it, and do not run it yet")
	return cmd
}

func runScheduleAdd(ctx context.Context, o *scheduleAddOptions) error {
	if _, err := backend.ParseExpression(o.Schedule, o.Timezone); err != nil {
		return usagef("%w", err)
	}
	if err := o.check(); err != nil {
		return err
	}
	return o.inCluster(ctx, "", func(s *session, cluster string) error {
		td, err := o.definition(ctx, s)
		if err != nil {
			return err
		}
		override, err := o.override(td)
		if err != nil {
			return err
		}
		spec := backend.ScheduleSpec{
			Name: o.Name, Expression: o.Schedule, Timezone: o.Timezone, Enabled: !o.Paused, TaskDefinition: cmp.Or(o.Definition, td.Family),
			Count: o.Count, Overrides: override, Role: o.Role, Like: s.cfg.Service,
		}
		if env := s.cfg.Environment; env != nil && spec.Role == "" {
			spec.Role = env.ScheduleRole
		}
		question := fmt.Sprintf("Run %s on %s: %s?", spec.TaskDefinition, s.where(cluster), deploy.DescribeSchedule(spec))
		if err := s.confirm(ctx, question, ""); err != nil {
			return err
		}
		made, err := s.backend.PutSchedule(ctx, cluster, spec)
		if err != nil {
			return err
		}
		return o.said(made, "%s runs %s, next %s", made.Name, made.When(), nextRun(made, o.clock.Now()))
	})
}

// said answers with a schedule.
func (f *factory) said(s backend.Schedule, format string, args ...any) error {
	if f.flags.json() {
		return printJSON(f.io.Out, scheduleOf(s, f.clock.Now()))
	}
	_, err := fmt.Fprintf(f.io.Out, format+"\n", args...)
	return err
}

// newScheduleNamedCmd is a command that works on one schedule.
func newScheduleNamedCmd(f *factory, use, short string, do func(ctx context.Context, s *session, cluster string, schedule backend.Schedule) error) *cobra.Command {
	return &cobra.Command{
		Use: use + " NAME", Short: short,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("schedule %s takes the name of a schedule", use)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return f.inCluster(ctx, "", func(s *session, cluster string) error {
				all, err := s.schedules(ctx, cluster)
				if err != nil {
					return err
				}
				for _, item := range all {
					if item.Name == args[0] || item.ARN == args[0] {
						return do(ctx, s, cluster, item)
					}
				}
				e := &backend.Error{Op: "ListSchedules", Kind: backend.NotFound, Resource: args[0], Err: backend.ErrNoSchedule}
				e.Remedy = "ecs-tui schedule lists those of cluster " + cluster
				return e
			})
		},
	}
}

func pauseSchedule(ctx context.Context, s *session, cluster string, schedule backend.Schedule) error {
	return s.enableSchedule(ctx, cluster, schedule, false, "pause", "paused")
}

func resumeSchedule(ctx context.Context, s *session, cluster string, schedule backend.Schedule) error {
	return s.enableSchedule(ctx, cluster, schedule, true, "resume", "enabled")
}

func (s *session) enableSchedule(ctx context.Context, cluster string, schedule backend.Schedule, on bool, verb, state string) error {
	if schedule.Enabled == on {
		return s.said(schedule, "%s is %s already", schedule.Name, state)
	}
	if err := s.confirm(ctx, fmt.Sprintf("%s schedule %s on %s (%s)?", capitalised(verb), schedule.Name, s.where(cluster), schedule.When()), ""); err != nil {
		return err
	}
	after, err := s.backend.EnableSchedule(ctx, cluster, schedule.ARN, on)
	if err != nil {
		return err
	}
	if !on {
		return s.said(after, "%s is paused; ecs-tui schedule resume %s lets it run again", after.Name, after.Name)
	}
	return s.said(after, "%s runs %s, next %s", after.Name, after.When(), nextRun(after, s.clock.Now()))
}

func removeSchedule(ctx context.Context, s *session, cluster string, schedule backend.Schedule) error {
	question := fmt.Sprintf("Remove schedule %s on %s (%s)?", schedule.Name, s.where(cluster), deploy.DescribeSchedule(schedule.ScheduleSpec))
	if schedule.App != "" {
		question += " The next deploy of app " + schedule.App + " makes it again, unless it has left the app file."
	}
	if err := s.confirm(ctx, question, s.typedName()); err != nil {
		return err
	}
	if err := s.backend.DeleteSchedule(ctx, cluster, schedule.ARN); err != nil {
		return err
	}
	return s.said(schedule, "schedule %s is removed", schedule.Name)
}

func capitalised(word string) string { return string(word[0]-'a'+'A') + word[1:] }
