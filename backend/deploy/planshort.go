package deploy

import (
	"fmt"
	"strings"
)

// short is the plan in the space that a tag has, and with the letters that it may
// have: which images and which fields, without their values.
func (p *Plan) short() string {
	if p.Current == nil && p.Running == nil {
		return "created"
	}
	var parts []string
	for _, c := range p.Diff() {
		path, of := strings.CutPrefix(c.Path, "containerDefinitions[")
		path = strings.NewReplacer("[", ".", "]", "").Replace(path)
		container, image := strings.CutSuffix(path, ".image")
		switch {
		case c.Document != inDefinition:
			path = c.Document + " " + path
		case of && image:
			path = "image " + container
		}
		parts = append(parts, path)
	}
	return joinShort(parts)
}

// joinShort puts parts together until a tag is full, and says how many are left.
func joinShort(parts []string) string {
	const between = " / "
	var out string
	for i, part := range parts {
		more := fmt.Sprintf("%sand %d more", between, len(parts)-i)
		if len([]rune(out))+len(between)+len([]rune(part))+len(more) > longestTag {
			return strings.TrimPrefix(out+more, between)
		}
		if out != "" {
			out += between
		}
		out += part
	}
	return out
}
