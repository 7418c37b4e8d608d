// Package dockertest gives tests a real Docker engine and images to run on it,
// made on the spot since none can be pulled.
//
// Only tests import it. Everything it makes carries [Label], and what a test
// starts is removed when that test ends; images stay, tagged by their content,
// so that the next run finds them.
package dockertest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// Label is on every container that [Run] starts; its value is the test's name.
const Label = "com.ecs-tui.test"

// RequireEngine gives a client of the engine that DOCKER_HOST or the default
// socket names. Without one the test is skipped, or fails where
// ECS_TUI_REQUIRE_DOCKER=1 says that there must be one.
func RequireEngine(t testing.TB) *client.Client {
	t.Helper()
	cl, err := client.New(client.WithHostFromEnv(), client.WithTLSClientConfigFromEnv())
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_, err = cl.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true})
	}
	if err != nil {
		missing(t, "no Docker engine: "+err.Error())
	}
	t.Cleanup(func() { cl.Close() })
	return cl
}

func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("ECS_TUI_REQUIRE_DOCKER") == "1" {
		t.Fatal(what + " (ECS_TUI_REQUIRE_DOCKER=1)")
	}
	t.Skip(what)
}

// Spec is a container to start.
type Spec struct {
	Image  string // "" is StaticImage
	Cmd    []string
	Labels map[string]string
	TTY    bool
	Log    *container.LogConfig
	Edit   func(*container.Config, *container.HostConfig) // for all the rest
}

// Run starts a container and removes it when the test ends.
func Run(t testing.TB, cl *client.Client, s Spec) string {
	t.Helper()
	if s.Image == "" {
		s.Image = StaticImage(t)
	}
	labels := map[string]string{Label: t.Name()}
	for k, v := range s.Labels {
		labels[k] = v
	}
	config := &container.Config{Image: s.Image, Cmd: s.Cmd, Labels: labels, Tty: s.TTY}
	host := &container.HostConfig{}
	if s.Log != nil {
		host.LogConfig = *s.Log
	}
	if s.Edit != nil {
		s.Edit(config, host)
	}
	ctx := context.Background()
	created, err := cl.ContainerCreate(ctx, client.ContainerCreateOptions{Config: config, HostConfig: host})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Remove(t, cl, created.ID) })
	if _, err := cl.ContainerStart(ctx, created.ID, client.ContainerStartOptions{}); err != nil {
		t.Fatal(err)
	}
	return created.ID
}

// Remove removes a container and its volumes, running or not.
func Remove(t testing.TB, cl *client.Client, id string) {
	t.Helper()
	_, err := cl.ContainerRemove(context.Background(), id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	if err != nil && !strings.Contains(err.Error(), "No such container") && !strings.Contains(err.Error(), "already in progress") {
		t.Errorf("removing container %s: %v", id, err)
	}
}

// Wait returns the exit code of a container once it has ended.
func Wait(t testing.TB, cl *client.Client, id string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	res := cl.ContainerWait(ctx, id, client.ContainerWaitOptions{Condition: container.WaitConditionNotRunning})
	select {
	case r := <-res.Result:
		return int(r.StatusCode)
	case err := <-res.Error:
		t.Fatal(err)
		return -1
	}
}

// Eventually polls until ok, and fails the test when that takes too long.
func Eventually(t testing.TB, timeout time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(timeout)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("after %v still not: %s", timeout, what)
		case <-tick.C:
		}
	}
}

// Unique is a short name that no other test or run has.
func Unique(t testing.TB, prefix string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(t.Name() + time.Now().String()))
	return prefix + "-" + hex.EncodeToString(sum[:4])
}
