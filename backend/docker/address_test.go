package docker

import "testing"

func TestWhereAnEngineIsReached(t *testing.T) {
	for host, want := range map[string]string{
		"unix:///var/run/docker.sock": "127.0.0.1",
		"tcp://127.0.0.1:2375":        "127.0.0.1",
		"tcp://[::1]:2375":            "::1",
		"tcp://build.example:2376":    "build.example",
		"ssh://me@box":                "box",
		"ssh://me@box:22/run/docker":  "box",
	} {
		got, doubt := endpoint{host: host}.reached()
		if elsewhere := want == "build.example" || want == "box"; got != want || (doubt != "") != elsewhere {
			t.Errorf("%s: %q, %q", host, got, doubt)
		}
	}
}
