package docker

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/ecs-tui/ecs-tui/backend"
)

// schemaVersion is what PRAGMA user_version holds. A file of an older version
// is migrated, one of a newer version is left alone.
const schemaVersion = 3

// migrations bring a file of each version to the next one, from an empty one on.
func migrations() []string {
	return []string{schema, `
CREATE TABLE schedules (
	cluster TEXT NOT NULL, name TEXT NOT NULL, next INTEGER NOT NULL, row TEXT NOT NULL, PRIMARY KEY (cluster, name));
`, `
CREATE TABLE damaged (
	what TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, content BLOB NOT NULL, told INTEGER NOT NULL DEFAULT 0);
`}
}

const schema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE clusters (name TEXT PRIMARY KEY);
CREATE TABLE definitions (
	family TEXT NOT NULL, revision INTEGER NOT NULL, status TEXT NOT NULL, registered INTEGER NOT NULL,
	document BLOB NOT NULL, origin TEXT NOT NULL, PRIMARY KEY (family, revision));
CREATE TABLE services (
	cluster TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL, timing TEXT NOT NULL, version INTEGER NOT NULL,
	record TEXT NOT NULL, PRIMARY KEY (cluster, name));
CREATE TABLE tasks (
	id TEXT PRIMARY KEY, cluster TEXT NOT NULL, service TEXT NOT NULL, status TEXT NOT NULL,
	created INTEGER NOT NULL, stopped INTEGER NOT NULL, row TEXT NOT NULL);
CREATE INDEX tasks_of_service ON tasks (cluster, service);
`

// store keeps the desired state, and what has been noticed about tasks. Several
// processes use the same file at once; each change is one transaction.
type store struct {
	db   *sql.DB
	path string
	info os.FileInfo // of the file as it was opened
	// watch is a connection of its own: PRAGMA data_version tells it of the
	// commits of all others, in this process too.
	watch *sql.Conn
}

// openStore opens the file, or makes it. What cannot be read any more is put
// aside, and the error in damaged says so; the store is then new and empty.
func openStore(ctx context.Context, path string) (s *store, damaged error, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, nil, storeError("OpenState", path, err)
	}
	s, err = openFile(ctx, path)
	if err == nil || !isDamage(err) {
		return s, nil, storeError("OpenState", path, err)
	}
	backup := fmt.Sprintf("%s.damaged-%s", path, time.Now().UTC().Format("20060102T150405.000"))
	if rerr := setAside(path, backup); rerr != nil {
		return nil, nil, storeError("OpenState", path, rerr)
	}
	damaged = &backend.Error{
		Op: "OpenState", Kind: backend.Conflict, Resource: path,
		Err:    fmt.Errorf("the state file is damaged (%w)", err),
		Remedy: "it was kept as " + backup + "; a new one was made, and what runs is taken over from its labels",
	}
	s, err = openFile(ctx, path)
	return s, damaged, storeError("OpenState", path, err)
}

// setAside renames the file; its write-ahead log belongs to it and goes too.
func setAside(path, backup string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(path+suffix, backup+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func openFile(ctx context.Context, path string) (*store, error) {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)"}}
	name := url.URL{Path: filepath.ToSlash(path)} // with ? and # escaped, which a path may have
	db, err := sql.Open("sqlite", "file:"+name.EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4)
	s := &store{db: db, path: path}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func (s *store) prepare(ctx context.Context) error {
	var verdict string
	if err := s.db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return &damageError{verdict}
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	var err error
	if s.watch, err = s.db.Conn(ctx); err != nil {
		return err
	}
	s.info, err = os.Stat(s.path)
	return err
}

func (s *store) migrate(ctx context.Context) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		var version int
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		switch {
		case version == schemaVersion:
			return nil
		case version > schemaVersion:
			return fmt.Errorf("the state file has version %d, this program knows %d: use the newer ecs-tui", version, schemaVersion)
		}
		for _, step := range migrations()[version:] {
			if _, err := tx.ExecContext(ctx, step); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion))
		return err
	})
}

// damageError is what quick_check finds.
type damageError struct{ verdict string }

func (e *damageError) Error() string { return backend.Clean(e.verdict) }

// SQLite's result codes for files that are no database, or no longer a whole
// one, and for disks that are full.
const (
	sqliteCorrupt = 11
	sqliteFull    = 13
	sqliteNotADB  = 26
	// The shared memory beside the file could not be made as large as it must
	// be: SQLITE_IOERR_SHMSIZE.
	sqliteNoShare = 4874
)

func isDamage(err error) bool {
	var found *damageError
	var code *sqlite.Error
	if errors.As(err, &found) {
		return true
	}
	return errors.As(err, &code) && (code.Code()&0xff == sqliteCorrupt || code.Code()&0xff == sqliteNotADB)
}

func isRowDamage(err error) bool {
	var found *rowError
	return errors.As(err, &found)
}

// storeError makes an error of the store one of the contract.
func storeError(op, resource string, err error) error {
	var code *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &code) && (code.Code()&0xff == sqliteFull || code.Code() == sqliteNoShare), strings.Contains(err.Error(), "no space left on device"):
		return &backend.Error{
			Op: op, Kind: backend.Exhausted, Resource: resource, Err: errors.New("the disk that holds ecs-tui's state is full"),
			Remedy: "free some disk space, then try again; nothing was changed",
		}
	case errors.Is(err, os.ErrPermission):
		return &backend.Error{Op: op, Kind: backend.Denied, Resource: resource, Err: cleanError(err), Remedy: "check who owns the file"}
	case isDamage(err), isRowDamage(err):
		return &backend.Error{
			Op: op, Kind: backend.Conflict, Resource: resource, Err: cleanError(err),
			Remedy: "end the agent (ecs-tui agent stop) and move the state file away; the next start makes a new one, and takes over what runs",
		}
	}
	return wrap(op, resource, err)
}

// write runs one read-modify-write. The lock is taken at the start, so that two
// writers never overwrite each other.
func (s *store) write(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// quiet says that nobody has written for a while, which costs less to see than
// a query: commits are appended to the log beside the file. A file's time is
// coarse, so that a write of the last moment always counts.
func (s *store) quiet(now time.Time) bool {
	log, err := os.Stat(s.path + "-wal")
	return err == nil && now.Sub(log.ModTime()) > 2*time.Second
}

// version changes with every commit, of this process or another.
func (s *store) version(ctx context.Context) (int64, error) {
	var n int64
	err := s.watch.QueryRowContext(ctx, "PRAGMA data_version").Scan(&n)
	return n, err
}

// replaced says whether the file at the store's path is no longer the one that
// is open: another process found it damaged and put it aside.
func (s *store) replaced() bool {
	now, err := os.Stat(s.path)
	return err != nil || !os.SameFile(now, s.info)
}

func (s *store) close() error {
	return errors.Join(s.watch.Close(), s.db.Close())
}

// querier is a transaction, or the database itself for reading.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// collect reads the rows of a query.
func collect[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, rows.Err()
}

// fromJSON reads what the store itself has written.
func fromJSON[T any](text string) (*T, error) {
	out := new(T)
	if err := json.Unmarshal([]byte(text), out); err != nil {
		return nil, &rowError{err}
	}
	return out, nil
}
