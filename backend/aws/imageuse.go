package aws

import (
	"context"
	"sync"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	// usesFor is how long it is good to know who uses what: to find it out takes
	// many calls.
	usesFor = 2 * time.Minute
	// usesServices is how many services are looked at for a list; before an
	// image is removed, all are.
	usesServices = 500
	// usesPatience is how long a list waits for it. After that the list comes
	// without, and the next one has it.
	usesPatience = 1500 * time.Millisecond
)

// uses is who needs which image, by "repository:tag" or "repository@digest".
type uses map[string][]backend.ImageUse

// imageUses remembers who uses what. One search at a time is under way.
type imageUses struct {
	mu        sync.Mutex
	found     uses // nil before the first search has ended
	at        time.Time
	searching chan struct{} // closed when the search that is under way has ended
}

// usesSoon gives what is known of who uses what, and whether that is all. A
// search that is due is begun, and waited for, but not for long.
func (b *Backend) usesSoon(ctx context.Context) (known uses, whole bool) {
	u := &b.uses
	u.mu.Lock()
	if u.found != nil && b.clock.Now().Sub(u.at) < usesFor {
		defer u.mu.Unlock()
		return u.found, true
	}
	if u.searching == nil {
		u.searching = make(chan struct{})
		go b.searchUses(u.searching)
	}
	done := u.searching
	u.mu.Unlock()
	select {
	case <-done:
	case <-ctx.Done():
	case <-b.clock.After(usesPatience):
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.found, u.found != nil
}

// searchUses looks through the services until all is known, or the backend is
// closed. What fails is begun anew by the next list.
func (b *Backend) searchUses(done chan struct{}) {
	found, err := b.findUses(backend.Background(b.life), usesServices)
	b.uses.mu.Lock()
	defer b.uses.mu.Unlock()
	b.uses.searching = nil
	if err == nil {
		b.uses.found, b.uses.at = found, b.clock.Now()
	} else {
		b.log.Debug("who uses which image", "err", err)
	}
	close(done)
}

// allUses reads anew who uses what, and all of it.
func (b *Backend) allUses(ctx context.Context) (uses, error) {
	found, err := b.findUses(ctx, 0)
	if err != nil {
		return nil, err
	}
	b.uses.mu.Lock()
	defer b.uses.mu.Unlock()
	b.uses.found, b.uses.at = found, b.clock.Now()
	return found, nil
}

// usesChanged says that what was found is not true any more.
func (b *Backend) usesChanged() {
	b.uses.mu.Lock()
	defer b.uses.mu.Unlock()
	b.uses.at = time.Time{}
}

// knownUses is what was found last.
func (b *Backend) knownUses() (known uses, whole bool) {
	b.uses.mu.Lock()
	defer b.uses.mu.Unlock()
	return b.uses.found, b.uses.found != nil
}

// findUses looks through all clusters: at the services, by their deployments,
// and at the tasks that belong to none. most bounds how many services; 0 is no
// bound.
func (b *Backend) findUses(ctx context.Context, most int) (uses, error) {
	found := uses{}
	left := most
	for cluster, err := range backend.All(ctx, b.ListClusters) {
		if err != nil {
			return nil, err
		}
		if err := b.usesOf(ctx, cluster, most == 0, &left, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (b *Backend) usesOf(ctx context.Context, cluster string, whole bool, left *int, found uses) error {
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
				if err := b.usesBy(ctx, s.Name, d.TaskDefinition, d.Running, found); err != nil {
					return err
				}
			}
		}
		if page.Next == "" {
			break
		}
		req.Token = page.Next
	}
	if !whole {
		return nil
	}
	return b.usesOfTasks(ctx, cluster, found)
}

// usesOfTasks adds the images of running tasks that no service wants: before
// something is deleted, they count.
func (b *Backend) usesOfTasks(ctx context.Context, cluster string, found uses) error {
	req := backend.PageRequest{}
	for {
		page, err := b.ListTasks(ctx, backend.TaskQuery{Cluster: cluster}, req)
		if err != nil {
			return err
		}
		tasks, err := b.DescribeTasks(ctx, cluster, page.Items)
		if err != nil {
			return err
		}
		for _, t := range tasks {
			if t.Service == "" {
				if err := b.usesBy(ctx, "", t.TaskDefinition, 1, found); err != nil {
					return err
				}
			}
		}
		if page.Next == "" {
			return nil
		}
		req.Token = page.Next
	}
}

// usesBy adds the images of one task definition.
func (b *Backend) usesBy(ctx context.Context, service, definition string, running int, found uses) error {
	if definition == "" {
		return nil
	}
	td, err := b.definition(ctx, definition)
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
		found.add(r.String(), backend.ImageUse{Service: service, TaskDefinition: td.Ref(), Running: running})
	}
	return nil
}

// add notes a use; tasks of the same definition are counted together.
func (u uses) add(image string, use backend.ImageUse) {
	for i, known := range u[image] {
		if known.Service == use.Service && known.TaskDefinition == use.TaskDefinition {
			u[image][i].Running += use.Running
			return
		}
	}
	u[image] = append(u[image], use)
}
