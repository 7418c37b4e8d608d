package docker

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// built is a finished build, with what it said on the way.
type built struct {
	done     backend.BuildDone
	log      []string
	vertexes map[string]backend.BuildVertex // by name
	notices  []string
	warnings []backend.BuildWarning
}

func runBuild(t *testing.T, e *Engine, req backend.BuildRequest) (built, error) {
	t.Helper()
	out := built{vertexes: map[string]backend.BuildVertex{}}
	for ev, err := range e.Build(t.Context(), req) {
		if err != nil {
			return out, err
		}
		switch ev := ev.(type) {
		case backend.BuildVertex:
			out.vertexes[ev.Name] = ev
		case backend.BuildLog:
			out.log = append(out.log, ev.Text)
		case backend.BuildNotice:
			out.notices = append(out.notices, ev.Text)
		case backend.BuildWarning:
			out.warnings = append(out.warnings, ev)
		case backend.BuildDone:
			out.done = ev
			t.Cleanup(func() {
				_, _ = e.client.ImageRemove(context.Background(), ev.ImageID, client.ImageRemoveOptions{Force: true})
			})
		}
	}
	if out.done.ImageID == "" {
		t.Fatal("the build ended without an image and without an error")
	}
	return out, nil
}

func (b built) has(line string) bool {
	for _, l := range b.log {
		if strings.Contains(l, line) {
			return true
		}
	}
	return false
}

// builders runs a test with BuildKit and with the classic builder.
func builders(t *testing.T, test func(t *testing.T, e *Engine, classic bool)) {
	for name, classic := range map[string]bool{"buildkit": false, "classic": true} {
		t.Run(name, func(t *testing.T) { test(t, openEngine(t, Options{ClassicBuilder: classic}), classic) })
	}
}

func TestBuild(t *testing.T) {
	builders(t, func(t *testing.T, e *Engine, classic bool) {
		mark := dockertest.Unique(t, "m")
		dir := writeFiles(t, map[string]string{
			"docker/Dockerfile": "FROM " + dockertest.BusyboxImage(t) + " AS base\nARG MARK\nCOPY . /src\nRUN echo hello $MARK && ls /src\n" +
				"FROM base AS last\nRUN echo never\n",
			".dockerignore": "*.secret\nnode_modules\n",
			"a.txt":         "a", "b.secret": "b", "node_modules/c": "c",
		})
		tags := []string{"ecs-tui-test/build:" + mark, "ecs-tui-test/build:" + mark + "-b"}
		req := backend.BuildRequest{
			Context: dir, Dockerfile: "docker/Dockerfile", Tags: tags, Target: "base",
			Args: map[string]string{"MARK": mark}, Labels: map[string]string{"greeting": "hi"},
		}
		b, err := runBuild(t, e, req)
		if err != nil {
			t.Fatal(err)
		}
		if !b.has("hello "+mark) || !b.has("a.txt") || b.has("b.secret") || b.has("node_modules") || b.has("never") {
			t.Errorf("the log is %q", b.log)
		}
		if (len(b.notices) > 0) != classic {
			t.Errorf("notices %q", b.notices)
		}
		for _, tag := range tags {
			img, err := e.client.ImageInspect(t.Context(), tag)
			if err != nil || img.ID != b.done.ImageID || img.Size != b.done.Size || b.done.Size == 0 {
				t.Errorf("%s is %s of %d bytes (%v), the build gave %+v", tag, img.ID, img.Size, err, b.done)
			}
			if img.Config.Labels["greeting"] != "hi" || img.Config.Labels[LabelApp] == "" {
				t.Errorf("labels %v", img.Config.Labels)
			}
		}
		again, err := runBuild(t, e, req)
		if err != nil || again.done.ImageID != b.done.ImageID {
			t.Fatalf("built again: %+v, %v", again.done, err)
		}
		cached := 0
		for name, v := range again.vertexes {
			if v.Completed.IsZero() || v.Completed.Before(v.Started) {
				t.Errorf("step %q started %v, completed %v", name, v.Started, v.Completed)
			}
			if v.Cached && strings.Contains(name, "RUN echo hello") {
				cached++
			}
		}
		if cached != 1 || again.has("hello") {
			t.Errorf("the second build is not cached: %v", again.vertexes)
		}
	})
}

