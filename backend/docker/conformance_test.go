package docker

import (
	"strconv"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/backendtest"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	prefix := dockertest.Unique(t, "c")
	backendtest.Run(t, backendtest.Harness{
		New: func(t *testing.T) backend.Backend {
			other, err := New(t.Context(), b.set)
			if err != nil {
				t.Fatal(err)
			}
			return other
		},
		Cluster:     b.cluster,
		Image:       dockertest.AppImage(t, "-log", "2"),
		ImageV2:     dockertest.AppImage(t, "-log", "2", "-version", "2"),
		ImageBroken: dockertest.AppImage(t, "-exit-after", "10ms", "-exit-code", "1"),
		Exit: func(code int) []string {
			return []string{"-log", "2", "-exit-after", "1s", "-exit-code", strconv.Itoa(code)}
		},
		Say: func(text string) []string { return []string{"-log", "2", "-text", text} },
		Shell: func(text string, code int) []string {
			return []string{"sh", "-c", "echo " + text + "; exit " + strconv.Itoa(code)}
		},
		Build: func(t *testing.T) backend.BuildRequest {
			dir := writeFiles(t, map[string]string{"Dockerfile": "FROM " + dockertest.BusyboxImage(t) + "\nRUN echo " + prefix + "; sleep 1\n"})
			return backend.BuildRequest{Context: dir, Tags: []string{prefix + "/app:v1"}}
		},
		Prefix:     prefix,
		Parallel:   true,
		Eventually: patience,
	})
}
