package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ecs-tui/ecs-tui/"

// rule says what the packages below a folder may import, besides the standard
// library: packages of this module, each with all below it, and of others.
type rule struct {
	folder string
	house  []string
	others []string
	// never is what may not be reached, however far down.
	never []string
}

var (
	charm     = []string{"charm.land/", "github.com/charmbracelet/", "github.com/sahilm/fuzzy"}
	engineSDK = []string{
		"github.com/moby/", "github.com/docker/", "github.com/containerd/", "github.com/opencontainers/", "github.com/distribution/reference",
		"github.com/tonistiigi/fsutil", "google.golang.org/grpc", "golang.org/x/",
		"modernc.org/sqlite", "github.com/gofrs/flock",
	}
	// sdks, commands and files are what no screen may know.
	outside = []string{
		"github.com/moby/", "github.com/docker/", "github.com/aws/", "modernc.org/",
		"github.com/spf13/cobra", "charm.land/fang", module + "config",
	}
	screens = []string{"charm.land/", "github.com/charmbracelet/", module + "ui"}
)

// importRules are the rules of the house, the most specific folder first. A
// package that no rule covers fails the test: a new folder needs its rule.
var importRules = []rule{
	{folder: "backend/scheduler", house: []string{"backend"}},
	{folder: "backend/datachannel", house: []string{"backend"}, others: []string{"github.com/coder/websocket"}, never: screens},
	{folder: "backend/registry", house: []string{"backend"}, others: []string{"github.com/google/go-containerregistry/"}, never: screens},
	{folder: "backend/aws", house: []string{"backend", "backend/datachannel", "backend/registry"}, others: []string{"github.com/aws/"}, never: screens},
	{folder: "backend/docker", house: []string{"backend", "backend/scheduler", "backend/docker/..."}, others: engineSDK, never: screens},
	{folder: "backend/ecsapi", house: []string{"backend", "backend/datachannel"}, others: []string{"github.com/aws/", "github.com/google/go-containerregistry/", "github.com/google/shlex"}, never: screens},
	{folder: "backend/demo", house: []string{"backend", "backend/scheduler"}, never: screens},
	{folder: "backend/deploy", house: []string{"backend"}, others: []string{"github.com/aymanbagabas/go-udiff"}},
	{folder: "backend/watch", house: []string{"backend"}, others: []string{"golang.org/x/sync/"}},
	{folder: "backend/backendtest", house: []string{"backend"}, others: []string{"github.com/google/go-cmp/"}},
	{folder: "backend"},
	{folder: "config", others: []string{"github.com/goccy/go-yaml"}},
	{folder: "ui/theme", house: []string{"ui/theme/..."}, others: []string{"charm.land/lipgloss/", "github.com/charmbracelet/colorprofile", "github.com/charmbracelet/x/ansi"}, never: outside},
	{folder: "ui/widget", house: []string{"ui/theme", "ui/widget/..."}, others: charm, never: append([]string{module + "backend"}, outside...)},
	{
		folder: "ui/screen",
		house:  []string{"ui/theme", "ui/widget/...", "ui/screen/...", "backend", "backend/deploy", "backend/watch"},
		others: append([]string{"github.com/goccy/go-yaml"}, charm...),
		never:  outside,
	},
	{
		folder: "ui/uitest",
		house:  []string{"ui/...", "backend", "backend/demo", "backend/deploy", "backend/watch"},
		others: append([]string{"github.com/creack/pty", "golang.org/x/sys/"}, charm...), never: outside,
	},
	{
		folder: "ui",
		house:  []string{"ui/theme", "ui/widget/...", "ui/screen/...", "backend", "backend/deploy", "backend/watch"},
		others: charm, never: outside,
	},
	{folder: "examples"},
	{folder: "docs", house: []string{"..."}, others: append([]string{"github.com/creack/pty"}, charm...)},
	{folder: "screenshots", others: charm},
	{folder: "cmd", house: []string{"..."}, others: []string{""}},
}

