package aws

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/ecs-tui/ecs-tui/backend"
)

// call makes one call of ECS and decodes the answer, as it came over the wire,
// into out. send is a method of the SDK's client. Where body is set, it is sent
// instead of what the SDK makes of in.
func call[In, Out any](ctx context.Context, b *Backend, op, resource string, in *In, body []byte, out any,
	send func(*ecs.Client, context.Context, *In, ...func(*ecs.Options)) (*Out, error),
) error {
	c, err := b.connect(ctx)
	if err != nil {
		return named(err, op, resource)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	seen := &capture{}
	ctx = context.WithValue(ctx, captureKey{}, seen)
	var opts []func(*ecs.Options)
	if body != nil {
		opts = append(opts, func(o *ecs.Options) { o.APIOptions = append(o.APIOptions, sendBody(body)) })
	}
	if _, err := send(c.ecs, ctx, in, opts...); err != nil {
		return b.wrapSeen(op, resource, err, seen)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(seen.body, out); err != nil {
		return backend.Errorf(op, backend.Other, backend.Clean(resource), "the answer can't be read: %s", backend.Clean(err.Error()))
	}
	return nil
}

// sdkCall makes one call of another service than ECS, whose answer is what the
// SDK makes of it. send is a method of that service's client.
func sdkCall[Client, In, Out, Options any](ctx context.Context, b *Backend, op, resource string, of func(*clients) Client, in *In,
	send func(Client, context.Context, *In, ...func(*Options)) (*Out, error),
) (*Out, error) {
	out, _, err := sdkSend(ctx, b, op, resource, of, in, send)
	return out, err
}

// sdkSend is sdkCall with the answer as it came over the wire.
func sdkSend[Client, In, Out, Options any](ctx context.Context, b *Backend, op, resource string, of func(*clients) Client, in *In,
	send func(Client, context.Context, *In, ...func(*Options)) (*Out, error),
) (*Out, []byte, error) {
	c, err := b.connect(ctx)
	if err != nil {
		return nil, nil, named(err, op, resource)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	seen := &capture{}
	out, err := send(of(c), context.WithValue(ctx, captureKey{}, seen), in)
	if err != nil {
		return nil, nil, b.wrapSeen(op, resource, err, seen)
	}
	return out, seen.body, nil
}
