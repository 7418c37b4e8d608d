package demo

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// repository is one of the demo's registry. Its images are those of the store
// that were pushed to it.
type repository struct {
	name                  string
	created               time.Time
	immutable, scanOnPush bool
	tags                  map[string]string
}

func (b *Backend) repositoryView(r *repository) backend.Repository {
	mutability := "MUTABLE"
	if r.immutable {
		mutability = "IMMUTABLE"
	}
	arn := "arn:aws:ecr:" + b.names.Region + ":" + b.names.Account + ":repository/" + r.name
	return backend.Repository{
		Name: r.name, ARN: arn, URI: r.name, CreatedAt: r.created, Mutability: mutability, ScanOnPush: r.scanOnPush,
		Document: document(map[string]any{
			"repositoryName": r.name, "repositoryArn": arn, "registryId": b.names.Account, "repositoryUri": r.name,
			"createdAt": backend.Stamp(r.created), "imageTagMutability": mutability,
			"imageScanningConfiguration": map[string]any{"scanOnPush": r.scanOnPush},
			"encryptionConfiguration":    map[string]any{"encryptionType": "AES256"},
		}),
	}
}

// ensureRepository makes a repository where there is none of that name.
func (b *Backend) ensureRepository(name string) *repository {
	r := b.repositories[name]
	if r == nil {
		r = &repository{name: name, created: b.sim.now, scanOnPush: true}
		b.repositories[name] = r
	}
	return r
}

func (b *Backend) repository(op, name string) (*repository, error) {
	if r := b.repositories[name]; r != nil {
		return r, nil
	}
	return nil, backend.Errorf(op, backend.NotFound, backend.Clean(name), "the repository does not exist")
}

// ListRepositories gives the repositories, by name.
func (b *Backend) ListRepositories(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Repository], error) {
	const op = "DescribeRepositories"
	if err := ended(ctx, op); err != nil {
		return backend.Page[backend.Repository]{}, err
	}
	b.lock()
	defer b.unlock()
	var all []backend.Repository
	for _, name := range slices.Sorted(maps.Keys(b.repositories)) {
		all = append(all, b.repositoryView(b.repositories[name]))
	}
	return page(op, all, p)
}

// DescribeRepositories gives repositories by name; unknown ones are left out.
func (b *Backend) DescribeRepositories(ctx context.Context, names []string) ([]backend.Repository, error) {
	if err := ended(ctx, "DescribeRepositories"); err != nil {
		return nil, err
	}
	b.lock()
	defer b.unlock()
	var out []backend.Repository
	for _, name := range names {
		if r := b.repositories[name]; r != nil {
			out = append(out, b.repositoryView(r))
		}
	}
	return out, nil
}

// CreateRepository makes a repository.
func (b *Backend) CreateRepository(ctx context.Context, spec backend.RepositorySpec) (backend.Repository, error) {
	const op = "CreateRepository"
	if err := ended(ctx, op); err != nil {
		return backend.Repository{}, err
	}
	if !backend.ValidRepository(spec.Name) {
		return backend.Repository{}, backend.Errorf(op, backend.Invalid, backend.Clean(spec.Name), "is no name of a repository: lower-case letters, digits, - _ . and /")
	}
	b.lock()
	defer b.unlock()
	if b.repositories[spec.Name] != nil {
		return backend.Repository{}, backend.Errorf(op, backend.Conflict, spec.Name, "the repository exists already")
	}
	r := b.ensureRepository(spec.Name)
	r.immutable, r.scanOnPush, r.tags = spec.Immutable, spec.ScanOnPush, maps.Clone(spec.Tags)
	b.changed = true
	return b.repositoryView(r), nil
}

// RepositoryTags are the tags that a repository was made with.
func (b *Backend) RepositoryTags(ctx context.Context, name string) (map[string]string, error) {
	const op = "ListTagsForResource"
	if err := ended(ctx, op); err != nil {
		return nil, err
	}
	b.lock()
	defer b.unlock()
	r, err := b.repository(op, name)
	if err != nil {
		return nil, err
	}
	return maps.Clone(r.tags), nil
}

// DeleteRepository removes a repository, and what was pushed to it and nowhere
// else.
func (b *Backend) DeleteRepository(ctx context.Context, name string) error {
	const op = "DeleteRepository"
	if err := ended(ctx, op); err != nil {
		return err
	}
	b.lock()
	defer b.unlock()
	r, err := b.repository(op, name)
	if err != nil {
		return err
	}
	for id, i := range b.images {
		if !i.in(r.name) {
			continue
		}
		i.view.Tags = slices.DeleteFunc(i.view.Tags, func(tag string) bool {
			repository, _, _ := strings.Cut(tag, ":")
			return repository == r.name
		})
		if len(i.view.Tags) == 0 {
			delete(b.images, id)
		}
	}
	delete(b.repositories, r.name)
	b.changed = true
	return nil
}

