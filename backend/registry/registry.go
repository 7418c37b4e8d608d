// Package registry moves images between registries over HTTP, by the
// distribution API, without an engine: manifests and layers go over as they
// are, so that the digest stays the same, also that of an index of several
// platforms, which an engine's pull and push would take apart.
//
// You are beside the backends and know none of them. Nothing is kept:
// credentials come with each call and live as long as it does, and layers flow
// through, without a file.
package registry

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Place is a repository with its registry's host, "127.0.0.1:5000/shop/web", and
// who asks there. Plain HTTP is spoken to this machine's own addresses only.
type Place struct {
	Repository string
	Auth       *backend.RegistryAuth // nil: nobody in particular
}

// jobs is how many layers are on their way at once.
const jobs = 3

// repository is the place as the library has it.
func (p Place) repository() (name.Repository, error) {
	repo, err := name.NewRepository(p.Repository, name.StrictValidation)
	if err != nil {
		return repo, &backend.Error{Op: opCopy, Kind: backend.Invalid, Resource: backend.Clean(p.Repository), Err: errors.New("is no repository with a registry's host before it")}
	}
	return repo, nil
}

func (p Place) options(ctx context.Context) []remote.Option {
	auth := authn.Anonymous
	if p.Auth != nil {
		auth = authn.FromConfig(authn.AuthConfig{Username: p.Auth.Username, Password: p.Auth.Password})
	}
	return []remote.Option{remote.WithContext(ctx), remote.WithAuth(auth), remote.WithUserAgent("ecs-tui"), remote.WithJobs(jobs)}
}

// Has says whether the repository has an image of this digest.
func Has(ctx context.Context, at Place, digest string) (bool, error) {
	repo, err := at.repository()
	if err != nil {
		return false, err
	}
	_, err = remote.Head(repo.Digest(digest), at.options(ctx)...)
	var refused *transport.Error
	if errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound {
		return false, nil
	}
	return err == nil, explain(ctx, at.Repository+"@"+digest, err)
}

// explain gives a registry's refusal its kind.
func explain(ctx context.Context, resource string, err error) error {
	var known *backend.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	out := &backend.Error{Op: opCopy, Resource: backend.Clean(resource), Err: errors.New(backend.Clean(err.Error()))}
	var refused *transport.Error
	var network net.Error
	switch {
	case ctx.Err() != nil:
		out.Kind, out.Err = backend.KindOf(ctx.Err()), ctx.Err()
	case errors.As(err, &refused):
		out.Kind = kindOf(refused)
	case errors.As(err, &network):
		out.Kind, out.Remedy = backend.Unreachable, "check the registry's host and port, and that it can be reached from here"
	}
	return out
}

func kindOf(e *transport.Error) backend.Kind {
	switch text := strings.ToLower(e.Error()); {
	case strings.Contains(text, "token has expired"):
		return backend.Expired
	case strings.Contains(text, "immutable"):
		return backend.Conflict
	case e.StatusCode == http.StatusUnauthorized, e.StatusCode == http.StatusForbidden:
		return backend.Denied
	case e.StatusCode == http.StatusNotFound:
		return backend.NotFound
	case e.StatusCode == http.StatusTooManyRequests:
		return backend.Throttled
	}
	return backend.Other
}

// sizeOf adds up what an image or an index is made of.
func sizeOf(d *remote.Descriptor) (int64, error) {
	if !d.MediaType.IsIndex() {
		img, err := d.Image()
		if err != nil {
			return 0, err
		}
		return imageSize(img)
	}
	idx, err := d.ImageIndex()
	if err != nil {
		return 0, err
	}
	manifest, err := idx.IndexManifest()
	if err != nil {
		return 0, err
	}
	var total int64
	for _, m := range manifest.Manifests {
		if !m.MediaType.IsImage() {
			continue
		}
		img, err := idx.Image(m.Digest)
		if err != nil {
			return 0, err
		}
		size, err := imageSize(img)
		if err != nil {
			return 0, err
		}
		total += size
	}
	return total, nil
}

func imageSize(img v1.Image) (int64, error) {
	m, err := img.Manifest()
	if err != nil {
		return 0, err
	}
	total := m.Config.Size
	for _, l := range m.Layers {
		total += l.Size
	}
	return total, nil
}
