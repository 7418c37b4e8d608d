package ecsapi

import (
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// tree reads a backend's document, so that fields which this program does not
// know reach the client as well.
func tree(doc backend.Document) obj {
	if len(doc) == 0 {
		return obj{}
	}
	t, err := doc.Tree()
	if err != nil || t == nil {
		return obj{}
	}
	return t
}

// stamps turns the named members, which documents have as text, into times.
func (o obj) stamps(keys ...string) obj {
	for _, k := range keys {
		s, _ := o[k].(string)
		if s == "" {
			continue
		}
		if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
			o[k] = stamp(at)
		} else {
			delete(o, k)
		}
	}
	return o
}

// bare drops members that are empty text: AWS leaves them out.
func (o obj) bare() obj {
	for k, v := range o {
		if v == "" {
			delete(o, k)
		}
	}
	return o
}

// preset sets a member that is absent.
func (o obj) preset(key string, value any) {
	if o[key] == nil {
		o[key] = value
	}
}

// objects gives the structures of a list in a document.
func objects(v any) []obj {
	list, _ := v.([]any)
	out := make([]obj, 0, len(list))
	for _, item := range list {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// each turns a slice into the list of an answer.
func each[T any](items []T, shape func(T) obj) []any {
	out := make([]any, 0, len(items))
	for _, item := range items {
		out = append(out, shape(item))
	}
	return out
}

// listed is a list of texts; absent is empty.
func listed(items []string) []string {
	if items == nil {
		return []string{}
	}
	return items
}

// sibling gives the ARN of something else in the account and region of an ARN:
// sibling("arn:aws:ecs:local:1:task/demo/4f…", "cluster", "demo").
func sibling(arn string, kind string, parts ...string) string {
	f := strings.SplitN(arn, ":", 6)
	if len(f) != 6 {
		return ""
	}
	return strings.Join(f[:5], ":") + ":" + kind + "/" + strings.Join(parts, "/")
}

// failure is an entry of the failures of an answer.
func failure(arn, reason string) obj { return obj{"arn": arn, "reason": reason} }

// missing is the reason of a failure for what does not exist.
const missing = "MISSING"
