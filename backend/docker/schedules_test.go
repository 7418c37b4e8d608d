package docker

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// everyMinute puts a schedule of a short job.
func (b *bed) everyMinute(name, td string) {
	b.Helper()
	_, err := b.PutSchedule(b.Context(), b.cluster, backend.ScheduleSpec{
		Name: name, Expression: "rate(1 minute)", Enabled: true, TaskDefinition: td,
		Overrides: []backend.ContainerOverride{{Name: "web", Command: []string{"-exit-after", "100ms"}}},
	})
	if err != nil {
		b.Fatal(err)
	}
}

// due makes a schedule due as long ago as that, as if no agent had been there.
func (b *bed) due(name string, ago time.Duration) {
	b.Helper()
	err := b.write(b.Context(), "test", name, func(tx *sql.Tx) error {
		s, err := schedule(b.Context(), tx, b.cluster, name)
		if err != nil {
			return err
		}
		s.View.Since = s.View.Since.Add(-time.Hour)
		s.Next = time.Now().Add(-ago)
		return putSchedule(b.Context(), tx, s)
	})
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bed) scheduled(name string) backend.Schedule {
	b.Helper()
	page, err := b.ListSchedules(b.Context(), b.cluster, backend.PageRequest{})
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range page.Items {
		if s.Name == name {
			return s
		}
	}
	b.Fatalf("there is no schedule %s", name)
	return backend.Schedule{}
}

// runsOf are the tasks that a schedule has started.
func (b *bed) runsOf(name string) int {
	b.Helper()
	n := 0
	for _, stopped := range []bool{false, true} {
		for _, t := range b.tasks(backend.TaskQuery{Cluster: b.cluster, Stopped: stopped}) {
			if t.Group == backend.ScheduleGroup(name) {
				n++
			}
		}
	}
	return n
}

// TestMissedSchedule: what was due while no agent was there is not made up for,
// and the schedule says so; what is due now runs once, also where the agent comes
// a little late.
func TestMissedSchedule(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	td := b.register(pair(t, "job", "1"))
	b.everyMinute("late", td.ARN)
	b.everyMinute("soon", td.ARN)
	b.due("late", 10*time.Minute)
	b.due("soon", 2*time.Second)
	b.startAgent()
	b.eventually("noted and run", func() (bool, string) {
		late, soon := b.scheduled("late"), b.scheduled("soon")
		ok := strings.HasPrefix(late.Note, "missed ") && soon.Last != nil && soon.Last.ExitCode != nil
		return ok, fmt.Sprintf("%q; %+v %q", late.Note, soon.Last, soon.Note)
	})
	if late := b.scheduled("late"); !strings.Contains(late.Note, "missed 10 runs from ") && !strings.Contains(late.Note, "missed 11 runs from ") {
		t.Errorf("%q", late.Note)
	}
	if n := b.runsOf("soon"); n != 1 {
		t.Errorf("it ran %d times", n)
	}
	b.stopAgent()
	b.startAgent()
	b.due("soon", time.Second)
	b.eventually("run by the next agent", func() (bool, string) { return b.runsOf("soon") == 2, fmt.Sprint(b.runsOf("soon")) })
}

// TestScheduleThatCannotRun says why, and goes on with its next time.
func TestScheduleThatCannotRun(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	td := b.registerAnyway(pair(t, "job", "1"))
	b.everyMinute("orphan", td.ARN)
	if _, err := b.DeregisterTaskDefinition(t.Context(), td.ARN); err != nil {
		t.Fatal(err)
	}
	b.due("orphan", time.Second)
	b.startAgent()
	b.eventually("noted", func() (bool, string) {
		s := b.scheduled("orphan")
		return strings.Contains(s.Note, "is INACTIVE") && s.Last == nil, s.Note
	})
	if next := b.scheduled("orphan").Next(time.Now()); next.IsZero() {
		t.Error("it has no next run")
	}
}

// TestAgentStaysForSchedules: a schedule that is enabled is something to keep; one
// that is paused is not.
func TestAgentStaysForSchedules(t *testing.T) {
	t.Parallel()
	b := newBed(t, func(s *Settings) { s.AgentIdle = time.Nanosecond })
	td := b.register(pair(t, "job", "1"))
	_, err := b.PutSchedule(t.Context(), b.cluster, backend.ScheduleSpec{Name: "yearly", Expression: "cron(0 0 1 1 ? *)", Enabled: true, TaskDefinition: td.ARN})
	if err != nil {
		t.Fatal(err)
	}
	b.startAgent()
	select {
	case err := <-b.ended:
		t.Fatalf("the agent left: %v", err)
	case <-time.After(time.Second):
	}
	if status, err := b.AgentStatus(t.Context()); err != nil || !status.Running || status.Schedules != 1 {
		t.Errorf("%+v, %v", status, err)
	}
	if _, err := b.EnableSchedule(t.Context(), b.cluster, "yearly", false); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-b.ended:
		if err != nil {
			t.Error(err)
		}
		b.agent = nil
	case <-time.After(patience):
		t.Fatal("the agent stays, with nothing to keep")
	}
}

// TestMigration: a state file of the version before is brought to this one, with
// what is in it.
func TestMigration(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/state.db"
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), schema+"PRAGMA user_version = 1; INSERT INTO clusters (name) VALUES ('old')"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, damaged, err := openStore(t.Context(), path)
	if err != nil || damaged != nil {
		t.Fatal(err, damaged)
	}
	defer s.close()
	names, err := clusterNames(t.Context(), s.db)
	if err != nil || len(names) != 1 || names[0] != "old" {
		t.Errorf("%v, %v", names, err)
	}
	if all, err := schedules(t.Context(), s.db, ""); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}
