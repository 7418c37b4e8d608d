package ecsapi

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// imageID names an image of a repository by tag, by digest, or by both.
type imageID struct {
	Digest string `json:"imageDigest"`
	Tag    string `json:"imageTag"`
}

func (id imageID) shape() obj { return obj{}.put("imageDigest", id.Digest).put("imageTag", id.Tag) }

// find gives the image that an id names.
func (repo *repository) find(id imageID) *pushed {
	digest := id.Digest
	if id.Tag != "" {
		tagged := repo.tags[id.Tag]
		if tagged == "" || digest != "" && digest != tagged {
			return nil
		}
		digest = tagged
	}
	return repo.images[digest]
}

// tagsOf are the tags of an image, sorted.
func (repo *repository) tagsOf(digest string) []string {
	var out []string
	for tag, d := range repo.tags {
		if d == digest {
			out = append(out, tag)
		}
	}
	slices.Sort(out)
	return out
}

// newestFirst are the images of a repository that have a tag, or none.
func (repo *repository) newestFirst(tagStatus string) []*pushed {
	var out []*pushed
	for _, img := range repo.images {
		tagged := len(repo.tagsOf(img.digest)) > 0
		if tagStatus == "TAGGED" && !tagged || tagStatus == "UNTAGGED" && tagged {
			continue
		}
		out = append(out, img)
	}
	slices.SortFunc(out, func(a, b *pushed) int {
		if c := b.pushedAt.Compare(a.pushedAt); c != 0 {
			return c
		}
		return strings.Compare(a.digest, b.digest)
	})
	return out
}

type imagesInput struct {
	paging
	Repository string    `json:"repositoryName"`
	IDs        []imageID `json:"imageIds"`
	Filter     struct {
		TagStatus string `json:"tagStatus"`
	} `json:"filter"`
}

// open locks the registry and gives a repository; close unlocks it.
func (e *ecr) open(name string, ids int) (repo *repository, close func(), err error) {
	if ids > mostImageIDs {
		return nil, nil, invalidf("imageIds cannot contain more than %d elements.", mostImageIDs)
	}
	e.r.mu.Lock()
	repo = e.r.repos[name]
	if repo == nil {
		e.r.mu.Unlock()
		return nil, nil, noRepository(name)
	}
	return repo, e.r.mu.Unlock, nil
}

func noImage(repository string, id imageID) error {
	return failf(http.StatusBadRequest, "ImageNotFoundException", "The image with imageId {imageDigest:'%s', imageTag:'%s'} does not exist within the repository with name '%s'",
		backend.Clean(id.Digest), backend.Clean(id.Tag), backend.Clean(repository))
}

func (e *ecr) listImages(repo *repository, _ place, in *imagesInput) (any, error) {
	var ids []imageID
	for _, img := range repo.newestFirst(in.Filter.TagStatus) {
		tags := repo.tagsOf(img.digest)
		if len(tags) == 0 {
			ids = append(ids, imageID{Digest: img.digest})
		}
		for _, tag := range tags {
			ids = append(ids, imageID{img.digest, tag})
		}
	}
	ids, next, err := cutECR("ListImages "+in.Repository+" "+in.Filter.TagStatus, in.paging, ids)
	if err != nil {
		return nil, err
	}
	return obj{"imageIds": each(ids, imageID.shape)}.put("nextToken", next), nil
}

// opened is an operation on some images of a repository, with the registry
// locked meanwhile.
func (e *ecr) opened(do func(repo *repository, p place, in *imagesInput) (any, error)) operation {
	return typed(func(ctx context.Context, in *imagesInput) (any, error) {
		p, err := e.h.place(ctx)
		if err != nil {
			return nil, err
		}
		repo, done, err := e.open(in.Repository, len(in.IDs))
		if err != nil {
			return nil, err
		}
		defer done()
		return do(repo, p, in)
	})
}

func (e *ecr) describeImages(repo *repository, p place, in *imagesInput) (any, error) {
	var err error
	images, next := []*pushed(nil), ""
	if len(in.IDs) > 0 {
		for _, id := range in.IDs {
			img := repo.find(id)
			if img == nil {
				return nil, noImage(in.Repository, id)
			}
			images = append(images, img)
		}
	} else if images, next, err = cutECR("DescribeImages "+in.Repository+" "+in.Filter.TagStatus, in.paging, repo.newestFirst(in.Filter.TagStatus)); err != nil {
		return nil, err
	}
	return obj{"imageDetails": each(images, func(img *pushed) obj {
		o := obj{
			"registryId": p.account, "repositoryName": repo.name, "imageDigest": img.digest,
			"imageSizeInBytes": img.size, "imageManifestMediaType": img.mediaType,
		}
		if tags := repo.tagsOf(img.digest); len(tags) > 0 {
			o["imageTags"] = tags
		}
		o.put("artifactMediaType", img.artifact).put("imagePushedAt", img.pushedAt).put("lastRecordedPullTime", img.pulledAt)
		return o.scanned(e.r.scanOf(repo, img))
	})}.put("nextToken", next), nil
}

