package demo

import (
	"context"
	"iter"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// wait lets d pass at the demo's speed; it says whether ctx is still alive.
func (b *Backend) wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-b.clock.After(b.scaled(d)):
		return true
	}
}

// Push pretends to push: layers go up one after the other, those of the base
// are there already.
func (b *Backend) Push(ctx context.Context, req backend.PushRequest) iter.Seq2[backend.PushEvent, error] {
	return func(yield func(backend.PushEvent, error) bool) {
		const op = "Push"
		if len(req.Parts) > 0 { // the index is as good as one of them: nothing here runs an image
			req.Image = req.Parts[0].Image
		}
		b.lock()
		i := b.findImage(req.Image)
		var layers []backend.Layer
		if i != nil {
			layers = i.layers
		}
		b.unlock()
		if i == nil {
			yield(nil, unknownImage(op, req.Image))
			return
		}
		repo, tags := pushTargets(req)
		if err := b.refusePush(op, repo, tags, i); err != nil {
			yield(nil, err)
			return
		}
		for n, l := range layers {
			if l.Empty {
				continue
			}
			if !b.pushLayer(ctx, fingerprint(l.Command + i.view.ID)[:12], l.Size, n == 0, yield) {
				if err := ended(ctx, op); err != nil {
					yield(nil, err)
				}
				return
			}
		}
		b.lock()
		b.pushedTo(i, repo)
		done := backend.PushDone{Reference: repo + "@" + i.view.Digest, Digest: i.view.Digest, Size: i.view.Size}
		for _, tag := range tags {
			b.tag(i, repo+":"+tag)
		}
		b.changed = true
		b.unlock()
		yield(done, nil)
	}
}

func (b *Backend) pushLayer(ctx context.Context, id string, size int64, there bool, yield func(backend.PushEvent, error) bool) bool {
	if there {
		return b.wait(ctx, 100*time.Millisecond) && yield(backend.PushLayer{ID: id, Status: "Layer already exists"}, nil)
	}
	const steps = 5
	for n := range int64(steps) {
		if !yield(backend.PushLayer{ID: id, Status: "Pushing", Current: size * n / steps, Total: size}, nil) ||
			!b.wait(ctx, 120*time.Millisecond) {
			return false
		}
	}
	return yield(backend.PushLayer{ID: id, Status: "Pushed", Current: size, Total: size}, nil)
}

// pushTargets are the repository and the tags of a push.
func pushTargets(req backend.PushRequest) (repository string, tags []string) {
	repository, _ = splitRef(req.Repository)
	for _, tag := range req.Tags {
		_, rest := splitRef(tag)
		if rest == "latest" && tag != "latest" && repository != tag {
			rest = tag
		}
		tags = append(tags, backend.Clean(rest))
	}
	return repository, tags
}

// refusePush is what ECR would not take: a repository that does not exist, a tag
// of another image where tags can't be moved.
func (b *Backend) refusePush(op, name string, tags []string, i *image) error {
	b.lock()
	defer b.unlock()
	r, err := b.repository(op, name)
	if err != nil {
		return err
	}
	for _, tag := range tags {
		if other := b.findImage(name + ":" + tag); r.immutable && other != nil && other != i && other.view.Digest != "" {
			return backend.Errorf(op, backend.Conflict, name+":"+tag, "the tag exists, and tags of this repository are immutable")
		}
	}
	return nil
}
