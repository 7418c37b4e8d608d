package main

import (
	"context"
	"strconv"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
	"github.com/ecs-tui/ecs-tui/backend/docker"
	"github.com/ecs-tui/ecs-tui/config"
)

// openAWS opens ECS. Nothing is called yet: that credentials are missing shows
// with the first read. Images are built and pushed by the local engine, which
// is opened when the first one is built.
func (f *factory) openAWS(_ context.Context, o openRequest) (backend.Backend, error) {
	return aws.New(aws.Options{
		Profile: o.Config.Profile, Region: o.Config.Region, Cluster: o.Config.Cluster, Clock: f.clock,
		LiveTail: f.liveTail(), MFA: f.askCode(), Detached: f.codes != nil,
		Engine: func(ctx context.Context) (aws.Engine, error) {
			return docker.Open(ctx, dockerOptions(f, o.Paths))
		},
	}), nil
}

// liveTail says whether logs may be followed by StartLiveTail, which costs money.
func (f *factory) liveTail() bool {
	on, _ := strconv.ParseBool(f.io.Getenv("ECS_TUI_LIVE_TAIL"))
	return on
}

// readAWS reads what AWS's own files and variables say of where a configuration
// leads; nothing is called.
func (f *factory) readAWS(ctx context.Context, cfg config.Config) (aws.Configured, error) {
	home, _ := f.home() // without one there are no files
	return aws.ReadConfigured(ctx, aws.Place{Profile: cfg.Profile, Region: cfg.Region, Getenv: f.io.Getenv, Home: home})
}
