package registry

import (
	"context"
	"errors"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/ecs-tui/ecs-tui/backend"
)

const opCopy = "Copy"

// errLeft ends a copy whose consumer wants no more.
var errLeft = errors.New("nobody listens any more")

// Copy brings the image of a digest from one repository to another one, with all
// platforms that it has, and gives it tags there. What is there already is not
// sent again; within one registry, layers are mounted. report hears of the way
// and ends the copy by returning false; the copy then gives no error.
func Copy(ctx context.Context, from Place, digest string, to Place, tags []string, report func(backend.PushLayer) bool) (size int64, err error) {
	resource := from.Repository + "@" + digest
	source, err := from.repository()
	if err != nil {
		return 0, err
	}
	target, err := to.repository()
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	found, err := remote.Get(source.Digest(digest), from.options(ctx)...)
	if err != nil {
		return 0, explain(ctx, resource, err)
	}
	if size, err = sizeOf(found); err != nil {
		return 0, explain(ctx, resource, err)
	}
	err = write(ctx, cancel, found, target.Digest(digest), size, to.options(ctx), report)
	if errors.Is(err, errLeft) {
		return size, nil
	}
	if err != nil {
		return size, explain(ctx, to.Repository, err)
	}
	for _, tag := range tags {
		if err := remote.Tag(target.Tag(tag), found, to.options(ctx)...); err != nil {
			return size, explain(ctx, to.Repository+":"+tag, err)
		}
	}
	return size, nil
}

// write sends what the target does not have yet.
func write(ctx context.Context, cancel context.CancelFunc, found *remote.Descriptor, to name.Digest, size int64, opts []remote.Option, report func(backend.PushLayer) bool) error {
	updates := make(chan v1.Update, 16)
	opts = append(opts, remote.WithProgress(updates))
	var err error
	done := make(chan struct{})
	go func() { // ends with ctx
		defer close(done)
		err = put(found, to, opts)
	}()
	layer := backend.PushLayer{ID: found.Digest.Hex[:12], Status: "Pushing", Total: size}
	left := !report(layer)
	if left {
		cancel()
	}
	// The library closes updates when it is done, but not where it never began.
	for on := true; on; {
		var u v1.Update
		select {
		case u, on = <-updates:
		case <-done:
			on = false
		}
		if !on || u.Error != nil || left {
			continue // it comes back as the error, too
		}
		now := min(u.Complete, size)
		if now-layer.Current < size/100 { // often enough for a bar
			continue
		}
		layer.Current = now
		if left = !report(layer); left {
			cancel()
		}
	}
	<-done
	switch {
	case left:
		return errLeft
	case err != nil:
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	}
	layer.Status, layer.Current = "Pushed", size
	if !report(layer) {
		return errLeft
	}
	return nil
}

func put(found *remote.Descriptor, to name.Digest, opts []remote.Option) error {
	if found.MediaType.IsIndex() {
		idx, err := found.ImageIndex()
		if err != nil {
			return err
		}
		return remote.WriteIndex(to, idx, opts...)
	}
	img, err := found.Image()
	if err != nil {
		return err
	}
	return remote.Write(to, img, opts...)
}
