package aws

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	// usesFor is how long it is good to know who uses what: to find it out takes
	// many calls. Where it took long, it is good for usesTimes as long as that.
	usesFor   = 2 * time.Minute
	usesTimes = 5
	// usesPlan is how old what is known may be for a plan. Before anything goes it
	// is read anew, and is good for usesGoing for what goes with it.
	usesPlan  = time.Minute
	usesGoing = 10 * time.Second
	// usesPatience is how long a list waits for it. After that the list comes
	// without, and the next one has it.
	usesPatience = 1500 * time.Millisecond
)

// uses is who needs which image, by "repository:tag" or "repository@digest".
type uses map[string][]backend.ImageUse

// imageUses remembers who uses what. One search at a time is under way.
type imageUses struct {
	mu        sync.Mutex
	found     uses // never changed, only replaced; nil before there is any
	whole     bool // found is of a search that has ended
	at        time.Time
	took      time.Duration
	going     time.Time     // when it was read to let images go
	searching chan struct{} // closed when the search that is under way has ended
	// images are those of task definitions by ARN, which never change: only what
	// the last search met is kept.
	images map[string][]string
}

// due says that what is known is too old, or not all.
func (u *imageUses) due(now time.Time) bool {
	return u.found == nil || !u.whole || now.Sub(u.at) >= max(usesFor, usesTimes*u.took)
}

