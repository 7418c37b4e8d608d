package demo

import (
	"context"
	"iter"

	"github.com/ecs-tui/ecs-tui/backend"
)

var _ backend.Copier = (*Backend)(nil)

// copiedSize is what an image weighs of which nothing but its digest is known.
const copiedSize = 48 << 20

// Copy pretends to take over an image that another demo runs: from then on, the
// registry has one of that digest.
func (b *Backend) Copy(ctx context.Context, req backend.CopyRequest) iter.Seq2[backend.PushEvent, error] {
	return func(yield func(backend.PushEvent, error) bool) {
		const op = "Copy"
		repo, tags := pushTargets(backend.PushRequest{Repository: req.Repository, Tags: req.Tags})
		_, digest := splitRef(req.Image)
		b.lock()
		known := b.findImage(req.Image)
		b.unlock()
		if known == nil {
			known = &image{view: backend.Image{
				ID: digest, Digest: digest, Size: copiedSize, Platform: "linux/amd64", CreatedAt: b.clock.Now(),
			}}
			if err := b.refusePush(op, repo, tags, known); err != nil {
				yield(nil, err)
				return
			}
			if !b.pushLayer(ctx, fingerprint(digest)[:12], copiedSize, false, yield) {
				if err := ended(ctx, op); err != nil {
					yield(nil, err)
				}
				return
			}
		} else if err := b.refusePush(op, repo, tags, known); err != nil {
			yield(nil, err)
			return
		}
		b.lock()
		b.images[known.view.ID] = known
		for _, tag := range tags {
			b.tag(known, repo+":"+tag)
		}
		known.repository, b.changed = repo, true
		done := backend.PushDone{Reference: repo + "@" + digest, Digest: digest, Size: known.view.Size}
		b.unlock()
		yield(done, nil)
	}
}
