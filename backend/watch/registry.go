package watch

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Images watches all images. They come and go without a word, also by other
// hands, so that they are read often though there is a Notifier.
func Images(ctx context.Context, b backend.Images, o Options) iter.Seq[Snapshot[backend.Image]] {
	if o.Interval == 0 {
		o.Interval = 2 * time.Second
	}
	return whole(ctx, b.ListImages, func(im backend.Image) string { return im.ID }, o)
}

// Repositories watches the repositories of a registry.
func Repositories(ctx context.Context, b backend.Repositories, o Options) iter.Seq[Snapshot[backend.Repository]] {
	return whole(ctx, b.ListRepositories, func(r backend.Repository) string { return r.Name }, o)
}

// RepositoryImages watches the images of a repository, the newest first.
func RepositoryImages(ctx context.Context, b backend.Repositories, repository string, o Options) iter.Seq[Snapshot[backend.Image]] {
	list := func(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Image], error) {
		return b.ListRepositoryImages(ctx, repository, p)
	}
	return sorted(whole(ctx, list, func(im backend.Image) string { return im.ID }, o), func(a, b backend.Image) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
}

// Findings watches what the scan of an image found, the worst first. It changes
// only when the image is scanned again.
func Findings(ctx context.Context, b backend.Repositories, ref string, o Options) iter.Seq[Snapshot[backend.ScanFinding]] {
	if o.Interval == 0 {
		o.Interval = 10 * time.Second
	}
	list := func(ctx context.Context, p backend.PageRequest) (backend.Page[backend.ScanFinding], error) {
		return b.ScanFindings(ctx, ref, p)
	}
	return sorted(whole(ctx, list, FindingRef, o), func(a, b backend.ScanFinding) int {
		return cmp.Or(
			cmp.Compare(backend.SeverityRank(a.Severity), backend.SeverityRank(b.Severity)),
			cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Package, b.Package),
		)
	})
}

// FindingRef tells a finding from the others of an image.
func FindingRef(f backend.ScanFinding) string { return f.ID + " " + f.Package + " " + f.Version }

// whole watches a list whose call gives everything: there is nothing to
// describe.
func whole[T any](ctx context.Context, list func(context.Context, backend.PageRequest) (backend.Page[T], error), ref func(T) string, o Options) iter.Seq[Snapshot[T]] {
	var mu sync.Mutex // describe calls run side by side
	listed := map[string]T{}
	return List(ctx, Source[T]{
		List: func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			page, err := list(ctx, p)
			mu.Lock()
			defer mu.Unlock()
			refs := backend.Page[string]{Next: page.Next}
			for _, item := range page.Items {
				listed[ref(item)] = item
				refs.Items = append(refs.Items, ref(item))
			}
			return refs, err
		},
		Describe: func(_ context.Context, refs []string) ([]T, error) {
			mu.Lock()
			defer mu.Unlock()
			var out []T
			for _, r := range refs {
				if item, ok := listed[r]; ok {
					out = append(out, item)
				}
			}
			return out, nil
		},
		Batch: 1000, Ref: ref,
	}, o)
}

// sorted puts the rows of every snapshot into an order of their own.
func sorted[T any](snaps iter.Seq[Snapshot[T]], compare func(a, b T) int) iter.Seq[Snapshot[T]] {
	return func(yield func(Snapshot[T]) bool) {
		for snap := range snaps {
			snap.Rows = slices.Clone(snap.Rows)
			slices.SortStableFunc(snap.Rows, func(a, b *Row[T]) int {
				switch {
				case a.Loaded && b.Loaded:
					return compare(a.Item, b.Item)
				case a.Loaded:
					return -1
				case b.Loaded:
					return 1
				}
				return 0
			})
			if !yield(snap) {
				return
			}
		}
	}
}

// Schedules watches the schedules of a cluster, by name.
func Schedules(ctx context.Context, b backend.Schedules, cluster string, o Options) iter.Seq[Snapshot[backend.Schedule]] {
	if o.Interval == 0 {
		o.Interval = 5 * time.Second // EventBridge Scheduler is asked for each by itself
	}
	list := func(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Schedule], error) {
		return b.ListSchedules(ctx, cluster, p)
	}
	return sorted(whole(ctx, list, func(s backend.Schedule) string { return s.ARN }, o), func(a, b backend.Schedule) int { return cmp.Compare(a.Name, b.Name) })
}
