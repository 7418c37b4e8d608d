package aws

import (
	"context"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// DataKey is the key of an encrypted session of ECS Exec.
func (b *Backend) DataKey(ctx context.Context, key, cluster string, req backend.ShellRequest, session string) (plain, sealed []byte, err error) {
	return b.dataKey(ctx, key, cluster, req, session)
}

// InspectFor bounds what Verify asks about an account.
func (b *Backend) InspectFor(d time.Duration) { b.inspectFor = d }
