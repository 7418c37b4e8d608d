package ecsapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Limits of tags, from the ECS developer guide ("Tag restrictions").
const (
	mostTags      = 50
	mostTagKey    = 128
	mostTagValue  = 256
	reservedToTag = "aws:"
)

type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type resourceInput struct {
	ARN  string   `json:"resourceArn"`
	Tags []tag    `json:"tags"`
	Keys []string `json:"tagKeys"`
}

// listTags gives the tags of a service or a task definition. Other resources
// have none here.
func (h *Handler) listTags(ctx context.Context, in *resourceInput) (any, error) {
	tags, _, err := h.tagsOf(ctx, in.ARN)
	return obj{"tags": each(tags, func(t tag) obj { return obj{"key": t.Key, "value": t.Value} })}, err
}

// tagsOf reads the tags of a resource; s is the service, where it is one.
func (h *Handler) tagsOf(ctx context.Context, arn string) (tags []tag, s *backend.Service, err error) {
	kind, parts, ok := backend.SplitARN(arn)
	if !ok {
		return nil, nil, invalidf("resourceArn: %q is no ARN of ECS.", backend.Clean(arn))
	}
	none := failf(http.StatusBadRequest, "ResourceNotFoundException", "The specified resource was not found: %s", backend.Clean(arn))
	var doc backend.Document
	switch {
	case kind == "service" && len(parts) == 2:
		found, ok, err := h.serviceOf(ctx, parts[0], parts[1])
		if err != nil || !ok {
			return nil, nil, first(err, none)
		}
		doc, s = found.Document, &found
	case kind == "task-definition":
		td, err := h.b.DescribeTaskDefinition(ctx, arn)
		if err != nil {
			return nil, nil, first(err, none)
		}
		doc = td.Document
	}
	var tagged struct{ Tags []tag }
	if len(doc) > 0 && json.Unmarshal(doc, &tagged) != nil {
		return nil, s, nil // what is no list of tags is none
	}
	return tagged.Tags, s, nil
}

// tagResource adds tags to a service, or changes them.
func (h *Handler) tagResource(ctx context.Context, in *resourceInput) (any, error) {
	if len(in.Tags) == 0 {
		return nil, invalidf("tags cannot be empty.")
	}
	for _, t := range in.Tags {
		switch {
		case t.Key == "" || len(t.Key) > mostTagKey:
			return nil, invalidf("A tag's key must have 1 to %d characters.", mostTagKey)
		case len(t.Value) > mostTagValue:
			return nil, invalidf("A tag's value must have at most %d characters.", mostTagValue)
		case strings.HasPrefix(strings.ToLower(t.Key), reservedToTag):
			return nil, invalidf("Tag keys that begin with aws: are reserved for internal use.")
		}
	}
	return h.retag(ctx, "TagResource", in.ARN, func(tags []tag) ([]tag, error) {
		for _, t := range in.Tags {
			if i := slices.IndexFunc(tags, func(old tag) bool { return old.Key == t.Key }); i >= 0 {
				tags[i] = t
			} else {
				tags = append(tags, t)
			}
		}
		if len(tags) > mostTags {
			return nil, invalidf("A resource cannot have more than %d tags.", mostTags)
		}
		return tags, nil
	})
}

// untagResource takes tags off a service; those that it does not have are no
// error.
func (h *Handler) untagResource(ctx context.Context, in *resourceInput) (any, error) {
	if len(in.Keys) == 0 {
		return nil, invalidf("tagKeys cannot be empty.")
	}
	return h.retag(ctx, "UntagResource", in.ARN, func(tags []tag) ([]tag, error) {
		return slices.DeleteFunc(tags, func(t tag) bool { return slices.Contains(in.Keys, t.Key) }), nil
	})
}

// retag changes the tags of a service, which starts no deployment. Backends keep
// tags of services only.
func (h *Handler) retag(ctx context.Context, op, arn string, edit func([]tag) ([]tag, error)) (any, error) {
	tags, s, err := h.tagsOf(ctx, arn)
	if err != nil {
		return nil, err
	}
	if s == nil {
		kind, _, _ := backend.SplitARN(arn)
		return nil, unsupportedf("%s: this endpoint keeps the tags of services; a %s has those that it was made with.", op, backend.Clean(kind))
	}
	if tags, err = edit(tags); err != nil {
		return nil, err
	}
	whole := specOf(*s)
	whole["tags"] = tags
	doc, err := json.Marshal(whole)
	if err != nil {
		return nil, invalidf("%v", err)
	}
	spec, err := backend.ParseServiceSpec(doc)
	if err != nil {
		return nil, invalidf("%v", err)
	}
	if _, err := h.b.UpdateService(ctx, s.Cluster, s.Name, backend.ServiceChange{Spec: &spec}); err != nil {
		return nil, err
	}
	return obj{}, nil
}

// first gives the first of two errors that is one.
func first(err, otherwise error) error {
	if err != nil && backend.KindOf(err) != backend.NotFound {
		return err
	}
	return otherwise
}
