// Package docker is ECS on one Docker engine. This half of it talks to the
// engine: it finds it, builds and manages images, reads logs and statistics,
// opens shells. The other half, on top of it, keeps services and tasks running.
//
// You are below the contract in package backend and above the engine's API.
// Desired state never lives here, and what is observed is asked from the engine
// each time or followed through its events, so that nothing is kept twice. No
// docker CLI is started, nothing is read from or written to Docker's own
// credential store, and containers that carry none of our labels are never
// touched.
package docker

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Options says which engine to open and what surrounds it. Everything has a
// default: the engine that the docker CLI would use, the process's own
// environment, the system's clock, no log.
type Options struct {
	Host    string // "unix:///…", "tcp://…", "ssh://…"; goes before everything else
	Context string // a docker context; goes before DOCKER_HOST

	Getenv   func(string) string
	Home     string // the user's home folder
	StateDir string // where the other half keeps its state
	Log      *slog.Logger
	Clock    backend.Clock

	// ClassicBuilder builds with the classic builder though the engine has
	// BuildKit.
	ClassicBuilder bool
}

func (o *Options) setDefaults() {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Home == "" {
		o.Home, _ = os.UserHomeDir()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = backend.SystemClock{}
	}
}

// Engine is one Docker engine. Its methods may be called from any goroutine.
type Engine struct {
	client   *client.Client
	endpoint endpoint
	opts     Options
	log      *slog.Logger
	clock    backend.Clock

	// imageUsers tells which images are wanted though no container runs from
	// them now; the other half knows the services' task definitions. Keys are
	// image ids.
	imageUsers func(ctx context.Context) (map[string][]backend.ImageUse, error)
	// state is whose containers are looked at, where several states share the
	// engine; "" is all of them.
	state string

	mu       sync.Mutex
	id       string    // asked once
	answered time.Time // when it was last seen alive, see alive
}

// The times that an engine gets to answer before the user is told that it
// doesn't. Through ssh a connection has to be made and a program started.
const (
	pingTimeout    = 3 * time.Second
	sshPingTimeout = 20 * time.Second
)

// Open finds the engine as the docker CLI does and asks it once whether it is
// there. An engine that does not answer is Kind Unreachable; one that does not
// let this user in is Kind Denied.
func Open(ctx context.Context, opts Options) (*Engine, error) {
	opts.setDefaults()
	ep, err := findEndpoint(opts)
	if err != nil {
		return nil, &backend.Error{Op: "Open", Kind: backend.Invalid, Resource: "Docker engine", Err: err, Remedy: "docker context ls shows the contexts there are"}
	}
	cl, err := ep.client()
	if err != nil {
		return nil, &backend.Error{Op: "Open", Kind: backend.Invalid, Resource: ep.host, Err: cleanError(err), Remedy: "set DOCKER_HOST, or choose another docker context"}
	}
	e := &Engine{client: cl, endpoint: ep, opts: opts, log: opts.Log, clock: opts.Clock}
	if err := e.ping(ctx); err != nil {
		cl.Close()
		return nil, err
	}
	return e, nil
}

// ping negotiates the API's version, which also shows whether anybody answers.
func (e *Engine) ping(ctx context.Context) error {
	timeout := pingTimeout
	if e.endpoint.ssh() {
		timeout = sshPingTimeout
	}
	pctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	_, err := e.client.Ping(pctx, client.PingOptions{NegotiateAPIVersion: true})
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return wrap("Open", e.endpoint.host, ctx.Err())
	case errors.Is(err, context.DeadlineExceeded):
		return &backend.Error{
			Op: "Open", Kind: backend.Unreachable, Resource: e.endpoint.host,
			Err:    errors.New("the Docker engine did not answer in " + timeout.String()),
			Remedy: startAdvice(e.endpoint),
		}
	}
	return e.endpoint.explain(err)
}

// askAgain is how long an answer of the engine is good for as a sign of life.
const askAgain = time.Second

// alive says whether the engine is there. What is known of tasks was seen on it:
// without it that only grows older, and whoever waits for a change has to be told.
func (e *Engine) alive(ctx context.Context) error {
	now := e.clock.Now()
	e.mu.Lock()
	fresh := now.Sub(e.answered) < askAgain
	e.mu.Unlock()
	if fresh {
		return nil
	}
	if err := e.ping(ctx); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answered = now
	return nil
}

// Client is the engine's own API, for what this type does not wrap.
func (e *Engine) Client() *client.Client { return e.client }

// Close gives the connections back. What runs keeps running.
func (e *Engine) Close() error { return e.client.Close() }

// ID is the engine's own identity, which stays over restarts. Podman's service
// makes up another one with every answer: there it is the machine's name.
func (e *Engine) ID(ctx context.Context) (string, error) {
	e.mu.Lock()
	id := e.id
	e.mu.Unlock()
	if id != "" {
		return id, nil
	}
	info, err := e.info(ctx)
	if err != nil {
		return "", err
	}
	version, err := e.client.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return "", wrap("Version", e.endpoint.host, err)
	}
	id = info.ID
	for _, c := range version.Components {
		if id == "" || strings.HasPrefix(c.Name, "Podman") {
			id = "podman-" + info.Name
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.id = id
	return id, nil
}

func (e *Engine) info(ctx context.Context) (system.Info, error) {
	res, err := e.client.Info(ctx, client.InfoOptions{})
	if err != nil {
		return system.Info{}, wrap("Info", e.endpoint.host, err)
	}
	return res.Info, nil
}

// Info describes the engine for the header; Cluster is left to the caller.
func (e *Engine) Info(ctx context.Context) (backend.Info, error) {
	info, err := e.info(ctx)
	if err != nil {
		return backend.Info{}, err
	}
	return backend.Info{
		Backend:  "docker",
		Account:  backend.Clean(info.Name),
		Region:   "local",
		Endpoint: e.endpoint.host,
		Version:  backend.Clean(info.ServerVersion),
		Platform: backend.Clean(info.OSType + "/" + goArch(info.Architecture)),
	}, nil
}

// goArch turns uname's name of an architecture into the one images use.
func goArch(arch string) string {
	switch arch {
	case "x86_64":
		return "amd64"
	case "aarch64":
		return "arm64"
	case "armv7l", "armv6l":
		return "arm"
	case "i386", "i686":
		return "386"
	}
	return arch
}
