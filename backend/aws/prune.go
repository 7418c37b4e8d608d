package aws

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// mostImageIDs is how many images ECR takes in one call.
const mostImageIDs = 100

// PlanPrune plans nothing: see [Backend.Unsupported].
func (b *Backend) PlanPrune(ctx context.Context) (backend.Prune, error) {
	if err := ctx.Err(); err != nil {
		return backend.Prune{}, b.wrap("PlanPrune", "", err)
	}
	return backend.Prune{}, nil
}

// PlanRepositoryPrune reads all images of a repository with their manifests,
// and every service: an image of an index that stays has no tag of its own, and
// only what no other image has is freed.
func (b *Backend) PlanRepositoryPrune(ctx context.Context, repository string, keep int) (backend.Prune, error) {
	const op = "PlanRepositoryPrune"
	var found []wireImage
	for req := (backend.PageRequest{}); ; {
		page, err := b.images(ctx, repository, req)
		if err != nil {
			return backend.Prune{}, named(err, op, repository)
		}
		found = append(found, page.Details...)
		if req.Token = page.Next; page.Next == "" {
			break
		}
	}
	used, err := b.allUses(ctx, usesPlan)
	if err != nil {
		return backend.Prune{}, named(err, op, repository)
	}
	images := make([]backend.Image, len(found))
	digests := make([]string, len(found))
	for i, d := range found {
		images[i], digests[i] = d.view(used, true), string(d.Digest)
	}
	manifests, err := b.manifests(ctx, repository, digests)
	if err != nil {
		return backend.Prune{}, named(err, op, repository)
	}
	parts := map[string][]string{}
	for digest, m := range manifests {
		for _, part := range m.Manifests {
			parts[digest] = append(parts[digest], part.Digest)
		}
	}
	plan := backend.PlanRepository(images, keep, parts)
	plan.Frees = freed(plan, manifests)
	return plan, nil
}

// manifests reads the manifests of a repository's images, by digest.
func (b *Backend) manifests(ctx context.Context, repository string, digests []string) (map[string]manifestForm, error) {
	out := map[string]manifestForm{}
	for part := range slices.Chunk(digests, mostImageIDs) {
		in := &ecr.BatchGetImageInput{RepositoryName: &repository, AcceptedMediaTypes: manifestTypes()}
		for _, d := range part {
			in.ImageIds = append(in.ImageIds, types.ImageIdentifier{ImageDigest: &d})
		}
		got, err := ecrCall(ctx, b, "BatchGetImage", repository, in, (*ecr.Client).BatchGetImage)
		if err != nil {
			return nil, err
		}
		for _, img := range got.Images {
			var m manifestForm
			if img.ImageId == nil || json.Unmarshal([]byte(awssdk.ToString(img.ImageManifest)), &m) != nil {
				continue // its size stands for it
			}
			out[awssdk.ToString(img.ImageId.ImageDigest)] = m
		}
	}
	return out, nil
}

// freed adds up the layers that only images which go have. Where a manifest
// can't be read, the image's size counts.
func freed(plan backend.Prune, manifests map[string]manifestForm) int64 {
	seen := map[string]bool{}
	for _, img := range plan.Kept {
		for _, l := range manifests[img.Digest].blobs() {
			seen[l.Digest] = true
		}
	}
	sum := int64(0)
	for _, img := range plan.Images {
		m, known := manifests[img.Digest]
		if !known {
			sum += img.Size
		}
		for _, l := range m.blobs() {
			if !seen[l.Digest] {
				seen[l.Digest] = true
				sum += l.Size
			}
		}
	}
	return sum
}

// PruneImages deletes the images of a plan, a hundred a call, except those that
// are used by now. What ECR refuses (an image of an index that is still there)
// stays.
func (b *Backend) PruneImages(ctx context.Context, plan backend.Prune) (backend.Prune, error) {
	const op = "PruneImages"
	used, err := b.usesToGo(ctx)
	if err != nil {
		return backend.Prune{}, named(err, op, "")
	}
	byRepository := map[string][]backend.Image{}
	for _, img := range plan.Images {
		repository, _, ok := strings.Cut(img.ID, "@")
		if ok && !inUse(img, used) {
			byRepository[repository] = append(byRepository[repository], img)
		}
	}
	var done backend.Prune
	for repository, images := range byRepository {
		for part := range slices.Chunk(images, mostImageIDs) {
			if err := b.deleteImages(ctx, repository, part, &done); err != nil {
				return done, named(err, op, repository)
			}
		}
	}
	if len(done.Images) == len(plan.Images) {
		done.Frees = plan.Frees
	}
	return done, nil
}

func inUse(img backend.Image, used uses) bool {
	return len(used[img.ID]) > 0 || slices.ContainsFunc(img.Tags, func(tag string) bool { return len(used[tag]) > 0 })
}

// deleteImages is BatchDeleteImage; what has gone is added to done.
func (b *Backend) deleteImages(ctx context.Context, repository string, images []backend.Image, done *backend.Prune) error {
	in := &ecr.BatchDeleteImageInput{RepositoryName: &repository}
	for _, img := range images {
		in.ImageIds = append(in.ImageIds, types.ImageIdentifier{ImageDigest: &img.Digest})
	}
	out, err := ecrCall(ctx, b, "BatchDeleteImage", repository, in, (*ecr.Client).BatchDeleteImage)
	if err != nil {
		return err
	}
	gone := map[string]bool{}
	for _, id := range out.ImageIds {
		gone[awssdk.ToString(id.ImageDigest)] = true
	}
	for _, img := range images {
		if gone[img.Digest] {
			done.Images = append(done.Images, img)
			done.Frees += img.Size
		}
	}
	for _, f := range out.Failures {
		b.log.Info("an image was not pruned", "repository", repository, "why", cleanPtr(f.FailureReason))
	}
	return nil
}
