package dockertest

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"debug/elf"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/moby/moby/api/types/build"
	"github.com/moby/moby/client"
)

//go:embed app/main.go
var appSource []byte

const appPackage = "github.com/ecs-tui/ecs-tui/backend/docker/dockertest/app"

// StaticImage is a FROM scratch image with the test app (package app) as its
// entry point, /app. It is built once for each version of the app's source.
func StaticImage(t testing.TB) string {
	t.Helper()
	cl := RequireEngine(t)
	tag := "ecs-tui-test/app:" + contentTag(appSource, []byte(runtime.Version()))
	if exists(t, cl, tag) {
		return tag
	}
	binary, err := os.ReadFile(StaticBinary(t))
	if err != nil {
		t.Fatal(err)
	}
	makeImage(t, cl, tag, map[string]file{
		"Dockerfile": {data: []byte("FROM scratch\nCOPY app /app\nENTRYPOINT [\"/app\"]\n")},
		"app":        {data: binary, mode: 0o755},
	})
	return tag
}

// StaticBinary builds the test app for the engine and returns its path.
func StaticBinary(t testing.TB) string {
	t.Helper()
	cl := RequireEngine(t)
	version, err := cl.ServerVersion(context.Background(), client.ServerVersionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "app")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, appPackage)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+version.Arch, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building the test app: %v\n%s", err, out)
	}
	return path
}

// BusyboxImage is Debian's static busybox FROM scratch, with its applets
// installed in /bin. The test is skipped where there is no static busybox.
func BusyboxImage(t testing.TB) string {
	t.Helper()
	cl := RequireEngine(t)
	binary, err := os.ReadFile("/bin/busybox")
	if err == nil {
		err = isStatic(binary)
	}
	if err != nil {
		missing(t, "no static /bin/busybox (Debian: busybox-static): "+err.Error())
	}
	const dockerfile = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
ENV PATH=/bin
CMD ["/bin/sh"]
`
	tag := "ecs-tui-test/busybox:" + contentTag(binary, []byte(dockerfile))
	if !exists(t, cl, tag) {
		makeImage(t, cl, tag, map[string]file{
			"Dockerfile": {data: []byte(dockerfile)},
			"busybox":    {data: binary, mode: 0o755},
		})
	}
	return tag
}

// AppImage is the test app beside busybox: as a task's image, it runs with the
// arguments given, and has a shell.
func AppImage(t testing.TB, args ...string) string {
	t.Helper()
	cl, busybox, app := RequireEngine(t), BusyboxImage(t), StaticImage(t)
	cmd, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	dockerfile := fmt.Sprintf("FROM %s AS app\nFROM %s\nCOPY --from=app /app /app\nENTRYPOINT [\"/app\"]\nCMD %s\n", app, busybox, cmd)
	tag := "ecs-tui-test/app-box:" + contentTag([]byte(dockerfile))
	if !exists(t, cl, tag) {
		makeImage(t, cl, tag, map[string]file{"Dockerfile": {data: []byte(dockerfile)}})
	}
	return tag
}

// ForeignImage holds the test app for a machine that this is not: its program
// says so in its header.
func ForeignImage(t testing.TB) string {
	t.Helper()
	cl := RequireEngine(t)
	tag := "ecs-tui-test/foreign:" + contentTag(appSource, []byte(runtime.Version()))
	if exists(t, cl, tag) {
		return tag
	}
	binary, err := os.ReadFile(StaticBinary(t))
	if err != nil {
		t.Fatal(err)
	}
	binary[18], binary[19] = byte(elf.EM_S390&0xff), byte(elf.EM_S390>>8) // e_machine
	makeImage(t, cl, tag, map[string]file{
		"Dockerfile": {data: []byte("FROM scratch\nCOPY app /app\nENTRYPOINT [\"/app\"]\n")},
		"app":        {data: binary, mode: 0o755},
	})
	return tag
}

// OtherPlatform is an image that says itself that it is for another machine.
func OtherPlatform(t testing.TB) string {
	t.Helper()
	cl := RequireEngine(t)
	const tag = "ecs-tui-test/s390x:1"
	if exists(t, cl, tag) {
		return tag
	}
	var layer, archive bytes.Buffer
	if err := tar.NewWriter(&layer).Close(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(layer.Bytes())
	config := fmt.Sprintf(`{"architecture":"s390x","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%x"]}}`, sum)
	writeTar(t, &archive, map[string]file{
		"manifest.json": {data: fmt.Appendf(nil, `[{"Config":"config.json","RepoTags":[%q],"Layers":["layer.tar"]}]`, tag)},
		"config.json":   {data: []byte(config)},
		"layer.tar":     {data: layer.Bytes()},
	})
	res, err := cl.ImageLoad(context.Background(), &archive)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	if err := drain(res); err != nil {
		t.Fatal(err)
	}
	return tag
}

func isStatic(binary []byte) error {
	f, err := elf.NewFile(bytes.NewReader(binary))
	if err != nil {
		return err
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return errors.New("it is linked dynamically")
		}
	}
	return nil
}

func contentTag(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

func exists(t testing.TB, cl *client.Client, tag string) bool {
	t.Helper()
	_, err := cl.ImageInspect(context.Background(), tag)
	return err == nil
}

type file struct {
	data []byte
	mode int64
}

// makeImage builds with the classic builder, which every engine has, so that
// the tests' images do not depend on the code under test.
func makeImage(t testing.TB, cl *client.Client, tag string, files map[string]file) {
	t.Helper()
	var buf bytes.Buffer
	writeTar(t, &buf, files)
	res, err := cl.ImageBuild(context.Background(), &buf, client.ImageBuildOptions{
		Tags: []string{tag}, Remove: true, ForceRemove: true, Version: build.BuilderV1,
		Labels: map[string]string{Label: "image"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := drain(res.Body); err != nil {
		t.Fatalf("building %s: %v", tag, err)
	}
}

func writeTar(t testing.TB, to io.Writer, files map[string]file) {
	t.Helper()
	w := tar.NewWriter(to)
	for name, f := range files {
		if f.mode == 0 {
			f.mode = 0o644
		}
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: f.mode, Size: int64(len(f.data))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func drain(r io.Reader) error {
	dec := json.NewDecoder(r)
	for {
		var msg struct {
			Error string `json:"error"`
		}
		err := dec.Decode(&msg)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if msg.Error != "" {
			return fmt.Errorf("%s", msg.Error)
		}
	}
}
