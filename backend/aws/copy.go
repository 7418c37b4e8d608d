package aws

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/registry"
)

var (
	_ backend.Copier       = (*Backend)(nil)
	_ backend.Lender       = (*Backend)(nil)
	_ backend.BuildChecker = (*Backend)(nil)
)

// Copy brings an image into ECR: from another registry over HTTP, to the digest
// and with all its platforms, from the local engine by a push.
func (b *Backend) Copy(ctx context.Context, req backend.CopyRequest) iter.Seq2[backend.PushEvent, error] {
	if strings.HasPrefix(req.Image, "sha256:") {
		return b.Push(ctx, backend.PushRequest{Image: req.Image, Repository: req.Repository, Tags: req.Tags})
	}
	return func(yield func(backend.PushEvent, error) bool) {
		done, err := b.copy(ctx, req, yield)
		switch {
		case errors.Is(err, errLeft):
		case err != nil:
			yield(nil, err)
		default:
			yield(done, nil)
		}
	}
}

func (b *Backend) copy(ctx context.Context, req backend.CopyRequest, yield func(backend.PushEvent, error) bool) (backend.PushDone, error) {
	const op = "Copy"
	var done backend.PushDone
	from, digest, ok := strings.Cut(req.Image, "@")
	if !ok {
		return done, backend.Errorf(op, backend.Invalid, backend.Clean(req.Image), "is not pinned by its digest")
	}
	to, err := b.pushTarget(ctx, op, req.Repository)
	if err != nil {
		return done, err
	}
	done = backend.PushDone{Reference: to.place().Repository + "@" + digest, Digest: digest}
	if from == to.place().Repository {
		return done, nil
	}
	left := false
	report := func(l backend.PushLayer) bool {
		left = left || !yield(l, nil)
		return !left
	}
	if !yield(backend.PushNotice{Text: "copying " + backend.Clean(req.Image)}, nil) {
		return done, errLeft
	}
	for attempt := 0; ; attempt++ {
		done.Size, err = registry.Copy(ctx, registry.Place{Repository: from, Auth: req.Auth}, digest, to.place(), req.Tags, report)
		if kind := backend.KindOf(err); left || attempt > 0 || kind != backend.Expired {
			break
		}
		if to.token, err = b.registryToken(ctx, true); err != nil {
			return done, err
		}
	}
	switch {
	case left:
		return done, errLeft
	case err != nil:
		return done, pushAdvice(err, to.repository)
	}
	return b.readBack(ctx, to.repository, req.Tags, done)
}

// PullAuth gives ECR's password for images that are in ECR.
func (b *Backend) PullAuth(ctx context.Context, image string) (*backend.RegistryAuth, error) {
	token, err := b.registryToken(ctx, false)
	if err != nil {
		return nil, err
	}
	if host, _, _ := strings.Cut(image, "/"); host != token.host && !trustedECR(host) {
		return nil, nil //nolint:nilnil // nobody asks there
	}
	return &token.auth, nil
}

// trustedECR says whether a host is one of AWS's own registries: names that only
// look like one are not told ECR's password.
func trustedECR(host string) bool {
	return ecrHost.MatchString(host) && slices.ContainsFunc([]string{".amazonaws.com", ".amazonaws.com.cn", ".on.aws"}, func(domain string) bool {
		return strings.HasSuffix(host, domain)
	})
}

// pushIndex pushes the image of each platform, and then the index of them. The
// images have tags by their content: an engine can't push without one, and none
// of these ever has to move.
func (b *Backend) pushIndex(ctx context.Context, engine Engine, req backend.PushRequest, to target, yield func(backend.PushEvent, error) bool) (backend.PushDone, error) {
	var parts []registry.Part
	var size int64
	for _, p := range req.Parts {
		one := req
		one.Image, one.Parts, one.Tags = p.Image, nil, []string{partTag(p)}
		if !yield(backend.PushNotice{Text: "pushing " + backend.Clean(p.Platform)}, nil) {
			return backend.PushDone{}, errLeft
		}
		done, err := b.pushImage(ctx, engine, one, &to, yield)
		if err != nil {
			return done, pushAdvice(err, to.repository)
		}
		parts, size = append(parts, registry.Part{Platform: p.Platform, Digest: done.Digest}), size+done.Size
	}
	digest, err := registry.PutIndex(ctx, to.place(), parts, req.Tags)
	if backend.KindOf(err) == backend.Conflict {
		return b.sameImage(ctx, to.repository, to.token.host, req.Tags, err)
	}
	if err != nil {
		return backend.PushDone{}, pushAdvice(err, to.repository)
	}
	return b.readBack(ctx, to.repository, req.Tags, backend.PushDone{Reference: to.place().Repository + "@" + digest, Digest: digest, Size: size})
}

// partTag is "linux-arm64-3f1c…".
func partTag(p backend.PlatformImage) string {
	id := strings.TrimPrefix(p.Image, "sha256:")
	return strings.ReplaceAll(p.Platform, "/", "-") + "-" + id[:min(len(id), 12)]
}

// CheckBuild asks the engine that would build.
func (b *Backend) CheckBuild(ctx context.Context, req backend.BuildRequest, platforms []string) ([]backend.Finding, error) {
	engine, err := b.openEngine(ctx, "Build")
	if err != nil {
		return nil, err
	}
	checker, ok := engine.(backend.BuildChecker)
	if !ok {
		return nil, nil
	}
	return checker.CheckBuild(ctx, req, platforms)
}

// withRegistry lets a build take its caches, and images that it begins from, from
// ECR: with the password that a push has, when the builder asks for it.
func (b *Backend) withRegistry(ctx context.Context, req backend.BuildRequest) backend.BuildRequest {
	req.CacheFrom, req.CacheTo = b.inECR(ctx, req.CacheFrom), b.inECR(ctx, req.CacheTo)
	req.Credentials = func(ctx context.Context, host string) (backend.RegistryAuth, bool) {
		if host != b.registryHost() && !trustedECR(host) {
			return backend.RegistryAuth{}, false
		}
		token, err := b.registryToken(ctx, false)
		return token.auth, err == nil
	}
	return req
}

// inECR puts ECR's host before caches that name none.
func (b *Backend) inECR(ctx context.Context, caches []backend.BuildCache) []backend.BuildCache {
	caches = slices.Clone(caches)
	for i, c := range caches {
		host, _, found := strings.Cut(c.Attrs["ref"], "/")
		if c.Attrs["ref"] == "" || found && (strings.ContainsAny(host, ".:") || host == "localhost") {
			continue
		}
		token, err := b.registryToken(ctx, false)
		if err != nil {
			return caches // the push says it
		}
		caches[i].Attrs = maps.Clone(c.Attrs)
		caches[i].Attrs["ref"] = token.host + "/" + c.Attrs["ref"]
	}
	return caches
}
