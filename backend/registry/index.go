package registry

import (
	"bytes"
	"context"
	"encoding/json"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Part is the image of one platform in an index. It is in the repository
// already.
type Part struct {
	Platform string // "linux/arm64"
	Digest   string
}

// PutIndex makes one image of those for several platforms, and gives it tags.
// The same parts give the same digest.
func PutIndex(ctx context.Context, at Place, parts []Part, tags []string) (digest string, err error) {
	repo, err := at.repository()
	if err != nil {
		return "", err
	}
	list := v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex}
	for _, p := range parts {
		d, err := remote.Head(repo.Digest(p.Digest), at.options(ctx)...)
		if err != nil {
			return "", explain(ctx, at.Repository+"@"+p.Digest, err)
		}
		if d.MediaType == types.DockerManifestSchema2 { // each kind of list holds its own kind of images
			list.MediaType = types.DockerManifestList
		}
		platform, err := v1.ParsePlatform(p.Platform)
		if err != nil {
			return "", &backend.Error{Op: opCopy, Kind: backend.Invalid, Resource: backend.Clean(p.Platform), Err: err}
		}
		list.Manifests = append(list.Manifests, v1.Descriptor{MediaType: d.MediaType, Size: d.Size, Digest: d.Digest, Platform: platform})
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return "", err
	}
	made := index{raw, list.MediaType}
	sum, err := made.digest()
	if err != nil {
		return "", err
	}
	if err := remote.Put(repo.Digest(sum), made, at.options(ctx)...); err != nil {
		return "", explain(ctx, at.Repository, err)
	}
	for _, tag := range tags {
		if err := remote.Put(repo.Tag(tag), made, at.options(ctx)...); err != nil {
			return "", explain(ctx, at.Repository+":"+tag, err)
		}
	}
	return sum, nil
}

// index is a list that is ready to be put.
type index struct {
	raw  []byte
	kind types.MediaType
}

func (i index) RawManifest() ([]byte, error)        { return i.raw, nil }
func (i index) MediaType() (types.MediaType, error) { return i.kind, nil }

func (i index) digest() (string, error) {
	h, _, err := v1.SHA256(bytes.NewReader(i.raw))
	return h.String(), err
}
