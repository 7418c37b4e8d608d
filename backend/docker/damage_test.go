package docker

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

// damage spoils a state file in one way.
type damage func(t *testing.T, path string)

// scribble writes over a part of the file.
func scribble(from, to float64) damage {
	return func(t *testing.T, path string) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		size := float64(info.Size())
		if _, err := f.WriteAt(bytes.Repeat([]byte{0xa5}, int((to-from)*size)), int64(from*size)); err != nil {
			t.Fatal(err)
		}
	}
}

func truncate(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()/2)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// ids are the containers that run, by id.
func (b *bed) ids() map[string]bool {
	out := map[string]bool{}
	for _, c := range b.containers() {
		if c.State == "running" {
			out[c.ID] = true
		}
	}
	return out
}

// TestStateDamaged loses the state file between two runs. What runs must go on,
// the same containers, under a service that is known again.
func TestStateDamaged(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]damage{
		"header":    scribble(0, 0.02),
		"truncated": truncate,
		"removed": func(t *testing.T, path string) {
			for _, suffix := range []string{"", "-wal", "-shm"} {
				if err := os.RemoveAll(path + suffix); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, nil)
			b.startAgent()
			td := b.register(pair(t, "web", "1"))
			b.create("web", td.ARN, 2)
			b.steady("web")
			job := b.until(b.run(td.ARN), backend.Running)
			before := b.ids()
			b.stopAgent()
			if err := b.Close(); err != nil { // so that the log is written into the file
				t.Fatal(err)
			}
			path := filepath.Join(b.dir, "state.db")
			spoil(t, path)

			again := b.another(b.set)
			b.checkDamage(again.Damaged(t.Context()), path, name != "removed")
			b.Backend = again
			b.startAgent()
			svc := b.steady("web")
			if svc.Desired != 2 || svc.TaskDefinition != td.ARN || !svc.Config.Breaker.Rollback {
				t.Errorf("the service is %+v", svc)
			}
			b.exactly("web", td.ARN, 2, 3, job.ID())
			after := b.ids()
			for id := range before {
				if !after[id] {
					t.Errorf("container %s was lost", id)
				}
			}
			if len(after) != len(before) {
				t.Errorf("%d containers run, %d ran before", len(after), len(before))
			}
			if got := b.until(job, backend.Running); got.LastStatus != backend.Running || got.Service != "" {
				t.Errorf("the task of its own is %s %s", got.LastStatus, got.StoppedReason)
			}
			if name != "truncated" {
				return // one of them goes on
			}
			next := b.register(pair(t, "web", "2"))
			if next.Revision != td.Revision+1 {
				t.Errorf("revision %d after %d", next.Revision, td.Revision)
			}
			if d := b.deployed(b.update("web", backend.ServiceChange{TaskDefinition: &next.ARN})); d.Status != backend.Successful {
				t.Errorf("the next deployment: %s %s", d.Status, d.Reason)
			}
			b.steady("web")
			b.exactly("web", next.ARN, 2, 3, job.ID())
		})
	}
}

// checkDamage wants an error that names the file, and its backup.
func (b *bed) checkDamage(err error, path string, want bool) {
	b.Helper()
	if !want {
		if err != nil {
			b.Errorf("damaged: %v", err)
		}
		return
	}
	wantError(b.T, err, backend.Conflict, path, "is damaged", ".damaged-")
	kept, _ := filepath.Glob(path + ".damaged-*")
	if len(kept) == 0 {
		b.Error("no backup was kept")
	}
	for _, k := range kept {
		if strings.HasSuffix(k, "-wal") || strings.HasSuffix(k, "-shm") {
			continue
		}
		if !strings.Contains(backend.AdviceFor(err), k) {
			b.Errorf("the advice does not name the backup %s: %s", k, backend.AdviceFor(err))
		}
	}
}