func TestBuildOwnIgnoreFile(t *testing.T) {
	builders(t, func(t *testing.T, e *Engine, _ bool) {
		outside := writeFiles(t, map[string]string{
			"web.Dockerfile":              "FROM " + dockertest.BusyboxImage(t) + "\nCOPY . /src\nRUN echo " + dockertest.Unique(t, "m") + "; ls /src\n",
			"web.Dockerfile.dockerignore": "two\n",
		})
		dir := writeFiles(t, map[string]string{"one": "1", "two": "2", ".dockerignore": "one"})
		rel, _ := filepath.Rel(dir, filepath.Join(outside, "web.Dockerfile"))
		b, err := runBuild(t, e, backend.BuildRequest{Context: dir, Dockerfile: rel})
		if err != nil {
			t.Fatal(err)
		}
		if !b.has("one") || b.has("two") {
			t.Errorf("the Dockerfile's own ignore file does not rule: %q", b.log)
		}
	})
}

func TestBuildSecrets(t *testing.T) {
	value := dockertest.Unique(t, "hush")
	e := openEngine(t, Options{Getenv: func(k string) string {
		return map[string]string{"TOKEN": value, "PATH": os.Getenv("PATH")}[k]
	}})
	dir := writeFiles(t, map[string]string{
		"Dockerfile": "FROM " + dockertest.BusyboxImage(t) + "\nRUN --mount=type=secret,id=f --mount=type=secret,id=e " +
			"wc -c </run/secrets/f && wc -c </run/secrets/e && echo " + value[:4] + "\n",
		"token": "12345",
	})
	// Without NoCache, the second run on an engine would be cached, and log nothing.
	b, err := runBuild(t, e, backend.BuildRequest{Context: dir, NoCache: true, Secrets: []backend.BuildSecret{
		{ID: "f", File: filepath.Join(dir, "token")}, {ID: "e", Env: "TOKEN"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if !b.has("5") || !b.has(strconv.Itoa(len(value))) || b.has(value) {
		t.Errorf("the log is %q", b.log)
	}
	_, err = runBuild(t, e, backend.BuildRequest{Context: dir, Secrets: []backend.BuildSecret{{ID: "e", Env: "NONE"}}})
	wantError(t, err, backend.Invalid, "secret e", "NONE is not set")
}

// TestBuildCancelled looks for the step's own process: an engine that goes on
// building after the user has cancelled would be found here.
func TestBuildCancelled(t *testing.T) {
	builders(t, func(t *testing.T, e *Engine, _ bool) {
		seconds := strconv.FormatInt(100000+time.Now().UnixNano()%1e6, 10)
		dir := writeFiles(t, map[string]string{"Dockerfile": "FROM " + dockertest.BusyboxImage(t) + "\nRUN sleep " + seconds + "\n"})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan error, 1)
		go func() {
			var last error
			for _, err := range e.Build(ctx, backend.BuildRequest{Context: dir}) {
				last = err
			}
			ended <- last
		}()
		dockertest.Eventually(t, 20*time.Second, "the RUN runs", func() bool { return hasProcess(seconds) })
		cancel()
		began := time.Now()
		wantError(t, <-ended, backend.Cancelled)
		if d := time.Since(began); d > 3*time.Second {
			t.Errorf("the stream ended %v after it was cancelled", d)
		}
		dockertest.Eventually(t, 5*time.Second, "the RUN is killed", func() bool { return !hasProcess(seconds) })
	})
}

// hasProcess looks for an argument among all processes of this machine, where
// the engine runs.
func hasProcess(arg string) bool {
	paths, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range paths {
		data, _ := os.ReadFile(path)
		if bytes.Contains(data, []byte("sleep\x00"+arg)) {
			return true
		}
	}
	return false
}

func TestBuildFails(t *testing.T) {
	base := dockertest.BusyboxImage(t)
	cases := []struct {
		name       string
		dockerfile string
		edit       func(*backend.BuildRequest)
		kind       backend.Kind
		says       []string
		kitOnly    []string // what only BuildKit can tell
	}{
		{name: "no context", edit: func(r *backend.BuildRequest) { r.Context += "/none" }, kind: backend.NotFound, says: []string{"context does not exist"}},
		{name: "context is a file", dockerfile: "FROM scratch", edit: func(r *backend.BuildRequest) { r.Context += "/Dockerfile" }, kind: backend.Invalid, says: []string{"not a folder"}},
		{name: "no Dockerfile", kind: backend.NotFound, says: []string{"no Dockerfile", "ecs-tui.yml"}},
		{name: "syntax", dockerfile: "FROM " + base + "\n\nFETCH x y\n", kind: backend.Invalid, says: []string{"Dockerfile:3", "FETCH", "correct that line"}},
		{name: "empty", dockerfile: "# nothing\n", kind: backend.Invalid, says: []string{"Dockerfile"}},
		{name: "RUN fails", dockerfile: "FROM " + base + "\nRUN echo why; exit 42\n", kind: backend.Other, says: []string{"Dockerfile:2", "RUN echo why; exit 42 failed with exit code 42"}},
		{name: "nothing to COPY", dockerfile: "FROM " + base + "\nCOPY none /\n", kind: backend.NotFound, says: []string{"none", ".dockerignore"}},
		{name: "no such target", dockerfile: "FROM " + base + "\n", edit: func(r *backend.BuildRequest) { r.Target = "nope" }, kind: backend.Invalid, says: []string{"nope"}},
		{name: "base not here", dockerfile: "FROM ecs-tui-test.invalid/none:7\n", kind: backend.Unreachable, says: []string{"ecs-tui-test.invalid/none:7 is not on this engine", "docker load"}, kitOnly: []string{"Dockerfile:1"}},
		{name: "syntax line", dockerfile: "# syntax=ecs-tui-test.invalid/dockerfile:1\nFROM " + base + "\nRUN echo syntax\n", kind: backend.Unreachable, kitOnly: []string{"Dockerfile:1", "# syntax=", "remove that line"}},
		{name: "bad tag", dockerfile: "FROM " + base + "\n", edit: func(r *backend.BuildRequest) { r.Tags = []string{"Shop/Web:1"} }, kind: backend.Invalid, says: []string{"Shop/Web:1", "lower case"}},
		{name: "bad platform", dockerfile: "FROM " + base + "\n", edit: func(r *backend.BuildRequest) { r.Platform = "a/b/c/d/e" }, kind: backend.Invalid, says: []string{"a/b/c/d/e", "linux/amd64"}},
	}
	builders(t, func(t *testing.T, e *Engine, classic bool) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				if classic && c.name == "syntax line" {
					t.Skip("the classic builder ignores # syntax=")
				}
				files := map[string]string{"x": ""}
				if c.dockerfile != "" {
					files["Dockerfile"] = c.dockerfile
				}
				req := backend.BuildRequest{Context: writeFiles(t, files)}
				if c.edit != nil {
					c.edit(&req)
				}
				_, err := runBuild(t, e, req)
				wantError(t, err, c.kind, c.says...)
				if !classic {
					wantError(t, err, c.kind, c.kitOnly...)
				}
				t.Log(err, "|", backend.AdviceFor(err))
			})
		}
	})
}

// TestBuildConsumerLeaves breaks out of the stream: the build must end with it.
func TestBuildConsumerLeaves(t *testing.T) {
	builders(t, func(t *testing.T, e *Engine, _ bool) {
		seconds := strconv.FormatInt(200000+time.Now().UnixNano()%1e6, 10)
		dir := writeFiles(t, map[string]string{"Dockerfile": "FROM " + dockertest.BusyboxImage(t) + "\nRUN echo started; sleep " + seconds + "\n"})
		for ev, err := range e.Build(t.Context(), backend.BuildRequest{Context: dir}) {
			if err != nil {
				t.Fatal(err)
			}
			if log, ok := ev.(backend.BuildLog); ok && log.Text == "started" {
				break
			}
		}
		dockertest.Eventually(t, 5*time.Second, "the RUN is killed", func() bool { return !hasProcess(seconds) })
	})
}
