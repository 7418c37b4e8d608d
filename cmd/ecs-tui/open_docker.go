package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker"
	"github.com/ecs-tui/ecs-tui/config"
)

// openDocker opens the local engine. Where services are to be kept there and
// no agent runs, after a reboot say, it starts one.
func (f *factory) openDocker(ctx context.Context, o openRequest) (backend.Backend, error) {
	b, err := docker.New(ctx, dockerSettings(f, o))
	if err != nil {
		return nil, err
	}
	if damaged := b.Damaged(ctx); damaged != nil {
		o.Note(fmt.Sprintf("%v (%s)", damaged, backend.AdviceFor(damaged)))
	}
	if o.Config.ReadOnly {
		return b, nil
	}
	if err := b.Resume(ctx); err != nil {
		o.Note(err.Error())
	}
	return b, nil
}

// dockerSettings are how this program opens the local backend.
func dockerSettings(f *factory, o openRequest) docker.Settings {
	set := docker.Settings{Options: dockerOptions(f, o.Paths), Cluster: o.Config.Cluster}
	set.StartAgent = func(context.Context) error {
		return startDetached(agentLog(o.Paths), "agent", "run")
	}
	if app := o.Config.App; app != nil {
		set.Dir = app.Dir
	}
	if file := o.Config.EnvFile(); file != "" {
		set.EnvFiles = []string{file}
	}
	if env := o.Config.Environment; env != nil {
		set.Timing = cmp.Or(env.Local.Timing, "fast")
	}
	return set
}

// agentLog is where the agent writes what it does.
func agentLog(paths config.Paths) string { return filepath.Join(paths.State, "agent.log") }

// openAgentLog gives the agent a log of its own, bounded as the program's is.
func openAgentLog(paths config.Paths) (*slog.Logger, func() error) {
	log, closer := openLog(agentLog(paths), slog.LevelInfo)
	return log, closer.Close
}

// pingDocker says whether an engine answers.
func (f *factory) pingDocker(ctx context.Context) error {
	e, err := docker.Open(ctx, dockerOptions(f, f.paths("")))
	if err != nil {
		return err
	}
	return e.Close()
}
