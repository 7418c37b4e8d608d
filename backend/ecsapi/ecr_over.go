package ecsapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// ecrOver answers ECR's calls from a backend that has repositories of its own:
// everything but pushing and pulling, for which there is the [Registry].
type ecrOver struct{ h *Handler }

func (h *Handler) ecrOver() map[string]operation {
	if h.b.Unsupported(backend.CanRepositories) != "" {
		return nil
	}
	o := &ecrOver{h}
	return map[string]operation{
		"CreateRepository":          typed(o.createRepository),
		"DescribeRepositories":      typed(o.describeRepositories),
		"DeleteRepository":          typed(o.deleteRepository),
		"ListTagsForResource":       typed(o.repositoryTags),
		"ListImages":                typed(o.listImages),
		"DescribeImages":            typed(o.describeImages),
		"BatchGetImage":             typed(o.batchGetImage),
		"BatchDeleteImage":          typed(o.batchDeleteImage),
		"DescribeImageScanFindings": typed(o.scanFindings),
		"StartImageScan":            typed(o.startScan),
	}
}

// ecrError gives a backend's error the type that ECR has for it.
func ecrError(err error, repository string, id imageID) error {
	switch backend.KindOf(err) {
	case backend.NotFound:
		if id == (imageID{}) {
			return noRepository(repository)
		}
		return noImage(repository, id)
	case backend.Conflict:
		return failf(http.StatusBadRequest, "RepositoryAlreadyExistsException", "%s", message(err))
	case backend.Unsupported:
		return failf(http.StatusBadRequest, "ValidationException", "%s", message(err))
	}
	return err
}

// shapeOf is a repository's document.
func (o *ecrOver) shapeOf(r backend.Repository) obj { return tree(r.Document).stamps("createdAt") }

func (o *ecrOver) createRepository(ctx context.Context, in *createRepositoryInput) (any, error) {
	immutable, err := mutability(in.Mutability)
	if err != nil {
		return nil, err
	}
	made, err := o.h.b.CreateRepository(ctx, backend.RepositorySpec{Name: in.Name, Immutable: immutable, ScanOnPush: in.Scanning.OnPush, Tags: in.tags()})
	if err != nil {
		return nil, ecrError(err, in.Name, imageID{})
	}
	return obj{"repository": o.shapeOf(made)}, nil
}

func (o *ecrOver) deleteRepository(ctx context.Context, in *struct {
	Name  string `json:"repositoryName"`
	Force bool   `json:"force"`
},
) (any, error) {
	found, err := o.h.b.DescribeRepositories(ctx, []string{in.Name})
	if err != nil {
		return nil, ecrError(err, in.Name, imageID{})
	}
	if len(found) == 0 {
		return nil, noRepository(in.Name)
	}
	if c, err := o.h.b.RepositoryContents(ctx, in.Name); err == nil && c.Images > 0 && !in.Force {
		return nil, failf(http.StatusBadRequest, "RepositoryNotEmptyException", "The repository with name '%s' cannot be deleted because it still contains images", in.Name)
	}
	if err := o.h.b.DeleteRepository(ctx, in.Name); err != nil {
		return nil, ecrError(err, in.Name, imageID{})
	}
	return obj{"repository": o.shapeOf(found[0])}, nil
}

func (o *ecrOver) repositoryTags(ctx context.Context, in *repositoryTagsInput) (any, error) {
	tags, err := o.h.b.RepositoryTags(ctx, repositoryOf(in.ARN))
	if err != nil {
		return nil, ecrError(err, repositoryOf(in.ARN), imageID{})
	}
	return obj{"tags": tagShapes(tags)}, nil
}

func (o *ecrOver) describeRepositories(ctx context.Context, in *describeRepositoriesInput) (any, error) {
	if len(in.Names) > ecrPage {
		return nil, invalidf("repositoryNames cannot contain more than %d elements.", ecrPage)
	}
	if len(in.Names) > 0 {
		found, err := o.h.b.DescribeRepositories(ctx, in.Names)
		if err != nil {
			return nil, err
		}
		for _, name := range in.Names {
			if !slices.ContainsFunc(found, func(r backend.Repository) bool { return r.Name == name }) {
				return nil, noRepository(name)
			}
		}
		return obj{"repositories": each(found, o.shapeOf)}, nil
	}
	p, err := pageOf("DescribeRepositories", in.NextToken, in.MaxResults, ecrPage, mostECRPage)
	if err != nil {
		return nil, err
	}
	page, err := o.h.b.ListRepositories(ctx, p)
	if err != nil {
		return nil, err
	}
	return obj{"repositories": each(page.Items, o.shapeOf)}.put("nextToken", seal("DescribeRepositories", page.Next)), nil
}

