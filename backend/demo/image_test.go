package demo

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// fast is a demo on the machine's own clock, for what waits by itself.
func fast(t *testing.T) *Backend {
	t.Helper()
	b := New(Options{Speed: 50, Quiet: true})
	t.Cleanup(func() { b.Close() })
	return b
}

func dockerfile(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func runBuild(t *testing.T, b *Backend, req backend.BuildRequest) (steps []backend.BuildVertex, done backend.BuildDone, err error) {
	t.Helper()
	for e, failed := range b.Build(t.Context(), req) {
		switch e := e.(type) {
		case backend.BuildVertex:
			steps = append(steps, e)
		case backend.BuildDone:
			done = e
		}
		err = failed
	}
	return steps, done, err
}

func TestBuildSaysWhatIsWrong(t *testing.T) {
	b := fast(t)
	for text, want := range map[string]struct {
		kind     backend.Kind
		resource string
	}{
		"FROM scratch\nRUN make \\\n  all\nRUN false\n": {backend.Invalid, "Dockerfile:4"},
		"FROM scratch\n\n# so\nCOPPY a b\n":             {backend.Invalid, "Dockerfile:4"},
		"# nothing\n":                                   {backend.Invalid, "Dockerfile"},
	} {
		_, done, err := runBuild(t, b, backend.BuildRequest{Context: dockerfile(t, text), Tags: []string{"t:1"}})
		e, ok := err.(*backend.Error)
		if !ok || e.Kind != want.kind || e.Resource != want.resource || done.ImageID != "" {
			t.Errorf("%q: %v, %+v", text, err, done)
		}
	}
	if _, _, err := runBuild(t, b, backend.BuildRequest{Context: t.TempDir()}); backend.KindOf(err) != backend.NotFound {
		t.Errorf("a folder without a Dockerfile: %v", err)
	}
}

// What is built can be deployed by its id, pushed, and deployed by its digest;
// the second build takes its steps from the cache.
func TestBuildPushRun(t *testing.T) {
	b := fast(t)
	dir := dockerfile(t, "FROM scratch\nCOPY . .\nRUN make\nEXPOSE 9000\nCMD [\"/app\"]\n")
	req := backend.BuildRequest{Context: dir, Tags: []string{"new/app:abc1234"}}
	_, first, err := runBuild(t, b, req)
	if err != nil {
		t.Fatal(err)
	}
	steps, again, err := runBuild(t, b, req)
	cached := 0
	for _, v := range steps {
		if v.Cached {
			cached++
		}
	}
	if err != nil || again.ImageID != first.ImageID || cached != 2 {
		t.Errorf("again: %+v, %d steps cached, %v", again, cached, err)
	}
	var pushed backend.PushDone
	push := backend.PushRequest{Image: first.ImageID, Repository: "registry.example/new/app", Tags: []string{"abc1234"}}
	for _, err := range b.Push(t.Context(), push) {
		if backend.KindOf(err) != backend.NotFound {
			t.Errorf("a push without a repository: %v", err)
		}
	}
	if _, err := b.CreateRepository(t.Context(), backend.RepositorySpec{Name: push.Repository, Immutable: true}); err != nil {
		t.Fatal(err)
	}
	for e, err := range b.Push(t.Context(), push) {
		if err != nil {
			t.Fatal(err)
		}
		if d, ok := e.(backend.PushDone); ok {
			pushed = d
		}
	}
	for _, ref := range []string{first.ImageID, first.ImageID[:19], "new/app:abc1234", pushed.Reference, "registry.example/new/app:abc1234"} {
		if got, err := b.DescribeImage(t.Context(), ref); err != nil || got.ID != first.ImageID || got.Exposed[0] != "9000/tcp" {
			t.Errorf("%s: %s, %v", ref, got.ID, err)
		}
	}
	if _, known := b.resolve("sha256:" + strings.Repeat("0", 64)); known {
		t.Error("an id that was never built is believed to exist")
	}
	if _, known := b.resolve("new/app:other"); known {
		t.Error("a tag that is missing in a known repository is believed to exist")
	}
}

func TestShell(t *testing.T) {
	b := fast(t)
	arns, err := b.ListTasks(t.Context(), backend.TaskQuery{Cluster: "demo", Service: "web"}, backend.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	code, err := b.Shell(t.Context(), backend.ShellRequest{
		Cluster: "demo", Task: arns.Items[0], TTY: true, Out: &out,
		In: strings.NewReader("ecx\x7fho hi\rnope\rexit 5\rls\r"),
	})
	text := out.String()
	if err != nil || code != 5 || !strings.Contains(text, "\r\nhi\r\n") || !strings.Contains(text, "nope: not found") || strings.Contains(text, "server") {
		t.Errorf("%d, %v: %q", code, err, text)
	}
}

// Notifications come without anybody reading.
func TestNotifiesByItself(t *testing.T) {
	b := fast(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	told := make(chan struct{}, 1)
	go b.Notify(ctx, func() {
		select {
		case told <- struct{}{}:
		default:
		}
	})
	for range 2 { // worker is in the middle of a rollout
		select {
		case <-told:
		case <-ctx.Done():
			t.Fatal("nothing happened")
		}
	}
}
