package docker

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// cutRevision takes an ARN, "family:revision" or "family" apart; revision 0 is
// the newest ACTIVE one.
func cutRevision(ref string) (family string, revision int, ok bool) {
	family, number, exact := strings.Cut(backend.ShortName(ref), ":")
	if !exact {
		return family, 0, true
	}
	revision, err := strconv.Atoi(number)
	return family, revision, err == nil && revision > 0
}

// definition finds a revision, or says that there is none.
func (b *Backend) definition(ctx context.Context, q querier, op, ref string) (definitionRow, error) {
	family, revision, ok := cutRevision(ref)
	if !ok {
		return definitionRow{}, missing(errNoRow, op, ref, "the task definition does not exist")
	}
	d, err := definition(ctx, q, family, revision)
	return d, missing(err, op, ref, "the task definition does not exist")
}

// refuseProblems turns the first problem into an Invalid error that names its
// field.
func refuseProblems(op string, findings []backend.Finding) error {
	for _, f := range findings {
		if f.Severity == backend.Problem {
			return &backend.Error{
				Op: op, Kind: backend.Invalid, Resource: f.Path,
				Err: &backend.FieldError{Path: f.Path, Offset: -1, Err: errors.New(f.Message)}, Remedy: f.Remedy,
			}
		}
	}
	return nil
}

// RegisterTaskDefinition stores the next revision of a family.
func (b *Backend) RegisterTaskDefinition(ctx context.Context, doc backend.Document) (backend.TaskDefinition, error) {
	const op = "RegisterTaskDefinition"
	td, err := backend.ParseTaskDefinition(doc)
	if err != nil {
		path := ""
		var field *backend.FieldError
		if errors.As(err, &field) {
			path = backend.Clean(field.Path)
		}
		return backend.TaskDefinition{}, &backend.Error{Op: op, Kind: backend.Invalid, Resource: path, Err: cleanError(err)}
	}
	if err := refuseProblems(op, backend.CheckTaskDefinition(td)); err != nil {
		return backend.TaskDefinition{}, err
	}
	var row definitionRow
	err = b.write(ctx, op, td.Family, func(tx *sql.Tx) error {
		var last sql.NullInt64
		if err := tx.QueryRowContext(ctx, "SELECT max(revision) FROM definitions WHERE family = ?", td.Family).Scan(&last); err != nil {
			return err
		}
		row, err = b.revision(td, int(last.Int64)+1)
		if err != nil {
			return err
		}
		return putDefinition(ctx, tx, row)
	})
	return row.td, err
}

func (b *Backend) revision(td backend.TaskDefinition, number int) (definitionRow, error) {
	td, err := td.Registered(b.names.TaskDefinition(td.Family, number), number, b.clock.Now())
	return definitionRow{td, origin{b.set.Dir, b.set.EnvFiles}}, err
}

// ListFamilies gives the families of a status.
func (b *Backend) ListFamilies(ctx context.Context, status string, p backend.PageRequest) (backend.Page[string], error) {
	const op = "ListTaskDefinitionFamilies"
	return b.listStrings(ctx, op, p, `SELECT family FROM definitions WHERE status <> 'DELETED' GROUP BY family
		HAVING ?1 = 'ALL' OR max(status = 'ACTIVE') = (?1 = 'ACTIVE') ORDER BY family`, status)
}

// ListTaskDefinitions gives the ARNs of a family's revisions of a status,
// newest first.
func (b *Backend) ListTaskDefinitions(ctx context.Context, family, status string, p backend.PageRequest) (backend.Page[string], error) {
	const op = "ListTaskDefinitions"
	prefix := strings.TrimSuffix(b.names.TaskDefinition("", 0), ":0")
	return b.listStrings(ctx, op, p, `SELECT ? || family || ':' || revision FROM definitions
		WHERE family = ? AND status = ? ORDER BY revision DESC`, prefix, family, status)
}

func (b *Backend) listStrings(ctx context.Context, op string, p backend.PageRequest, query string, args ...any) (backend.Page[string], error) {
	var all []string
	err := b.read(ctx, op, "", func(q querier) (err error) {
		all, err = collect(ctx, q, func(rows *sql.Rows) (s string, err error) { err = rows.Scan(&s); return s, err }, query, args...)
		return err
	})
	if err != nil {
		return backend.Page[string]{}, err
	}
	return page(op, all, p)
}

// DescribeTaskDefinition gives one revision.
func (b *Backend) DescribeTaskDefinition(ctx context.Context, ref string) (backend.TaskDefinition, error) {
	const op = "DescribeTaskDefinition"
	var d definitionRow
	err := b.read(ctx, op, backend.Clean(ref), func(q querier) (err error) {
		d, err = b.definition(ctx, q, op, ref)
		return err
	})
	return d.td, err
}

// pageSize is ECS's largest page, and our own.
const pageSize = 100

// page cuts one page out of a list. A token is the index of its first item.
func page[T any](op string, items []T, p backend.PageRequest) (backend.Page[T], error) {
	from := 0
	if p.Token != "" {
		n, err := strconv.Atoi(p.Token)
		if err != nil || n < 0 {
			return backend.Page[T]{}, &backend.Error{Op: op, Kind: backend.Invalid, Resource: "nextToken", Err: fmt.Errorf("is no token of this list")}
		}
		from = min(n, len(items))
	}
	size := p.Size
	if size <= 0 || size > pageSize {
		size = pageSize
	}
	to := min(from+size, len(items))
	out := backend.Page[T]{Items: append([]T(nil), items[from:to]...)}
	if to < len(items) {
		out.Next = strconv.Itoa(to)
	}
	return out, nil
}
