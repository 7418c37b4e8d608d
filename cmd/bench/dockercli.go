//go:build linux

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// dockerCLI is the docker command that builds are compared with.
type dockerCLI struct {
	path    string
	env     []string
	builder string // what builds, for the table
}

// findDockerCLI looks through the PATH for a docker command that builds with
// BuildKit: one with buildx, or one so old (before 23) that it has BuildKit's
// client in it. Where there is none, the first one's classic builder it is.
func findDockerCLI(ctx context.Context) dockerCLI {
	buildkit := []string{"DOCKER_BUILDKIT=1"}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(dir, "docker")
		if exec.CommandContext(ctx, path, "buildx", "version").Run() == nil {
			return dockerCLI{path, buildkit, "BuildKit by buildx"}
		}
		out, err := exec.CommandContext(ctx, path, "version", "--format", "{{.Client.Version}}").Output()
		version := strings.TrimSpace(string(out))
		if major, _, _ := strings.Cut(version, "."); err == nil && len(major) == 2 && major < "23" {
			return dockerCLI{path, buildkit, "BuildKit by the docker CLI " + version}
		}
	}
	return dockerCLI{"docker", nil, "classic builder, since the CLI has no buildx"}
}
