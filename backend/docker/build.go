package docker

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"

	"github.com/containerd/platforms"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/ecs-tui/ecs-tui/backend"
)

const opBuild = "Build"

// buildPlan is a request that has been checked: every path in it exists and
// can be read, every name in it is one that the engine takes.
type buildPlan struct {
	backend.BuildRequest
	contextDir string
	// dockerfile is the absolute path; it may lie outside the context.
	dockerfile string
	platform   *ocispec.Platform
	getenv     func(string) string
}

// shown is the Dockerfile as the user named it, for messages.
func (p buildPlan) shown() string {
	if p.Dockerfile != "" {
		return p.Dockerfile
	}
	return "Dockerfile"
}

// Build builds with the engine's own BuildKit or, where it has none, with its
// classic builder; a [backend.BuildNotice] says so.
func (e *Engine) Build(ctx context.Context, req backend.BuildRequest) iter.Seq2[backend.BuildEvent, error] {
	return func(yield func(backend.BuildEvent, error) bool) {
		plan, err := e.planBuild(req)
		if err != nil {
			yield(nil, err)
			return
		}
		if e.opts.ClassicBuilder {
			e.buildClassic(ctx, plan, "Building with the classic builder, as asked.", yield)
			return
		}
		kit, err := e.openBuildKit(ctx)
		switch {
		case errors.Is(err, errNoBuildKit):
			e.buildClassic(ctx, plan, "This engine has no BuildKit: building with the classic builder, without cache mounts and secrets.", yield)
		case err != nil:
			yield(nil, wrap(opBuild, req.Context, err))
		default:
			defer kit.Close()
			e.buildKit(ctx, kit, plan, yield)
		}
	}
}

// planBuild checks the request before the engine hears of it: these mistakes
// are the user's most frequent ones, and the builder's words for them are not
// helpful.
func (e *Engine) planBuild(req backend.BuildRequest) (buildPlan, error) {
	plan := buildPlan{BuildRequest: req, getenv: e.opts.Getenv}
	dir, err := filepath.Abs(req.Context)
	if err != nil {
		return plan, wrap(opBuild, req.Context, err)
	}
	plan.contextDir = dir
	if err := checkContext(req.Context, dir); err != nil {
		return plan, err
	}
	plan.dockerfile = inContext(dir, plan.shown())
	if err := checkDockerfile(plan); err != nil {
		return plan, err
	}
	for _, tag := range req.Tags {
		if _, err := parseTag(tag); err != nil {
			return plan, &backend.Error{
				Op: opBuild, Kind: backend.Invalid, Resource: backend.Clean(tag), Err: cleanError(err),
				Remedy: "correct the image's repository name or tag",
			}
		}
	}
	if req.Platform != "" {
		p, err := platforms.Parse(req.Platform)
		if err != nil {
			return plan, &backend.Error{
				Op: opBuild, Kind: backend.Invalid, Resource: "platform " + backend.Clean(req.Platform), Err: cleanError(err),
				Remedy: "write it as linux/amd64 or linux/arm64",
			}
		}
		plan.platform = &p
	}
	if err := checkSecrets(plan); err != nil {
		return plan, err
	}
	plan.Labels = maps.Clone(req.Labels)
	if plan.Labels == nil {
		plan.Labels = map[string]string{}
	}
	if _, ok := plan.Labels[LabelApp]; !ok {
		plan.Labels[LabelApp] = "true"
	}
	return plan, nil
}

// inContext is the path of a Dockerfile, which may lie outside its context.
func inContext(dir, file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, filepath.FromSlash(file))
}

func checkContext(shown, dir string) error {
	out := &backend.Error{Op: opBuild, Resource: shown, Remedy: "name the folder that holds the Dockerfile and the sources"}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		out.Kind, out.Err = backend.NotFound, errors.New("the build context does not exist")
		return out
	case err == nil && !info.IsDir():
		out.Kind, out.Err = backend.Invalid, errors.New("the build context is a file, not a folder")
		return out
	case err == nil:
		var f *os.File
		if f, err = os.Open(dir); err == nil {
			_, err = f.Readdirnames(1)
			f.Close()
			if err == nil || err.Error() == "EOF" {
				return nil
			}
		}
	}
	out.Kind, out.Err = backend.Denied, errors.New("the build context cannot be read: "+reason(err))
	out.Remedy = "give this user the right to read that folder"
	return out
}

func checkDockerfile(p buildPlan) error {
	out := &backend.Error{Op: opBuild, Resource: filepath.Join(p.Context, p.shown())}
	f, err := os.Open(p.dockerfile)
	if err == nil {
		defer f.Close()
		var info os.FileInfo
		if info, err = f.Stat(); err == nil && !info.IsDir() {
			return nil
		}
		if err == nil {
			err = errors.New("is a folder")
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		out.Kind, out.Err = backend.NotFound, errors.New("there is no Dockerfile here")
		out.Remedy = "write one, or set dockerfile in ecs-tui.yml to its path within " + p.Context
	case errors.Is(err, fs.ErrPermission):
		out.Kind, out.Err = backend.Denied, errors.New("the Dockerfile cannot be read")
		out.Remedy = "give this user the right to read it"
	default:
		out.Kind, out.Err = backend.Invalid, errors.New("the Dockerfile cannot be read: "+reason(err))
	}
	return out
}

// reason is the operating system's word for what is wrong, without the path.
func reason(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return backend.Clean(err.Error())
}