// testHelpers may be imported by tests only, and by the benchmarks, which are
// no part of the program.
var testHelpers = []string{"backend/backendtest", "backend/docker/dockertest", "ui/uitest", "cmd/bench"}

// listedPackage is what `go list -json` says of a package.
type listedPackage struct {
	ImportPath    string
	Imports, Deps []string
	Standard      bool
}

func TestImportRules(t *testing.T) {
	for _, goos := range []string{"linux", "darwin", "windows"} {
		t.Run(goos, func(t *testing.T) {
			for _, pkg := range listHouse(t, goos) {
				checkImports(t, pkg)
			}
		})
	}
}

func checkImports(t *testing.T, pkg listedPackage) {
	t.Helper()
	path := strings.TrimPrefix(pkg.ImportPath, module)
	r, ok := ruleFor(path)
	if !ok {
		t.Errorf("%s: no import rule covers this folder; see the design for where things go", path)
		return
	}
	isHelper := slices.ContainsFunc(testHelpers, func(h string) bool { return within(path, h) })
	for _, imp := range pkg.Imports {
		house, isHouse := strings.CutPrefix(imp, module)
		switch {
		case isHouse && !isHelper && slices.ContainsFunc(testHelpers, func(h string) bool { return within(house, h) }):
			t.Errorf("%s imports %s, which is for tests", path, house)
		case isHouse && !isHelper && !r.allowsHouse(house):
			t.Errorf("%s may not import %s", path, house)
		case !isHouse && !standard(imp) && !hasAnyPrefix(imp, r.others):
			t.Errorf("%s may not import %s", path, imp)
		}
	}
	for _, dep := range pkg.Deps {
		if hasAnyPrefix(dep, r.never) {
			t.Errorf("%s reaches %s, which it may never depend on", path, dep)
		}
	}
}

func ruleFor(path string) (rule, bool) {
	for _, r := range importRules {
		if within(path, r.folder) {
			return r, true
		}
	}
	return rule{}, false
}

func (r rule) allowsHouse(path string) bool {
	for _, allowed := range r.house {
		folder, all := strings.CutSuffix(allowed, "...")
		folder = strings.TrimSuffix(folder, "/")
		if path == folder || all && (folder == "" || within(path, folder)) {
			return true
		}
	}
	return false
}

// within says whether path is folder or below it.
func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

// standard says whether an import path is the standard library's: its first
// element has no dot.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func hasAnyPrefix(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}

// listHouse lists the packages of this module that git keeps, as they would be
// built for goos.
func listHouse(t *testing.T, goos string) []listedPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Imports,Deps,Standard", "./...")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var house []listedPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg listedPackage
		err := dec.Decode(&pkg)
		if errors.Is(err, io.EOF) {
			return house
		}
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		if strings.HasPrefix(pkg.ImportPath, module) && !strings.HasPrefix(pkg.ImportPath, module+"depwarm") {
			house = append(house, pkg)
		}
	}
}

// TestImportRulesCanFail holds the test itself to account: each of these is a
// breach that must be seen.
func TestImportRulesCanFail(t *testing.T) {
	for _, breach := range []struct{ from, to string }{
		{"backend", module + "backend/docker"},
		{"backend", "golang.org/x/sync/errgroup"},
		{"backend/docker", module + "backend/demo"},
		{"backend/demo", module + "backend/docker"},
		{"backend/deploy", module + "backend/docker"},
		{"config", module + "backend"},
		{"ui/theme", "charm.land/bubbletea/v2"},
		{"ui/widget", module + "backend"},
		{"ui/screen", module + "ui"},
		{"ui", "github.com/moby/moby/client"},
		{"ui", module + "config"},
		{"examples/web", module + "backend"},
	} {
		r, ok := ruleFor(breach.from)
		if !ok {
			t.Errorf("no rule for %s", breach.from)
			continue
		}
		house, isHouse := strings.CutPrefix(breach.to, module)
		if isHouse && r.allowsHouse(house) || !isHouse && hasAnyPrefix(breach.to, r.others) {
			t.Errorf("%s importing %s would pass", breach.from, breach.to)
		}
	}
}
