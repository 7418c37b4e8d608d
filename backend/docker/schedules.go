package docker

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// scheduleRow is a schedule with its next run; the zero time is none. What is
// known of its last run is kept, since its task is forgotten after an hour.
type scheduleRow struct {
	View backend.Schedule `json:"view"`
	Next time.Time        `json:"next,omitzero"`
}

func scanSchedule(rows *sql.Rows) (*scheduleRow, error) {
	var text string
	if err := rows.Scan(&text); err != nil {
		return nil, err
	}
	return fromJSON[scheduleRow](text)
}

func schedules(ctx context.Context, q querier, cluster string) ([]*scheduleRow, error) {
	return collect(ctx, q, scanSchedule, "SELECT row FROM schedules WHERE ? = '' OR cluster = ? ORDER BY cluster, name", cluster, cluster)
}

func schedule(ctx context.Context, q querier, cluster, name string) (*scheduleRow, error) {
	found, err := collect(ctx, q, scanSchedule, "SELECT row FROM schedules WHERE cluster = ? AND name = ?", cluster, name)
	if err == nil && len(found) == 0 {
		err = errNoRow
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

func putSchedule(ctx context.Context, q querier, s *scheduleRow) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	next := int64(0)
	if !s.Next.IsZero() {
		next = s.Next.UnixMilli()
	}
	_, err = q.ExecContext(ctx, `INSERT INTO schedules (cluster, name, next, row) VALUES (?, ?, ?, ?)
		ON CONFLICT (cluster, name) DO UPDATE SET next = excluded.next, row = excluded.row`, s.View.Cluster, s.View.Name, next, string(text))
	return err
}

// read is the schedule as the contract shows it.
func (s *scheduleRow) read(rows []*taskRow) backend.Schedule {
	v := s.View
	if run := lastRun(v, rows); run != nil {
		v.Last = run
	}
	state := "DISABLED"
	if v.Enabled {
		state = "ENABLED"
	}
	doc, err := backend.Document("{}").Edit(func(tree map[string]any) {
		for k, field := range map[string]any{
			"Arn": v.ARN, "Name": v.Name, "State": state, "ScheduleExpression": v.Expression, "ScheduleExpressionTimezone": v.Timezone,
			"Target": map[string]any{"EcsParameters": map[string]any{"TaskDefinitionArn": v.TaskDefinition, "TaskCount": v.Count}},
		} {
			tree[k] = field
		}
	})
	if err == nil { // plain values always marshal
		v.Document = doc
	}
	return v
}

// lastRun is the newest run of a schedule whose task is still known; nil for none.
func lastRun(s backend.Schedule, rows []*taskRow) *backend.ScheduleRun {
	var mine []backend.Task
	for _, t := range rows {
		if t.View.Cluster == s.Cluster && t.View.Group == backend.ScheduleGroup(s.Name) {
			mine = append(mine, t.View)
		}
	}
	return backend.RunOf(s.Name, mine)
}

// ListSchedules gives the schedules of a cluster, by name.
func (b *Backend) ListSchedules(ctx context.Context, cluster string, p backend.PageRequest) (backend.Page[backend.Schedule], error) {
	const op = "ListSchedules"
	var all []backend.Schedule
	err := b.read(ctx, op, backend.Clean(cluster), func(q querier) error {
		if err := b.known(ctx, q, op, cluster); err != nil {
			return err
		}
		found, err := schedules(ctx, q, b.cluster(cluster))
		if err != nil {
			return err
		}
		rows, err := tasks(ctx, q, b.cluster(cluster))
		for _, s := range found {
			all = append(all, s.read(rows))
		}
		return err
	})
	if err != nil {
		return backend.Page[backend.Schedule]{}, err
	}
	return page(op, all, p)
}

// PutSchedule makes a schedule, or replaces it; the agent runs it.
func (b *Backend) PutSchedule(ctx context.Context, cluster string, spec backend.ScheduleSpec) (backend.Schedule, error) {
	const op = "PutSchedule"
	var out backend.Schedule
	err := b.change(ctx, op, backend.Clean(spec.Name), func(tx *sql.Tx) error {
		d, err := b.definition(ctx, tx, op, spec.TaskDefinition)
		if err != nil {
			return err
		}
		if err := backend.CheckSchedule(op, spec, d.td); err != nil {
			return err
		}
		name := b.cluster(cluster)
		if err := addCluster(ctx, tx, name); err != nil {
			return err
		}
		now := b.clock.Now()
		s, err := schedule(ctx, tx, name, spec.Name)
		switch {
		case errors.Is(err, errNoRow):
			s = &scheduleRow{}
			s.View.Since = now
		case err != nil:
			return err
		case s.View.Expression != spec.Expression || spec.Enabled && !s.View.Enabled:
			s.View.Since = now
		}
		spec.TaskDefinition = backend.UnpinnedDefinition(spec.TaskDefinition, d.td.ARN)
		spec.Count, spec.Like, spec.Place = max(spec.Count, 1), "", nil
		s.View.ScheduleSpec, s.View.Cluster, s.View.Note = spec, name, ""
		s.View.ARN = "arn:aws:scheduler:" + b.names.Region + ":" + b.names.Account + ":schedule/" + name + "/" + spec.Name
		s.Next = s.View.Next(now)
		out = s.read(nil)
		return putSchedule(ctx, tx, s)
	})
	return out, err
}

// EnableSchedule lets a schedule run again, or not for now.
func (b *Backend) EnableSchedule(ctx context.Context, cluster, name string, on bool) (backend.Schedule, error) {
	const op = "EnableSchedule"
	var out backend.Schedule
	err := b.change(ctx, op, backend.Clean(name), func(tx *sql.Tx) error {
		s, err := schedule(ctx, tx, b.cluster(cluster), backend.ShortName(name))
		if err != nil {
			return missing(err, op, backend.ShortName(name), backend.ErrNoSchedule.Error())
		}
		if on != s.View.Enabled {
			now := b.clock.Now()
			if s.View.Enabled = on; on {
				s.View.Since, s.View.Note = now, ""
			}
			s.Next = s.View.Next(now)
		}
		rows, err := tasks(ctx, tx, s.View.Cluster)
		if err != nil {
			return err
		}
		out = s.read(rows)
		return putSchedule(ctx, tx, s)
	})
	return out, err
}

// DeleteSchedule removes a schedule.
func (b *Backend) DeleteSchedule(ctx context.Context, cluster, name string) error {
	const op = "DeleteSchedule"
	return b.change(ctx, op, backend.Clean(name), func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "DELETE FROM schedules WHERE cluster = ? AND name = ?", b.cluster(cluster), backend.ShortName(name))
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err == nil && n == 0 {
			err = missing(errNoRow, op, backend.ShortName(name), backend.ErrNoSchedule.Error())
		}
		return err
	})
}
