package registry_test

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	store "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/registry"
)

// shop is a registry on this machine behind a password, which counts the blobs
// that come up and those that are mounted.
type shop struct {
	host             string
	uploads, mounted atomic.Int64
}

const password = "open sesame"

func open(t *testing.T) *shop {
	t.Helper()
	s := &shop{}
	handler := store.New(store.Logger(log.New(io.Discard, "", 0)))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, p, _ := r.BasicAuth(); p != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="shop"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		// The store knows blobs of all repositories in each; a real one does not.
		if r.Method == http.MethodHead && strings.HasPrefix(r.URL.Path, "/v2/third/web/blobs/") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if digest := r.URL.Query().Get("mount"); r.Method == http.MethodPost && digest != "" && r.URL.Query().Get("from") == "other/web" {
			s.mounted.Add(1)
			w.Header().Set("Location", r.URL.Path+digest)
			w.WriteHeader(http.StatusCreated)
			return
		}
		if r.Method == http.MethodPatch {
			s.uploads.Add(1)
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	s.host = strings.TrimPrefix(srv.URL, "http://")
	return s
}

func (s *shop) place(repository string) registry.Place {
	return registry.Place{Repository: s.host + "/" + repository, Auth: &backend.RegistryAuth{Username: "AWS", Password: password}}
}

// with is how the test itself asks there.
func with() remote.Option {
	return remote.WithAuth(authn.FromConfig(authn.AuthConfig{Username: "AWS", Password: password}))
}

func (s *shop) repository(t *testing.T, repository string) name.Repository {
	t.Helper()
	repo, err := name.NewRepository(s.host + "/" + repository)
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

// put makes an index of two images, and gives its digest.
func (s *shop) put(t *testing.T, repository string) string {
	t.Helper()
	idx, err := random.Index(300<<10, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(s.repository(t, repository).Tag("v1"), idx, with()); err != nil {
		t.Fatal(err)
	}
	h, err := idx.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return h.String()
}

// whole reads every layer of every image of an index: nothing is missing.
func (s *shop) whole(t *testing.T, ref name.Reference) string {
	t.Helper()
	idx, err := remote.Index(ref, with())
	if err != nil {
		t.Fatal(err)
	}
	m, err := idx.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range m.Manifests {
		img, err := idx.Image(part.Digest)
		if err != nil {
			t.Fatal(err)
		}
		layers, err := img.Layers()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range layers {
			rc, err := l.Compressed()
			if err == nil {
				_, err = io.Copy(io.Discard, rc) // its digest is checked while it is read
				rc.Close()
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	h, err := idx.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return h.String()
}

// An index goes from one registry to another and keeps its digest, with all its
// parts; a second time nothing is sent, and within one registry layers are mounted.
func TestCopyIndex(t *testing.T) {
	a, b := open(t), open(t)
	digest := a.put(t, "shop/web")
	var last backend.PushLayer
	moved := 0
	report := func(l backend.PushLayer) bool { last = l; moved++; return true }
	size, err := registry.Copy(t.Context(), a.place("shop/web"), digest, b.place("other/web"), []string{"9f3c1ab", "src-1"}, report)
	if err != nil {
		t.Fatal(err)
	}
	if last.Status != "Pushed" || last.Current != size || last.Total != size || size < 4*300<<10 || moved < 3 {
		t.Errorf("%d bytes, the last of %d reports is %+v", size, moved, last)
	}
	for _, ref := range []name.Reference{b.repository(t, "other/web").Tag("9f3c1ab"), b.repository(t, "other/web").Tag("src-1"), b.repository(t, "other/web").Digest(digest)} {
		if got := b.whole(t, ref); got != digest {
			t.Errorf("%s is %s, it was %s", ref, got, digest)
		}
	}
	sent := b.uploads.Load()
	if _, err := registry.Copy(t.Context(), a.place("shop/web"), digest, b.place("other/web"), []string{"again"}, report); err != nil || b.uploads.Load() != sent {
		t.Errorf("again: %v, %d blobs were sent anew", err, b.uploads.Load()-sent)
	}
	before, mounted := b.uploads.Load(), b.mounted.Load()
	if _, err := registry.Copy(t.Context(), b.place("other/web"), digest, b.place("third/web"), nil, report); err != nil {
		t.Fatal(err)
	}
	if b.mounted.Load() == mounted || b.uploads.Load() > before {
		t.Errorf("%d layers were asked to be mounted, %d blobs were sent", b.mounted.Load()-mounted, b.uploads.Load()-before)
	}
	if got := b.whole(t, b.repository(t, "third/web").Digest(digest)); got != digest {
		t.Errorf("mounted %s", got)
	}
}

func TestCopyEndsWithItsListener(t *testing.T) {
	a, b := open(t), open(t)
	digest := a.put(t, "shop/web")
	if _, err := registry.Copy(t.Context(), a.place("shop/web"), digest, b.place("shop/web"), []string{"v1"}, func(backend.PushLayer) bool { return false }); err != nil {
		t.Error(err)
	}
	if there, err := registry.Has(t.Context(), b.place("shop/web"), digest); err != nil || there {
		t.Errorf("it is there all the same: %v, %v", there, err)
	}
}

func TestCopyRefused(t *testing.T) {
	a, b := open(t), open(t)
	digest := a.put(t, "shop/web")
	yes := func(backend.PushLayer) bool { return true }
	wrong := b.place("shop/web")
	wrong.Auth = &backend.RegistryAuth{Username: "AWS", Password: "nonsense"}
	gone := registry.Place{Repository: "127.0.0.1:1/shop/web"}
	for _, tt := range []struct {
		name     string
		from, to registry.Place
		digest   string
		kind     backend.Kind
	}{
		{"wrong password", a.place("shop/web"), wrong, digest, backend.Denied},
		{"nobody there", gone, b.place("shop/web"), digest, backend.Unreachable},
		{"no such image", a.place("shop/web"), b.place("shop/web"), "sha256:" + strings.Repeat("0", 64), backend.NotFound},
		{"no host", registry.Place{Repository: "web"}, b.place("shop/web"), digest, backend.Invalid},
	} {
		_, err := registry.Copy(t.Context(), tt.from, tt.digest, tt.to, nil, yes)
		var e *backend.Error
		if !errors.As(err, &e) || e.Kind != tt.kind || strings.Contains(err.Error(), "nonsense") {
			t.Errorf("%s: %v (%v)", tt.name, err, backend.KindOf(err))
		}
	}
}

func TestPutIndex(t *testing.T) {
	a := open(t)
	var parts []registry.Part
	for _, platform := range []string{"linux/amd64", "linux/arm64/v8"} {
		img, err := random.Image(100, 1)
		if err != nil {
			t.Fatal(err)
		}
		h, err := img.Digest()
		if err != nil {
			t.Fatal(err)
		}
		if err := remote.Write(a.repository(t, "shop/web").Digest(h.String()), img, with()); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, registry.Part{Platform: platform, Digest: h.String()})
	}
	digest, err := registry.PutIndex(t.Context(), a.place("shop/web"), parts, []string{"v1"})
	if err != nil {
		t.Fatal(err)
	}
	idx, err := remote.Index(a.repository(t, "shop/web").Tag("v1"), with())
	if err != nil {
		t.Fatal(err)
	}
	m, err := idx.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if h, _ := idx.Digest(); h.String() != digest || len(m.Manifests) != 2 {
		t.Fatalf("put %s, there is %s: %+v", digest, h, m.Manifests)
	}
	if p := m.Manifests[1].Platform; !p.Equals(v1.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}) || m.Manifests[1].Digest.String() != parts[1].Digest {
		t.Errorf("%+v", m.Manifests[1])
	}
	again, err := registry.PutIndex(t.Context(), a.place("shop/web"), parts, nil)
	if err != nil || again != digest {
		t.Errorf("again it is %s, %v", again, err)
	}
}
