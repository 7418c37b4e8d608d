package docker

import (
	"context"
	"database/sql"

	"github.com/ecs-tui/ecs-tui/backend"
)

// deleted is the status of a revision that is gone. Its row stays, without its
// document, so that no number is given twice.
const deleted = "DELETED"

// setStatus changes a revision's status, in its document too.
func (b *Backend) setStatus(ctx context.Context, tx *sql.Tx, d *definitionRow, status, stamped string) error {
	var err error
	d.td.Document, err = d.td.Document.Edit(func(tree map[string]any) {
		tree["status"], tree[stamped] = status, backend.Stamp(b.clock.Now())
	})
	if err != nil {
		return err
	}
	d.td.Status = status
	return putDefinition(ctx, tx, *d)
}

// DeregisterTaskDefinition makes a revision INACTIVE; what runs it goes on.
func (b *Backend) DeregisterTaskDefinition(ctx context.Context, ref string) (backend.TaskDefinition, error) {
	const op = "DeregisterTaskDefinition"
	var out backend.TaskDefinition
	err := b.write(ctx, op, backend.Clean(ref), func(tx *sql.Tx) error {
		d, err := b.definition(ctx, tx, op, ref)
		if err == nil && d.td.Status == backend.ActiveDefinition {
			err = b.setStatus(ctx, tx, &d, backend.InactiveDefinition, "deregisteredAt")
		}
		out = d.td
		return err
	})
	return out, err
}

// DeleteTaskDefinitions deletes INACTIVE revisions. What is in use lingers
// until it is not; the agent sees to that.
func (b *Backend) DeleteTaskDefinitions(ctx context.Context, refs []string) ([]backend.TaskDefinition, error) {
	const op = "DeleteTaskDefinitions"
	var out []backend.TaskDefinition
	var failed error
	err := b.write(ctx, op, "", func(tx *sql.Tx) error {
		out, failed = nil, nil
		for _, ref := range refs {
			d, err := b.definition(ctx, tx, op, ref)
			switch {
			case err != nil && backend.KindOf(err) != backend.NotFound:
				return err
			case err == nil && d.td.Status == backend.ActiveDefinition:
				err = backend.StillActive(op, d.td)
			case err == nil:
				if err := b.setStatus(ctx, tx, &d, backend.DeletingDefinition, "deleteRequestedAt"); err != nil {
					return err
				}
				out = append(out, d.td)
			}
			if err != nil && failed == nil {
				failed = err
			}
		}
		return sweepDefinitions(ctx, tx)
	})
	if err == nil {
		err = failed
	}
	return out, err
}

// sweepDefinitions lets go of deleted revisions that nothing needs any more.
func sweepDefinitions(ctx context.Context, tx *sql.Tx) error {
	leaving, err := collect(ctx, tx, scanDefinition, selectDefinition+"WHERE status = ?", backend.DeletingDefinition)
	if err != nil || len(leaving) == 0 {
		return err
	}
	needed := map[string]bool{}
	all, err := services(ctx, tx, "")
	if err != nil {
		return err
	}
	for _, s := range all {
		needed[s.rec.TaskDefinition] = true
		for _, d := range s.rec.Needed() {
			needed[d.TaskDefinition] = true
		}
	}
	rows, err := tasks(ctx, tx, "")
	if err != nil {
		return err
	}
	for _, t := range rows {
		if !t.over() {
			needed[t.View.TaskDefinition] = true
		}
	}
	for _, d := range leaving {
		if needed[d.td.ARN] {
			continue
		}
		_, err := tx.ExecContext(ctx, "UPDATE definitions SET status = ?, document = '{}', origin = '{}' WHERE family = ? AND revision = ?",
			deleted, d.td.Family, d.td.Revision)
		if err != nil {
			return err
		}
	}
	return nil
}

// sweep is sweepDefinitions where there is something to sweep. What fails is
// tried again by the next pass.
func (a *agent) sweep(ctx context.Context) {
	var leaving bool
	err := a.read(ctx, "Reconcile", "", func(q querier) error {
		return q.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM definitions WHERE status = ?)", backend.DeletingDefinition).Scan(&leaving)
	})
	if err == nil && leaving {
		err = a.write(ctx, "Reconcile", "", func(tx *sql.Tx) error { return sweepDefinitions(ctx, tx) })
	}
	if err != nil && ctx.Err() == nil {
		a.log.Warn("deleted task definitions could not be let go", "err", err)
	}
}
