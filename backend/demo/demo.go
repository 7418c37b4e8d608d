// Package demo is a whole ECS in memory: clusters, services that roll out by
// the real scheduler, tasks that start, log, get sick and fail, images that
// build. The program shows it with --demo, tests and pictures are made on it,
// and everything that a key does elsewhere it does here as well.
//
// Nothing here touches an engine or the network; the only files read are the
// Dockerfile of a build and its secrets' names. Time comes from a clock and
// randomness from a seed, so that the same clock, seed and calls give the same
// world, to the last id and log line.
//
// # Failures on demand
//
// A word in an image's tag, in an environment value, or in the command makes
// the tasks of a task definition fail in one of the ways that ECS's tasks do:
// see fates in fate.go for the words ("crash", "oom", "unhealthy", "pullfail"
// and so on). "exit 3" as the command makes a task that ends with that code, "say hello" one
// that logs it, "badanswer" and "warmup" make a request to a service fail, always
// or twice, and "alarm" sets off the alarms that a deployment watches.
package demo

import (
	"cmp"
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/scheduler"
)

// Options say which world to make. The zero value is a small company on the
// machine's own clock.
type Options struct {
	Clock backend.Clock // nil is the system's
	Seed  uint64
	// Account is its number, in ARNs; "" is 123456789012.
	Account string
	// Speed makes everything happen so many times faster; 0 is 1.
	Speed float64
	// Quiet leaves out what happens by itself after the start: the task that
	// dies now and then, the new version that is deployed.
	Quiet bool
	// Empty makes the clusters, and nothing in them.
	Empty bool
	// Services and Tasks add services to the first cluster until there are so
	// many, for measuring. Tasks without Services go into ten services.
	Services, Tasks int
	// LogRate makes the added services, and the service web, write so many
	// lines a second in each task.
	LogRate int
}

// Backend is the demo. Its methods may be called from any goroutine.
type Backend struct {
	clock  backend.Clock
	opts   Options
	names  backend.Namer
	timing scheduler.Timing
	stop   context.CancelFunc
	done   chan struct{}
	kick   chan struct{}

	mu           sync.Mutex
	sim          sim
	rnd          *rand.Rand
	clusters     []string
	services     map[string]map[string]*service // by cluster, name
	order        []*service                     // as they were created
	sorted       map[string][]string            // ARNs of services by cluster, made when asked for
	tasks        map[string]*task               // by id
	launched     []*task                        // as they were created; forgotten ones linger
	families     map[string][]*revision         // oldest first
	images       map[string]*image              // by id
	repositories map[string]*repository         // by name
	schedules    map[string]*schedule           // by cluster/name
	steps        map[string]bool                // build steps that are cached
	dirty        []*service                     // to be reconciled
	machines     map[string][]*machine          // by cluster
	// addresses counts those that were given to tasks.
	addresses int
	changed   bool
	watchers  map[int]func()
	watcher   int
}

var (
	_ backend.Backend  = (*Backend)(nil)
	_ backend.Notifier = (*Backend)(nil)
)

// New makes a demo. Close it to end its goroutine.
func New(opts Options) *Backend {
	if opts.Clock == nil {
		opts.Clock = backend.SystemClock{}
	}
	if opts.Speed <= 0 {
		opts.Speed = 1
	}
	ctx, cancel := context.WithCancel(context.Background())
	b := &Backend{
		clock: opts.Clock, opts: opts,
		names: backend.Namer{Region: "local", Account: cmp.Or(opts.Account, "123456789012")},
		rnd:   rand.New(rand.NewPCG(opts.Seed, 0x5eed)),
		stop:  cancel, done: make(chan struct{}), kick: make(chan struct{}, 1),
		clusters: []string{"demo", "batch"},
		services: map[string]map[string]*service{"demo": {}, "batch": {}},
		sorted:   map[string][]string{},
		tasks:    map[string]*task{}, families: map[string][]*revision{}, images: map[string]*image{},
		steps: map[string]bool{}, watchers: map[int]func(){},
		machines:     map[string][]*machine{},
		repositories: map[string]*repository{}, schedules: map[string]*schedule{},
	}
	b.timing = scheduler.LocalTiming()
	b.timing.HealthyAfter = b.scaled(b.timing.HealthyAfter)
	b.timing.BackoffMin = b.scaled(b.timing.BackoffMin)
	b.timing.BackoffMax = b.scaled(b.timing.BackoffMax)
	b.timing.Stage, b.timing.Minute = b.scaled(stageTime), b.scaled(minuteTime)
	b.found(b.clock.Now())
	go b.live(ctx)
	return b
}

