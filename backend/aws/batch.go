package aws

import (
	"context"
	"slices"
	"sync"
)

// parallel is how many describe calls of one list are under way at a time.
const parallel = 4

// describe splits what is asked for into batches, a few of which are under way
// at a time, and joins the answers in the order asked. The first failure ends
// it: an answer with a hole would read as if those things were gone.
func describe[T any](ctx context.Context, refs []string, size int, batch func(context.Context, []string) ([]T, error)) ([]T, error) {
	if len(refs) <= size {
		if len(refs) == 0 {
			return nil, ctx.Err()
		}
		return batch(ctx, refs)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parts := slices.Collect(slices.Chunk(refs, size))
	answers := make([][]T, len(parts))
	var once sync.Once
	var failed error
	var wg sync.WaitGroup
	slots := make(chan struct{}, parallel)
	for i, part := range parts {
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() { <-slots; wg.Done() }()
			got, err := batch(ctx, part)
			if err != nil {
				once.Do(func() { failed = err; cancel() })
				return
			}
			answers[i] = got
		}()
	}
	wg.Wait()
	if failed != nil {
		return nil, failed
	}
	return slices.Concat(answers...), nil
}
