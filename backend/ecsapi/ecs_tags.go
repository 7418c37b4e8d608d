package ecsapi

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
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
	s, err := h.taggable(ctx, "TagResource", in.ARN)
	if err != nil {
		return nil, err
	}
	set, all := map[string]string{}, maps.Clone(s.Tags)
	if all == nil {
		all = map[string]string{}
	}
	for _, t := range in.Tags {
		set[t.Key], all[t.Key] = t.Value, t.Value
	}
	if len(all) > mostTags {
		return nil, invalidf("A resource cannot have more than %d tags.", mostTags)
	}
	return obj{}, h.b.TagResource(ctx, s.ARN, set)
}

// untagResource takes tags off a service; those that it does not have are no
// error.
func (h *Handler) untagResource(ctx context.Context, in *resourceInput) (any, error) {
	if len(in.Keys) == 0 {
		return nil, invalidf("tagKeys cannot be empty.")
	}
	s, err := h.taggable(ctx, "UntagResource", in.ARN)
	if err != nil {
		return nil, err
	}
	return obj{}, h.b.UntagResource(ctx, s.ARN, in.Keys)
}

// taggable is the service that an ARN names. Backends keep tags of services only.
func (h *Handler) taggable(ctx context.Context, op, arn string) (*backend.Service, error) {
	_, s, err := h.tagsOf(ctx, arn)
	if err == nil && s == nil {
		kind, _, _ := backend.SplitARN(arn)
		err = unsupportedf("%s: this endpoint keeps the tags of services; a %s has those that it was made with.", op, backend.Clean(kind))
	}
	return s, err
}

// first gives the first of two errors that is one.
func first(err, otherwise error) error {
	if err != nil && backend.KindOf(err) != backend.NotFound {
		return err
	}
	return otherwise
}
