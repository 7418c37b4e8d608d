package aws

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// repositoriesFor is how long the list of repositories is good for paging.
const repositoriesFor = 15 * time.Second

// repositoryNames remembers what ListImages looks up for every page.
type repositoryNames struct {
	mu    sync.Mutex
	names []string
	at    time.Time
}

// repositories are the names of the account's repositories, sorted.
func (b *Backend) repositories(ctx context.Context) ([]string, error) {
	b.names.mu.Lock()
	defer b.names.mu.Unlock()
	if now := b.clock.Now(); !b.names.at.IsZero() && now.Sub(b.names.at) < repositoriesFor {
		return b.names.names, nil
	}
	var names []string
	for r, err := range backend.All(ctx, b.ListRepositories) {
		if err != nil {
			return nil, err
		}
		names = append(names, r.Name)
	}
	slices.Sort(names)
	b.names.names, b.names.at = names, b.clock.Now()
	return names, nil
}

// ListImages gives the images of all repositories, one repository after the
// other; a page never holds those of two.
func (b *Backend) ListImages(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Image], error) {
	const op = "ListImages"
	names, err := b.repositories(ctx)
	if err != nil {
		return backend.Page[backend.Image]{}, named(err, op, "")
	}
	repository, token, _ := strings.Cut(p.Token, " ")
	i, _ := slices.BinarySearch(names, repository)
	if i >= len(names) {
		return backend.Page[backend.Image]{}, nil
	}
	if names[i] != repository {
		token = ""
	}
	page, err := b.ListRepositoryImages(ctx, names[i], backend.PageRequest{Token: token, Size: p.Size})
	if err != nil && backend.KindOf(err) != backend.NotFound { // gone since it was listed
		return backend.Page[backend.Image]{}, named(err, op, names[i])
	}
	switch {
	case page.Next != "":
		page.Next = names[i] + " " + page.Next
	case i+1 < len(names):
		page.Next = names[i+1]
	}
	return page, nil
}

// wireImage is the part of an image in ECR's answers that this program works
// with.
type wireImage struct {
	Repository text   `json:"repositoryName"`
	Digest     text   `json:"imageDigest"`
	Tags       []text `json:"imageTags"`
	Size       int64  `json:"imageSizeInBytes"`
	Pushed     moment `json:"imagePushedAt"`
	Pulled     moment `json:"lastRecordedPullTime"`
	Status     struct {
		Status text `json:"status"`
		Reason text `json:"description"`
	} `json:"imageScanStatus"`
	Findings struct {
		At     moment         `json:"imageScanCompletedAt"`
		Counts map[string]int `json:"findingSeverityCounts"`
	} `json:"imageScanFindingsSummary"`
}

// view is the image as the contract has it. Its id is "repository@digest": the
// same content in two repositories is two images, which are deleted each by
// itself.
func (w wireImage) view(used uses, whole bool) backend.Image {
	repository := string(w.Repository)
	img := backend.Image{
		ID: repository + "@" + string(w.Digest), Digest: string(w.Digest), Size: w.Size,
		CreatedAt: w.Pushed.Time, PulledAt: w.Pulled.Time, UsePending: !whole, Scan: w.scan(),
	}
	img.UsedBy = append(img.UsedBy, used[img.ID]...)
	for _, tag := range w.Tags {
		name := repository + ":" + string(tag)
		img.Tags = append(img.Tags, name)
		img.UsedBy = append(img.UsedBy, used[name]...)
	}
	return img
}

func (w wireImage) scan() *backend.Scan {
	if w.Status.Status == "" && w.Findings.At.IsZero() {
		return nil
	}
	s := &backend.Scan{Status: string(w.Status.Status), Reason: string(w.Status.Reason), At: w.Findings.At.Time, Counts: map[string]int{}}
	for severity, n := range w.Findings.Counts {
		s.Counts[backend.Clean(severity)] += n
	}
	return s
}

// TagImage gives an image one more tag in its own repository.
func (b *Backend) TagImage(ctx context.Context, ref, tag string) error {
	const op = "TagImage"
	from, err := b.ecrImage(op, ref)
	if err != nil {
		return err
	}
	to, ok := b.parseRef(tag)
	if !ok || to.tag == "" {
		return backend.Errorf(op, backend.Invalid, backend.Clean(tag), "is no tag: write it as repository:tag")
	}
	manifest, media, err := b.manifest(ctx, op, from)
	if err != nil {
		return err
	}
	if to.repository != from.repository {
		e := backend.Errorf(op, backend.Unsupported, backend.Clean(tag), "ECR tags an image in its own repository only")
		e.Remedy = "push it to " + to.repository
		return e
	}
	in := &ecr.PutImageInput{RepositoryName: &to.repository, ImageTag: &to.tag, ImageManifest: str(string(manifest)), ImageManifestMediaType: &media}
	_, err = ecrCall(ctx, b, "PutImage", to.String(), in, (*ecr.Client).PutImage)
	return err
}

// RemoveImage removes one tag, or an image by its digest, unless a service
// needs it.
func (b *Backend) RemoveImage(ctx context.Context, ref string) error {
	const op = "RemoveImage"
	r, err := b.ecrImage(op, ref)
	if err != nil {
		return err
	}
	d, err := b.describeImage(ctx, op, r)
	if err != nil {
		return err
	}
	used, err := b.usesToGo(ctx)
	if err != nil {
		return named(err, op, ref)
	}
	img := d.view(used, true)
	needed := img.UsedBy
	if r.tag != "" && len(img.Tags) > 1 { // the image itself stays
		needed = used[r.String()]
	}
	if len(needed) > 0 {
		return backend.Errorf(op, backend.Conflict, r.String(), "it is used by %s", needed[0])
	}
	id := types.ImageIdentifier{ImageDigest: &r.digest}
	if r.digest == "" {
		id = types.ImageIdentifier{ImageTag: &r.tag}
	}
	in := &ecr.BatchDeleteImageInput{RepositoryName: &r.repository, ImageIds: []types.ImageIdentifier{id}}
	out, err := ecrCall(ctx, b, "BatchDeleteImage", r.String(), in, (*ecr.Client).BatchDeleteImage)
	if err != nil {
		return named(err, op, ref)
	}
	if len(out.Failures) > 0 {
		f := out.Failures[0]
		kind := backend.Conflict
		if f.FailureCode == types.ImageFailureCodeImageNotFound {
			kind = backend.NotFound
		}
		return backend.Errorf(op, kind, r.String(), "%s", cleanPtr(f.FailureReason))
	}
	return nil
}
