package main

import (
	"context"
	"fmt"

	"github.com/ecs-tui/ecs-tui/backend/docker"
	"github.com/ecs-tui/ecs-tui/config"
)

// engineChecks ask the engine for itself, its BuildKit, its disk, its
// architecture and the agent. Without an engine there is one check, that says how to get one.
func engineChecks(ctx context.Context, f *factory, paths config.Paths) []check {
	ctx, cancel := context.WithTimeout(ctx, engineTimeout)
	defer cancel()
	e, err := docker.Open(ctx, dockerOptions(f, paths))
	if err != nil {
		return []check{failed("engine", checkProblem, err, startEngine)}
	}
	defer e.Close()
	info, err := e.Info(ctx)
	if err != nil {
		return []check{failed("engine", checkProblem, err, startEngine)}
	}
	facts, err := e.Facts(ctx)
	if err != nil {
		return []check{failed("engine", checkProblem, err, startEngine)}
	}
	checks := []check{
		{Name: "engine", Result: checkOK, Detail: fmt.Sprintf("Docker %s (API %s) at %s, from %s", info.Version, facts.APIVersion, info.Endpoint, facts.Source)},
		buildKitCheck(facts),
	}
	if facts.Local {
		checks = append(checks, diskCheck(facts.Root))
	} else {
		checks = append(checks, check{Name: "disk", Result: checkOK, Detail: "the engine is on another machine; its disk can't be seen from here"})
	}
	return append(checks, platformCheck(info), agentCheck(ctx, f))
}

func buildKitCheck(f docker.Facts) check {
	if f.NoBuildKit == "" {
		return check{Name: "buildkit", Result: checkOK, Detail: "in the engine"}
	}
	return check{
		"buildkit", checkWarning, f.NoBuildKit + ": the classic builder is used",
		"RUN --mount, secrets and cache mounts need BuildKit: update the engine to 20.10 or later",
	}
}

// dockerOptions are how this program opens an engine.
func dockerOptions(f *factory, paths config.Paths) docker.Options {
	home, _ := f.home() // "" is the process's own
	return docker.Options{Getenv: f.io.Getenv, Home: home, StateDir: paths.State, Clock: f.clock}
}
