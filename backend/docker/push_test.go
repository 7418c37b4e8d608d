package docker

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// startRegistry serves a registry on this machine's loopback, where the engine
// pushes to over plain HTTP.
func startRegistry(t *testing.T, guard func(http.Handler) http.Handler) string {
	t.Helper()
	handler := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	if guard != nil {
		handler = guard(handler)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return strings.TrimPrefix(srv.URL, "http://")
}

func push(t *testing.T, e *Engine, req backend.PushRequest) (backend.PushDone, []backend.PushLayer, error) {
	t.Helper()
	var done backend.PushDone
	var layers []backend.PushLayer
	for ev, err := range e.Push(t.Context(), req) {
		if err != nil {
			return done, layers, err
		}
		switch ev := ev.(type) {
		case backend.PushLayer:
			layers = append(layers, ev)
		case backend.PushDone:
			done = ev
		}
	}
	return done, layers, nil
}

func TestPush(t *testing.T) {
	e := openEngine(t, Options{})
	host := startRegistry(t, nil)
	image := dockertest.StaticImage(t)
	repo := host + "/shop/web"
	tags := []string{"one", "two"}
	t.Cleanup(func() {
		for _, tag := range tags {
			_, _ = e.client.ImageRemove(context.Background(), repo+":"+tag, client.ImageRemoveOptions{})
		}
	})
	done, layers, err := push(t, e, backend.PushRequest{Image: image, Repository: repo, Tags: tags})
	if err != nil {
		t.Fatal(err)
	}
	if len(layers) == 0 || !strings.HasPrefix(done.Digest, "sha256:") || done.Reference != repo+"@"+done.Digest || done.Size == 0 {
		t.Errorf("%+v after %d layers", done, len(layers))
	}
	for _, tag := range tags {
		resp, err := http.Get("http://" + host + "/v2/shop/web/manifests/" + tag)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("Docker-Content-Digest"); got != done.Digest {
			t.Errorf("the registry has %s as %s, the push said %s", tag, got, done.Digest)
		}
	}
	_, layers, err = push(t, e, backend.PushRequest{Image: image, Repository: repo, Tags: tags[:1]})
	if err != nil || len(layers) == 0 || layers[len(layers)-1].Status != "Layer already exists" {
		t.Errorf("pushed again: %+v, %v", layers, err)
	}
}

func TestPushFails(t *testing.T) {
	e := openEngine(t, Options{})
	image := dockertest.StaticImage(t)
	try := func(t *testing.T, repo string, kind backend.Kind, says ...string) {
		t.Helper()
		t.Cleanup(func() {
			_, _ = e.client.ImageRemove(context.Background(), repo+":t", client.ImageRemoveOptions{})
		})
		_, _, err := push(t, e, backend.PushRequest{Image: image, Repository: repo, Tags: []string{"t"}})
		wantError(t, err, kind, says...)
	}
	t.Run("no registry", func(t *testing.T) { try(t, "shop/web", backend.Unsupported, nothingToPush, "127.0.0.1:5000/shop/web") })
	t.Run("down", func(t *testing.T) { try(t, "127.0.0.1:1/shop/web", backend.Unreachable, "connection refused") })
	t.Run("bad name", func(t *testing.T) { try(t, "127.0.0.1:1/Shop/Web", backend.Invalid, "lower case") })
	t.Run("unauthorized", func(t *testing.T) {
		host := startRegistry(t, func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if _, _, ok := r.BasicAuth(); !ok {
					w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
					http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`, http.StatusUnauthorized)
					return
				}
				h.ServeHTTP(w, r)
			})
		})
		try(t, host+"/shop/web", backend.Denied, "login")
	})
	t.Run("no such image", func(t *testing.T) {
		_, _, err := push(t, e, backend.PushRequest{Image: "ecs-tui-test/none:1", Repository: "127.0.0.1:1/x", Tags: []string{"t"}})
		wantError(t, err, backend.NotFound, "ecs-tui-test/none:1")
	})
}

func TestNotify(t *testing.T) {
	e := openEngine(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	var calls atomic.Int64
	ended := make(chan struct{})
	go func() {
		e.Notify(ctx, func() { calls.Add(1) })
		close(ended)
	}()
	labels := taskLabels(dockertest.Unique(t, "n"), "web", "aaaaaa1", "app")
	dockertest.Eventually(t, 20*time.Second, "a task's container is noticed", func() bool {
		dockertest.Wait(t, e.client, dockertest.Run(t, e.client, dockertest.Spec{Labels: labels, Cmd: []string{"-exit-after", "1ms"}}))
		return calls.Load() > 0
	})
	cancel()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("Notify does not end with its context")
	}
}
