package docker

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// edit changes a service's record, as the agent would.
func (b *bed) edit(name string, change func(*serviceRow)) {
	b.Helper()
	err := b.write(b.Context(), "Test", name, func(tx *sql.Tx) error {
		s, err := service(b.Context(), tx, b.cluster, name)
		if err != nil {
			return err
		}
		change(&s)
		return putService(b.Context(), tx, s)
	})
	if err != nil {
		b.Fatal(err)
	}
}

// What a rollback would go back to keeps its revision and its image, also where
// none of its tasks is left.
func TestRollbackTargetIsKept(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	first := b.register(pair(t, "web", "1"))
	b.create("web", first.ARN, 1)
	b.edit("web", func(s *serviceRow) { s.rec.Deployments[0].Completed = true })
	second := b.register(pair(t, "web", "2"))
	b.update("web", backend.ServiceChange{TaskDefinition: &second.ARN})
	b.edit("web", func(s *serviceRow) { // a new version that fails, and nothing runs
		s.rec.Deployments[1].Status = backend.DeploymentInactive
		s.rec.Deployments[1].Images[0].Digest = "sha256:before"
	})
	used := func() bool {
		all, err := b.imageUsers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(all["sha256:before"]) > 0
	}
	if !used() {
		t.Error("the image of the version before is not in use")
	}
	if _, err := b.DeregisterTaskDefinition(t.Context(), first.ARN); err != nil {
		t.Fatal(err)
	}
	if _, err := b.DeleteTaskDefinitions(t.Context(), []string{first.ARN}); err != nil {
		t.Fatal(err)
	}
	if td, err := b.DescribeTaskDefinition(t.Context(), first.ARN); err != nil || td.Status != backend.DeletingDefinition {
		t.Errorf("the revision of the version before: %s, %v", td.Status, err)
	}
	b.edit("web", func(s *serviceRow) { s.rec.Deployments[0].Completed = true })
	if used() {
		t.Error("the image is kept for ever")
	}
	if err := b.write(t.Context(), "Test", "", func(tx *sql.Tx) error { return sweepDefinitions(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
	if _, err := b.DescribeTaskDefinition(t.Context(), first.ARN); backend.KindOf(err) != backend.NotFound {
		t.Errorf("the revision is kept for ever: %v", err)
	}
}

// A service's timing is what its app says when it deploys; who scales it from
// elsewhere says nothing about that.
func TestTimingStays(t *testing.T) {
	t.Parallel()
	b := newBed(t, func(s *Settings) { s.Timing = "ecs" })
	td := b.register(pair(t, "web", "1"))
	b.create("web", td.ARN, 1)
	with := func(timing string) *bed {
		set := b.set
		set.Timing = timing
		return &bed{T: t, Backend: b.another(set), cluster: b.cluster}
	}
	timing := func() (out string) {
		b.edit("web", func(s *serviceRow) { out = s.timing })
		return out
	}
	two := 2
	with("").update("web", backend.ServiceChange{Desired: &two})
	if got := timing(); got != "ecs" {
		t.Errorf("scaled from outside of the app: %q", got)
	}
	with("").update("web", backend.ServiceChange{Force: true})
	with("fast").update("web", backend.ServiceChange{Desired: &two})
	if got := timing(); got != "ecs" {
		t.Errorf("scaled from another app: %q", got)
	}
	with("fast").update("web", backend.ServiceChange{Force: true})
	if got := timing(); got != "fast" {
		t.Errorf("deployed: %q", got)
	}
}

// The value of a variable that a run overrides is for that run's container: no
// label has it, and the state has it only until the run is over.
func TestOverriddenValuesAreNotKept(t *testing.T) {
	t.Parallel()
	const value = "hunter2-0123"
	b := newBed(t, nil)
	td := b.register(taskDefinition(t, "job", "bridge", object{"name": "job", "image": dockertest.StaticImage(t)}))
	started, err := b.RunTask(t.Context(), backend.RunTaskRequest{
		Cluster: b.cluster, TaskDefinition: td.ARN,
		Overrides: []backend.ContainerOverride{{Name: "job", Command: []string{"-exit-after", "1ms"}, Environment: map[string]string{"TOKEN": value}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.startAgent()
	job := b.until(started[0], backend.TaskStopped)
	made := b.containers()
	if len(made) != 1 {
		t.Fatalf("%d containers", len(made))
	}
	inspected, err := b.client.ContainerInspect(t.Context(), made[0].ID, client.ContainerInspectOptions{})
	if err != nil || !slices.Contains(inspected.Container.Config.Env, "TOKEN="+value) {
		t.Errorf("the run did not get it: %v", err)
	}
	if m, err := unpackMemory(made[0].Labels[labelMemory]); err != nil || len(m.Overrides) != 1 || m.Overrides[0].Environment != nil {
		t.Errorf("the label has %+v, %v", m.Overrides, err)
	}
	var row string
	if err := b.read(t.Context(), "Test", "", func(q querier) error {
		return q.QueryRowContext(t.Context(), "SELECT row FROM tasks WHERE id = ?", job.ID()).Scan(&row)
	}); err != nil || strings.Contains(row, value) || !strings.Contains(row, "-exit-after") {
		t.Errorf("the state has %s, %v", row, err)
	}
}

// A service whose revision is lost keeps no other one waiting.
func TestLostRevisionBlocksNobody(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	lost := b.register(pair(t, "a", "1"))
	b.create("a", lost.ARN, 1)
	if err := b.write(t.Context(), "Test", "a", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), "DELETE FROM definitions WHERE family = 'a'")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	b.create("web", b.register(pair(t, "web", "1")).ARN, 1)
	b.startAgent()
	b.steady("web")
}
