package aws

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// mostECRPage is the most that ECR's lists give in one page.
const mostECRPage = 1000

// ecrPaging gives a page request as ECR's calls want it: they take more at once
// than ECS's.
func ecrPaging(p backend.PageRequest) (token *string, size *int32) {
	token, _ = paging(p)
	n := int32(mostECRPage)
	if p.Size > 0 && p.Size < mostECRPage {
		n = int32(p.Size)
	}
	return token, &n
}

// wireRepository is the part of a repository on the wire that this program
// works with.
type wireRepository struct {
	Name       text   `json:"repositoryName"`
	ARN        text   `json:"repositoryArn"`
	URI        text   `json:"repositoryUri"`
	Created    moment `json:"createdAt"`
	Mutability text   `json:"imageTagMutability"`
	Scanning   struct {
		OnPush bool `json:"scanOnPush"`
	} `json:"imageScanningConfiguration"`
}

func repositoryOf(op string, raw json.RawMessage) (backend.Repository, error) {
	var w wireRepository
	if err := json.Unmarshal(raw, &w); err != nil {
		return backend.Repository{}, backend.Errorf(op, backend.Other, "", "a repository can't be read: %s", backend.Clean(err.Error()))
	}
	return backend.Repository{
		Name: string(w.Name), ARN: string(w.ARN), URI: string(w.URI), CreatedAt: w.Created.Time,
		Mutability: string(w.Mutability), ScanOnPush: w.Scanning.OnPush, Document: documentOf(raw),
	}, nil
}

// describeRepositories is DescribeRepositories, for a page or for names.
func (b *Backend) describeRepositories(ctx context.Context, resource string, in *ecr.DescribeRepositoriesInput) (backend.Page[backend.Repository], error) {
	const op = "DescribeRepositories"
	var out struct {
		Repositories []json.RawMessage `json:"repositories"`
		Next         string            `json:"nextToken"`
	}
	var page backend.Page[backend.Repository]
	if err := ecrRead(ctx, b, op, resource, in, &out, (*ecr.Client).DescribeRepositories); err != nil {
		return page, err
	}
	for _, raw := range out.Repositories {
		r, err := repositoryOf(op, raw)
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, r)
	}
	page.Next = out.Next
	return page, nil
}

// ListRepositories gives the account's repositories, with all about them.
func (b *Backend) ListRepositories(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Repository], error) {
	token, size := ecrPaging(p)
	return b.describeRepositories(ctx, "", &ecr.DescribeRepositoriesInput{NextToken: token, MaxResults: size})
}

// DescribeRepositories asks for each by itself: one that is missing fails the
// whole call.
func (b *Backend) DescribeRepositories(ctx context.Context, names []string) ([]backend.Repository, error) {
	return describe(ctx, names, 1, func(ctx context.Context, names []string) ([]backend.Repository, error) {
		page, err := b.describeRepositories(ctx, names[0], &ecr.DescribeRepositoriesInput{RepositoryNames: names})
		if backend.KindOf(err) == backend.NotFound {
			return nil, nil
		}
		return page.Items, err
	})
}

// CreateRepository makes a repository.
func (b *Backend) CreateRepository(ctx context.Context, spec backend.RepositorySpec) (backend.Repository, error) {
	const op = "CreateRepository"
	if !backend.ValidRepository(spec.Name) {
		return backend.Repository{}, backend.Errorf(op, backend.Invalid, backend.Clean(spec.Name), "is no name of a repository: lower-case letters, digits, - _ . and /")
	}
	in := &ecr.CreateRepositoryInput{
		RepositoryName: &spec.Name, ImageTagMutability: types.ImageTagMutabilityMutable,
		ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: spec.ScanOnPush},
	}
	for _, key := range slices.Sorted(maps.Keys(spec.Tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: &key, Value: awssdk.String(spec.Tags[key])})
	}
	if spec.Immutable {
		in.ImageTagMutability = types.ImageTagMutabilityImmutable
	}
	var out struct {
		Repository json.RawMessage `json:"repository"`
	}
	if err := ecrRead(ctx, b, op, spec.Name, in, &out, (*ecr.Client).CreateRepository); err != nil {
		return backend.Repository{}, err
	}
	return repositoryOf(op, out.Repository)
}