// imageView is an image of the backend as it is looked up here.
type imageView struct {
	backend.Image
	repository string
}

// tags are the image's tags without the repository.
func (v imageView) tags() []string {
	out := make([]string, len(v.Tags))
	for i, tag := range v.Tags {
		out[i] = tag[strings.LastIndexByte(tag, ':')+1:]
	}
	return out
}

func (v imageView) is(id imageID) bool {
	return (id.Digest == "" || id.Digest == v.Digest) && (id.Tag == "" || slices.Contains(v.tags(), id.Tag)) && id != (imageID{})
}

// ref is how the backend is asked for it.
func (v imageView) ref(id imageID) string {
	if id.Tag != "" {
		return v.repository + ":" + id.Tag
	}
	return v.repository + "@" + v.Digest
}

// images are all images of a repository.
func (o *ecrOver) images(ctx context.Context, repository string) ([]imageView, error) {
	var out []imageView
	for img, err := range backend.All(ctx, func(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Image], error) {
		return o.h.b.ListRepositoryImages(ctx, repository, p)
	}) {
		if err != nil {
			return nil, ecrError(err, repository, imageID{})
		}
		out = append(out, imageView{img, repository})
	}
	return out, nil
}

// filtered are the images of a status: TAGGED, UNTAGGED, or any.
func filtered(all []imageView, status string) []imageView {
	return slices.DeleteFunc(all, func(v imageView) bool {
		return status == "TAGGED" && len(v.Tags) == 0 || status == "UNTAGGED" && len(v.Tags) > 0
	})
}

func (o *ecrOver) listImages(ctx context.Context, in *imagesInput) (any, error) {
	all, err := o.images(ctx, in.Repository)
	if err != nil {
		return nil, err
	}
	var ids []imageID
	for _, v := range filtered(all, in.Filter.TagStatus) {
		if len(v.Tags) == 0 {
			ids = append(ids, imageID{Digest: v.Digest})
		}
		for _, tag := range v.tags() {
			ids = append(ids, imageID{v.Digest, tag})
		}
	}
	ids, next, err := cutECR("ListImages "+in.Repository+" "+in.Filter.TagStatus, in.paging, ids)
	if err != nil {
		return nil, err
	}
	return obj{"imageIds": each(ids, imageID.shape)}.put("nextToken", next), nil
}

// chosen are the images that ids name, each with its id; what is missing is
// told apart.
func (o *ecrOver) chosen(ctx context.Context, in *imagesInput) (found map[imageID]imageView, missing []imageID, err error) {
	if len(in.IDs) > mostImageIDs {
		return nil, nil, invalidf("imageIds cannot contain more than %d elements.", mostImageIDs)
	}
	all, err := o.images(ctx, in.Repository)
	if err != nil {
		return nil, nil, err
	}
	found = map[imageID]imageView{}
	for _, id := range in.IDs {
		i := slices.IndexFunc(all, func(v imageView) bool { return v.is(id) })
		if i < 0 {
			missing = append(missing, id)
			continue
		}
		found[id] = all[i]
	}
	return found, missing, nil
}

func (o *ecrOver) describeImages(ctx context.Context, in *imagesInput) (any, error) {
	p, err := o.h.place(ctx)
	if err != nil {
		return nil, err
	}
	var images []imageView
	next := ""
	if len(in.IDs) > 0 {
		found, missing, err := o.chosen(ctx, in)
		if err != nil {
			return nil, err
		}
		if len(missing) > 0 {
			return nil, noImage(in.Repository, missing[0])
		}
		for _, id := range in.IDs {
			images = append(images, found[id])
		}
	} else {
		all, err := o.images(ctx, in.Repository)
		if err != nil {
			return nil, err
		}
		if images, next, err = cutECR("DescribeImages "+in.Repository+" "+in.Filter.TagStatus, in.paging, filtered(all, in.Filter.TagStatus)); err != nil {
			return nil, err
		}
	}
	return obj{"imageDetails": each(images, func(v imageView) obj {
		d := obj{
			"registryId": p.account, "repositoryName": in.Repository, "imageDigest": v.Digest, "imageSizeInBytes": v.Size,
			"imageManifestMediaType": madeManifest,
		}
		if len(v.Tags) > 0 {
			d["imageTags"] = v.tags()
		}
		return d.put("imagePushedAt", v.CreatedAt).put("lastRecordedPullTime", v.PulledAt).scanned(v.Scan)
	})}.put("nextToken", next), nil
}

const (
	madeManifest = "application/vnd.docker.distribution.manifest.v2+json"
	madeConfig   = "application/vnd.docker.container.image.v1+json"
	madeLayer    = "application/vnd.docker.image.rootfs.diff.tar.gzip"
)

