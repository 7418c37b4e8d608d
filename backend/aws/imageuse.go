package aws

import (
	"context"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	// usesFor is how long it is remembered who uses what.
	usesFor = repositoriesFor
	// usesServices is how many services are looked at for a list; before an
	// image is removed, all are.
	usesServices = 500
)

// imageUses finds which services need which image, by "repository:tag" or
// "repository@digest", over all clusters. Before something is removed it is
// read anew, and whole.
func (b *Backend) imageUses(ctx context.Context, whole bool) (map[string][]backend.ImageUse, error) {
	b.uses.mu.Lock()
	defer b.uses.mu.Unlock()
	if !whole && !b.uses.found.IsZero() && b.clock.Now().Sub(b.uses.found) < usesFor {
		return b.uses.uses, nil
	}
	uses := map[string][]backend.ImageUse{}
	left := usesServices
	for cluster, err := range backend.All(ctx, b.ListClusters) {
		if err != nil {
			return nil, err
		}
		if err := b.usesOf(ctx, cluster, whole, &left, uses); err != nil {
			return nil, err
		}
	}
	b.uses.uses, b.uses.found = uses, b.clock.Now()
	return uses, nil
}

// knownUses is what was found last.
func (b *Backend) knownUses() map[string][]backend.ImageUse {
	b.uses.mu.Lock()
	defer b.uses.mu.Unlock()
	return b.uses.uses
}

func (b *Backend) usesOf(ctx context.Context, cluster string, whole bool, left *int, uses map[string][]backend.ImageUse) error {
	req := backend.PageRequest{}
	for whole || *left > 0 {
		page, err := b.ListServices(ctx, cluster, req)
		if err != nil {
			return err
		}
		services, err := b.DescribeServices(ctx, cluster, page.Items)
		if err != nil {
			return err
		}
		*left -= len(services)
		for _, s := range services {
			for _, d := range s.Deployments {
				if err := b.usesBy(ctx, s.Name, d, uses); err != nil {
					return err
				}
			}
		}
		if page.Next == "" {
			return nil
		}
		req.Token = page.Next
	}
	return nil
}

// usesBy adds the images of one deployment.
func (b *Backend) usesBy(ctx context.Context, service string, d backend.Deployment, uses map[string][]backend.ImageUse) error {
	if d.TaskDefinition == "" {
		return nil
	}
	td, err := b.definition(ctx, d.TaskDefinition)
	if backend.KindOf(err) == backend.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	for _, c := range td.Containers {
		r, ok := b.parseRef(c.Image)
		if !ok {
			continue
		}
		uses[r.String()] = append(uses[r.String()], backend.ImageUse{Service: service, TaskDefinition: td.Ref(), Running: d.Running})
	}
	return nil
}
