package docker

import "github.com/moby/moby/api/types/container"

// logConfig is how our containers' logs are kept by the engine: bounded, so
// that a chatty task never fills the disk. Of the two drivers that can be read
// back, "local" writes a flood of lines about a tenth cheaper and takes as long
// as "json-file" to find the last lines or a point in time; "json-file" is the
// one that every engine has, Podman's service too, and other tools can read.
func logConfig() container.LogConfig {
	return container.LogConfig{
		Type:   "json-file",
		Config: map[string]string{"max-size": "50m", "max-file": "2"},
	}
}
