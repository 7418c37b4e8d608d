//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ecs-tui/ecs-tui/ui/uitest/terminal"
)

// lab is a state directory and an app of its own, so that a measurement
// neither sees nor touches what else runs on the engine.
type lab struct {
	binary, dir string
	deployed    []string // app folders to delete at the end
}

// newLab copies the program, and has the copy read from the disk: Linux maps all
// of what was written or read at once when one page of it is touched, so that of a
// program that has just been linked twice as much is resident as of one that was
// installed some time ago.
func newLab(binary string) (*lab, error) {
	program, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "ecs-tui-bench-")
	if err != nil {
		return nil, err
	}
	l := &lab{binary: filepath.Join(dir, filepath.Base(binary)), dir: dir}
	if err := os.WriteFile(l.binary, program, 0o755); err != nil {
		return nil, err
	}
	return l, dropFromCache(l.binary)
}

// dropFromCache has a file read from the disk when it is used next.
func dropFromCache(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return err
	}
	return unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
}

// close deletes the services, waits until the agent has stopped their tasks, and
// removes the folder. An agent ends by itself when it has nothing left to keep.
func (l *lab) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	for _, app := range l.deployed {
		if _, err := l.run(ctx, "delete", app, "-y"); err != nil {
			return err
		}
	}
	for len(l.deployed) > 0 {
		out, err := l.run(ctx, "agent", "status")
		if err != nil {
			return err
		}
		if strings.Contains(out, "no agent runs") {
			break
		}
		time.Sleep(500 * time.Millisecond)
	}
	return os.RemoveAll(l.dir)
}

func (l *lab) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, l.binary, args...)
	cmd.Dir = l.dir
	cmd.Env = append(os.Environ(),
		"XDG_STATE_HOME="+filepath.Join(l.dir, "state"), "XDG_CONFIG_HOME="+filepath.Join(l.dir, "config"),
		"AWS_EC2_METADATA_DISABLED=true", "TERM=xterm-256color", "COLORTERM=truecolor")
	return cmd
}

func (l *lab) run(ctx context.Context, args ...string) (string, error) {
	var out bytes.Buffer
	cmd := l.command(ctx, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("ecs-tui %s: %w\n%s", strings.Join(args, " "), err, out.String())
	}
	return out.String(), nil
}

// open starts the TUI in a terminal.
func (l *lab) open(ctx context.Context, width, height int, env []string, args ...string) (*terminal.Terminal, error) {
	cmd := l.command(ctx, args...)
	cmd.Env = append(cmd.Env, env...)
	return terminal.Start(cmd, width, height)
}

// app writes the folder of an app whose image is the load program.
func (l *lab) app(name string, desired, rate int) (string, error) {
	dir := filepath.Join(l.dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(dir, "load"), "./cmd/bench/load")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the load program: %w\n%s", err, out)
	}
	files := map[string]any{
		"task-definition.json": map[string]any{
			"family": name, "networkMode": "awsvpc",
			"containerDefinitions": []any{map[string]any{
				"name": name, "image": "bench/" + name, "memory": 32, "essential": true,
				"command": []string{"-rate", fmt.Sprint(rate)},
			}},
		},
		"service.json": map[string]any{"serviceName": name, "desiredCount": desired},
	}
	for file, doc := range files {
		text, err := json.MarshalIndent(doc, "", "  ")
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o644); err != nil {
			return "", err
		}
	}
	yml := fmt.Sprintf("app: %[1]s\nimages:\n  %[1]s: {context: ., dockerfile: Dockerfile, repository: bench/%[1]s}\n"+
		"taskDefinition: task-definition.json\nservice: service.json\nenvironments:\n  local: {backend: docker}\n", name)
	if err := os.WriteFile(filepath.Join(dir, "ecs-tui.yml"), []byte(yml), 0o644); err != nil {
		return "", err
	}
	dockerfile := "FROM scratch\nCOPY load /load\nENTRYPOINT [\"/load\"]\n"
	return dir, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(dockerfile), 0o644)
}

// deploy deploys an app and says how long that took.
func (l *lab) deploy(ctx context.Context, app string) (time.Duration, error) {
	if !slices.Contains(l.deployed, app) {
		l.deployed = append(l.deployed, app)
	}
	start := time.Now()
	_, err := l.run(ctx, "deploy", app, "-y")
	return time.Since(start), err
}
