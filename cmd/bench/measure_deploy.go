//go:build linux

package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// measureBuild builds one context with this program and with the docker CLI,
// with no cache, in turns, and then deploys with nothing changed.
func measureBuild(ctx context.Context, l *lab) ([]row, error) {
	app, err := l.app("bench-build", 1, 0)
	if err != nil {
		return nil, err
	}
	var rows []row
	cli := findDockerCLI(ctx)
	what := "build over `docker build` of the same context, " + cli.builder + ", best of 7"
	ours, theirs, err := l.buildBoth(ctx, app, cli)
	if err != nil {
		rows = append(rows, row{what, "at most 1.05", "not measured: " + firstLine(err.Error())})
	} else {
		rows = append(rows, row{what, "at most 1.05", fmt.Sprintf("%.2f (%s over %s)", float64(ours)/float64(theirs), millis(ours), millis(theirs))})
	}
	if _, err := l.deploy(ctx, app); err != nil {
		return rows, err
	}
	var best time.Duration
	for i := range 3 {
		took, err := l.deploy(ctx, app)
		if err != nil {
			return rows, err
		}
		if i == 0 || took < best {
			best = took
		}
	}
	return append(rows, row{"deploy with nothing changed, best of 3", "under 1.5 s", millis(best)}), nil
}

// buildBoth changes the context before every build, so that neither finds a
// cached layer, and alternates, so that both see the same machine.
func (l *lab) buildBoth(ctx context.Context, app string, cli dockerCLI) (ours, theirs time.Duration, err error) {
	payload := filepath.Join(app, "payload")
	dockerfile := "FROM scratch\nCOPY load /load\nCOPY payload /payload\nENTRYPOINT [\"/load\"]\n"
	if err := os.WriteFile(filepath.Join(app, "Dockerfile"), []byte(dockerfile), 0o644); err != nil {
		return 0, 0, err
	}
	once := func(cmd *exec.Cmd) (time.Duration, error) {
		data := make([]byte, 32<<20)
		_, _ = rand.Read(data) // never fails
		if err := os.WriteFile(payload, data, 0o644); err != nil {
			return 0, err
		}
		start := time.Now()
		out, err := cmd.CombinedOutput()
		if err != nil {
			return 0, fmt.Errorf("%s: %w\n%s", cmd.Path, err, out)
		}
		return time.Since(start), nil
	}
	for i := range 7 {
		us, err := once(l.command(ctx, "build", app))
		if err != nil {
			return 0, 0, err
		}
		docker := exec.CommandContext(ctx, cli.path, "build", "-q", "-t", "bench/cli", app)
		docker.Env = append(os.Environ(), cli.env...)
		them, err := once(docker)
		if err != nil {
			return 0, 0, err
		}
		if i == 0 || us < ours {
			ours = us
		}
		if i == 0 || them < theirs {
			theirs = them
		}
	}
	_ = exec.CommandContext(ctx, cli.path, "image", "rm", "-f", "bench/cli").Run()
	return ours, theirs, nil
}

// measureRollout rolls a new revision out over 10 tasks that are ready at once.
func measureRollout(ctx context.Context, l *lab) ([]row, error) {
	app, err := l.app("bench-rollout", 10, 0)
	if err != nil {
		return nil, err
	}
	first, err := l.deploy(ctx, app)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if _, err := l.run(ctx, "deploy", app, "-y", "--force"); err != nil {
		return nil, err
	}
	return []row{
		{"first deploy of 10 tasks, build and all", "", fmt.Sprintf("%.1f s", first.Seconds())},
		{"rollout of 10 tasks that are ready at once", "under 10 s", fmt.Sprintf("%.1f s", time.Since(start).Seconds())},
	}, nil
}
