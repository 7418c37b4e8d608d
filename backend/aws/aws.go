// Package aws is the cloud: ECS, ECR and CloudWatch through AWS's own SDK.
//
// You are beside the other backends and know none of them. What needs a Docker
// engine (building an image, bringing it to a registry) is done by an [Engine]
// that whoever composes the program hands in.
//
// Three habits run through the package:
//
//   - Nothing is called, and no file is read, before somebody asks for
//     something: opening a backend costs nothing, so that the first frame never
//     waits for a network.
//   - Answers are read from the bytes that came over the wire, not from the
//     SDK's structs, which drop what they do not know; documents are sent the
//     same way. A field that ECS invents tomorrow is shown and kept today.
//   - A call waits for its place in a token bucket that is half of ECS's own
//     (see limit.go): the other half belongs to everybody else in the account.
package aws

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Engine builds images and pushes them: the local Docker engine.
type Engine interface {
	backend.Builder
	backend.Registry
	Close() error
}

// Options say which account, region and cluster. The zero value takes what the
// environment and AWS's own files say.
type Options struct {
	Profile, Region string
	Cluster         string // the default cluster; "" is ECS's own, "default"
	// Engine opens the engine that builds and pushes; it is called once, when
	// the first image is built. nil leaves both out.
	Engine func(ctx context.Context) (Engine, error)
	// MFA asks for the code of a profile whose role needs one, and may take as
	// long as that takes: until ctx ends, with the backend. nil: nobody can be
	// asked.
	MFA func(ctx context.Context, q MFAQuestion) (string, error)

	// LiveTail follows logs by StartLiveTail, which AWS charges by the minute.
	LiveTail bool
	// Detached keeps programs that give credentials away from the terminal: it
	// belongs to a screen.
	Detached bool

	Clock backend.Clock
	Log   *slog.Logger
	// Load adds to how the SDK is configured.
	Load []func(*config.LoadOptions) error
}

// Backend is ECS. Its methods may be called from any goroutine.
type Backend struct {
	opts   Options
	clock  backend.Clock
	log    *slog.Logger
	limits *limiter
	// inspectFor bounds the questions that Verify asks about an account.
	inspectFor time.Duration
	asked      atomic.Pointer[string] // the region, once it is known

	life      context.Context // ends with Close
	end       context.CancelFunc
	wantsCode atomic.Bool // the profile's role needs an MFA code
	asking    atomic.Bool // somebody is asked for one

	mu      sync.Mutex
	clients *clients
	account string
	engine  Engine
	token   registryToken

	revisions   cache[revisionFacts]
	definitions cache[backend.TaskDefinition]
	loads       cache[load]
	histories   cache[history]
	uses        imageUses

	// What services stand on, each for as long as it is the newest.
	groups        cache[kept[backend.TargetGroup]]
	targets       cache[kept[[]backend.Target]]
	scalings      cache[kept[backend.Scaling]]
	capacities    cache[kept[backend.Capacity]]
	entries       cache[kept[backend.Discovery]]
	registrations cache[kept[[]backend.Registration]]
	names         repositoryNames
}

var (
	_ backend.Backend      = (*Backend)(nil)
	_ backend.Throttler    = (*Backend)(nil)
	_ backend.Metered      = (*Backend)(nil)
	_ backend.ServiceMeter = (*Backend)(nil)
	_ backend.Pinner       = (*Backend)(nil)
)

// New makes a backend. It reads nothing and calls nobody.
func New(opts Options) *Backend {
	if opts.Clock == nil {
		opts.Clock = backend.SystemClock{}
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Cluster == "" {
		opts.Cluster = "default"
	}
	b := &Backend{opts: opts, clock: opts.Clock, log: opts.Log, limits: newLimiter(opts.Clock), inspectFor: inspectFor}
	b.life, b.end = context.WithCancel(context.Background())
	return b
}

// Close gives up connections, and the engine if one was opened.
func (b *Backend) Close() error {
	b.end()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.clients != nil {
		b.clients.closeIdle()
	}
	if b.engine == nil {
		return nil
	}
	engine := b.engine
	b.engine = nil
	return engine.Close()
}

// Info says which account and region this is. The account takes a call, once.
func (b *Backend) Info(ctx context.Context) (backend.Info, error) {
	info := backend.Info{
		Backend: "aws", Profile: b.opts.Profile, Region: b.opts.Region,
		Platform: "linux/amd64", Cluster: backend.ShortName(b.opts.Cluster),
	}
	c, err := b.connect(ctx)
	if err != nil {
		return info, err
	}
	info.Region, info.Endpoint, info.Profile = c.region, c.endpoint, c.profile
	b.mu.Lock()
	info.Account = b.account
	b.mu.Unlock()
	if info.Account != "" {
		return info, nil
	}
	account, err := b.identity(ctx, c)
	if err != nil {
		return info, err
	}
	b.mu.Lock()
	b.account = account
	b.mu.Unlock()
	info.Account = account
	return info, nil
}

// Unsupported says what cannot be done on AWS, or not without an engine.
func (b *Backend) Unsupported(c backend.Capability) string {
	switch c {
	case backend.CanBuild, backend.CanPush:
		if b.opts.Engine == nil {
			return "images are built by a Docker engine, and there is none"
		}
	case backend.CanPruneImage:
		return "in ECR, repositories are pruned: X and P in the list of repositories, or ecs-tui images prune"
	}
	return ""
}

// Throttled says whether AWS refused a call for its rate just now.
func (b *Backend) Throttled() bool { return b.limits.isThrottled() }

// Background bounds what a watch spends on what nobody looks at.
func (b *Backend) Background() float64 { return background }

// cluster is the cluster to name in a call.
func (b *Backend) cluster(name string) string {
	if name == "" {
		return b.opts.Cluster
	}
	return name
}
