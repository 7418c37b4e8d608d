package docker

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Settings are how the local backend and its agent are opened.
type Settings struct {
	Options

	// Cluster is the default cluster's name; "" is "default".
	Cluster string
	// Dir is the app's folder: relative paths in task definitions that are
	// registered through this backend begin there.
	Dir string
	// EnvFiles hold the values of secrets, as lines of NAME=value; "" is .env.
	EnvFiles []string
	// Timing of services that are deployed here: "ecs" for ECS's own waits, "fast"
	// for short ones; with "" a service keeps what it has, and a new one is fast.
	Timing string
	// StartAgent starts the agent in the background. It is called after a
	// change when none runs; nil when somebody else sees to it.
	StartAgent func(ctx context.Context) error
	// AgentIdle is how long an agent with nothing left to keep lives on; 0 is
	// ten seconds.
	AgentIdle time.Duration
	// Fault is called at named points of the agent's work, for tests that end
	// it there.
	Fault func(point string)
}

// Backend is ECS on one Docker engine. It writes desired state and reads; the
// agent, a process of its own, makes it true.
type Backend struct {
	*Engine
	set   Settings
	names backend.Namer
	dir   string   // the state folder of this engine
	past  measured // what was measured

	mu      sync.Mutex
	current *store
	retired []*store // put aside by somebody; readers may still be in them
	damaged error
}

var (
	_ backend.Backend  = (*Backend)(nil)
	_ backend.Notifier = (*Backend)(nil)
)

// New opens the engine and its state.
func New(ctx context.Context, set Settings) (*Backend, error) {
	set.setDefaults()
	if set.Cluster == "" {
		set.Cluster = "default"
	}
	if set.AgentIdle == 0 {
		set.AgentIdle = 10 * time.Second
	}
	if abs, err := filepath.Abs(set.Dir); err == nil {
		set.Dir = abs
	}
	e, err := Open(ctx, set.Options)
	if err != nil {
		return nil, err
	}
	b := &Backend{Engine: e, set: set, names: backend.Namer{Region: "local", Account: "000000000000"}}
	if err := b.openState(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	e.imageUsers = b.imageUsers
	return b, nil
}

func (b *Backend) openState(ctx context.Context) error {
	id, err := b.ID(ctx)
	if err != nil {
		return err
	}
	if b.set.StateDir == "" {
		return backend.Errorf("Open", backend.Invalid, "StateDir", "no folder for the state was given")
	}
	b.dir = filepath.Join(b.set.StateDir, safeName(id))
	b.state = stateName(b.dir)
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reopen(ctx)
}

// safeName makes a folder's name of an engine's id.
func safeName(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, id)
}

// reopen opens the state file; a lock keeps two processes from putting a
// damaged one aside at the same time. What runs is adopted into a new one.
func (b *Backend) reopen(ctx context.Context) error {
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return storeError("OpenState", b.dir, err)
	}
	lock := flock.New(filepath.Join(b.dir, "state.lock"))
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return storeError("OpenState", b.dir, err)
	}
	defer func() { _ = lock.Unlock() }()
	if b.current != nil {
		b.retired = append(b.retired, b.current)
		b.current = nil
	}
	s, damaged, err := openStore(ctx, filepath.Join(b.dir, "state.db"))
	if err != nil {
		return err
	}
	if damaged != nil {
		b.damaged = damaged
		b.log.Error("the state file was damaged", "err", damaged)
	}
	if err := b.adopt(ctx, s); err != nil {
		return errors.Join(err, s.close())
	}
	b.current = s
	return nil
}

// Damaged says that the state file was found damaged, where its backup is, and
// what was done; or which of its rows were, by this program or by the agent. It
// is said once; nil when all was sound.
func (b *Backend) Damaged(ctx context.Context) error {
	b.mu.Lock()
	damaged := b.damaged
	b.mu.Unlock()
	if damaged != nil {
		return damaged
	}
	var mended error
	if err := b.use(ctx, "OpenState", b.dir, func(s *store) error {
		mended = s.mended(ctx)
		return nil
	}); err != nil {
		return err
	}
	return mended
}

