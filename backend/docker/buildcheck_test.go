package docker

import (
	"strings"
	"testing"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/ecs-tui/ecs-tui/backend"
)

// What would run on a platform that the engine can't run is found before the
// build; what is copied, or compiled on the engine's own platform, is not.
func TestForeignRun(t *testing.T) {
	native := []ocispec.Platform{platforms.MustParse("linux/amd64"), platforms.MustParse("linux/386")}
	for _, tt := range []struct {
		name, file, target string
		line               int
	}{
		{"copies only", "FROM scratch\nCOPY a /a\n", "", 0},
		{"runs", "FROM debian\nCOPY a /a\nRUN a\n", "", 3},
		{"cross-compiles", "FROM --platform=$BUILDPLATFORM golang AS build\nRUN go build\nFROM scratch\nCOPY --from=build /a /a\n", "", 0},
		{"runs in a stage that it copies from", "FROM golang AS build\nRUN go build\nFROM scratch\nCOPY --from=build /a /a\n", "", 2},
		{"by the stage's number", "FROM golang\nRUN go build\nFROM scratch\nCOPY --from=0 /a /a\n", "", 2},
		{"mounts a stage", "FROM golang AS build\nRUN x\nFROM --platform=${BUILDPLATFORM} debian\nRUN --mount=type=bind,from=build,target=/b y\n", "", 2},
		{"a stage that nothing needs", "FROM debian AS test\nRUN x\nFROM scratch\nCOPY a /a\n", "", 0},
		{"a target without it", "FROM scratch AS base\nCOPY a /a\nFROM base AS last\nRUN x\n", "base", 0},
		{"a target that builds on one", "FROM debian AS base\nRUN x\nFROM base AS last\nCOPY a /a\nFROM scratch\n", "last", 2},
		{"another platform by name", "FROM --platform=linux/386 debian\nRUN x\n", "", 0},
	} {
		dir := writeFiles(t, map[string]string{"Dockerfile": tt.file})
		all, err := readStages(backend.BuildRequest{Context: dir})
		if err != nil {
			t.Fatal(err)
		}
		if line, _ := all.foreignRun(tt.target, "linux/arm64", native); line != tt.line {
			t.Errorf("%s: line %d, want %d", tt.name, line, tt.line)
		}
		if line, _ := all.foreignRun(tt.target, "linux/amd64", native); line != 0 {
			t.Errorf("%s: line %d on the engine's own platform", tt.name, line)
		}
	}
}

func TestAbility(t *testing.T) {
	worker := client.WorkerInfo{Labels: map[string]string{}}
	if can := abilityOf([]*client.WorkerInfo{&worker}); strings.Join(can.cacheTo, " ") != "inline" {
		t.Errorf("%+v", can)
	}
	worker.Labels[snapshotterLabel] = "overlayfs"
	if can := abilityOf([]*client.WorkerInfo{&worker}); !strings.Contains(strings.Join(can.cacheTo, " "), "registry") {
		t.Errorf("with the containerd image store: %+v", can)
	}
}

// A real engine says what it can't do, and builds what it said nothing about.
func TestCheckBuild(t *testing.T) {
	builders(t, func(t *testing.T, e *Engine, classic bool) {
		dir := writeFiles(t, map[string]string{"Dockerfile": "FROM scratch\nCOPY a /a\n", "a": "a", "Run": "FROM scratch\nCOPY a /a\nRUN [\"/a\"]\n"})
		check := func(req backend.BuildRequest, wanted ...string) string {
			found, err := e.CheckBuild(t.Context(), req, wanted)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, f := range found {
				out = append(out, f.Path+": "+f.Message)
				if f.Severity != backend.Problem || f.Remedy == "" {
					t.Errorf("%+v", f)
				}
			}
			return strings.Join(out, "\n")
		}
		inline := backend.BuildRequest{Context: dir, CacheTo: []backend.BuildCache{{Type: "inline"}}}
		s390 := backend.BuildRequest{Context: dir, Dockerfile: "Run"}
		if classic {
			if got := check(inline); !strings.HasPrefix(got, "cacheTo: the classic builder") {
				t.Error(got)
			}
			if got := check(s390, "linux/amd64", "linux/s390x"); !strings.HasPrefix(got, "platforms: the classic builder") {
				t.Error(got)
			}
			return
		}
		if got := check(inline, "linux/amd64", "linux/s390x"); got != "" {
			t.Error(got)
		}
		if got := check(s390, "linux/s390x"); !strings.Contains(got, "platforms: line 3 of the Dockerfile runs a program of linux/s390x") {
			t.Error(got)
		}
		facts, err := e.ability(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		toRegistry := backend.BuildRequest{Context: dir, CacheTo: []backend.BuildCache{{Type: "registry", Attrs: map[string]string{"ref": "x"}}}}
		if got := check(toRegistry); (got == "") != (len(facts.cacheTo) > 1) {
			t.Errorf("%v, and it says %q", facts.cacheTo, got)
		}
	})
}
