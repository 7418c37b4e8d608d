package docker

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/scheduler"
)

// rowError is a row that can't be read in a file that is sound otherwise. It
// would keep every list and the agent's every pass from being read, so it is put
// aside by itself: the rest of the file is worth keeping.
type rowError struct{ err error }

func (e *rowError) Error() string { return "a row cannot be read: " + backend.Clean(e.err.Error()) }
func (e *rowError) Unwrap() error { return e.err }

// shelf is a table whose rows hold a document.
type shelf struct {
	what, rows, remove string
	read               func(text, origin []byte) error
}

func shelves() []shelf {
	return []shelf{
		{"service", "SELECT rowid, cluster || '/' || name, record, '' FROM services", "DELETE FROM services WHERE rowid = ?", readAs[scheduler.Record]},
		{"task", "SELECT rowid, id, row, '' FROM tasks", "DELETE FROM tasks WHERE rowid = ?", readAs[taskRow]},
		{"schedule", "SELECT rowid, cluster || '/' || name, row, '' FROM schedules", "DELETE FROM schedules WHERE rowid = ?", readAs[scheduleRow]},
		{
			// A revision's row stays, as that of one that was deleted: its number is not given twice.
			"task definition", "SELECT rowid, family || ':' || revision, document, origin FROM definitions WHERE status <> 'DELETED'",
			"UPDATE definitions SET status = 'DELETED', document = '{}', origin = '{}' WHERE rowid = ?", readDefinition,
		},
	}
}

func readAs[T any](text, _ []byte) error { return json.Unmarshal(text, new(T)) }

func readDefinition(doc, from []byte) error {
	_, err := backend.ParseTaskDefinition(doc)
	return errors.Join(err, json.Unmarshal(from, &origin{}))
}

// badRow is a row that can't be read.
type badRow struct {
	shelf
	id   int64
	name string
	text []byte
}

// badRows finds them all, so that one repair is enough.
func badRows(ctx context.Context, q querier) ([]badRow, error) {
	var out []badRow
	for _, sh := range shelves() {
		_, err := collect(ctx, q, func(rows *sql.Rows) (_ struct{}, err error) {
			r := badRow{shelf: sh}
			var from []byte
			if err = rows.Scan(&r.id, &r.name, &r.text, &from); err == nil && sh.read(r.text, from) != nil {
				out = append(out, r)
			}
			return struct{}{}, err
		}, sh.rows)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// mend puts the rows aside that can't be read, and takes over what runs of them.
func (b *Backend) mend(ctx context.Context, s *store) error {
	const op = "MendState"
	found, err := b.orphans(ctx, op)
	if err != nil {
		return err
	}
	var bad []badRow
	err = s.write(ctx, func(tx *sql.Tx) error {
		if bad, err = badRows(ctx, tx); err != nil || len(bad) == 0 { // another process was faster
			return err
		}
		for _, r := range bad {
			if _, err := tx.ExecContext(ctx, "INSERT INTO damaged (what, name, at, content) VALUES (?, ?, ?, ?)",
				r.what, r.name, b.clock.Now().UnixMilli(), r.text); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, r.remove, r.id); err != nil {
				return err
			}
		}
		return b.takeOver(ctx, tx, found)
	})
	for _, r := range bad {
		b.log.Error("a row of the state was damaged, and put aside", "what", r.what, "name", r.name)
	}
	return storeError(op, s.path, err)
}

// mended tells what was put aside since this was asked last; nil for nothing.
func (s *store) mended(ctx context.Context) error {
	names, err := collect(ctx, s.db, func(rows *sql.Rows) (string, error) {
		var what, name string
		err := rows.Scan(&what, &name)
		return what + " " + backend.Clean(name), err
	}, "SELECT what, name FROM damaged WHERE NOT told ORDER BY what, name")
	if err != nil || len(names) == 0 {
		return storeError("OpenState", s.path, err)
	}
	if _, err := s.db.ExecContext(ctx, "UPDATE damaged SET told = 1"); err != nil {
		return storeError("OpenState", s.path, err)
	}
	return &backend.Error{
		Op: "OpenState", Kind: backend.Conflict, Resource: s.path,
		Err:    fmt.Errorf("what the state had of these could not be read: %s", strings.Join(names, ", ")),
		Remedy: "it was put aside into the table damaged, and what runs was taken over from its labels; deploy again what is missing",
	}
}