// DeleteRepository removes a repository with all images in it.
func (b *Backend) DeleteRepository(ctx context.Context, name string) error {
	_, err := ecrCall(ctx, b, "DeleteRepository", name, &ecr.DeleteRepositoryInput{RepositoryName: &name, Force: true}, (*ecr.Client).DeleteRepository)
	return err
}

// RepositoryTags are the tags of a repository.
func (b *Backend) RepositoryTags(ctx context.Context, name string) (map[string]string, error) {
	const op = "ListTagsForResource"
	found, err := b.DescribeRepositories(ctx, []string{name})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, missingRepository(op, name)
	}
	out, err := ecrCall(ctx, b, op, name, &ecr.ListTagsForResourceInput{ResourceArn: &found[0].ARN}, (*ecr.Client).ListTagsForResource)
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, t := range out.Tags {
		tags[cleanPtr(t.Key)] = cleanPtr(t.Value)
	}
	return tags, nil
}

// wireImages is an answer of DescribeImages.
type wireImages struct {
	Details []wireImage `json:"imageDetails"`
	Next    string      `json:"nextToken"`
}

// images is one page of a repository's images.
func (b *Backend) images(ctx context.Context, repository string, p backend.PageRequest) (wireImages, error) {
	token, size := ecrPaging(p)
	in := &ecr.DescribeImagesInput{RepositoryName: &repository, NextToken: token, MaxResults: size}
	var out wireImages
	err := ecrRead(ctx, b, "DescribeImages", repository, in, &out, (*ecr.Client).DescribeImages)
	return out, err
}

// RepositoryContents counts what is in a repository, up to a thousand images.
func (b *Backend) RepositoryContents(ctx context.Context, name string) (backend.RepositoryContents, error) {
	found, err := b.images(ctx, name, backend.PageRequest{})
	c := backend.RepositoryContents{Images: len(found.Details), Partial: found.Next != ""}
	for _, d := range found.Details {
		c.Size += d.Size
		if len(d.Tags) == 0 {
			c.Untagged++
		}
		if d.Pushed.After(c.PushedAt) {
			c.PushedAt = d.Pushed.Time
		}
	}
	return c, err
}

// ListRepositoryImages gives the images of a repository. Who uses them takes
// many calls to find out: the first list may come without.
func (b *Backend) ListRepositoryImages(ctx context.Context, repository string, p backend.PageRequest) (backend.Page[backend.Image], error) {
	var page backend.Page[backend.Image]
	found, err := b.images(ctx, repository, p)
	if err != nil {
		return page, err
	}
	used, whole := b.usesSoon(ctx)
	for _, d := range found.Details {
		page.Items = append(page.Items, d.view(used, whole))
	}
	page.Next = found.Next
	return page, nil
}

// StartScan begins a basic scan. Where the registry has enhanced scanning, ECR
// refuses: it scans by itself there.
func (b *Backend) StartScan(ctx context.Context, ref string) error {
	const op = "StartImageScan"
	r, err := b.ecrImage(op, ref)
	if err != nil {
		return err
	}
	id := r.identifier()
	_, err = ecrCall(ctx, b, op, r.String(), &ecr.StartImageScanInput{RepositoryName: &r.repository, ImageId: &id}, (*ecr.Client).StartImageScan)
	return err
}

func (b *Backend) repositoryExists(ctx context.Context, name string) (bool, error) {
	found, err := b.DescribeRepositories(ctx, []string{name})
	return len(found) > 0, err
}

func cleanPtr(s *string) string { return backend.Clean(awssdk.ToString(s)) }
