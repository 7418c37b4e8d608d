package docker

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

var _ backend.Copier = (*Engine)(nil)

const opCopy = "Copy"

// Copy takes over an image that another place runs. One of this engine is here
// already; another one is pulled, of which the engine keeps its own platform's.
// The reference is the image's id, which is what tasks run from here.
func (e *Engine) Copy(ctx context.Context, req backend.CopyRequest) iter.Seq2[backend.PushEvent, error] {
	return func(yield func(backend.PushEvent, error) bool) {
		if !strings.HasPrefix(req.Image, "sha256:") {
			if err := e.pull(ctx, req, yield); err != nil {
				if !errors.Is(err, errConsumerLeft) {
					yield(nil, err)
				}
				return
			}
		}
		found, err := e.client.ImageInspect(ctx, req.Image)
		if err != nil {
			yield(nil, wrap(opCopy, backend.Clean(req.Image), err))
			return
		}
		for _, tag := range req.Tags {
			if _, err := e.client.ImageTag(ctx, client.ImageTagOptions{Source: found.ID, Target: req.Repository + ":" + tag}); err != nil {
				yield(nil, wrap(opCopy, backend.Clean(req.Repository+":"+tag), err))
				return
			}
		}
		yield(backend.PushDone{Reference: found.ID, Size: found.Size}, nil)
	}
}

// pull brings an image from a registry to the engine, by its digest.
func (e *Engine) pull(ctx context.Context, req backend.CopyRequest, yield func(backend.PushEvent, error) bool) error {
	auth, err := registryAuth(req.Auth)
	if err != nil {
		return &backend.Error{Op: opCopy, Kind: backend.Invalid, Resource: backend.Clean(req.Image), Err: err}
	}
	if !yield(backend.PushNotice{Text: "pulling " + backend.Clean(req.Image)}, nil) {
		return errConsumerLeft
	}
	stream, err := e.client.ImagePull(ctx, req.Image, client.ImagePullOptions{RegistryAuth: auth})
	if err != nil {
		return wrap(opCopy, backend.Clean(req.Image), err)
	}
	defer stream.Close()
	for msg, err := range stream.JSONMessages(ctx) {
		switch {
		case err != nil:
			return wrap(opCopy, backend.Clean(req.Image), err)
		case msg.Error != nil:
			return wrap(opCopy, backend.Clean(req.Image), msg.Error)
		case msg.ID != "" && msg.Progress != nil:
			if !yield(pushLayer(msg), nil) {
				return errConsumerLeft
			}
		}
	}
	if ctx.Err() != nil {
		return wrap(opCopy, backend.Clean(req.Image), ctx.Err())
	}
	return nil
}
