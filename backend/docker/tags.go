package docker

import (
	"context"
	"database/sql"

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

// retag is nothing that the agent has to act on.
func (b *Backend) retag(ctx context.Context, op, arn string, set map[string]string, remove []string) error {
	if err := backend.OnlyServices(op, arn); err != nil {
		return err
	}
	_, parts, _ := backend.SplitARN(arn)
	return b.write(ctx, op, backend.Clean(backend.ShortName(arn)), func(tx *sql.Tx) error {
		s, err := b.service(ctx, tx, op, parts[0], parts[1])
		if err != nil {
			return err
		}
		if err := s.rec.Tag(set, remove); err != nil {
			return err
		}
		return putService(ctx, tx, s)
	})
}
