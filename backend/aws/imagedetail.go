package aws

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// DescribeImage gives an image with its layers, from its manifest, and what its
// configuration says, where that can be had. Who uses it is what the last list
// found: to look that up takes many calls.
func (b *Backend) DescribeImage(ctx context.Context, ref string) (backend.ImageDetail, error) {
	const op = "DescribeImage"
	r, err := b.ecrImage(op, ref)
	if err != nil {
		return backend.ImageDetail{}, err
	}
	d, err := b.describeImage(ctx, op, r)
	if err != nil {
		return backend.ImageDetail{}, err
	}
	detail := backend.ImageDetail{Image: d.view(b.knownUses())}
	r.digest = string(d.Digest)
	manifest, _, err := b.manifest(ctx, op, r)
	if err != nil {
		return backend.ImageDetail{}, err
	}
	b.fillImage(ctx, &detail, r, d.document, manifest)
	return detail, nil
}

// describedImage is an image with its whole document.
type describedImage struct {
	wireImage
	document backend.Document
}

// describeImage is DescribeImages for one.
func (b *Backend) describeImage(ctx context.Context, op string, r imageRef) (describedImage, error) {
	in := &ecr.DescribeImagesInput{RepositoryName: &r.repository, ImageIds: []types.ImageIdentifier{r.identifier()}}
	var out struct {
		Details []json.RawMessage `json:"imageDetails"`
	}
	if err := ecrRead(ctx, b, "DescribeImages", r.String(), in, &out, (*ecr.Client).DescribeImages); err != nil {
		return describedImage{}, named(err, op, r.String())
	}
	if len(out.Details) == 0 {
		return describedImage{}, backend.Errorf(op, backend.NotFound, r.String(), "no such image")
	}
	d := describedImage{document: documentOf(out.Details[0])}
	if err := json.Unmarshal(out.Details[0], &d.wireImage); err != nil {
		return d, backend.Errorf(op, backend.Other, r.String(), "the image can't be read: %s", backend.Clean(err.Error()))
	}
	return d, nil
}

func (r imageRef) identifier() types.ImageIdentifier {
	if r.digest != "" {
		return types.ImageIdentifier{ImageDigest: &r.digest}
	}
	return types.ImageIdentifier{ImageTag: &r.tag}
}

// manifest is an image's manifest, or index, as it was pushed.
func (b *Backend) manifest(ctx context.Context, op string, r imageRef) (manifest []byte, mediaType string, err error) {
	in := &ecr.BatchGetImageInput{
		RepositoryName: &r.repository, ImageIds: []types.ImageIdentifier{r.identifier()},
		AcceptedMediaTypes: manifestTypes(),
	}
	out, err := ecrCall(ctx, b, "BatchGetImage", r.String(), in, (*ecr.Client).BatchGetImage)
	if err != nil {
		return nil, "", named(err, op, r.String())
	}
	if len(out.Images) == 0 {
		return nil, "", backend.Errorf(op, backend.NotFound, r.String(), "no such image")
	}
	return []byte(awssdk.ToString(out.Images[0].ImageManifest)), awssdk.ToString(out.Images[0].ImageManifestMediaType), nil
}

// manifestTypes are the kinds of manifests that are understood.
func manifestTypes() []string {
	return []string{
		"application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json",
		"application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json",
	}
}

// blob is what a manifest points to.
type blob struct {
	Digest string `json:"digest"`
	Size   int64  `json:"size"`
}

// manifestForm is the part of a manifest or an index that is shown.
type manifestForm struct {
	Config    blob   `json:"config"`
	Layers    []blob `json:"layers"`
	Manifests []struct {
		Digest   string `json:"digest"`
		Platform struct {
			OS           string `json:"os"`
			Architecture string `json:"architecture"`
		} `json:"platform"`
	} `json:"manifests"`
}

// blobs are the configuration and the layers of an image.
func (m manifestForm) blobs() []blob {
	if m.Config.Digest == "" {
		return m.Layers
	}
	return append([]blob{m.Config}, m.Layers...)
}

