package docker

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/scheduler"
)

// origin is where a task definition came from: what relative paths hang on and
// where the values of its secrets are looked up when a task starts. The values
// themselves are never kept.
type origin struct {
	Dir      string   `json:"dir,omitempty"`
	EnvFiles []string `json:"envFiles,omitempty"`
}

// taskRow is a task that is wanted, or was: what it should be, and what was
// noticed about it. The view is the task as the contract shows it.
type taskRow struct {
	View      backend.Task                `json:"view"`
	Overrides []backend.ContainerOverride `json:"overrides,omitempty"`
	// Made are the ids of the containers that exist or existed, by name; the
	// pause container among them.
	Made map[string]string `json:"made,omitempty"`
	// Started is when each container was last started.
	Started map[string]time.Time `json:"started,omitempty"`
	// Cleared says that its containers were removed.
	Cleared bool `json:"cleared,omitempty"`
}

func (t *taskRow) id() string { return t.View.ID() }

func (t *taskRow) over() bool { return t.View.LastStatus == backend.TaskStopped }

func (t *taskRow) container(name string) *backend.Container {
	for i := range t.View.Containers {
		if t.View.Containers[i].Name == name {
			return &t.View.Containers[i]
		}
	}
	return nil
}

// serviceRow is a service's record with what surrounds it.
type serviceRow struct {
	rec    *scheduler.Record
	timing string
}

var errNoRow = errors.New("no such row")

// definitions

type definitionRow struct {
	td     backend.TaskDefinition
	origin origin
}

func scanDefinition(rows *sql.Rows) (definitionRow, error) {
	var d definitionRow
	var doc, from []byte
	var registered int64
	var status string
	if err := rows.Scan(&doc, &status, &registered, &from); err != nil {
		return d, err
	}
	td, err := backend.ParseTaskDefinition(doc)
	if err != nil {
		return d, &rowError{err}
	}
	if err := json.Unmarshal(from, &d.origin); err != nil {
		return d, &rowError{err}
	}
	td.RegisteredAt, td.Status = time.UnixMilli(registered), status
	d.td = td
	return d, nil
}

const selectDefinition = "SELECT document, status, registered, origin FROM definitions "

// definition finds a revision; revision 0 is the newest ACTIVE one.
func definition(ctx context.Context, q querier, family string, revision int) (definitionRow, error) {
	where, args := "WHERE family = ? AND status = 'ACTIVE' ORDER BY revision DESC LIMIT 1", []any{family}
	if revision > 0 {
		where, args = "WHERE family = ? AND revision = ? AND status <> 'DELETED'", []any{family, revision}
	}
	found, err := collect(ctx, q, scanDefinition, selectDefinition+where, args...)
	if err != nil {
		return definitionRow{}, err
	}
	if len(found) == 0 {
		return definitionRow{}, errNoRow
	}
	return found[0], nil
}

func putDefinition(ctx context.Context, q querier, d definitionRow) error {
	from, err := json.Marshal(d.origin)
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `INSERT INTO definitions (family, revision, status, registered, document, origin) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (family, revision) DO UPDATE SET status = excluded.status, document = excluded.document, origin = excluded.origin`,
		d.td.Family, d.td.Revision, d.td.Status, d.td.RegisteredAt.UnixMilli(), []byte(d.td.Document), string(from))
	return err
}

// services

func scanService(rows *sql.Rows) (serviceRow, error) {
	var s serviceRow
	var text string
	if err := rows.Scan(&text, &s.timing); err != nil {
		return s, err
	}
	rec, err := fromJSON[scheduler.Record](text)
	s.rec = rec
	return s, err
}

// services reads the records of a cluster, or of all with "". Those that are
// gone are INACTIVE and left out.
func services(ctx context.Context, q querier, cluster string) ([]serviceRow, error) {
	return collect(ctx, q, scanService, `SELECT record, timing FROM services
		WHERE (? = '' OR cluster = ?) AND status <> 'INACTIVE' ORDER BY cluster, name`, cluster, cluster)
}

