package docker

import (
	"context"

	"github.com/ecs-tui/ecs-tui/backend"
)

// noRegistry is why an engine has no repositories to look after.
const noRegistry = "an engine runs images from its own store and has no registry; i lists the images"

func refuseRegistry(op, resource string) error {
	return backend.Errorf(op, backend.Unsupported, backend.Clean(resource), "%s", noRegistry)
}

// ListRepositories refuses: see [Engine.Unsupported].
func (e *Engine) ListRepositories(context.Context, backend.PageRequest) (backend.Page[backend.Repository], error) {
	return backend.Page[backend.Repository]{}, refuseRegistry("DescribeRepositories", "")
}

// DescribeRepositories refuses.
func (e *Engine) DescribeRepositories(context.Context, []string) ([]backend.Repository, error) {
	return nil, refuseRegistry("DescribeRepositories", "")
}

// CreateRepository refuses.
func (e *Engine) CreateRepository(_ context.Context, spec backend.RepositorySpec) (backend.Repository, error) {
	return backend.Repository{}, refuseRegistry("CreateRepository", spec.Name)
}

// RepositoryContents refuses.
func (e *Engine) RepositoryContents(_ context.Context, name string) (backend.RepositoryContents, error) {
	return backend.RepositoryContents{}, refuseRegistry("DescribeImages", name)
}

// ListRepositoryImages refuses.
func (e *Engine) ListRepositoryImages(_ context.Context, name string, _ backend.PageRequest) (backend.Page[backend.Image], error) {
	return backend.Page[backend.Image]{}, refuseRegistry("DescribeImages", name)
}

// ScanFindings refuses: nothing here scans.
func (e *Engine) ScanFindings(_ context.Context, ref string, _ backend.PageRequest) (backend.Page[backend.ScanFinding], error) {
	return backend.Page[backend.ScanFinding]{}, refuseRegistry("DescribeImageScanFindings", ref)
}

// StartScan refuses.
func (e *Engine) StartScan(_ context.Context, ref string) error {
	return refuseRegistry("StartImageScan", ref)
}

// PlanRepositoryPrune refuses; PlanPrune plans for the whole store.
func (e *Engine) PlanRepositoryPrune(_ context.Context, name string, _ int) (backend.Prune, error) {
	return backend.Prune{}, refuseRegistry("PlanRepositoryPrune", name)
}

// DeleteRepository refuses.
func (e *Engine) DeleteRepository(_ context.Context, name string) error {
	return refuseRegistry("DeleteRepository", name)
}

// RepositoryTags refuses.
func (e *Engine) RepositoryTags(_ context.Context, name string) (map[string]string, error) {
	return nil, refuseRegistry("ListTagsForResource", name)
}