// in says whether an image is in a repository: it was pushed there, and has a
// tag of it, or none at all.
func (i *image) in(repository string) bool {
	if i.view.Digest == "" {
		return false
	}
	if len(i.view.Tags) == 0 {
		return i.repository == repository
	}
	return slices.ContainsFunc(i.view.Tags, func(tag string) bool { repo, _ := splitRef(tag); return repo == repository })
}

// pushedImages are the images of a repository, newest first, as its registry
// has them.
func (b *Backend) pushedImages(r *repository) []backend.Image {
	uses, pulls := b.uses(), b.pulls()
	var out []backend.Image
	for _, i := range b.sortedImages() {
		if !i.in(r.name) {
			continue
		}
		v := i.read(uses)
		v.Tags = slices.DeleteFunc(v.Tags, func(tag string) bool { repo, _ := splitRef(tag); return repo != r.name })
		v.PulledAt, v.Scan = pulls[i], b.scanOf(i)
		out = append(out, v)
	}
	return out
}

// pulls are the times at which images were pulled last.
func (b *Backend) pulls() map[*image]time.Time {
	out := map[*image]time.Time{}
	for _, i := range b.images {
		out[i] = i.pulled
	}
	byRef := map[string]*image{}
	for _, t := range b.tasks {
		for _, c := range t.view.Containers {
			i, known := byRef[c.Image]
			if !known {
				i = b.findImage(c.Image)
				byRef[c.Image] = i
			}
			if i != nil && t.view.PullStoppedAt.After(out[i]) {
				out[i] = t.view.PullStoppedAt
			}
		}
	}
	return out
}

// RepositoryContents adds up what is in a repository.
func (b *Backend) RepositoryContents(ctx context.Context, name string) (backend.RepositoryContents, error) {
	const op = "DescribeImages"
	if err := ended(ctx, op); err != nil {
		return backend.RepositoryContents{}, err
	}
	b.lock()
	defer b.unlock()
	if _, err := b.repository(op, name); err != nil {
		return backend.RepositoryContents{}, err
	}
	var c backend.RepositoryContents
	for _, i := range b.images {
		if !i.in(name) {
			continue
		}
		c.Images++
		c.Size += i.view.Size
		if len(i.view.Tags) == 0 {
			c.Untagged++
		}
		if i.view.CreatedAt.After(c.PushedAt) {
			c.PushedAt = i.view.CreatedAt
		}
	}
	return c, nil
}

// ListRepositoryImages gives the images of a repository.
func (b *Backend) ListRepositoryImages(ctx context.Context, name string, p backend.PageRequest) (backend.Page[backend.Image], error) {
	const op = "DescribeImages"
	if err := ended(ctx, op); err != nil {
		return backend.Page[backend.Image]{}, err
	}
	b.lock()
	defer b.unlock()
	r, err := b.repository(op, name)
	if err != nil {
		return backend.Page[backend.Image]{}, err
	}
	return page(op, b.pushedImages(r), p)
}

// PlanRepositoryPrune plans by the contract's rule.
func (b *Backend) PlanRepositoryPrune(ctx context.Context, name string, keep int) (backend.Prune, error) {
	const op = "PlanRepositoryPrune"
	if err := ended(ctx, op); err != nil {
		return backend.Prune{}, err
	}
	b.lock()
	defer b.unlock()
	r, err := b.repository(op, name)
	if err != nil {
		return backend.Prune{}, err
	}
	return backend.PlanRepository(b.pushedImages(r), keep, nil), nil
}

// imageDocument is an image as ECR's DescribeImages has it, with its
// configuration beside it.
func (b *Backend) imageDocument(i *image, d backend.ImageDetail) backend.Document {
	tags := make([]string, len(d.Tags))
	for n, tag := range d.Tags {
		_, tags[n] = splitRef(tag)
	}
	tree := map[string]any{
		"registryId": b.names.Account, "repositoryName": i.repository, "imageDigest": cmp.Or(d.Digest, d.ID), "imageTags": tags,
		"imageSizeInBytes": d.Size, "imagePushedAt": backend.Stamp(d.CreatedAt),
		"imageManifestMediaType": "application/vnd.docker.distribution.manifest.v2+json",
		"imageConfig": map[string]any{
			"architecture": "amd64", "os": "linux", "created": backend.Stamp(d.CreatedAt),
			"config": map[string]any{"Cmd": d.Cmd, "User": d.User, "WorkingDir": d.WorkDir, "ExposedPorts": d.Exposed},
		},
	}
	if s := b.scanOf(i); s != nil {
		tree["imageScanStatus"] = map[string]any{"status": s.Status}
		tree["imageScanFindingsSummary"] = map[string]any{"findingSeverityCounts": s.Counts, "imageScanCompletedAt": backend.Stamp(s.At)}
	}
	if at := b.pulls()[i]; !at.IsZero() {
		tree["lastRecordedPullTime"] = backend.Stamp(at)
	}
	return document(tree)
}
