package docker

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// home is a user's home folder with docker contexts in it.
func home(t *testing.T, current string, contexts map[string]string) string {
	t.Helper()
	files := map[string]string{".docker/config.json": `{"currentContext": "` + current + `", "auths": {}}`}
	for name, host := range contexts {
		sum := sha256.Sum256([]byte(name))
		files[".docker/contexts/meta/"+hex.EncodeToString(sum[:])+"/meta.json"] = `{"Name": "` + name + `", "Endpoints": {"docker": {"Host": "` + host + `", "SkipTLSVerify": false}}}`
	}
	return writeFiles(t, files)
}

func TestFindEndpoint(t *testing.T) {
	dir := home(t, "far", map[string]string{"far": "ssh://me@far", "near": "unix:///near.sock"})
	cases := []struct {
		name       string
		opts       Options
		env        map[string]string
		host, from string
	}{
		{name: "the current context", host: "ssh://me@far", from: "context far"},
		{name: "DOCKER_CONTEXT goes before it", env: map[string]string{"DOCKER_CONTEXT": "near"}, host: "unix:///near.sock", from: "context near"},
		{name: "DOCKER_HOST before that", env: map[string]string{"DOCKER_CONTEXT": "near", "DOCKER_HOST": "tcp://h:1"}, host: "tcp://h:1", from: "DOCKER_HOST"},
		{name: "a context asked for before that", opts: Options{Context: "near"}, env: map[string]string{"DOCKER_HOST": "tcp://h:1"}, host: "unix:///near.sock", from: "context near"},
		{name: "a host asked for before all", opts: Options{Context: "near", Host: "tcp://x:2"}, host: "tcp://x:2", from: "the host asked for"},
		{name: "the default context", env: map[string]string{"DOCKER_CONTEXT": "default"}, host: defaultHost(os.Getenv), from: "the default socket"},
		{name: "a missing port", env: map[string]string{"DOCKER_HOST": "tcp://h"}, host: "tcp://h:2375", from: "DOCKER_HOST"},
		{name: "a missing port with TLS", env: map[string]string{"DOCKER_HOST": "tcp://h", "DOCKER_TLS_VERIFY": "1"}, host: "tcp://h:2376", from: "DOCKER_HOST"},
		{name: "a missing scheme", env: map[string]string{"DOCKER_HOST": "h:99"}, host: "tcp://h:99", from: "DOCKER_HOST"},
		{name: "an IPv6 address", env: map[string]string{"DOCKER_HOST": "tcp://[::1]"}, host: "tcp://[::1]:2375", from: "DOCKER_HOST"},
		{name: "Podman", env: map[string]string{"DOCKER_HOST": "unix:///run/user/1000/podman/podman.sock"}, host: "unix:///run/user/1000/podman/podman.sock", from: "DOCKER_HOST"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.opts.Home, c.opts.Getenv = dir, func(k string) string { return c.env[k] }
			ep, err := findEndpoint(c.opts)
			if err != nil || ep.host != c.host || ep.source != c.from {
				t.Errorf("got %q from %q, %v; want %q from %q", ep.host, ep.source, err, c.host, c.from)
			}
		})
	}
	t.Run("no config at all", func(t *testing.T) {
		ep, err := findEndpoint(Options{Home: t.TempDir(), Getenv: func(string) string { return "" }})
		if err != nil || ep.source != "the default socket" {
			t.Errorf("%+v, %v", ep, err)
		}
	})
	t.Run("damaged config", func(t *testing.T) {
		bad := writeFiles(t, map[string]string{".docker/config.json": "{"})
		_, err := findEndpoint(Options{Home: bad, Getenv: func(string) string { return "" }})
		if err == nil || !strings.Contains(err.Error(), "config.json") {
			t.Errorf("error %v", err)
		}
	})
}

// TestOpenContext opens the real engine through a context of the docker CLI's
// store, and through ssh with a stand-in for the ssh program.
func TestOpenContext(t *testing.T) {
	dockertest.RequireEngine(t)
	socket := defaultHost(os.Getenv)
	dir := home(t, "mine", map[string]string{"mine": socket})
	e, err := Open(t.Context(), Options{Home: dir, Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if e.endpoint.source != "context mine" {
		t.Errorf("opened %+v", e.endpoint)
	}
}

func TestOpenSSH(t *testing.T) {
	dockertest.RequireEngine(t)
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for ssh is a shell script")
	}
	// The stand-in does what `docker system dial-stdio` does on the other side.
	dir := writeFiles(t, map[string]string{"ssh": "#!/bin/sh\necho \"$@\" >" + "$(dirname \"$0\")/args\nexec \"$SSH_STAND_IN\" -test.run '^TestDialStdio$' -test.v=false\n"})
	if err := os.Chmod(filepath.Join(dir, "ssh"), 0o755); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSH_STAND_IN", self)
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	e, err := Open(t.Context(), Options{Host: "ssh://me@far.example"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if _, err := e.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	args, _ := os.ReadFile(filepath.Join(dir, "args"))
	for _, want := range []string{"BatchMode=yes", "far.example", "docker system dial-stdio"} {
		if !strings.Contains(string(args), want) {
			t.Errorf("ssh was called with %q, without %q", args, want)
		}
	}
	failing := writeFiles(t, map[string]string{"ssh": "#!/bin/sh\necho 'me@far: Permission denied (publickey).' >&2\nexit 255\n"})
	_ = os.Chmod(filepath.Join(failing, "ssh"), 0o755)
	t.Setenv("PATH", failing+":"+os.Getenv("PATH"))
	_, err = Open(t.Context(), Options{Host: "ssh://me@far.example"})
	wantError(t, err, backend.Unreachable, "ssh ended", "ssh me@far.example docker version")
}

// TestDialStdio is not a test: TestOpenSSH runs this binary as its ssh.
func TestDialStdio(t *testing.T) {
	if os.Getenv("SSH_STAND_IN") == "" {
		t.Skip("runs inside TestOpenSSH only")
	}
	conn, err := net.Dial("unix", strings.TrimPrefix(defaultHost(os.Getenv), "unix://"))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = io.Copy(conn, os.Stdin)
		_ = conn.(*net.UnixConn).CloseWrite()
	}()
	_, _ = io.Copy(os.Stdout, conn)
	os.Exit(0)
}
