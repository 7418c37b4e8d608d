package deploy

import (
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Origin says where a revision comes from. It is kept by the backend, as tags of
// the revision, so that everybody who can read the service can read it. A part
// that is not known is "".
type Origin struct {
	App    string `json:"app,omitempty"`
	By     string `json:"by,omitempty"`     // who registered it
	Commit string `json:"commit,omitempty"` // short sha, with "-dirty" where more than the commit went in
	Branch string `json:"branch,omitempty"`
	// Promoted is where its images ran before: "staging web:14"; "" where they
	// were built for it.
	Promoted string `json:"promotedFrom,omitempty"`
	// Plan is what it was to change, in short: "image web / service desiredCount".
	Plan string `json:"plan,omitempty"`
}

// Deployed says by whom, and where the images ran before: "anna@desk, promoted
// from staging web:14".
func (o Origin) Deployed() string {
	switch {
	case o.Promoted == "":
		return o.By
	case o.By == "":
		return "promoted from " + o.Promoted
	}
	return o.By + ", promoted from " + o.Promoted
}

// dirtyMark ends a commit that had changes beside it.
const dirtyMark = "-dirty"

// longestTag is the longest value of a tag ("Tag" in the API reference).
const longestTag = 256

// tags are the origin by key.
func (o *Origin) tags() map[string]*string {
	return map[string]*string{
		"app": &o.App, "by": &o.By, "commit": &o.Commit, "branch": &o.Branch, "promoted-from": &o.Promoted, "plan": &o.Plan,
	}
}

// origin is that of the plan's revision.
func (p *Plan) origin() Origin {
	o := Origin{App: p.Request.App, By: p.Request.By, Commit: p.Source.SHA, Branch: p.Source.Branch, Plan: p.short()}
	if p.Source.Dirty {
		o.Commit += dirtyMark
	}
	if from := p.Request.Promotion; from != nil {
		o.Promoted = from.Environment + " " + from.Revision
	}
	return o
}

// OriginOf reads where a revision comes from; it is zero where nothing says.
func OriginOf(td backend.TaskDefinition) Origin {
	var doc struct {
		Tags []struct{ Key, Value string } `json:"tags"`
	}
	var o Origin
	if td.Document.Decode(&doc) != nil {
		return o
	}
	for _, t := range doc.Tags {
		if key, ours := strings.CutPrefix(t.Key, backend.TagPrefix); ours {
			if to := o.tags()[key]; to != nil {
				*to = backend.Clean(t.Value)
			}
		}
	}
	return o
}

// stamp puts the origin into a document that is to be registered.
func (o Origin) stamp(doc backend.Document) (backend.Document, error) {
	return doc.Edit(func(tree map[string]any) {
		tags := withoutOrigin(tree["tags"])
		for _, key := range []string{"app", "by", "commit", "branch", "promoted-from", "plan"} {
			if value := taggable(*o.tags()[key]); value != "" {
				tags = append(tags, map[string]any{"key": backend.TagPrefix + key, "value": value})
			}
		}
		if len(tags) > 0 {
			tree["tags"] = tags
		}
	})
}

// withoutOrigin are the tags that are the user's own.
func withoutOrigin(tags any) []any {
	var own []any
	all, _ := tags.([]any)
	for _, t := range all {
		m, _ := t.(map[string]any)
		if key, _ := m["key"].(string); !strings.HasPrefix(key, backend.TagPrefix) {
			own = append(own, t)
		}
	}
	return own
}

// taggable is a text as a tag's value may be: letters, numbers, spaces and
// + - = . _ : / @, at most 256 of them.
func taggable(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > longestTag {
			break
		}
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune(" +-=._:/@", r):
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	return strings.TrimSpace(b.String())
}
