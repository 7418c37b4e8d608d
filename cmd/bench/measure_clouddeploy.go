//go:build linux

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// measureCloudDeploy deploys an app to ECS's own protocol, with ECR beside it,
// and then again with nothing changed.
func measureCloudDeploy(ctx context.Context, l *lab) ([]row, error) {
	app, err := l.app("bench-cloud", 1, 0)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(app, "ecs-tui.yml")
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text = append(text, "  cloud: {backend: aws, cluster: demo, region: eu-west-1}\n"...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	world := demo.New(demo.Options{Quiet: true, Seed: 1, Speed: 10})
	defer world.Close()
	registry := ecsapi.NewRegistry(ecsapi.RegistryOptions{})
	faults := ecsapi.NewFaults(ecsapi.New(world, ecsapi.Options{Registry: registry}), nil)
	faults.Latency(cloudLatency)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: faults, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close
	defer server.Close()
	deploy := func() (string, time.Duration, error) {
		cmd := l.command(ctx, "deploy", app, "-e", "cloud", "-y")
		cmd.Env = append(cmd.Env, "AWS_ENDPOINT_URL=http://"+listener.Addr().String(), "AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench")
		start := time.Now()
		out, err := cmd.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("deploy to the cloud: %w\n%s", err, out)
		}
		return string(out), time.Since(start), err
	}
	if _, _, err := deploy(); err != nil {
		return nil, err
	}
	before := faults.Calls()
	out, took, err := deploy()
	if err != nil {
		return nil, err
	}
	made := "nothing built, pushed or registered"
	if !strings.Contains(out, "Nothing changes") || faults.Calls()["ecs:RegisterTaskDefinition"] != before["ecs:RegisterTaskDefinition"] {
		made = "NOT without a change"
	}
	return []row{{
		fmt.Sprintf("ECS, %s a call: deploy of an unchanged image", millis(cloudLatency)), "no build, no push, no revision, under 2 s",
		fmt.Sprintf("%s, %d calls, %s", millis(took), total(faults.Calls())-total(before), made),
	}}, nil
}