// open gives the store, opened anew where another process has replaced it.
func (b *Backend) open(ctx context.Context, again bool) (*store, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if again || b.current == nil || b.current.replaced() {
		if err := b.reopen(ctx); err != nil {
			return nil, err
		}
	}
	return b.current, nil
}

// use runs do on the store. A store that turns out to be damaged is put aside,
// or its rows are that can't be read, and do gets one more try.
func (b *Backend) use(ctx context.Context, op, resource string, do func(*store) error) error {
	if err := ctx.Err(); err != nil {
		return wrap(op, resource, err)
	}
	s, err := b.open(ctx, false)
	if err != nil {
		return err
	}
	err = do(s)
	switch {
	case err == nil:
		return nil
	case isRowDamage(err):
		err = b.mend(ctx, s)
	case isDamage(err):
		s, err = b.open(ctx, true)
	default:
		return storeError(op, resource, err)
	}
	if err != nil {
		return err
	}
	err = do(s)
	return storeError(op, resource, err)
}

func (b *Backend) write(ctx context.Context, op, resource string, do func(*sql.Tx) error) error {
	return b.use(ctx, op, resource, func(s *store) error { return s.write(ctx, do) })
}

func (b *Backend) read(ctx context.Context, op, resource string, do func(querier) error) error {
	return b.use(ctx, op, resource, func(s *store) error { return do(s.db) })
}

// change is a write that the agent has to act on.
func (b *Backend) change(ctx context.Context, op, resource string, do func(*sql.Tx) error) error {
	if err := b.write(ctx, op, resource, do); err != nil {
		return err
	}
	return b.ensureAgent(ctx)
}

// Close gives everything back. What runs keeps running.
func (b *Backend) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for _, s := range append(b.retired, b.current) {
		if s != nil {
			errs = append(errs, s.close())
		}
	}
	b.retired, b.current = nil, nil
	return errors.Join(append(errs, b.Engine.Close())...)
}

// Info tells which engine this is, and the default cluster.
func (b *Backend) Info(ctx context.Context) (backend.Info, error) {
	info, err := b.Engine.Info(ctx)
	info.Cluster = b.set.Cluster
	return info, err
}

// How often the state file is asked for a new version: one question costs some
// microseconds, but waking up for it costs more. Changes come in bursts.
const (
	pollStore = 150 * time.Millisecond
	pollCalm  = time.Second
	calmAfter = 15 * time.Second // without a change
)

// Notify calls fn after each change of the state file, which the agent also
// writes what it notices to, until ctx ends; and once at the start, for what
// changed between the caller's last look and the first one here.
func (b *Backend) Notify(ctx context.Context, fn func()) {
	var last int64 = -1
	var changed time.Time
	for {
		err := b.use(ctx, "Notify", "", func(s *store) error {
			if last != -1 && s.quiet(time.Now()) {
				return nil
			}
			v, err := s.version(ctx)
			if err == nil && v != last {
				last, changed = v, b.clock.Now()
				fn()
			}
			return err
		})
		if err != nil && ctx.Err() == nil {
			b.log.Debug("watching the state", "err", err)
		}
		wait := pollStore
		if b.clock.Now().Sub(changed) > calmAfter {
			wait = pollCalm
		}
		select {
		case <-ctx.Done():
			return
		case <-b.clock.After(wait):
		}
	}
}

// freshID gives a number for a deployment.
func freshID() uint64 {
	var raw [8]byte
	_, _ = rand.Read(raw[:]) // never fails
	return binary.LittleEndian.Uint64(raw[:])
}

// taskID gives 32 hexadecimal digits.
func taskID() string {
	var raw [16]byte
	_, _ = rand.Read(raw[:])
	return hex.EncodeToString(raw[:])
}
