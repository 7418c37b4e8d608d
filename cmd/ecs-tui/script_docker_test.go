package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ecs-tui/ecs-tui/backend/docker"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// scriptEngine is the Docker engine that scripts run on. Each script has a
// cluster of its own; when it ends, whatever the outcome, nothing of it stays.
type scriptEngine struct {
	client *client.Client
	image  string // the test app, to build from
}

// requireEngine is nil where no engine answers; scripts that need one then
// skip, saying so. Where an engine must be there, a missing one is a failure.
func requireEngine(t *testing.T) *scriptEngine {
	if err := newFactory(systemStreams()).pingDocker(t.Context()); err != nil && os.Getenv("ECS_TUI_REQUIRE_DOCKER") != "1" {
		return nil
	}
	return &scriptEngine{dockertest.RequireEngine(t), dockertest.StaticImage(t)}
}

// setup gives a script its cluster, puts the cluster's and the image's names
// into the script's files, and cleans up after it.
func (e *scriptEngine) setup(env *testscript.Env) {
	cluster := "script-" + strings.ToLower(rand.Text()[:8])
	env.Setenv("CLUSTER", cluster)
	env.Setenv("DOCKER_HOST", os.Getenv("DOCKER_HOST"))
	names := strings.NewReplacer("@CLUSTER@", cluster, "@IMAGE@", e.image, "@OTHERARCH@", otherArch())
	err := filepath.WalkDir(env.WorkDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if changed := names.Replace(string(text)); changed != string(text) {
			return os.WriteFile(path, []byte(changed), 0o644)
		}
		return nil
	})
	if err != nil {
		env.T().Fatal(err)
	}
	proxy := &engineProxy{path: filepath.Join(env.WorkDir, "engine.sock")}
	if err := proxy.mend(); err != nil {
		env.T().Fatal(err)
	}
	env.Values[proxyKey{}] = proxy
	env.Defer(proxy.close)
	vars := &env.Vars
	env.Defer(func() { e.cleanUp(env.T(), cluster, *vars) })
}

// proxyKey is the key of a script's way to the engine that can be cut.
type proxyKey struct{}

// cut runs a command on $WORK/engine.sock, takes the engine away as soon as it
// has printed what matches a pattern, brings it back when the command has ended,
// or after a moment, and expects an exit code: cut 4 'build web' until the end
// ecs-tui deploy -y; cut 0 'rollout web' for a moment ecs-tui deploy -y. What
// was printed is in $WORK/output.
func cut(ts *testscript.TestScript, neg bool, args []string) {
	usage := "usage: cut CODE PATTERN until the end|for a moment PROGRAM ARGS…"
	if neg || len(args) < 6 {
		ts.Fatalf("%s", usage)
	}
	proxy := ts.Value(proxyKey{}).(*engineProxy)
	var back *time.Timer
	code := runUntil(ts, args[1], func(*os.Process) {
		proxy.cut()
		if args[2] == "for" {
			back = time.AfterFunc(700*time.Millisecond, func() { _ = proxy.mend() })
		}
	}, args[5:])
	if back != nil {
		back.Stop()
	}
	ts.Check(proxy.mend())
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// otherArch is a CPU architecture that this machine does not have, in ECS's words.
func otherArch() string {
	if runtime.GOARCH == "arm64" {
		return "X86_64"
	}
	return "ARM64"
}

// cleanUp ends the script's agent and removes what runs in its cluster.
func (e *scriptEngine) cleanUp(t testscript.T, cluster string, vars []string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	stop := exec.CommandContext(ctx, "ecs-tui", "agent", "stop")
	stop.Env = vars
	if out, err := stop.CombinedOutput(); err != nil {
		t.Log("ending the agent: ", string(out))
	}
	ours := client.Filters{}.Add("label", docker.LabelCluster+"="+cluster)
	containers, err := e.client.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ours})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range containers.Items {
		_, _ = e.client.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	}
	networks, err := e.client.NetworkList(ctx, client.NetworkListOptions{Filters: ours})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range networks.Items {
		_, _ = e.client.NetworkRemove(ctx, n.ID, client.NetworkRemoveOptions{})
	}
	images, err := e.client.ImageList(ctx, client.ImageListOptions{Filters: client.Filters{}.Add("reference", cluster+"/*", "*/"+cluster+"/*")})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range images.Items {
		for _, tag := range i.RepoTags { // not by id: another script may have built the same
			if strings.HasPrefix(tag, cluster+"/") || strings.Contains(tag, "/"+cluster+"/") { // pushed ones have a host
				_, _ = e.client.ImageRemove(ctx, tag, client.ImageRemoveOptions{})
			}
		}
	}
}
