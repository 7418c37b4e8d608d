package docker

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// openEngine opens the engine that the tests run on.
func openEngine(t testing.TB, opts Options) *Engine {
	t.Helper()
	dockertest.RequireEngine(t)
	e, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// writeFiles makes a folder of files.
func writeFiles(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// wantError checks an error's kind, that its text names what it should, and
// that it comes with advice.
func wantError(t *testing.T, err error, kind backend.Kind, parts ...string) {
	t.Helper()
	var e *backend.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %T %v, want a *backend.Error", err, err)
	}
	if e.Kind != kind {
		t.Errorf("kind %v, want %v: %v", e.Kind, kind, e)
	}
	if e.Advice() == "" && kind != backend.Cancelled {
		t.Errorf("no advice for: %v", e)
	}
	text := e.Error() + " | " + e.Advice()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q does not say %q", text, p)
		}
	}
}

func TestInfo(t *testing.T) {
	t.Setenv("DOCKER_API_VERSION", "9.99") // must not switch negotiation off
	e := openEngine(t, Options{})
	info, err := e.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.Backend != "docker" || info.Version == "" || info.Endpoint == "" || !strings.HasPrefix(info.Platform, "linux/") || strings.Contains(info.Platform, "x86") {
		t.Errorf("info %+v", info)
	}
	id, err := e.ID(t.Context())
	if err != nil || id == "" {
		t.Errorf("id %q, %v", id, err)
	}
}

func TestOpenFails(t *testing.T) {
	dir := t.TempDir()
	t.Run("no socket", func(t *testing.T) {
		_, err := Open(t.Context(), Options{Host: "unix://" + dir + "/none.sock"})
		wantError(t, err, backend.Unreachable, "none.sock", "start the engine")
	})
	t.Run("refused", func(t *testing.T) {
		_, err := Open(t.Context(), Options{Host: "tcp://127.0.0.1:1"})
		wantError(t, err, backend.Unreachable, "127.0.0.1:1", "no Docker engine answers")
	})
	t.Run("silent", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := Open(ctx, Options{Host: "tcp://10.255.255.1:2375"})
		if err == nil || time.Since(began) > time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
	t.Run("no such context", func(t *testing.T) {
		_, err := Open(t.Context(), Options{Home: dir, Context: "nowhere"})
		wantError(t, err, backend.Invalid, `no docker context "nowhere"`)
	})
	t.Run("nonsense", func(t *testing.T) {
		_, err := Open(t.Context(), Options{Host: "carrier-pigeon://x"})
		wantError(t, err, backend.Invalid, "carrier-pigeon")
	})
}
