package main

import (
	"context"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
	"github.com/ecs-tui/ecs-tui/backend/docker"
)

// openAWS opens ECS. Nothing is called yet: that credentials are missing shows
// with the first read. Images are built and pushed by the local engine, which
// is opened when the first one is built.
func (f *factory) openAWS(_ context.Context, o openRequest) (backend.Backend, error) {
	return aws.New(aws.Options{
		Profile: o.Config.Profile, Region: o.Config.Region, Cluster: o.Config.Cluster, Clock: f.clock,
		MFA: f.askCode(), Detached: f.codes != nil,
		Engine: func(ctx context.Context) (aws.Engine, error) {
			return docker.Open(ctx, dockerOptions(f, o.Paths))
		},
	}), nil
}
