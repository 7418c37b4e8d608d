package demo

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// schedule is a schedule with its place on the agenda.
type schedule struct {
	backend.Schedule
	round int // of changes: an entry of an earlier one does nothing
}

// read copies a schedule for a caller, with its last run as it is by now.
func (b *Backend) readSchedule(s *schedule) backend.Schedule {
	out := s.Schedule
	out.Overrides = slices.Clone(s.Overrides)
	for _, t := range slices.Backward(b.launched) {
		if t.view.Cluster == s.Cluster && t.view.Group == backend.ScheduleGroup(s.Name) {
			s.Last = backend.RunOf(s.Name, []backend.Task{t.view})
			break
		}
	}
	out.Last = s.Last // that of a task which is forgotten by now stays as it was
	state := "DISABLED"
	if s.Enabled {
		state = "ENABLED"
	}
	out.Document = document(map[string]any{
		"Arn": s.ARN, "Name": s.Name, "State": state, "ScheduleExpression": s.Expression,
		"ScheduleExpressionTimezone": s.Timezone, "CreationDate": backend.Stamp(s.Since),
		"Target": map[string]any{"EcsParameters": map[string]any{"TaskDefinitionArn": s.TaskDefinition, "TaskCount": max(s.Count, 1)}},
	})
	return out
}

// ListSchedules gives the schedules of a cluster, by name.
func (b *Backend) ListSchedules(ctx context.Context, cluster string, p backend.PageRequest) (backend.Page[backend.Schedule], error) {
	const op = "ListSchedules"
	if err := ended(ctx, op); err != nil {
		return backend.Page[backend.Schedule]{}, err
	}
	b.lock()
	defer b.unlock()
	if _, err := b.cluster(op, cluster); err != nil {
		return backend.Page[backend.Schedule]{}, err
	}
	var all []backend.Schedule
	for _, s := range b.schedules {
		if s.Cluster == b.clusterName(cluster) {
			all = append(all, b.readSchedule(s))
		}
	}
	slices.SortFunc(all, func(x, y backend.Schedule) int { return strings.Compare(x.Name, y.Name) })
	return page(op, all, p)
}

// findSchedule gives a schedule by name or ARN, or nil.
func (b *Backend) findSchedule(cluster, name string) *schedule {
	return b.schedules[b.clusterName(cluster)+"/"+backend.ShortName(name)]
}

// PutSchedule makes a schedule, or replaces it.
func (b *Backend) PutSchedule(ctx context.Context, cluster string, spec backend.ScheduleSpec) (backend.Schedule, error) {
	const op = "PutSchedule"
	if err := ended(ctx, op); err != nil {
		return backend.Schedule{}, err
	}
	b.lock()
	defer b.unlock()
	if _, err := b.cluster(op, cluster); err != nil {
		return backend.Schedule{}, err
	}
	rev := b.findRevision(spec.TaskDefinition)
	if rev == nil {
		return backend.Schedule{}, unknownDefinition(op, spec.TaskDefinition)
	}
	if err := backend.CheckSchedule(op, spec, rev.td); err != nil {
		return backend.Schedule{}, err
	}
	return b.readSchedule(b.putSchedule(b.clusterName(cluster), spec, rev)), nil
}

func (b *Backend) putSchedule(cluster string, spec backend.ScheduleSpec, rev *revision) *schedule {
	s := b.findSchedule(cluster, spec.Name)
	if s == nil {
		s = &schedule{}
		s.Since = b.sim.now
		b.schedules[cluster+"/"+spec.Name] = s
	} else if s.Expression != spec.Expression || spec.Enabled && !s.Enabled {
		s.Since = b.sim.now
	}
	spec.TaskDefinition = backend.UnpinnedDefinition(spec.TaskDefinition, rev.td.ARN)
	spec.Count, spec.Like, spec.Place = max(spec.Count, 1), "", nil
	s.ScheduleSpec, s.Cluster, s.Note = spec, cluster, ""
	s.ARN = "arn:aws:scheduler:" + b.names.Region + ":" + b.names.Account + ":schedule/" + cluster + "/" + spec.Name
	b.arm(s)
	return s
}

// EnableSchedule lets a schedule run again, or not for now.
func (b *Backend) EnableSchedule(ctx context.Context, cluster, name string, on bool) (backend.Schedule, error) {
	const op = "EnableSchedule"
	if err := ended(ctx, op); err != nil {
		return backend.Schedule{}, err
	}
	b.lock()
	defer b.unlock()
	s := b.findSchedule(cluster, name)
	if s == nil {
		return backend.Schedule{}, noSchedule(op, name)
	}
	if on && !s.Enabled {
		s.Since = b.sim.now
	}
	if on != s.Enabled {
		s.Enabled = on
		b.arm(s)
	}
	return b.readSchedule(s), nil
}

// DeleteSchedule removes a schedule.
func (b *Backend) DeleteSchedule(ctx context.Context, cluster, name string) error {
	const op = "DeleteSchedule"
	if err := ended(ctx, op); err != nil {
		return err
	}
	b.lock()
	defer b.unlock()
	s := b.findSchedule(cluster, name)
	if s == nil {
		return noSchedule(op, name)
	}
	s.round++
	delete(b.schedules, s.Cluster+"/"+s.Name)
	b.changed = true
	return nil
}

func noSchedule(op, name string) error {
	return &backend.Error{Op: op, Kind: backend.NotFound, Resource: backend.Clean(backend.ShortName(name)), Err: backend.ErrNoSchedule}
}

// arm puts the next run on the agenda, in the place of the one that was there.
func (b *Backend) arm(s *schedule) {
	b.changed = true
	s.round++
	round := s.round
	if next := s.Next(b.sim.now); !next.IsZero() {
		b.sim.after(next.Sub(b.sim.now), func() {
			if s.round == round {
				b.fire(s)
				b.arm(s)
			}
		})
	}
}

// fire starts the tasks of a schedule.
func (b *Backend) fire(s *schedule) {
	rev, err := b.startable("RunTask", s.TaskDefinition)
	if err != nil {
		s.Note = "did not run at " + b.sim.now.UTC().Format(time.TimeOnly) + " UTC: " + err.Error()
		return
	}
	s.Note = ""
	for range s.Count {
		b.launch(s.Cluster, rev, nil, "schedule/"+s.Name, s.Overrides).view.Group = backend.ScheduleGroup(s.Name)
	}
}
