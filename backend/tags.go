package backend

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// Tagger changes the tags of services, which starts no deployment. Kind NotFound
// is a service that does not exist, Unsupported an ARN of something else.
type Tagger interface {
	// TagResource adds tags to a service, or changes them.
	TagResource(ctx context.Context, arn string, tags map[string]string) error
	// UntagResource takes tags off; those that it does not have are no error.
	UntagResource(ctx context.Context, arn string, keys []string) error
}

// OnlyServices is the error for an ARN that is not that of a service, in ECS's
// long form: "arn:aws:ecs:eu-west-1:123456789012:service/prod/web".
func OnlyServices(op, arn string) error {
	if kind, parts, ok := SplitARN(arn); !ok || kind != "service" || len(parts) != 2 {
		return Errorf(op, Unsupported, Clean(arn), "only services are tagged here")
	}
	return nil
}

// TagPrefix begins the keys of the tags that are this program's own: no diff
// shows them, and no document that a user writes takes them away.
const TagPrefix = "ecs-tui:"

// The tags of a service that was paused: how many tasks it wanted, and what was
// suspended of its autoscaling before, see [Suspension.String].
const (
	TagPaused    = TagPrefix + "paused"
	TagSuspended = TagPrefix + "suspended"
)

// TagUnfit is the tag of a service that names the revisions whose smoke check
// failed: "web:18 web:15".
const TagUnfit = TagPrefix + "smoke-failed"

// TagsOf reads the tags of a document, cleaned.
func TagsOf(doc Document) map[string]string {
	var d struct {
		Tags []struct{ Key, Value string } `json:"tags"`
	}
	if len(doc) == 0 || doc.Decode(&d) != nil {
		return nil
	}
	out := make(map[string]string, len(d.Tags))
	for _, t := range d.Tags {
		out[Clean(t.Key)] = Clean(t.Value)
	}
	return out
}

// Retagged is a document with tags set and others taken off, the order kept.
func Retagged(doc Document, set map[string]string, remove []string) (Document, error) {
	if len(doc) == 0 {
		doc = Document("{}")
	}
	return doc.Edit(func(tree map[string]any) {
		all, _ := tree["tags"].([]any)
		var out []any
		has := map[string]bool{}
		for _, t := range all {
			m, _ := t.(map[string]any)
			key, _ := m["key"].(string)
			if value, changes := set[key]; changes {
				t = map[string]any{"key": key, "value": value}
			}
			if has[key] = true; !slices.Contains(remove, key) {
				out = append(out, t)
			}
		}
		var fresh []string
		for key := range set {
			if !has[key] {
				fresh = append(fresh, key)
			}
		}
		slices.Sort(fresh)
		for _, key := range fresh {
			out = append(out, map[string]any{"key": key, "value": set[key]})
		}
		if tree["tags"] = out; len(out) == 0 {
			delete(tree, "tags")
		}
	})
}

// OwnTags are the tags of a document that are this program's own.
func OwnTags(doc Document) map[string]string {
	tags := TagsOf(doc)
	for key := range tags {
		if !strings.HasPrefix(key, TagPrefix) {
			delete(tags, key)
		}
	}
	return tags
}

// Paused says whether the service was paused, and how many tasks it wanted
// before. One that wants tasks again is not, whatever its tags say: somebody has
// scaled it elsewhere.
func (s Service) Paused() (count int, is bool) {
	count, err := strconv.Atoi(s.Tags[TagPaused])
	return count, err == nil && count > 0 && s.Desired == 0
}
