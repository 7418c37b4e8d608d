package docker

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// BenchmarkBuild compares a build with the docker CLI's own of the same
// context of 30 MB, with a new file each time so that COPY is not cached.
func BenchmarkBuild(b *testing.B) {
	e := openEngine(b, Options{})
	files := map[string]string{"Dockerfile": "FROM " + dockertest.BusyboxImage(b) + "\nCOPY . /src\nRUN ls -lR /src | wc -l\n"}
	for i := range 300 {
		files["data/"+strconv.Itoa(i)] = string(make([]byte, 100_000))
	}
	dir := writeFiles(b, files)
	b.Cleanup(func() {
		for _, tag := range []string{"ours", "docker"} {
			_, _ = e.client.ImageRemove(context.Background(), "ecs-tui-test/bench:"+tag, client.ImageRemoveOptions{})
		}
	})
	change := func(b *testing.B) {
		if err := os.WriteFile(dir+"/changed", []byte(time.Now().String()), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			change(b)
			for _, err := range e.Build(b.Context(), backend.BuildRequest{Context: dir, Tags: []string{"ecs-tui-test/bench:ours"}}) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("docker", func(b *testing.B) {
		if _, err := exec.LookPath("docker"); err != nil {
			b.Skip(err)
		}
		for b.Loop() {
			change(b)
			cmd := exec.Command("docker", "build", "-q", "-t", "ecs-tui-test/bench:docker", dir)
			if out, err := cmd.CombinedOutput(); err != nil {
				b.Skipf("docker build: %v: %s", err, out)
			}
		}
	})
}
