package deploy

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// fromImage is the image that a container runs from now, as a person reads it.
// What is promoted is compared by its digest, since a tag could be on another
// image here.
func (p *Plan) fromImage(ctx context.Context, b Planner, c backend.ContainerDefinition, planned string) string {
	from := readableImage(ctx, b, c.Image, planned)
	if p.Request.Promotion == nil {
		return from
	}
	now, next := digestOf(c.Image), digestOf(p.Request.Promotion.Images[c.Name])
	switch {
	case now == "" || next == "":
		return from
	case now == next:
		return planned
	case from == planned:
		return backend.Clean(c.Image)
	}
	return from
}

// Builds are the builds that an image takes: one, or one for each platform. The
// image stays on its engine where it is not pushed, and then the engine's own
// platform is all that it can be for.
func (s ImageSource) Builds(tag string, pushed bool) []backend.BuildRequest {
	build := s.Build
	build.Tags = []string{tag}
	if len(s.Platforms) == 0 || !pushed {
		return []backend.BuildRequest{build}
	}
	var out []backend.BuildRequest
	for _, p := range s.Platforms {
		build.Platform = p
		build.Tags = []string{tag + "-" + strings.ReplaceAll(strings.TrimPrefix(p, "linux/"), "/", "-")}
		out = append(out, build)
	}
	return out
}

// checkBuilds asks the builder about what not every one can do, and holds the
// platforms of images against the one that tasks run on.
func checkBuilds(ctx context.Context, b Planner, req Request) ([]backend.Finding, error) {
	if req.Promotion != nil {
		return nil, nil
	}
	var out []backend.Finding
	for _, src := range req.Images {
		path := "images." + src.Container
		out = append(out, checkPlatform(req, src, b.Unsupported(backend.CanPush) == "")...)
		wanted := src.Platforms
		if len(wanted) > 0 && b.Unsupported(backend.CanPush) != "" && b.Unsupported(backend.CanWrite) == "" {
			found, own, err := ownPlatform(ctx, b, src)
			if err != nil {
				return nil, err
			}
			out, wanted = append(out, found), own
		}
		if len(wanted)+len(src.Build.CacheFrom)+len(src.Build.CacheTo) == 0 {
			continue
		}
		checker := backend.BuildCheckerOf(b)
		if checker == nil {
			continue
		}
		found, err := checker.CheckBuild(ctx, src.Build, wanted)
		if err != nil {
			out = append(out, backend.Finding{
				Severity: backend.Warning, Path: path, Message: "whether it can be built here is not known: " + err.Error(), Remedy: backend.AdviceFor(err),
			})
		}
		for _, f := range found {
			f.Path = path + "." + f.Path
			out = append(out, f)
		}
	}
	return out, ctx.Err()
}

// ownPlatform says that, where images stay on the engine that runs them, only
// its own platform is built.
func ownPlatform(ctx context.Context, b Planner, src ImageSource) (backend.Finding, []string, error) {
	info, err := b.Info(ctx)
	f := backend.Finding{
		Severity: backend.Note, Path: "images." + src.Container + ".platforms",
		Message: "this engine runs its own images: only " + cmp.Or(info.Platform, "its own platform") + " is built here",
	}
	if info.Platform != "" && !slices.ContainsFunc(src.Platforms, func(p string) bool { return samePlatform(p, info.Platform) }) {
		f.Severity, f.Remedy = backend.Warning, "add it to platforms, to run here what runs elsewhere"
		f.Message += ", which is not among " + strings.Join(src.Platforms, ", ")
	}
	return f, nil, err
}

// samePlatform compares os and architecture, and not the variant.
func samePlatform(a, b string) bool {
	pa, pb := strings.SplitN(a, "/", 3), strings.SplitN(b, "/", 3)
	return len(pa) > 1 && len(pb) > 1 && pa[0] == pb[0] && pa[1] == pb[1]
}

// checkPlatform: a task does not start from an image of another architecture.
// What is not pushed runs on the machine that built it, whatever is asked.
func checkPlatform(req Request, src ImageSource, pushed bool) []backend.Finding {
	runs, built := TaskPlatform(req.Definition, req.Service), src.Platforms
	if len(built) == 0 && src.Build.Platform != "" && pushed {
		built = []string{src.Build.Platform}
	}
	if len(built) == 0 || runs == "" || slices.ContainsFunc(built, func(p string) bool { return samePlatform(p, runs) }) {
		return nil
	}
	return []backend.Finding{{
		Severity: backend.Problem, Path: "runtimePlatform.cpuArchitecture",
		Message: "tasks run on " + runs + ", and the image of " + src.Container + " is built for " + strings.Join(built, ", "),
		Remedy:  "add " + runs + " to images." + src.Container + ".platforms, or name another cpuArchitecture",
	}}
}

// TaskPlatform is what an image must be built for to run as a task definition
// and its service ask ("runtimePlatform" in the API reference: Fargate's default
// is X86_64); "" where whatever machine it comes to decides. There need not be a
// service.
func TaskPlatform(td backend.TaskDefinition, service *backend.ServiceSpec) string {
	if p := td.Platform; p != nil {
		if strings.HasPrefix(p.OSFamily, "WINDOWS") {
			return ""
		}
		switch p.CPUArchitecture {
		case "X86_64":
			return "linux/amd64"
		case "ARM64":
			return "linux/arm64"
		}
	}
	if onFargate(td, service) {
		return "linux/amd64"
	}
	return ""
}

// onFargate says whether tasks run there: as their service is launched, else as
// their definition requires.
func onFargate(td backend.TaskDefinition, service *backend.ServiceSpec) bool {
	var launch struct {
		Type      string `json:"launchType"`
		Providers []struct {
			Name string `json:"capacityProvider"`
		} `json:"capacityProviderStrategy"`
	}
	if service != nil && len(service.Document) > 0 && service.Document.Decode(&launch) == nil {
		switch {
		case launch.Type != "":
			return launch.Type == "FARGATE"
		case len(launch.Providers) > 0:
			return strings.HasPrefix(launch.Providers[0].Name, "FARGATE")
		}
	}
	return slices.Contains(td.Requires, "FARGATE")
}
