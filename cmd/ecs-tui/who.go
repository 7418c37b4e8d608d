package main

import (
	"cmp"
	"os"
	"os/user"
)

// who is whoever deploys, for the history: on a CI machine the person who set it
// off, else the user and the machine.
func who(getenv func(string) string) string {
	for _, name := range []string{"GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILDKITE_BUILD_CREATOR"} {
		if actor := getenv(name); actor != "" && getenv("CI") != "" {
			return actor
		}
	}
	name := cmp.Or(getenv("USER"), getenv("USERNAME"))
	if name == "" {
		if u, err := user.Current(); err == nil {
			name = u.Username
		}
	}
	if host, err := os.Hostname(); err == nil {
		name += "@" + host
	}
	return name
}
