package docker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/ecs-tui/ecs-tui/backend"
)

var _ backend.BuildChecker = (*Engine)(nil)

// snapshotterLabel is on workers of engines with the containerd image store,
// which can write every kind of cache.
const snapshotterLabel = "org.mobyproject.buildkit.worker.snapshotter"

// ability is what the builder inside an engine can do.
type ability struct {
	classic   bool
	platforms []ocispec.Platform // whose programs it can run
	cacheTo   []string
}

// CheckBuild finds what the engine's builder can't do: caches of a kind that it
// does not write, and platforms whose programs a RUN would have to start here.
func (e *Engine) CheckBuild(ctx context.Context, req backend.BuildRequest, wanted []string) ([]backend.Finding, error) {
	can, err := e.ability(ctx)
	if err != nil {
		return nil, err
	}
	var out []backend.Finding
	problem := func(path, remedy, format string, args ...any) {
		out = append(out, backend.Finding{Severity: backend.Problem, Path: path, Message: backend.Clean(fmt.Sprintf(format, args...)), Remedy: remedy})
	}
	if can.classic {
		const update = "update the engine to 20.10 or later, which has BuildKit"
		if len(wanted) > 1 {
			problem("platforms", update, "the classic builder builds for the engine's own platform only")
		}
		if len(req.CacheFrom)+len(req.CacheTo) > 0 {
			problem(cacheField(req), update, "the classic builder has no caches but its own")
		}
		return out, nil
	}
	for i, c := range req.CacheTo {
		if !slices.Contains(can.cacheTo, c.Type) {
			problem(fmt.Sprintf("cacheTo[%d]", i),
				"use type=inline, which puts the cache into the image, and take it with cacheFrom: [type=registry,ref=IMAGE]; or turn on the containerd image store of an engine from 24 on",
				"the BuildKit in this engine can't write a cache of type %s, only %s", c.Type, strings.Join(can.cacheTo, ", "))
		}
	}
	stages, err := readStages(req)
	if err != nil {
		return out, nil //nolint:nilerr // the build says what is wrong with a Dockerfile, with its line
	}
	for _, platform := range wanted {
		if run, foreign := stages.foreignRun(req.Target, platform, can.platforms); foreign != "" {
			problem("platforms",
				"let the engine emulate it (Debian: apt-get install qemu-user-static, then restart the engine); or cross-compile in a stage that is FROM --platform=$BUILDPLATFORM",
				"line %d of the Dockerfile runs a program of %s, and this engine runs %s", run, foreign, formatAll(can.platforms))
		}
	}
	return out, nil
}

func cacheField(req backend.BuildRequest) string {
	if len(req.CacheFrom) > 0 {
		return "cacheFrom"
	}
	return "cacheTo"
}

func (e *Engine) ability(ctx context.Context) (ability, error) {
	if e.opts.ClassicBuilder {
		return ability{classic: true}, nil
	}
	kit, err := e.openBuildKit(ctx)
	if errors.Is(err, errNoBuildKit) {
		return ability{classic: true}, nil
	}
	if err != nil {
		return ability{}, wrap(opBuild, "", err)
	}
	defer kit.Close()
	workers, err := kit.ListWorkers(ctx)
	if err != nil {
		return ability{}, wrap(opBuild, "", err)
	}
	return abilityOf(workers), nil
}

func abilityOf(workers []*client.WorkerInfo) ability {
	can := ability{cacheTo: []string{"inline"}}
	for _, w := range workers {
		can.platforms = append(can.platforms, w.Platforms...)
		if _, ok := w.Labels[snapshotterLabel]; ok {
			can.cacheTo = []string{"inline", "registry", "local"}
		}
	}
	return can
}

func formatAll(all []ocispec.Platform) string {
	var out []string
	for _, p := range all {
		if s := platforms.Format(platforms.Normalize(p)); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return strings.Join(out, ", ")
}

// stage is one FROM of a Dockerfile, with what decides where its programs run.
type stage struct {
	name, base string
	platform   string   // as written: "", a platform, or a variable
	run        int      // line of the first RUN, 0 for none
	from       []string // stages that files are copied or mounted from
}

type stages []stage

// readStages reads as much of a Dockerfile as tells what would run.
func readStages(req backend.BuildRequest) (stages, error) {
	f, err := os.Open(dockerfilePath(req))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	parsed, err := parser.Parse(f)
	if err != nil {
		return nil, err
	}
	var out stages
	for _, node := range parsed.AST.Children {
		if strings.EqualFold(node.Value, "from") {
			out = append(out, stageOf(node))
			continue
		}
		if len(out) == 0 {
			continue
		}
		s := &out[len(out)-1]
		if strings.EqualFold(node.Value, "run") && s.run == 0 {
			s.run = node.StartLine
		}
		for _, flag := range node.Flags {
			if _, from, ok := strings.Cut(flag, "from="); ok {
				from, _, _ = strings.Cut(from, ",")
				s.from = append(s.from, strings.ToLower(from))
			}
		}
	}
	return out, nil
}

func stageOf(node *parser.Node) stage {
	var s stage
	for _, flag := range node.Flags {
		if p, ok := strings.CutPrefix(flag, "--platform="); ok {
			s.platform = p
		}
	}
	var words []string
	for n := node.Next; n != nil; n = n.Next {
		words = append(words, n.Value)
	}
	if len(words) > 0 {
		s.base = strings.ToLower(words[0])
	}
	if len(words) == 3 && strings.EqualFold(words[1], "as") {
		s.name = strings.ToLower(words[2])
	}
	return s
}

// foreignRun gives the line of a RUN that would start a program of a platform
// which the engine can't run, and that platform; "" where none does.
func (all stages) foreignRun(target, wanted string, native []ocispec.Platform) (line int, platform string) {
	matcher := platforms.Any(native...)
	seen := map[int]bool{}
	var visit func(i int)
	visit = func(i int) {
		if i < 0 || seen[i] || platform != "" {
			return
		}
		seen[i] = true
		s := all[i]
		on := s.platform
		switch {
		case strings.Contains(on, "BUILDPLATFORM"):
			on = ""
		case on == "" || strings.Contains(on, "$"):
			on = wanted
		}
		if p, err := platforms.Parse(on); on != "" && s.run > 0 && err == nil && !matcher.Match(p) {
			line, platform = s.run, on
			return
		}
		for _, name := range append([]string{s.base}, s.from...) {
			visit(all.find(name, i))
		}
	}
	last := len(all) - 1
	if target != "" {
		last = all.find(strings.ToLower(target), len(all))
	}
	visit(last)
	return line, platform
}

// find is the index of the last stage before one that has a name or a number.
func (all stages) find(name string, before int) int {
	for i := before - 1; i >= 0; i-- {
		if all[i].name != "" && all[i].name == name || fmt.Sprint(i) == name {
			return i
		}
	}
	return -1
}

func dockerfilePath(req backend.BuildRequest) string {
	return inContext(req.Context, cmp.Or(req.Dockerfile, "Dockerfile"))
}
