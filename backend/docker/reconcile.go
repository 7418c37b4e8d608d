package docker

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"
)

const (
	// settle keeps bursts of events from making a pass each.
	settle = 30 * time.Millisecond
	// resync is how often everything is looked at though nothing was heard.
	resync = 30 * time.Second
	// retry is the pause after an engine or a store that does not answer.
	retry = time.Second
)

// run makes passes until ctx ends or nothing is left to keep.
func (a *agent) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer a.work.Wait()
	defer cancel()
	a.work.Go(func() { a.Engine.notify(ctx, a.hear) })
	a.work.Go(func() { a.Backend.Notify(ctx, a.wake) })
	var idleSince time.Time
	for {
		next, idle, err := a.pass(ctx)
		if err != nil && ctx.Err() == nil {
			a.log.Warn("a pass failed", "err", err)
			next, idle = retry, false
		}
		switch {
		case !idle:
			idleSince = time.Time{}
		case idleSince.IsZero():
			idleSince = a.clock.Now()
		}
		if idle {
			left := a.set.AgentIdle - a.clock.Now().Sub(idleSince)
			if left <= 0 {
				a.removeNetworks(ctx)
				return
			}
			next = left
		}
		if !a.rest(ctx, next) {
			return
		}
	}
}

// rest waits for news, or for next to pass. After news it waits a moment more,
// for what comes with it.
func (a *agent) rest(ctx context.Context, next time.Duration) bool {
	if next <= 0 || next > resync {
		next = resync
	}
	select {
	case <-ctx.Done():
		return false
	case <-a.clock.After(next):
		return true
	case <-a.kick:
	}
	select {
	case <-ctx.Done():
		return false
	case <-a.clock.After(settle):
		return true
	}
}

// pass looks at everything once. It says when to look again at the latest, and
// whether nothing is left to keep.
func (a *agent) pass(ctx context.Context) (next time.Duration, idle bool, err error) {
	a.mu.Lock()
	free := make(map[string]bool, len(a.busy)) // was anybody at work when the look was taken
	for id := range a.busy {
		free[id] = true
	}
	a.mu.Unlock()
	world, err := a.observe(ctx)
	if err != nil {
		return 0, false, err
	}
	if next, err = a.schedule(ctx, world); err != nil {
		return 0, false, err
	}
	due, err := a.runSchedules(ctx)
	if err != nil {
		return 0, false, err
	}
	next = sooner(next, due)
	var rows []*taskRow
	err = a.read(ctx, "Reconcile", "", func(q querier) (err error) {
		rows, err = tasks(ctx, q, "")
		return err
	})
	if err != nil {
		return 0, false, err
	}
	live := 0
	for _, row := range rows {
		if row.over() {
			continue
		}
		live++
		a.endPull(row)
		if !free[row.id()] {
			next = sooner(next, a.dispatch(ctx, row, world.tasks[row.View.ARN]))
		}
	}
	a.clean(ctx, rows, world)
	if live > 0 {
		return next, false, nil
	}
	idle, err = a.nothingToKeep(ctx)
	return next, idle, err
}

// sooner is the shorter of two waits, of which 0 is none.
func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// dispatch lets a goroutine see to a task that looks different than when it was
// last seen to, or that is due. It says when the task is due otherwise.
func (a *agent) dispatch(ctx context.Context, row *taskRow, have map[string]*observed) time.Duration {
	id, look := row.id(), signature(row, have)
	a.mu.Lock()
	defer a.mu.Unlock()
	due, waits := a.due[id]
	wait := due.Sub(a.clock.Now())
	if a.busy[id] || a.done[id] == look && (!waits || wait > 0) {
		if waits {
			return max(wait, time.Millisecond)
		}
		return 0
	}
	a.busy[id], a.done[id] = true, look
	delete(a.due, id)
	a.work.Go(func() {
		again, err := a.converge(ctx, id, have)
		a.mu.Lock()
		delete(a.busy, id)
		if err != nil {
			again = retry
		}
		if again > 0 {
			a.due[id] = a.clock.Now().Add(again)
		}
		a.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			a.log.Warn("a task could not be seen to", "task", id, "err", err)
		}
		a.wake()
	})
	return 0
}

// signature is what a task looks like, as far as anything has to be done about
// it.
func signature(row *taskRow, have map[string]*observed) string {
	parts := []string{row.View.DesiredStatus, row.View.LastStatus}
	for name, o := range have {
		parts = append(parts, fmt.Sprint(name, o.id, o.state, o.health, o.exitCode, o.finished))
	}
	sort.Strings(parts[2:])
	return strings.Join(parts, " ")
}

// schedule lets the scheduler decide for every service.
func (a *agent) schedule(ctx context.Context, w world) (wake time.Duration, err error) {
	var all []serviceRow
	var rows []*taskRow
	err = a.read(ctx, "Reconcile", "", func(q querier) (err error) {
		if all, err = services(ctx, q, ""); err != nil {
			return err
		}
		rows, err = tasks(ctx, q, "")
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, s := range all {
		var mine []*taskRow
		for _, t := range rows {
			if t.View.Service == s.rec.Name && t.View.Cluster == s.rec.Cluster {
				mine = append(mine, t)
			}
		}
		now := a.clock.Now()
		d := s.rec.Reconcile(now, w.views(mine, now), timingOf(s.timing))
		if d.Changed || len(d.Start)+len(d.Stop) > 0 {
			// Again, and for good, on what is there now. One that can't be helped must
			// not keep the others from being.
			if d.Wake, err = a.decide(ctx, w, s.rec.Cluster, s.rec.Name); err != nil && ctx.Err() == nil {
				a.log.Warn("a service could not be seen to", "service", s.rec.Name, "cluster", s.rec.Cluster, "err", err)
				d.Wake = retry
			}
		}
		wake = sooner(wake, d.Wake)
	}
	return wake, ctx.Err()
}

// decide runs the scheduler on one service and keeps what it decided, in one
// transaction: an agent that ends before it has decided nothing, one that ends
// after it has.
func (a *agent) decide(ctx context.Context, w world, cluster, name string) (wake time.Duration, err error) {
	a.fault("before-decide")
	err = a.write(ctx, "Reconcile", name, func(tx *sql.Tx) error {
		s, err := service(ctx, tx, cluster, name)
		if errors.Is(err, errNoRow) {
			return nil
		} else if err != nil {
			return err
		}
		rows, err := tasksOf(ctx, tx, cluster, name)
		if err != nil {
			return err
		}
		now := a.clock.Now()
		d := s.rec.Reconcile(now, w.views(rows, now), timingOf(s.timing))
		wake = d.Wake
		byARN := map[string]*taskRow{}
		for _, t := range rows {
			byARN[t.View.ARN] = t
		}
		for _, stop := range d.Stop {
			if t := byARN[stop.Task]; t != nil && t.stop(now, stop.Code, stop.Reason) {
				if err := putTask(ctx, tx, t); err != nil {
					return err
				}
			}
		}
		for i, start := range d.Start {
			def, err := a.definition(ctx, tx, "Reconcile", start.TaskDefinition)
			if err != nil {
				return err
			}
			// Each a little later than the one before: tasks have an order.
			t := newTask(def.td, a.names.Task(cluster, taskID()), cluster, now.Add(time.Duration(i)*time.Microsecond))
			t.Service, t.Group, t.StartedBy = name, "service:"+name, start.Deployment
			if err := putTask(ctx, tx, &taskRow{View: t}); err != nil {
				return err
			}
		}
		a.fault("in-decide")
		return putService(ctx, tx, s)
	})
	a.fault("after-decide")
	return wake, err
}
