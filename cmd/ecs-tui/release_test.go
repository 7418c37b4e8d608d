package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestWhatIsReleased: what is released is what `make check` builds, the version goes
// where main looks for it, and the files that are packed are there. The tool that
// reads the file takes minutes to build: only `make snapshot` runs it.
func TestWhatIsReleased(t *testing.T) {
	root := filepath.Join("..", "..")
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	type packed struct{ Src string }
	var release struct {
		Version int
		Builds  []struct {
			Main              string
			Env, Goos, Goarch []string
			Ldflags           []string
		}
		Archives []struct{ Files []string }
		Nfpms    []struct {
			Formats  []string
			Contents []packed
		}
		Checksum struct {
			Name string `yaml:"name_template"`
		}
	}
	if err := yaml.Unmarshal(read(".goreleaser.yaml"), &release); err != nil {
		t.Fatal(err)
	}
	if release.Version != 2 || len(release.Builds) != 1 || len(release.Archives) != 1 || len(release.Nfpms) != 1 || release.Checksum.Name == "" {
		t.Fatalf("one build, one archive, one kind of package and checksums should be there: %+v", release)
	}
	build := release.Builds[0]
	var targets []string
	for _, system := range build.Goos {
		for _, arch := range build.Goarch {
			targets = append(targets, system+"/"+arch)
		}
	}
	made := regexp.MustCompile(`(?m)^TARGETS := (.*)$`).FindSubmatch(read("Makefile"))
	if made == nil || !slices.Equal(targets, strings.Fields(string(made[1]))) {
		t.Errorf("%v are released, and the Makefile builds %s", targets, made)
	}
	if !slices.Contains(build.Env, "CGO_ENABLED=0") || !strings.Contains(strings.Join(build.Ldflags, " "), "-X main.version={{ .Version }}") {
		t.Errorf("the build is not static, or does not know its version: %+v", build)
	}
	if got := release.Nfpms[0].Formats; !slices.Equal(got, []string{"deb", "rpm"}) {
		t.Errorf("packages are %v", got)
	}
	files := append([]string{build.Main}, release.Archives[0].Files...)
	for _, c := range release.Nfpms[0].Contents {
		files = append(files, c.Src)
	}
	for _, file := range files {
		if _, err := os.Stat(filepath.Join(root, file)); err != nil {
			t.Error(err)
		}
	}
}
