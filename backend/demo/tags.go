package demo

import (
	"context"

	"github.com/ecs-tui/ecs-tui/backend"
)

// TagResource adds tags to a service, or changes them.
func (b *Backend) TagResource(ctx context.Context, arn string, tags map[string]string) error {
	return b.retag(ctx, "TagResource", arn, tags, nil)
}

// UntagResource takes tags off a service.
func (b *Backend) UntagResource(ctx context.Context, arn string, keys []string) error {
	return b.retag(ctx, "UntagResource", arn, nil, keys)
}

func (b *Backend) retag(ctx context.Context, op, arn string, set map[string]string, remove []string) error {
	if err := ended(ctx, op); err != nil {
		return err
	}
	if err := backend.OnlyServices(op, arn); err != nil {
		return err
	}
	_, parts, _ := backend.SplitARN(arn)
	b.lock()
	defer b.unlock()
	s, err := b.findService(op, parts[0], parts[1])
	if err != nil {
		return err
	}
	b.changed = true
	return s.rec.Tag(set, remove)
}