// TestStateDamagedWhileInUse loses it under a running agent and an open reader:
// who finds it first repairs it, and the others follow.
func TestStateDamagedWhileInUse(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	td := b.register(pair(t, "web", "1"))
	b.create("web", td.ARN, 2)
	b.steady("web")
	before := b.ids()
	path := filepath.Join(b.dir, "state.db")
	if err := os.Truncate(path+"-wal", 0); err != nil {
		t.Fatal(err)
	}
	scribble(0, 1)(t, path)

	newcomer := b.another(b.set)
	b.checkDamage(newcomer.Damaged(t.Context()), path, true)
	b.steady("web") // read through the backend that was open
	b.exactly("web", td.ARN, 2, 3)
	for id := range b.ids() {
		if !before[id] {
			t.Errorf("container %s is new", id)
		}
	}
	three := 3
	if _, err := newcomer.UpdateService(t.Context(), "", "web", backend.ServiceChange{Desired: &three}); err != nil {
		t.Fatal(err)
	}
	b.steady("web")
	b.exactly("web", td.ARN, 3, 3)
}

// TestRowsDamaged spoils single rows under a running agent: only what they held
// is put aside, by name, and what runs of it is taken over.
func TestRowsDamaged(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	td := b.register(pair(t, "web", "1"))
	lost := b.register(pair(t, "old", "1"))
	b.create("api", td.ARN, 1)
	b.create("web", td.ARN, 2)
	api := b.steady("api")
	b.steady("web")
	before := b.ids()
	for _, spoil := range []string{
		`UPDATE services SET record = substr(record, 1, 40) WHERE name = 'web'`,
		`UPDATE tasks SET row = '{"view":[]}' WHERE id = (SELECT max(id) FROM tasks WHERE service = 'web')`,
		`UPDATE definitions SET document = x'00' WHERE family = 'web'`,
		`UPDATE definitions SET document = '{' WHERE family = 'old'`,
		`INSERT INTO schedules (cluster, name, next, row) VALUES ('c', 'nightly', 0, '"')`,
	} {
		if err := b.write(t.Context(), "Test", "", func(tx *sql.Tx) error { _, err := tx.ExecContext(t.Context(), spoil); return err }); err != nil {
			t.Fatal(err)
		}
	}
	b.eventually("the service is known again", func() (bool, string) {
		found, err := b.DescribeServices(t.Context(), b.cluster, []string{"web"})
		return err == nil && len(found) == 1, fmt.Sprint(err)
	})
	if svc := b.steady("web"); svc.Desired != 2 || svc.TaskDefinition != td.ARN {
		t.Errorf("the service is %+v", svc)
	}
	b.exactly("web", td.ARN, 2, 3, b.tasks(backend.TaskQuery{Service: "api"})[0].ID())
	if after := b.ids(); !maps.Equal(after, before) {
		t.Errorf("%v run, before %v", after, before)
	}
	if now := b.service("api"); now.CreatedAt != api.CreatedAt || now.Current != api.Current {
		t.Errorf("the other service has changed: %+v, before %+v", now, api)
	}
	wantError(t, b.Damaged(t.Context()), backend.Conflict, "schedule c/nightly, service "+b.cluster+"/web, task ", "task definition old:1, task definition web:1", "deploy again")
	if err := b.Damaged(t.Context()); err != nil {
		t.Errorf("said twice: %v", err)
	}
	if _, err := b.DescribeTaskDefinition(t.Context(), lost.ARN); backend.KindOf(err) != backend.NotFound {
		t.Errorf("the lost revision: %v", err)
	}
	if next := b.register(pair(t, "old", "2")); next.Revision != 2 {
		t.Errorf("revision %d after a lost one", next.Revision)
	}
}

// TestStateOfTheFuture: a file that a newer program wrote is left alone.
func TestStateOfTheFuture(t *testing.T) {
	b := newBed(t, nil)
	if _, err := b.current.db.ExecContext(t.Context(), "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	_, err := New(context.Background(), b.set)
	if err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("opened a newer state: %v", err)
	}
	if kept, _ := filepath.Glob(filepath.Join(b.dir, "*.damaged-*")); len(kept) > 0 {
		t.Errorf("it was put aside: %v", kept)
	}
}