// batchGetImage makes a manifest out of what the backend tells of an image's
// layers: it names and weighs them, and its own hash is not the image's digest.
func (o *ecrOver) batchGetImage(ctx context.Context, in *imagesInput) (any, error) {
	p, err := o.h.place(ctx)
	if err != nil {
		return nil, err
	}
	found, missing, err := o.chosen(ctx, in)
	if err != nil {
		return nil, err
	}
	images := []any{}
	for _, id := range in.IDs {
		v, ok := found[id]
		if !ok {
			continue
		}
		detail, err := o.h.b.DescribeImage(ctx, v.ref(id))
		if err != nil {
			return nil, ecrError(err, in.Repository, id)
		}
		manifest, err := json.Marshal(manifestOf(detail))
		if err != nil {
			return nil, err
		}
		images = append(images, obj{
			"registryId": p.account, "repositoryName": in.Repository, "imageId": imageID{v.Digest, id.Tag}.shape(),
			"imageManifest": string(manifest), "imageManifestMediaType": madeManifest,
		})
	}
	return obj{"images": images, "failures": each(missing, imageFailure)}, nil
}

func manifestOf(d backend.ImageDetail) obj {
	named := func(kind, text string, size int64) obj {
		sum := sha256.Sum256([]byte(text))
		return obj{"mediaType": kind, "digest": "sha256:" + hex.EncodeToString(sum[:]), "size": size}
	}
	layers := []any{}
	for _, l := range d.Layers {
		if !l.Empty {
			layers = append(layers, named(madeLayer, d.ID+l.Command, l.Size))
		}
	}
	return obj{"schemaVersion": 2, "mediaType": madeManifest, "config": named(madeConfig, d.ID, int64(len(d.Document))), "layers": layers}
}

// batchDeleteImage deletes one after the other: the backend refuses what is in
// use, which ECR would not.
func (o *ecrOver) batchDeleteImage(ctx context.Context, in *imagesInput) (any, error) {
	found, missing, err := o.chosen(ctx, in)
	if err != nil {
		return nil, err
	}
	gone, failures := []any{}, each(missing, imageFailure)
	for _, id := range in.IDs {
		v, ok := found[id]
		if !ok {
			continue
		}
		if err := o.h.b.RemoveImage(ctx, v.ref(id)); err != nil {
			if backend.KindOf(err) != backend.Conflict {
				return nil, ecrError(err, in.Repository, id)
			}
			failures = append(failures, obj{"imageId": id.shape(), "failureCode": "ImageReferencedByManifestList", "failureReason": message(err)})
			continue
		}
		tags := []string{id.Tag}
		if id.Tag == "" && len(v.Tags) > 0 {
			tags = v.tags()
		}
		for _, tag := range tags {
			gone = append(gone, imageID{v.Digest, tag}.shape())
		}
	}
	return obj{"imageIds": gone, "failures": failures}, nil
}

// one is the image that an id names.
func (o *ecrOver) one(ctx context.Context, in *findingsInput) (imageView, error) {
	found, missing, err := o.chosen(ctx, &imagesInput{Repository: in.Repository, IDs: []imageID{in.ID}})
	if err != nil {
		return imageView{}, err
	}
	if len(missing) > 0 {
		return imageView{}, noImage(in.Repository, in.ID)
	}
	return found[in.ID], nil
}

func (o *ecrOver) scanFindings(ctx context.Context, in *findingsInput) (any, error) {
	p, err := o.h.place(ctx)
	if err != nil {
		return nil, err
	}
	v, err := o.one(ctx, in)
	if err != nil {
		return nil, err
	}
	if v.Scan == nil {
		return nil, neverScanned(in.Repository, imageID{Digest: v.Digest})
	}
	ask, err := pageOf(in.scope(), in.NextToken, in.MaxResults, ecrPage, mostECRPage)
	if err != nil {
		return nil, err
	}
	page, err := o.h.b.ScanFindings(ctx, v.ref(imageID{}), ask)
	if err != nil {
		return nil, ecrError(err, in.Repository, in.ID)
	}
	return findingsAnswer(p.account, in.Repository, imageID{v.Digest, in.ID.Tag}, v.Scan, page.Items, seal(in.scope(), page.Next)), nil
}

func (o *ecrOver) startScan(ctx context.Context, in *findingsInput) (any, error) {
	v, err := o.one(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := o.h.b.StartScan(ctx, v.ref(imageID{})); err != nil {
		return nil, ecrError(err, in.Repository, in.ID)
	}
	return obj{"repositoryName": in.Repository, "imageId": imageID{v.Digest, in.ID.Tag}.shape(), "imageScanStatus": obj{"status": "IN_PROGRESS"}}, nil
}