// service reads one record, also an INACTIVE one.
func service(ctx context.Context, q querier, cluster, name string) (serviceRow, error) {
	found, err := collect(ctx, q, scanService, "SELECT record, timing FROM services WHERE cluster = ? AND name = ?", cluster, name)
	if err != nil {
		return serviceRow{}, err
	}
	if len(found) == 0 {
		return serviceRow{}, errNoRow
	}
	return found[0], nil
}

func putService(ctx context.Context, q querier, s serviceRow) error {
	text, err := json.Marshal(s.rec)
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `INSERT INTO services (cluster, name, status, timing, version, record) VALUES (?, ?, ?, ?, 1, ?)
		ON CONFLICT (cluster, name) DO UPDATE SET status = excluded.status, timing = excluded.timing, version = version + 1, record = excluded.record`,
		s.rec.Cluster, s.rec.Name, s.rec.Status, s.timing, string(text))
	return err
}

// tasks

func scanTask(rows *sql.Rows) (*taskRow, error) {
	var text string
	if err := rows.Scan(&text); err != nil {
		return nil, err
	}
	return fromJSON[taskRow](text)
}

func tasksOf(ctx context.Context, q querier, cluster, service string) ([]*taskRow, error) {
	return collect(ctx, q, scanTask, "SELECT row FROM tasks WHERE cluster = ? AND service = ? ORDER BY created DESC, id", cluster, service)
}

// tasks reads the tasks of a cluster, or of all with "".
func tasks(ctx context.Context, q querier, cluster string) ([]*taskRow, error) {
	return collect(ctx, q, scanTask, "SELECT row FROM tasks WHERE ? = '' OR cluster = ? ORDER BY created DESC, id", cluster, cluster)
}

func task(ctx context.Context, q querier, id string) (*taskRow, error) {
	found, err := collect(ctx, q, scanTask, "SELECT row FROM tasks WHERE id = ?", id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errNoRow
	}
	return found[0], nil
}

// valueless are overrides without the values of variables, which may be secret.
func valueless(all []backend.ContainerOverride) []backend.ContainerOverride {
	out := slices.Clone(all)
	for i := range out {
		out[i].Environment = nil
	}
	return out
}

func putTask(ctx context.Context, q querier, t *taskRow) error {
	kept := *t
	if t.over() {
		kept.Overrides = valueless(t.Overrides) // no container is made for it any more
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	stopped := int64(0)
	if !t.View.StoppedAt.IsZero() {
		stopped = t.View.StoppedAt.UnixMilli()
	}
	_, err = q.ExecContext(ctx, `INSERT INTO tasks (id, cluster, service, status, created, stopped, row) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET status = excluded.status, stopped = excluded.stopped, row = excluded.row`,
		t.id(), t.View.Cluster, t.View.Service, t.View.LastStatus, t.View.CreatedAt.UnixMilli(), stopped, string(text))
	return err
}

// views are tasks as the scheduler and the contract take them.
func views(rows []*taskRow) []backend.Task {
	out := make([]backend.Task, len(rows))
	for i, t := range rows {
		out[i] = t.View
	}
	return out
}

// clusters

func addCluster(ctx context.Context, q querier, name string) error {
	_, err := q.ExecContext(ctx, "INSERT INTO clusters (name) VALUES (?) ON CONFLICT DO NOTHING", name)
	return err
}

func removeCluster(ctx context.Context, q querier, name string) error {
	_, err := q.ExecContext(ctx, "DELETE FROM clusters WHERE name = ?", name)
	return err
}

func clusterNames(ctx context.Context, q querier) ([]string, error) {
	return collect(ctx, q, func(rows *sql.Rows) (string, error) {
		var name string
		err := rows.Scan(&name)
		return name, err
	}, "SELECT name FROM clusters ORDER BY name")
}

// meta

func getMeta(ctx context.Context, q querier, key string) (string, error) {
	var value string
	err := q.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = ?", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

func putMeta(ctx context.Context, q querier, key, value string) error {
	_, err := q.ExecContext(ctx, "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
	return err
}
