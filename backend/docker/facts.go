package docker

import (
	"context"
	"strings"

	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Facts are what `ecs-tui doctor` wants to know about an engine, besides its
// [backend.Info].
type Facts struct {
	Source     string // why this engine: "DOCKER_HOST", "the default socket"
	APIVersion string
	Root       string // where images and containers are kept, on the engine's machine
	Local      bool   // whether that is this machine
	Containers int    // running
	NoBuildKit string // why it has no BuildKit; "" when it has
}

// Facts asks the engine about itself and tries its BuildKit.
func (e *Engine) Facts(ctx context.Context) (Facts, error) {
	info, err := e.info(ctx)
	if err != nil {
		return Facts{}, err
	}
	version, err := e.client.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return Facts{}, wrap("Version", e.endpoint.host, err)
	}
	f := Facts{
		Source: e.endpoint.source, APIVersion: backend.Clean(version.APIVersion),
		Root: backend.Clean(info.DockerRootDir), Local: localSocket(e.endpoint.host), Containers: info.ContainersRunning,
	}
	kit, err := e.openBuildKit(ctx)
	if err != nil {
		f.NoBuildKit = backend.Clean(err.Error())
		return f, nil
	}
	return f, kit.Close()
}

// localSocket says whether a host is a socket or pipe of this machine.
func localSocket(host string) bool {
	return strings.HasPrefix(host, "unix://") || strings.HasPrefix(host, "npipe://")
}
