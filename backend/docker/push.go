package docker

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/moby/api/types/jsonstream"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

const opPush = "Push"

// nothingToPush is why images need no registry here.
const nothingToPush = "the engine runs its own images; nothing to push"

var _ backend.Registry = (*Engine)(nil)

// Unsupported says what this engine can't do: it has no need to push.
func (e *Engine) Unsupported(c backend.Capability) string {
	switch c {
	case backend.CanPush:
		return nothingToPush
	case backend.CanShift:
		return noPauses
	case backend.CanRepositories:
		return noRegistry
	}
	return ""
}

// Push pushes an image to the registry that its repository's name begins with,
// "127.0.0.1:5000/shop/web". A name without a host is refused: it would mean
// Docker Hub. Credentials come with the request or not at all: none are read
// from a file, and none are kept.
func (e *Engine) Push(ctx context.Context, req backend.PushRequest) iter.Seq2[backend.PushEvent, error] {
	return func(yield func(backend.PushEvent, error) bool) {
		if len(req.Parts) > 0 {
			yield(nil, &backend.Error{
				Op: opPush, Kind: backend.Unsupported, Resource: backend.Clean(req.Repository), Err: errors.New("an engine pushes images of one platform"),
			})
			return
		}
		targets, err := pushTargets(req)
		if err != nil {
			yield(nil, err)
			return
		}
		auth, err := registryAuth(req.Auth)
		if err != nil {
			yield(nil, &backend.Error{Op: opPush, Kind: backend.Invalid, Resource: backend.Clean(req.Repository), Err: err})
			return
		}
		var done backend.PushDone
		for _, target := range targets {
			if _, err := e.client.ImageTag(ctx, client.ImageTagOptions{Source: req.Image, Target: target.String()}); err != nil {
				yield(nil, wrap(opPush, backend.Clean(req.Image), err))
				return
			}
			digest, size, err := e.pushOne(ctx, target, auth, yield)
			if errors.Is(err, errConsumerLeft) {
				return
			}
			if err != nil {
				yield(nil, pushError(target.String(), err))
				return
			}
			done = backend.PushDone{Reference: target.Name() + "@" + digest, Digest: digest, Size: size}
		}
		yield(done, nil)
	}
}

// pushTargets are the full names to push to.
func pushTargets(req backend.PushRequest) ([]reference.NamedTagged, error) {
	host, _, hasPath := strings.Cut(req.Repository, "/")
	if !hasPath || (!strings.ContainsAny(host, ".:") && host != "localhost") {
		return nil, &backend.Error{
			Op: opPush, Kind: backend.Unsupported, Resource: backend.Clean(req.Repository), Err: errors.New(nothingToPush),
			Remedy: "to push all the same, put the registry's host before the repository: 127.0.0.1:5000/" + backend.Clean(req.Repository),
		}
	}
	tags := req.Tags
	if len(tags) == 0 {
		tags = []string{"latest"}
	}
	var out []reference.NamedTagged
	for _, tag := range tags {
		named, err := parseTag(req.Repository + ":" + tag)
		if err != nil {
			return nil, &backend.Error{
				Op: opPush, Kind: backend.Invalid, Resource: backend.Clean(req.Repository + ":" + tag), Err: cleanError(err),
				Remedy: "correct the repository's name or the tag",
			}
		}
		out = append(out, named)
	}
	return out, nil
}

// registryAuth is the header that carries credentials to the engine. The engine
// wants one also where there are none.
func registryAuth(auth *backend.RegistryAuth) (string, error) {
	form := map[string]string{}
	if auth != nil {
		form["username"], form["password"] = auth.Username, auth.Password
	}
	out, err := json.Marshal(form)
	return base64.URLEncoding.EncodeToString(out), err
}

// pushOne pushes one tag and returns the digest that the registry has for it.
func (e *Engine) pushOne(ctx context.Context, target reference.NamedTagged, auth string, yield func(backend.PushEvent, error) bool) (string, int64, error) {
	stream, err := e.client.ImagePush(ctx, target.String(), client.ImagePushOptions{RegistryAuth: auth})
	if err != nil {
		return "", 0, err
	}
	defer stream.Close()
	var pushed struct {
		Digest string
		Size   int64
	}
	for msg, err := range stream.JSONMessages(ctx) {
		switch {
		case err != nil:
			return "", 0, err
		case msg.Error != nil:
			return "", 0, msg.Error
		case msg.Aux != nil:
			if err := json.Unmarshal(*msg.Aux, &pushed); err != nil {
				return "", 0, err
			}
		case msg.ID != "" && msg.ID != target.Tag():
			if !yield(pushLayer(msg), nil) {
				return "", 0, errConsumerLeft
			}
		}
	}
	if ctx.Err() != nil {
		return "", 0, ctx.Err()
	}
	if pushed.Digest == "" {
		return "", 0, errors.New("the engine ended the push without a digest")
	}
	return backend.Clean(pushed.Digest), pushed.Size, nil
}

func pushLayer(msg jsonstream.Message) backend.PushLayer {
	out := backend.PushLayer{ID: backend.Clean(msg.ID), Status: backend.Clean(msg.Status)}
	if msg.Progress != nil {
		out.Current, out.Total = msg.Progress.Current, msg.Progress.Total
	}
	return out
}

// pushError finds out what a registry's refusal means: the engine passes them
// on as text.
func pushError(target string, err error) error {
	text := strings.ToLower(err.Error())
	out := &backend.Error{Op: opPush, Resource: target, Err: cleanError(err)}
	switch {
	case errors.Is(err, context.Canceled):
		out.Kind, out.Err = backend.Cancelled, context.Canceled
	case strings.Contains(text, "token has expired"):
		out.Kind, out.Remedy = backend.Expired, "log in to the registry again"
	case strings.Contains(text, "immutable"):
		out.Kind, out.Remedy = backend.Conflict, "push under another tag: this one exists and may not change"
	case strings.Contains(text, "does not exist"), strings.Contains(text, "name unknown"):
		out.Kind, out.Remedy = backend.NotFound, "create the repository in that registry first"
	case strings.Contains(text, "unauthorized"), strings.Contains(text, "denied"), strings.Contains(text, "no basic auth"):
		out.Kind, out.Remedy = backend.Denied, "this registry wants a login, which the local backend does not send: push with docker push"
	case strings.Contains(text, "toomanyrequests"):
		out.Kind = backend.Throttled
	case offline(text):
		out.Kind, out.Remedy = backend.Unreachable, "check the registry's host and port, and that it runs"
	case strings.Contains(text, "http: server gave http response to https client"):
		out.Kind, out.Remedy = backend.Invalid, "the registry speaks plain HTTP: list it under insecure-registries in the engine's daemon.json"
	default:
		out.Kind, out.Remedy = classify(err)
		if out.Kind == backend.Other {
			out.Err = fmt.Errorf("the push failed: %w", out.Err)
		}
	}
	return out
}
