package aws

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// TagResource adds tags to a service, or changes them.
func (b *Backend) TagResource(ctx context.Context, arn string, tags map[string]string) error {
	const op = "TagResource"
	if err := backend.OnlyServices(op, arn); err != nil || len(tags) == 0 {
		return err
	}
	in := &ecs.TagResourceInput{ResourceArn: &arn}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		value := tags[key]
		in.Tags = append(in.Tags, types.Tag{Key: &key, Value: &value})
	}
	return call(ctx, b, op, backend.Clean(backend.ShortName(arn)), in, nil, nil, (*ecs.Client).TagResource)
}

// UntagResource takes tags off a service.
func (b *Backend) UntagResource(ctx context.Context, arn string, keys []string) error {
	const op = "UntagResource"
	if err := backend.OnlyServices(op, arn); err != nil || len(keys) == 0 {
		return err
	}
	in := &ecs.UntagResourceInput{ResourceArn: &arn, TagKeys: keys}
	return call(ctx, b, op, backend.Clean(backend.ShortName(arn)), in, nil, nil, (*ecs.Client).UntagResource)
}