func (e *ecr) batchGetImage(repo *repository, p place, in *imagesInput) (any, error) {
	images, failures := []any{}, []any{}
	for _, id := range in.IDs {
		img := repo.find(id)
		if img == nil {
			failures = append(failures, imageFailure(id))
			continue
		}
		images = append(images, imageShape(repo, img, id.Tag, p))
	}
	return obj{"images": images, "failures": failures}, nil
}

func imageFailure(id imageID) obj {
	return obj{"imageId": id.shape(), "failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
}

func imageShape(repo *repository, img *pushed, tag string, p place) obj {
	return obj{
		"registryId": p.account, "repositoryName": repo.name, "imageId": imageID{img.digest, tag}.shape(),
		"imageManifest": string(img.manifest), "imageManifestMediaType": img.mediaType,
	}
}

// batchDeleteImage takes a tag off, and with the last one the image; named by
// its digest, an image goes with all its tags.
func (e *ecr) batchDeleteImage(repo *repository, _ place, in *imagesInput) (any, error) {
	gone, failures := []any{}, []any{}
	for _, id := range in.IDs {
		img := repo.find(id)
		if img == nil {
			failures = append(failures, imageFailure(id))
			continue
		}
		tags := repo.tagsOf(img.digest)
		if id.Tag != "" && len(tags) > 1 {
			tags = []string{id.Tag}
			e.r.deleteManifest(repo.name, id.Tag)
			delete(repo.tags, id.Tag)
		} else {
			e.r.drop(repo, img)
		}
		if len(tags) == 0 {
			tags = []string{""}
		}
		for _, tag := range tags {
			gone = append(gone, imageID{img.digest, tag}.shape())
		}
	}
	return obj{"imageIds": gone, "failures": failures}, nil
}

// drop removes an image with its tags. The caller holds the lock.
func (r *Registry) drop(repo *repository, img *pushed) {
	for _, tag := range repo.tagsOf(img.digest) {
		r.deleteManifest(repo.name, tag)
		delete(repo.tags, tag)
	}
	r.deleteManifest(repo.name, img.digest)
	delete(repo.images, img.digest)
}

func (r *Registry) deleteManifest(name, ref string) {
	r.inStore(http.MethodDelete, name, ref, "", nil)
}

// inStore does something to a manifest in the store, and gives the status.
func (r *Registry) inStore(method, name, ref, mediaType string, body []byte) int {
	req, err := http.NewRequest(method, "/v2/"+name+"/manifests/"+ref, bytes.NewReader(body)) //nolint:noctx // it goes nowhere
	if err != nil {
		return http.StatusBadRequest
	}
	req.Header.Set("Content-Type", mediaType)
	w := &watched{ResponseWriter: nowhere{}}
	r.store.ServeHTTP(w, req)
	return w.status
}

// nowhere takes an answer that nobody reads.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(p []byte) (int, error) { return io.Discard.Write(p) }
func (nowhere) WriteHeader(int)             {}

type putImageInput struct {
	Repository string `json:"repositoryName"`
	Manifest   string `json:"imageManifest"`
	MediaType  string `json:"imageManifestMediaType"`
	Tag        string `json:"imageTag"`
}

// putImage pushes a manifest, which is how a tag is put on an image.
func (e *ecr) putImage(ctx context.Context, in *putImageInput) (any, error) {
	p, err := e.h.place(ctx)
	if err != nil {
		return nil, err
	}
	e.r.put.Lock()
	defer e.r.put.Unlock()
	digest, ref := digestOf([]byte(in.Manifest)), in.Tag
	repo, done, err := e.open(in.Repository, 0)
	if err != nil {
		return nil, err
	}
	at, mediaType := repo.tags[in.Tag], in.MediaType
	if img := repo.images[digest]; img != nil && mediaType == "" {
		mediaType = img.mediaType
	}
	immutable := repo.immutable
	done()
	switch {
	case at == digest:
		return nil, failf(http.StatusBadRequest, "ImageAlreadyExistsException", "Image with digest '%s' and tag '%s' already exists in the repository with name '%s'", digest, backend.Clean(in.Tag), repo.name)
	case at != "" && immutable:
		return nil, failf(http.StatusBadRequest, "ImageTagAlreadyExistsException", "The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the repository is immutable.", backend.Clean(in.Tag), repo.name)
	case !imageTag(in.Tag):
		return nil, failf(http.StatusBadRequest, "InvalidParameterException", "Invalid parameter at 'imageTag': '%s' is no tag", backend.Clean(in.Tag))
	}
	if ref == "" {
		ref = digest
	}
	if status := e.r.inStore(http.MethodPut, in.Repository, ref, mediaType, []byte(in.Manifest)); status != http.StatusCreated {
		return nil, invalidf("Invalid parameter at 'imageManifest' failed to satisfy constraint: 'Invalid JSON syntax'")
	}
	e.r.remember(in.Repository, ref, mediaType, []byte(in.Manifest))
	repo, done, err = e.open(in.Repository, 0)
	if err != nil {
		return nil, err
	}
	defer done()
	return obj{"image": imageShape(repo, repo.images[digest], in.Tag, p)}, nil
}

// imageTag is the rule for tags; none is good as well.
func imageTag(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
		if !letter && (i == 0 || r != '.' && r != '-') {
			return false
		}
	}
	return len(s) <= 128
}