type configForm struct {
	OS           string    `json:"os"`
	Architecture string    `json:"architecture"`
	Created      time.Time `json:"created"`
	Config       struct {
		Entrypoint   []string            `json:"Entrypoint"`
		Cmd          []string            `json:"Cmd"`
		User         string              `json:"User"`
		WorkingDir   string              `json:"WorkingDir"`
		ExposedPorts map[string]struct{} `json:"ExposedPorts"`
	} `json:"config"`
	History []struct {
		Created   time.Time `json:"created"`
		CreatedBy string    `json:"created_by"`
		Empty     bool      `json:"empty_layer"`
	} `json:"history"`
}

// fillImage fills in what the manifest and the configuration say. What can't be
// had is left out: the list's facts stand without it.
func (b *Backend) fillImage(ctx context.Context, d *backend.ImageDetail, r imageRef, described backend.Document, manifest []byte) {
	d.Document = described
	var m manifestForm
	if json.Unmarshal(manifest, &m) != nil {
		return
	}
	if len(m.Manifests) > 0 {
		child := m.Manifests[0]
		for _, c := range m.Manifests {
			if c.Platform.OS == "linux" && c.Platform.Architecture == "amd64" {
				child = c
			}
		}
		inner, _, err := b.manifest(ctx, "DescribeImage", imageRef{repository: r.repository, digest: child.Digest})
		if err != nil || json.Unmarshal(inner, &m) != nil {
			return
		}
	}
	var config configForm
	raw, err := b.blob(ctx, r.repository, m.Config.Digest)
	if err != nil || json.Unmarshal(raw, &config) != nil {
		b.log.Debug("the image's configuration can't be read", "image", r.String(), "err", err)
	}
	d.Document = withParts(described, manifest, raw)
	if config.OS != "" {
		d.Platform = backend.Clean(config.OS + "/" + config.Architecture)
	}
	d.Entrypoint, d.Cmd = cleaned(config.Config.Entrypoint), cleaned(config.Config.Cmd)
	d.User, d.WorkDir = backend.Clean(config.Config.User), backend.Clean(config.Config.WorkingDir)
	for port := range config.Config.ExposedPorts {
		d.Exposed = append(d.Exposed, backend.Clean(port))
	}
	next := 0
	for _, h := range config.History {
		layer := backend.Layer{Command: backend.Clean(h.CreatedBy), CreatedAt: h.Created, Empty: h.Empty}
		if !h.Empty && next < len(m.Layers) {
			layer.Size = m.Layers[next].Size
			next++
		}
		d.Layers = append(d.Layers, layer)
	}
	for _, l := range m.Layers[next:] {
		d.Layers = append(d.Layers, backend.Layer{Command: backend.Clean(l.Digest), Size: l.Size})
	}
}

// withParts is what ECR has of an image, with its manifest and its
// configuration beside it.
func withParts(described backend.Document, manifest, config []byte) backend.Document {
	all, err := described.Edit(func(tree map[string]any) {
		tree["imageManifest"], tree["imageConfig"] = orNull(manifest), orNull(config)
	})
	if err != nil {
		return described
	}
	return all
}

func orNull(raw []byte) json.RawMessage {
	if !json.Valid(raw) {
		return json.RawMessage("null")
	}
	return raw
}

func cleaned(all []string) []string {
	var out []string
	for _, s := range all {
		out = append(out, backend.Clean(s))
	}
	return out
}

// blob reads a small blob of a repository, by the address that ECR gives for it.
func (b *Backend) blob(ctx context.Context, repository, digest string) ([]byte, error) {
	return b.blobOf(ctx, "", "", repository, digest)
}

// blobOf is blob of another account's registry, or another region's; "" are
// one's own.
func (b *Backend) blobOf(ctx context.Context, account, region, repository, digest string) ([]byte, error) {
	if !strings.HasPrefix(digest, "sha256:") {
		return nil, nil
	}
	in := &ecr.GetDownloadUrlForLayerInput{RepositoryName: &repository, LayerDigest: &digest}
	if account != "" {
		in.RegistryId = &account
	}
	send := func(c *ecr.Client, ctx context.Context, in *ecr.GetDownloadUrlForLayerInput, opts ...func(*ecr.Options)) (*ecr.GetDownloadUrlForLayerOutput, error) {
		return c.GetDownloadUrlForLayer(ctx, in, append(opts, func(o *ecr.Options) { o.Region = cmp.Or(region, o.Region) })...)
	}
	out, err := ecrCall(ctx, b, "GetDownloadUrlForLayer", repository, in, send)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, awssdk.ToString(out.DownloadUrl), nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(io.LimitReader(resp.Body, 4<<20))
}
