package ecsapi

import (
	"context"
	"net/http"

	"github.com/ecs-tui/ecs-tui/backend"
)

// listTags gives the tags that a service or a task definition was made with.
// Other resources have none here.
func (h *Handler) listTags(ctx context.Context, in *struct {
	ARN string `json:"resourceArn"`
},
) (any, error) {
	kind, parts, ok := backend.SplitARN(in.ARN)
	if !ok {
		return nil, invalidf("resourceArn: %q is no ARN of ECS.", backend.Clean(in.ARN))
	}
	none := failf(http.StatusBadRequest, "ResourceNotFoundException", "The specified resource was not found: %s", backend.Clean(in.ARN))
	var tags any
	switch {
	case kind == "service" && len(parts) == 2:
		s, ok, err := h.serviceOf(ctx, parts[0], parts[1])
		if err != nil || !ok {
			return nil, first(err, none)
		}
		tags = tree(s.Document)["tags"]
	case kind == "task-definition":
		td, err := h.b.DescribeTaskDefinition(ctx, in.ARN)
		if backend.KindOf(err) == backend.NotFound {
			return nil, none
		}
		if err != nil {
			return nil, err
		}
		tags = tree(td.Document)["tags"]
	}
	if tags == nil {
		tags = []any{}
	}
	return obj{"tags": tags}, nil
}

// first gives the first of two errors that is one.
func first(err, otherwise error) error {
	if err != nil && backend.KindOf(err) != backend.NotFound {
		return err
	}
	return otherwise
}
