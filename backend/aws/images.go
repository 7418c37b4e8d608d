package aws

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// repositoriesFor is how long the list of repositories is good for paging.
const repositoriesFor = 15 * time.Second

// imageUses remembers what ListImages looks up for every page.
type imageUses struct {
	mu           sync.Mutex
	repositories []string
	listed       time.Time
	uses         map[string][]backend.ImageUse
	found        time.Time
}

// repositories are the names of the account's repositories, sorted.
func (b *Backend) repositories(ctx context.Context) ([]string, error) {
	b.uses.mu.Lock()
	defer b.uses.mu.Unlock()
	if now := b.clock.Now(); !b.uses.listed.IsZero() && now.Sub(b.uses.listed) < repositoriesFor {
		return b.uses.repositories, nil
	}
	var names []string
	in := &ecr.DescribeRepositoriesInput{MaxResults: awssdk.Int32(1000)}
	for {
		out, err := ecrCall(ctx, b, "DescribeRepositories", "", in, (*ecr.Client).DescribeRepositories)
		if err != nil {
			return nil, err
		}
		for _, r := range out.Repositories {
			names = append(names, cleanPtr(r.RepositoryName))
		}
		if awssdk.ToString(out.NextToken) == "" {
			break
		}
		in.NextToken = out.NextToken
	}
	slices.Sort(names)
	b.uses.repositories, b.uses.listed = names, b.clock.Now()
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
	_, size := paging(p)
	in := &ecr.DescribeImagesInput{RepositoryName: &names[i], MaxResults: size}
	if token != "" && names[i] == repository {
		in.NextToken = &token
	}
	out, err := ecrCall(ctx, b, "DescribeImages", names[i], in, (*ecr.Client).DescribeImages)
	if err != nil && backend.KindOf(err) != backend.NotFound { // gone since it was listed
		return backend.Page[backend.Image]{}, named(err, op, names[i])
	}
	page := backend.Page[backend.Image]{}
	if i+1 < len(names) {
		page.Next = names[i+1]
	}
	if out == nil {
		return page, nil
	}
	uses, err := b.imageUses(ctx, false)
	if err != nil {
		return backend.Page[backend.Image]{}, named(err, op, "")
	}
	for _, d := range out.ImageDetails {
		page.Items = append(page.Items, imageOf(d, uses))
	}
	if next := awssdk.ToString(out.NextToken); next != "" {
		page.Next = names[i] + " " + next
	}
	return page, nil
}

// imageOf is an image of ECR. Its id is "repository@digest": the same content
// in two repositories is two images, which are deleted each by itself.
func imageOf(d types.ImageDetail, uses map[string][]backend.ImageUse) backend.Image {
	repository, digest := cleanPtr(d.RepositoryName), cleanPtr(d.ImageDigest)
	img := backend.Image{
		ID: repository + "@" + digest, Digest: digest,
		Size: awssdk.ToInt64(d.ImageSizeInBytes), CreatedAt: awssdk.ToTime(d.ImagePushedAt),
	}
	img.UsedBy = append(img.UsedBy, uses[img.ID]...)
	for _, tag := range d.ImageTags {
		name := repository + ":" + backend.Clean(tag)
		img.Tags = append(img.Tags, name)
		img.UsedBy = append(img.UsedBy, uses[name]...)
	}
	return img
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
	uses, err := b.imageUses(ctx, true)
	if err != nil {
		return named(err, op, ref)
	}
	img := imageOf(d, uses)
	needed := img.UsedBy
	if r.tag != "" && len(img.Tags) > 1 { // the image itself stays
		needed = uses[r.String()]
	}
	if len(needed) > 0 {
		return backend.Errorf(op, backend.Conflict, r.String(), "it is used by service %s (%s)", needed[0].Service, needed[0].TaskDefinition)
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

// PlanPrune plans nothing: see [Backend.Unsupported].
func (b *Backend) PlanPrune(ctx context.Context) (backend.Prune, error) {
	if err := ctx.Err(); err != nil {
		return backend.Prune{}, b.wrap("PlanPrune", "", err)
	}
	return backend.Prune{}, nil
}

// PruneImages refuses: in ECR, a lifecycle policy does it.
func (b *Backend) PruneImages(context.Context, backend.Prune) (backend.Prune, error) {
	return backend.Prune{}, backend.Errorf("PruneImages", backend.Unsupported, "", "%s", b.Unsupported(backend.CanPruneImage))
}
