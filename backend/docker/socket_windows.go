package docker

import "github.com/moby/moby/client"

// defaultHost is Docker's named pipe.
func defaultHost(func(string) string) string { return client.DefaultDockerHost }