// usesSoon gives what is known of who uses what, and whether that is all. A
// search that is due is begun, and waited for, but not for long.
func (b *Backend) usesSoon(ctx context.Context) (known uses, whole bool) {
	u := &b.uses
	u.mu.Lock()
	if !u.due(b.clock.Now()) {
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

// searchUses looks through all services until all is known, or the backend is
// closed. It goes at the rate of what nobody waits for; until the first search
// has ended, what was found so far is what is known. What fails is begun anew by
// the next list.
func (b *Backend) searchUses(done chan struct{}) {
	start := b.clock.Now()
	found, images, err := b.findUses(backend.Background(b.life), func(sofar uses) {
		b.uses.mu.Lock()
		defer b.uses.mu.Unlock()
		if !b.uses.whole {
			b.uses.found = sofar
		}
	})
	b.uses.mu.Lock()
	defer b.uses.mu.Unlock()
	b.uses.searching = nil
	if err == nil {
		b.uses.know(found, images, start, b.clock.Now())
	} else {
		b.log.Debug("who uses which image", "err", err)
	}
	close(done)
}

// know takes over what a search has found.
func (u *imageUses) know(found uses, images map[string][]string, start, end time.Time) {
	u.found, u.images, u.whole, u.at, u.took = found, images, true, end, end.Sub(start)
}

// allUses gives who uses what, and all of it: as it was read no longer ago than
// that, else anew.
func (b *Backend) allUses(ctx context.Context, age time.Duration) (uses, error) {
	start := b.clock.Now()
	b.uses.mu.Lock()
	found, fresh := b.uses.found, b.uses.whole && start.Sub(b.uses.at) < age
	b.uses.mu.Unlock()
	if fresh {
		return found, nil
	}
	found, images, err := b.findUses(ctx, nil)
	if err != nil {
		return nil, err
	}
	b.uses.mu.Lock()
	defer b.uses.mu.Unlock()
	b.uses.know(found, images, start, b.clock.Now())
	return found, nil
}

// usesToGo is who uses what when images are about to go.
func (b *Backend) usesToGo(ctx context.Context) (uses, error) {
	b.uses.mu.Lock()
	found, fresh := b.uses.found, b.uses.whole && b.clock.Now().Sub(b.uses.going) < usesGoing
	b.uses.mu.Unlock()
	if fresh {
		return found, nil
	}
	found, err := b.allUses(ctx, 0)
	if err == nil {
		b.uses.mu.Lock()
		b.uses.going = b.clock.Now()
		b.uses.mu.Unlock()
	}
	return found, err
}

// usesChanged says that what was found is not true any more.
func (b *Backend) usesChanged() {
	b.uses.mu.Lock()
	defer b.uses.mu.Unlock()
	b.uses.at, b.uses.going = time.Time{}, time.Time{}
}

// knownUses is what was found last.
func (b *Backend) knownUses() (known uses, whole bool) {
	b.uses.mu.Lock()
	defer b.uses.mu.Unlock()
	return b.uses.found, b.uses.whole
}

// findUses looks through all clusters: at the tasks, which name their images,
// and at the services, to find those that stand at zero. It gives the images of
// the task definitions that it met too. publish is told what was found so far;
// it may be nil.
func (b *Backend) findUses(ctx context.Context, publish func(uses)) (uses, map[string][]string, error) {
	b.uses.mu.Lock()
	f := usesFinder{b: b, found: uses{}, images: map[string][]string{}, known: b.uses.images, publish: publish}
	b.uses.mu.Unlock()
	for _, look := range []func(context.Context, string) error{f.lookAtTasks, f.lookAtServices} {
		for cluster, err := range backend.All(ctx, b.ListClusters) {
			if err != nil {
				return nil, nil, err
			}
			if err := look(ctx, cluster); err != nil {
				return nil, nil, err
			}
		}
	}
	return f.found, f.images, nil
}

// usesFinder is one search.
type usesFinder struct {
	b             *Backend
	found         uses
	images, known map[string][]string // of task definitions by ARN: of this search, and of the one before
	publish       func(uses)
}

// soFar publishes a copy of what was found.
func (f *usesFinder) soFar() {
	if f.publish == nil {
		return
	}
	copied := make(uses, len(f.found))
	for image, used := range f.found {
		copied[image] = slices.Clone(used)
	}
	f.publish(copied)
}

func (f *usesFinder) lookAtTasks(ctx context.Context, cluster string) error {
	req := backend.PageRequest{}
	for {
		page, err := f.b.ListTasks(ctx, backend.TaskQuery{Cluster: cluster}, req)
		if err != nil {
			return err
		}
		tasks, err := f.b.DescribeTasks(ctx, cluster, page.Items)
		if err != nil {
			return err
		}
		for _, t := range tasks {
			images := make([]string, len(t.Containers))
			for i, c := range t.Containers {
				images[i] = c.Image
				f.note(c.Image, backend.ImageUse{Service: t.Service, TaskDefinition: backend.ShortName(t.TaskDefinition), Running: 1})
			}
			f.images[t.TaskDefinition] = images
		}
		f.soFar()
		if page.Next == "" {
			return nil
		}
		req.Token = page.Next
	}
}

func (f *usesFinder) lookAtServices(ctx context.Context, cluster string) error {
	req := backend.PageRequest{}
	for {
		page, err := f.b.ListServices(ctx, cluster, req)
		if err != nil {
			return err
		}
		services, err := f.b.DescribeServices(ctx, cluster, page.Items)
		if err != nil {
			return err
		}
		for _, s := range services {
			for _, d := range s.Deployments {
				if err := f.wanted(ctx, s.Name, d.TaskDefinition); err != nil {
					return err
				}
			}
		}
		f.soFar()
		if page.Next == "" {
			return nil
		}
		req.Token = page.Next
	}
}

// wanted notes the images of a task definition that a service needs, whether
// tasks run or not. One of which a task runs, or that a search met before, is
// known without a call.
func (f *usesFinder) wanted(ctx context.Context, service, definition string) error {
	if definition == "" {
		return nil
	}
	images, known := f.images[definition]
	if !known {
		images, known = f.known[definition]
	}
	if !known {
		td, err := f.b.definition(ctx, definition)
		if err != nil && backend.KindOf(err) != backend.NotFound {
			return err
		}
		for _, c := range td.Containers {
			images = append(images, c.Image)
		}
	}
	f.images[definition] = images
	for _, image := range images {
		f.note(image, backend.ImageUse{Service: service, TaskDefinition: backend.ShortName(definition)})
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
