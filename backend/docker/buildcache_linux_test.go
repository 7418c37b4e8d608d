package docker

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// basicAuth lets in who has a password.
func basicAuth(password string) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, p, _ := r.BasicAuth(); p != password {
				w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
				http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`, http.StatusUnauthorized)
				return
			}
			h.ServeHTTP(w, r)
		})
	}
}

// TestInlineCache builds on one engine with an inline cache, and on another one
// that has never built it: the step comes from the registry, which wants a
// password.
func TestInlineCache(t *testing.T) {
	t.Parallel()
	private := dockertest.PrivateEngine(t)
	const secret = "only in memory"
	ref := startRegistry(t, basicAuth(secret)) + "/shop/web:cache"
	mark := dockertest.Unique(t, "cache")
	dir := writeFiles(t, map[string]string{"Dockerfile": "FROM scratch\nCOPY a /a\nCOPY b /b\n", "a": mark, "b": "1"})
	req := backend.BuildRequest{Context: dir, CacheTo: []backend.BuildCache{{Type: "inline"}}, Tags: []string{"shop/web:cache"}}
	elsewhere, err := Open(t.Context(), Options{Host: private.Host})
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Close()
	if _, err := runBuild(t, elsewhere, req); err != nil {
		t.Fatal(err)
	}
	carry(t, private.Client(), "shop/web:cache", ref, secret)

	e := openEngine(t, Options{})
	req.Tags, req.CacheFrom = nil, []backend.BuildCache{{Type: "registry", Attrs: map[string]string{"ref": ref}}}
	req.Credentials = func(_ context.Context, host string) (backend.RegistryAuth, bool) {
		return backend.RegistryAuth{Username: "AWS", Password: secret}, strings.HasPrefix(ref, host)
	}
	if err := os.WriteFile(filepath.Join(dir, "b"), []byte("2"), 0o600); err != nil {
		t.Fatal(err)
	}
	here, err := runBuild(t, e, req)
	if err != nil {
		t.Fatal(err)
	}
	cached := false
	for name, v := range here.vertexes {
		cached = cached || strings.Contains(name, "COPY a /a") && v.Cached
		if v.Err != "" {
			t.Errorf("%s: %s", name, v.Err)
		}
	}
	if !cached {
		t.Errorf("the step was done again: %+v", here.vertexes)
	}
}

// carry brings an image of an engine to a registry, without an engine that could
// reach both.
func carry(t *testing.T, cl *client.Client, image, ref, password string) {
	t.Helper()
	saved, err := cl.ImageSave(t.Context(), []string{image})
	if err != nil {
		t.Fatal(err)
	}
	defer saved.Close()
	file := filepath.Join(t.TempDir(), "image.tar")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(f, saved); err != nil {
		t.Fatal(err)
	}
	f.Close()
	img, err := tarball.ImageFromPath(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	to, err := name.ParseReference(ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(to, img, remote.WithAuth(authn.FromConfig(authn.AuthConfig{Username: "AWS", Password: password}))); err != nil {
		t.Fatal(err)
	}
}
