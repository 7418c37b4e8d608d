package docker

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/ecs-tui/ecs-tui/backend"
)

// AgentStatus is what `ecs-tui agent status` shows.
type AgentStatus struct {
	Running   bool
	PID       int
	Since     time.Time
	Services  int // that are not gone
	Tasks     int // that have not stopped
	Schedules int // that will run again
	State     string
}

// agentInfo is what an agent leaves beside its lock, for others to read.
type agentInfo struct {
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

func (b *Backend) agentLock() *flock.Flock { return flock.New(filepath.Join(b.dir, "agent.lock")) }

func (b *Backend) agentFile() string { return filepath.Join(b.dir, "agent.json") }

// agentRuns says whether some process holds the agent's lock. Who asks shares it
// for a moment with others that ask.
func (b *Backend) agentRuns() (bool, error) {
	lock := b.agentLock()
	free, err := lock.TryRLock()
	if err != nil {
		return false, err
	}
	if free {
		return false, lock.Unlock()
	}
	return true, nil
}

// startWait is how long a started agent gets to take its lock: through ssh it
// has to log in first.
const startWait = 20 * time.Second

// ensureAgent starts the agent where none runs, and sees that it does.
func (b *Backend) ensureAgent(ctx context.Context) error {
	began, err := b.beginAgent(ctx)
	if err == nil && began {
		err = b.awaitAgent(ctx)
	}
	return agentError(b.dir, err)
}

func agentError(dir string, err error) error {
	if err == nil {
		return nil
	}
	return &backend.Error{
		Op: "StartAgent", Kind: backend.Other, Resource: dir, Err: cleanError(err),
		Remedy: "what was changed is saved; start the agent yourself: ecs-tui agent run",
	}
}

// beginAgent says whether none ran, and it has begun to start one.
func (b *Backend) beginAgent(ctx context.Context) (began bool, err error) {
	if b.set.StartAgent == nil {
		return false, nil
	}
	if runs, err := b.agentRuns(); err != nil || runs {
		return false, err
	}
	return true, b.set.StartAgent(ctx)
}

// awaitAgent waits until an agent runs: one that could not begin would leave
// everybody waiting for what it should do.
func (b *Backend) awaitAgent(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	for {
		if runs, err := b.agentRuns(); err != nil || runs {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.New("it was started, and does not run; agent.log, beside the state, says why")
		case <-b.clock.After(lockPoll):
		}
	}
}

// Resume starts the agent where there is something to keep and none runs, after
// a reboot say, or something to clear away: it has not stayed until the
// containers of the last tasks were past their time. A program calls it once when
// it opens the backend.
func (b *Backend) Resume(ctx context.Context) error {
	idle, err := b.nothingToKeep(ctx)
	if err == nil && idle {
		idle, err = b.nothingToClear(ctx)
	}
	if err != nil || idle {
		return err
	}
	_, err = b.beginAgent(ctx) // what is only looked at need not wait for it
	return agentError(b.dir, err)
}

// AgentStatus tells about the agent and what it keeps.
func (b *Backend) AgentStatus(ctx context.Context) (AgentStatus, error) {
	const op = "AgentStatus"
	out := AgentStatus{State: b.dir}
	err := b.read(ctx, op, "", func(q querier) error {
		all, err := services(ctx, q, "")
		if err != nil {
			return err
		}
		out.Services = len(all)
		if err := q.QueryRowContext(ctx, "SELECT count(*) FROM schedules WHERE next > 0").Scan(&out.Schedules); err != nil {
			return err
		}
		return q.QueryRowContext(ctx, "SELECT count(*) FROM tasks WHERE status <> 'STOPPED'").Scan(&out.Tasks)
	})
	if err != nil {
		return out, err
	}
	out.Running, err = b.agentRuns()
	if err != nil || !out.Running {
		return out, storeError(op, b.dir, err)
	}
	info, err := b.agentInfo()
	if err != nil {
		return out, storeError(op, b.agentFile(), err)
	}
	out.PID, out.Since = info.PID, info.Since
	return out, nil
}

func (b *Backend) agentInfo() (agentInfo, error) {
	var info agentInfo
	raw, err := os.ReadFile(b.agentFile())
	if err != nil {
		return info, err
	}
	return info, json.Unmarshal(raw, &info)
}

// stopWait is how long an agent gets to end in good order.
const stopWait = 10 * time.Second

// StopAgent ends the agent. What it keeps goes on running, unwatched, until an
// agent runs again.
func (b *Backend) StopAgent(ctx context.Context) error {
	const op = "StopAgent"
	runs, err := b.agentRuns()
	if err != nil || !runs {
		return storeError(op, b.dir, err)
	}
	info, err := b.agentInfo()
	if err != nil {
		return storeError(op, b.agentFile(), err)
	}
	process, err := os.FindProcess(info.PID)
	if err == nil {
		err = terminate(process)
	}
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return wrap(op, b.dir, err)
	}
	wait, cancel := context.WithTimeout(ctx, stopWait)
	defer cancel()
	lock := b.agentLock()
	if _, err := lock.TryLockContext(wait, 50*time.Millisecond); err != nil {
		return wrap(op, b.dir, err)
	}
	return lock.Unlock()
}

