package main

import (
	"context"
	"os"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/config"
)

// opener opens a backend for a settled configuration. It need not touch the
// network yet.
type opener func(ctx context.Context, o openRequest) (backend.Backend, error)

// openRequest is what an opener may need.
type openRequest struct {
	Config config.Config
	Paths  config.Paths
	// Note takes what the user should know though the backend is open. Nothing may
	// be printed: a screen may be on.
	Note func(text string)
}

// factory is what the commands are made with: the streams, the flags, and how
// to get at a backend. It is built once, in main or in a test.
type factory struct {
	io      *streams
	flags   globalFlags
	clock   backend.Clock
	version string
	github  *github // nil outside of GitHub Actions
	home    func() (string, error)
	openers map[string]opener
	// recall opens an app where its screen was closed.
	recall bool
	// codes asks for MFA codes on the screen; nil where there is none.
	codes *codes
	// engine says whether a Docker engine answers: nil when it does.
	engine func(ctx context.Context) error
}

func newFactory(io *streams) *factory {
	f := &factory{io: io, clock: backend.SystemClock{}, version: buildVersion(), home: os.UserHomeDir}
	f.openers = map[string]opener{config.Docker: f.openDocker, config.Demo: f.openDemo, config.AWS: f.openAWS}
	f.engine = f.pingDocker
	f.github = newGitHub(io, f.flags.json)
	return f
}

// paths are the folders of configuration and state, and the app's.
func (f *factory) paths(dir string) config.Paths {
	home, err := f.home()
	if err != nil {
		home = os.TempDir() // no home at all: state lasts as long as the machine is up
	}
	return config.PathsFrom(f.io.Getenv, home, dir)
}

// load settles the configuration for the app in dir.
func (f *factory) load(dir string) (config.Config, config.Paths, error) {
	paths := f.paths(dir)
	if f.flags.Demo && f.flags.Backend != "" && f.flags.Backend != config.Demo {
		return config.Config{}, paths, usagef("--demo and --backend %s contradict each other", f.flags.Backend)
	}
	cfg, err := config.Load(paths, f.io.Getenv, config.Flags{
		Env: f.flags.Env, Backend: f.flags.backend(), Cluster: f.flags.Cluster, Service: f.flags.Service,
		Profile: f.flags.Profile, Region: f.flags.Region, ReadOnly: f.flags.ReadOnly, NoColor: f.flags.NoColor,
		Recall: f.recall,
	})
	return cfg, paths, explain(err)
}
