package docker

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// lateRun is how late a schedule may still run: EventBridge Scheduler promises
// the minute. Later, no agent was there, or the machine slept: such runs are left
// out, and the schedule says so.
const lateRun = time.Minute

// runSchedules starts the tasks of the schedules that are due, and notes how
// those ended that were started before. It says when the next one is due; 0 for
// none.
func (a *agent) runSchedules(ctx context.Context) (wake time.Duration, err error) {
	var all []*scheduleRow
	var rows []*taskRow
	err = a.read(ctx, "Reconcile", "", func(q querier) (err error) {
		if all, err = schedules(ctx, q, ""); err != nil || len(all) == 0 {
			return err
		}
		rows, err = tasks(ctx, q, "")
		return err
	})
	if err != nil {
		return 0, err
	}
	now := a.clock.Now()
	for _, s := range all {
		due := !s.Next.IsZero() && !s.Next.After(now)
		if run := lastRun(s.View, rows); due || run != nil && !sameRun(run, s.View.Last) {
			if s, err = a.runSchedule(ctx, s.View.Cluster, s.View.Name, run); err != nil {
				return 0, err
			}
		}
		if s != nil && !s.Next.IsZero() {
			wake = sooner(wake, max(s.Next.Sub(now), time.Millisecond))
		}
	}
	return wake, nil
}

func sameRun(a, b *backend.ScheduleRun) bool {
	return b != nil && a.Task == b.Task && a.Status == b.Status && (a.ExitCode == nil) == (b.ExitCode == nil)
}

// runSchedule does what is due of one schedule, in one transaction with the note
// that it was done: an agent that ends at any point runs it once, or not at all.
// It is nil where the schedule is gone.
func (a *agent) runSchedule(ctx context.Context, cluster, name string, last *backend.ScheduleRun) (s *scheduleRow, err error) {
	a.fault("before-schedule")
	err = a.write(ctx, "Reconcile", name, func(tx *sql.Tx) error {
		if s, err = schedule(ctx, tx, cluster, name); errors.Is(err, errNoRow) {
			s = nil
			return nil
		} else if err != nil {
			return err
		}
		if last != nil {
			s.View.Last = last
		}
		now := a.clock.Now()
		if !s.Next.IsZero() && !s.Next.After(now) {
			if err := a.startScheduled(ctx, tx, s, now); err != nil {
				return err
			}
			s.Next = s.View.Next(now)
		}
		return putSchedule(ctx, tx, s)
	})
	a.fault("after-schedule")
	return s, err
}

// startScheduled starts the tasks of a schedule that is due, or notes why not.
func (a *agent) startScheduled(ctx context.Context, tx *sql.Tx, s *scheduleRow, now time.Time) error {
	if now.Sub(s.Next) > lateRun {
		s.View.Note = missedRuns(s, now)
		a.log.Warn("a schedule was missed", "schedule", s.View.Name, "note", s.View.Note)
		return nil
	}
	d, err := a.definition(ctx, tx, "RunTask", s.View.TaskDefinition)
	if err == nil {
		err = backend.Startable("RunTask", d.td)
	}
	if kind := backend.KindOf(err); kind == backend.NotFound || kind == backend.Conflict {
		s.View.Note = "did not run at " + now.UTC().Format("15:04") + " UTC: " + err.Error()
		a.log.Warn("a schedule could not run", "schedule", s.View.Name, "err", err)
		return nil
	} else if err != nil {
		return err
	}
	s.View.Note = ""
	for i := range max(s.View.Count, 1) {
		at := now.Add(time.Duration(i) * time.Microsecond) // tasks have an order
		t := &taskRow{View: newTask(d.td, a.names.Task(s.View.Cluster, taskID()), s.View.Cluster, at), Overrides: s.View.Overrides}
		t.View.Group, t.View.StartedBy = backend.ScheduleGroup(s.View.Name), "schedule/"+s.View.Name
		if err := putTask(ctx, tx, t); err != nil {
			return err
		}
	}
	a.log.Info("a schedule has run", "schedule", s.View.Name, "cluster", s.View.Cluster, "taskDefinition", backend.ShortName(s.View.TaskDefinition))
	return nil
}

// mostMissed bounds how many missed runs are counted.
const mostMissed = 1000

// missedRuns says how many runs there would have been from the one that was due
// until now.
func missedRuns(s *scheduleRow, now time.Time) string {
	first, n := s.Next, 0
	for at := first; !at.IsZero() && !at.After(now) && n < mostMissed; at = s.View.Next(at) {
		n++
	}
	runs := fmt.Sprintf("%d runs", n)
	switch n {
	case 1:
		runs = "1 run"
	case mostMissed:
		runs = fmt.Sprintf("%d runs or more", n)
	}
	return fmt.Sprintf("missed %s from %s UTC on: no agent ran, or the machine slept", runs, first.UTC().Format("2006-01-02 15:04"))
}
