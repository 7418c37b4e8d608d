package backendtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// scheduleRole is a role that a schedule can be made with; only AWS looks at it.
const scheduleRole = "arn:aws:iam::123456789012:role/ecs-tui-schedules"

// schedules are those of the suite's cluster, by name.
func (s *suite) schedules() map[string]backend.Schedule {
	s.Helper()
	out := map[string]backend.Schedule{}
	for item, err := range backend.All(s.Context(), func(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Schedule], error) {
		return s.b.ListSchedules(ctx, s.Cluster, p)
	}) {
		s.must(err)
		out[item.Name] = item
	}
	return out
}

// schedule makes a schedule, and removes it at the end.
func (s *suite) schedule(spec backend.ScheduleSpec) backend.Schedule {
	s.Helper()
	made, err := s.b.PutSchedule(s.Context(), s.Cluster, spec)
	s.must(err)
	s.Cleanup(func() {
		if err := s.b.DeleteSchedule(context.Background(), s.Cluster, spec.Name); err != nil && backend.KindOf(err) != backend.NotFound {
			s.Errorf("delete %s: %v", spec.Name, err)
		}
	})
	return made
}

func testSchedules(s *suite) {
	name := s.name("job")
	list := func() error {
		return second(s.b.ListSchedules(s.Context(), s.Cluster, backend.PageRequest{}))
	}
	if s.absent(backend.CanSchedule, list) {
		return
	}
	td := s.register(s.definition(name, s.Image, nil))
	spec := backend.ScheduleSpec{
		Name: name, App: "shop", Expression: "cron(0 3 1 1 ? 2198)", Timezone: "Europe/Berlin", Enabled: true, TaskDefinition: td.Ref(), Role: scheduleRole,
		Overrides: []backend.ContainerOverride{{Name: "app", Command: s.Exit(0), Environment: map[string]string{"ANSWER": "42"}}},
	}
	made := s.schedule(spec)
	check := func(what string, got backend.Schedule, enabled bool, expression string) {
		s.Helper()
		o := got.Overrides
		if got.Name != name || got.App != "shop" || got.Cluster != backend.ShortName(s.Cluster) || got.Enabled != enabled || got.Expression != expression ||
			got.Timezone != "Europe/Berlin" || got.TaskDefinition != td.ARN || got.Count != 1 || got.Role != scheduleRole || got.Since.IsZero() || got.ARN == "" ||
			len(o) != 1 || o[0].Name != "app" || !slices.Equal(o[0].Command, s.Exit(0)) || o[0].Environment["ANSWER"] != "42" || len(got.Document) == 0 {
			s.Errorf("%s: %+v", what, got)
		}
	}
	check("made", made, true, spec.Expression)
	check("listed", s.schedules()[name], true, spec.Expression)
	want := time.Date(2198, 1, 1, 2, 0, 0, 0, time.UTC)
	if next := made.Next(time.Now()); !next.Equal(want) {
		s.Errorf("the next run is %s, want %s", next, want)
	}
	spec.Expression = "cron(0 4 * * ? 2197)"
	check("made again", s.schedule(spec), true, spec.Expression)
	paused, err := s.b.EnableSchedule(s.Context(), s.Cluster, name, false)
	s.must(err)
	check("paused", paused, false, spec.Expression)
	if next := paused.Next(time.Now()); !next.IsZero() {
		s.Errorf("paused, it would run at %s", next)
	}
	resumed, err := s.b.EnableSchedule(s.Context(), s.Cluster, made.ARN, true)
	s.must(err)
	check("resumed by its ARN", resumed, true, spec.Expression)
	newest := spec
	newest.Name, newest.TaskDefinition = s.name("newest"), td.Family
	if got := s.schedule(newest); backend.ShortName(got.TaskDefinition) != td.Family {
		s.Errorf("of a family: %s", got.TaskDefinition)
	}
	s.wrongSchedules(spec, td)
	s.must(s.b.DeleteSchedule(s.Context(), s.Cluster, name))
	if got, there := s.schedules()[name]; there {
		s.Errorf("deleted: %+v", got)
	}
	s.kind("deleting what is gone", s.b.DeleteSchedule(s.Context(), s.Cluster, name), backend.NotFound)
	s.kind("pausing what is gone", second(s.b.EnableSchedule(s.Context(), s.Cluster, name, false)), backend.NotFound)
}

// wrongSchedules are refused, and nothing comes of them.
func (s *suite) wrongSchedules(good backend.ScheduleSpec, td backend.TaskDefinition) {
	s.Helper()
	before := len(s.schedules())
	for what, c := range map[string]struct {
		edit func(*backend.ScheduleSpec)
		kind backend.Kind
	}{
		"no name":            {func(c *backend.ScheduleSpec) { c.Name = "a b" }, backend.Invalid},
		"no expression":      {func(c *backend.ScheduleSpec) { c.Expression = "0 3 * * *" }, backend.Invalid},
		"no time zone":       {func(c *backend.ScheduleSpec) { c.Timezone = "Berlin" }, backend.Invalid},
		"too many tasks":     {func(c *backend.ScheduleSpec) { c.Count = 11 }, backend.Invalid},
		"no container":       {func(c *backend.ScheduleSpec) { c.Overrides = []backend.ContainerOverride{{Name: "nobody"}} }, backend.Invalid},
		"no task definition": {func(c *backend.ScheduleSpec) { c.TaskDefinition = td.Family + "-nobody" }, backend.NotFound},
	} {
		spec := good
		spec.Name = s.name("wrong")
		c.edit(&spec)
		s.kind(what, second(s.b.PutSchedule(s.Context(), s.Cluster, spec)), c.kind)
	}
	if now := len(s.schedules()); now != before {
		s.Errorf("%d schedules, there were %d", now, before)
	}
}

// testScheduleRuns lets a schedule come due: its task runs, with its own command,
// and how it ended is known.
func testScheduleRuns(s *suite) {
	if s.b.Unsupported(backend.CanSchedule) != "" {
		s.T.Skip("there are no schedules here")
	}
	name := s.name("job")
	td := s.register(s.definition(name, s.Image, nil))
	for in := 5 * time.Second; ; in *= 4 { // a busy machine may be past it by the time that it is made
		made := s.schedule(backend.ScheduleSpec{
			Name: name, Expression: time.Now().UTC().Add(in).Format("at(2006-01-02T15:04:05)"), Enabled: true, TaskDefinition: td.ARN,
			Role: scheduleRole, Overrides: []backend.ContainerOverride{{Name: "app", Command: s.Exit(3)}},
		})
		if !made.Next(time.Now()).IsZero() {
			break
		}
	}
	var last *backend.ScheduleRun
	s.eventually("run", func() (bool, string) {
		got := s.schedules()[name]
		last = got.Last
		return last != nil && last.ExitCode != nil, fmt.Sprintf("%+v, %s", last, got.Note)
	})
	if *last.ExitCode != 3 || last.Status != backend.TaskStopped || last.At.IsZero() {
		s.Errorf("ran: %+v, exit code %d", last, *last.ExitCode)
	}
	found, err := s.b.DescribeTasks(s.Context(), s.Cluster, []string{last.Task})
	if err != nil || len(found) != 1 || found[0].TaskDefinition != td.ARN || found[0].Service != "" {
		s.Errorf("the task: %s, %v", fmt.Sprint(found), err)
	}
}