// nothingToKeep says that neither services nor tasks are left, and no schedule
// that will run again.
func (b *Backend) nothingToKeep(ctx context.Context) (bool, error) {
	var n int
	err := b.read(ctx, "AgentStatus", "", func(q querier) error {
		return q.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM services WHERE status <> 'INACTIVE')
			+ (SELECT count(*) FROM tasks WHERE status <> 'STOPPED') + (SELECT count(*) FROM schedules WHERE next > 0)`).Scan(&n)
	})
	return n == 0, err
}

// RunAgent is the agent: it keeps what is wanted running until ctx ends or
// nothing is left to keep. Where another agent runs already it returns at once.
func RunAgent(ctx context.Context, set Settings) error {
	set.StartAgent = nil
	b, err := New(ctx, set)
	if err != nil {
		return err
	}
	defer b.Close()
	for {
		again, err := b.agentOnce(ctx)
		if err != nil || !again {
			return err
		}
	}
}

const (
	// lockPatience is how long an agent waits for its lock: somebody may only ask
	// whether one runs.
	lockPatience = time.Second
	lockPoll     = 20 * time.Millisecond
)

// take takes the agent's lock; false where another agent keeps it.
func (b *Backend) take(ctx context.Context, lock *flock.Flock) (bool, error) {
	ours, err := lock.TryLock()
	if ours || err != nil {
		return ours, err
	}
	b.fault("locked")
	wait, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	ours, err = lock.TryLockContext(wait, lockPoll)
	if wait.Err() != nil {
		err = nil
	}
	return ours, err
}

// agentOnce is an agent's life under the lock. A change may come in between its
// last look and the release of the lock, when its writer still sees an agent:
// again says that one did.
func (b *Backend) agentOnce(ctx context.Context) (again bool, err error) {
	lock := b.agentLock()
	if ours, err := b.take(ctx, lock); err != nil || !ours {
		return false, storeError("RunAgent", b.dir, err)
	}
	raw, err := json.Marshal(agentInfo{PID: os.Getpid(), Since: b.clock.Now()})
	if err == nil {
		err = os.WriteFile(b.agentFile(), raw, 0o600)
	}
	if err == nil {
		newAgent(b).run(ctx)
		err = os.Remove(b.agentFile())
	}
	if err := errors.Join(err, lock.Unlock()); err != nil {
		return false, storeError("RunAgent", b.dir, err)
	}
	if ctx.Err() != nil {
		return false, nil
	}
	idle, err := b.nothingToKeep(ctx)
	return !idle, err
}

// agent makes the desired state true. It is level-triggered: each pass looks at
// what is wanted and at what there is, and does the next thing that is missing,
// so that an end at any point is repaired by the next pass, of this agent or of
// the next.
type agent struct {
	*Backend
	kick   chan struct{}
	starts chan struct{} // bounds how many tasks are started at once
	work   sync.WaitGroup
	// making is held while something is made that tasks share: the engine takes
	// two networks of one name, and images without one.
	making sync.Mutex

	mu    sync.Mutex
	busy  map[string]bool      // tasks that a goroutine works on
	done  map[string]string    // what a task looked like when it was last seen to
	due   map[string]time.Time // tasks that want another look by time
	tries map[string]int       // starts of a task that failed for no known reason
	cache map[string]*observed // by container id
	pulls map[string]func()    // ends what a task pulls, by its id
	turns map[string]*turn     // to pull an image, by its name
	heard map[string]bool      // ids of containers that the engine told of since the last look
}

// parallelStarts is how many tasks are started at once: more only makes an
// engine slower.
const parallelStarts = 8

func newAgent(b *Backend) *agent {
	return &agent{
		Backend: b, kick: make(chan struct{}, 1), starts: make(chan struct{}, parallelStarts),
		busy: map[string]bool{}, done: map[string]string{}, due: map[string]time.Time{}, tries: map[string]int{}, cache: map[string]*observed{}, heard: map[string]bool{},
		pulls: map[string]func(){}, turns: map[string]*turn{},
	}
}

// fault is a place where a test may end the agent.
func (b *Backend) fault(point string) {
	if b.set.Fault != nil {
		b.set.Fault(point)
	}
}

// hear asks for another look at a container that the engine told of.
func (a *agent) hear(container string) {
	a.mu.Lock()
	a.heard[container] = true
	a.mu.Unlock()
	a.wake()
}

// wake asks for another pass.
func (a *agent) wake() {
	select {
	case a.kick <- struct{}{}:
	default:
	}
}
