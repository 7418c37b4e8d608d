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
	// usesMost is how many services, and how many tasks, are looked at for a
	// list; before an image is removed, all are.
	usesMost = 1000
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
	whole     bool // nothing was left out
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
		return u.found, u.whole
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
	return u.found, u.whole
}

// searchUses looks through the services until all is known, or the backend is
// closed. What fails is begun anew by the next list.
func (b *Backend) searchUses(done chan struct{}) {
	found, whole, err := b.findUses(backend.Background(b.life), usesMost)
	b.uses.mu.Lock()
	defer b.uses.mu.Unlock()
	b.uses.searching = nil
	if err == nil {
		b.uses.found, b.uses.whole, b.uses.at = found, whole, b.clock.Now()
	} else {
		b.log.Debug("who uses which image", "err", err)
	}
	close(done)
}

// allUses reads anew who uses what, and all of it.
func (b *Backend) allUses(ctx context.Context) (uses, error) {
	found, _, err := b.findUses(ctx, 0)
	if err != nil {
		return nil, err
	}
	b.uses.mu.Lock()
	defer b.uses.mu.Unlock()
	b.uses.found, b.uses.whole, b.uses.at = found, true, b.clock.Now()
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
	return b.uses.found, b.uses.whole
}

// findUses looks through all clusters: at the tasks, which name their images,
// and at the services, to find those that stand at zero. most bounds how many of
// either; 0 is no bound. whole says that nothing was left out.
func (b *Backend) findUses(ctx context.Context, most int) (found uses, whole bool, err error) {
	f := usesFinder{b: b, found: uses{}, bounded: most > 0, tasks: most, services: most}
	for _, look := range []func(context.Context, string) error{f.lookAtTasks, f.lookAtServices} {
		for cluster, err := range backend.All(ctx, b.ListClusters) {
			if err != nil {
				return nil, false, err
			}
			if err := look(ctx, cluster); err != nil {
				return nil, false, err
			}
		}
	}
	return f.found, !f.cut, nil
}

// usesFinder is one search.
type usesFinder struct {
	b               *Backend
	found           uses
	bounded, cut    bool
	tasks, services int // that may still be looked at
}

// over says that no more may be looked at.
func (f *usesFinder) over(left int) bool {
	if !f.bounded || left > 0 {
		return false
	}
	f.cut = true
	return true
}

func (f *usesFinder) lookAtTasks(ctx context.Context, cluster string) error {
	req := backend.PageRequest{}
	for !f.over(f.tasks) {
		page, err := f.b.ListTasks(ctx, backend.TaskQuery{Cluster: cluster}, req)
		if err != nil {
			return err
		}
		tasks, err := f.b.DescribeTasks(ctx, cluster, page.Items)
		if err != nil {
			return err
		}
		f.tasks -= len(tasks)
		for _, t := range tasks {
			for _, c := range t.Containers {
				f.note(c.Image, backend.ImageUse{Service: t.Service, TaskDefinition: backend.ShortName(t.TaskDefinition), Running: 1})
			}
		}
		if page.Next == "" {
			return nil
		}
		req.Token = page.Next
	}
	return nil
}

func (f *usesFinder) lookAtServices(ctx context.Context, cluster string) error {
	req := backend.PageRequest{}
	for !f.over(f.services) {
		page, err := f.b.ListServices(ctx, cluster, req)
		if err != nil {
			return err
		}
		services, err := f.b.DescribeServices(ctx, cluster, page.Items)
		if err != nil {
			return err
		}
		f.services -= len(services)
		for _, s := range services {
			for _, d := range s.Deployments {
				if err := f.wanted(ctx, s.Name, d.TaskDefinition); err != nil {
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

// wanted notes the images of a task definition that a service needs, whether
// tasks run or not.
func (f *usesFinder) wanted(ctx context.Context, service, definition string) error {
	if definition == "" {
		return nil
	}
	td, err := f.b.definition(ctx, definition)
	if backend.KindOf(err) == backend.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	for _, c := range td.Containers {
		f.note(c.Image, backend.ImageUse{Service: service, TaskDefinition: td.Ref()})
	}
	return nil
}

// note adds a use; tasks of the same definition are counted together.
func (f *usesFinder) note(image string, use backend.ImageUse) {
	r, ok := f.b.parseRef(image)
	if !ok {
		return
	}
	name := r.String()
	for i, known := range f.found[name] {
		if known.Service == use.Service && known.TaskDefinition == use.TaskDefinition {
			f.found[name][i].Running += use.Running
			return
		}
	}
	f.found[name] = append(f.found[name], use)
}
