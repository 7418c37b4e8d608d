//go:build !windows

package docker

import (
	"os"
	"path/filepath"

	"github.com/moby/moby/client"
)

// defaultHost is the system's socket or, where only a rootless engine runs,
// that one's.
func defaultHost(getenv func(string) string) string {
	if _, err := os.Stat("/var/run/docker.sock"); err == nil {
		return client.DefaultDockerHost
	}
	if run := getenv("XDG_RUNTIME_DIR"); run != "" {
		path := filepath.Join(run, "docker.sock")
		if _, err := os.Stat(path); err == nil {
			return "unix://" + path
		}
	}
	return client.DefaultDockerHost
}