func (b *Backend) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / b.opts.Speed)
}

// Close ends the demo's own goroutine. The demo can still be read.
func (b *Backend) Close() error {
	b.stop()
	<-b.done
	return nil
}

// live lets things happen when they are due, also when nobody reads.
func (b *Backend) live(ctx context.Context) {
	defer close(b.done)
	for {
		b.lock()
		next, ok := b.sim.next()
		wait := time.Hour
		if ok {
			wait = max(next.Sub(b.sim.now), time.Millisecond)
		}
		due := b.clock.After(wait)
		b.unlock()
		select {
		case <-ctx.Done():
			return
		case <-due:
		case <-b.kick:
		}
	}
}

// lock takes the world, caught up to now.
func (b *Backend) lock() {
	b.mu.Lock()
	b.sim.run(b.clock.Now(), b.settle)
}

// unlock settles what was changed, gives the world back and tells watchers.
func (b *Backend) unlock() {
	b.settle()
	var tell []func()
	if b.changed {
		b.changed = false
		for _, fn := range b.watchers {
			tell = append(tell, fn)
		}
		select {
		case b.kick <- struct{}{}:
		default:
		}
	}
	b.mu.Unlock()
	for _, fn := range tell {
		fn()
	}
}

// mark notes that something happened to a service.
func (b *Backend) mark(s *service) {
	if !s.dirty {
		s.dirty = true
		b.dirty = append(b.dirty, s)
	}
}

// settle reconciles every service that something happened to.
func (b *Backend) settle() {
	for len(b.dirty) > 0 {
		b.changed = true
		s := b.dirty[0]
		b.dirty = b.dirty[1:]
		s.dirty = false
		b.reconcile(s)
	}
}

// Notify calls fn after changes until ctx ends.
func (b *Backend) Notify(ctx context.Context, fn func()) {
	b.mu.Lock()
	b.watcher++
	id := b.watcher
	b.watchers[id] = fn
	b.mu.Unlock()
	<-ctx.Done()
	b.mu.Lock()
	delete(b.watchers, id)
	b.mu.Unlock()
}

// Info says that this is the demo.
func (b *Backend) Info(ctx context.Context) (backend.Info, error) {
	if err := ended(ctx, "Info"); err != nil {
		return backend.Info{}, err
	}
	return backend.Info{
		Backend: "demo", Account: b.names.Account, Region: "local",
		Endpoint: "in memory", Version: "1", Platform: "linux/amd64", Cluster: b.clusters[0],
	}, nil
}

// Unsupported is always "": the demo can do everything.
func (b *Backend) Unsupported(backend.Capability) string { return "" }

// ended says so when the caller has given up already.
func ended(ctx context.Context, op string) error {
	if err := ctx.Err(); err != nil {
		return &backend.Error{Op: op, Kind: backend.KindOf(err), Err: err}
	}
	return nil
}

// hex gives n random hexadecimal digits.
func (b *Backend) hex(n int) string {
	const digits = "0123456789abcdef"
	out := make([]byte, n)
	for i := range out {
		out[i] = digits[b.rnd.IntN(16)]
	}
	return string(out)
}

// between gives a random time from lo to hi, at the demo's speed.
func (b *Backend) between(lo, hi time.Duration) time.Duration {
	return b.scaled(lo + time.Duration(b.rnd.Int64N(int64(hi-lo)+1)))
}
