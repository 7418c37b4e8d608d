package config

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
)

// valueName is what text/template takes behind the dot: {{ .image_tag }}.
var valueName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// readValues reads values for templates: text, numbers and truths as they are
// written, lists and objects as JSON in one line.
func readValues(dst *map[string]string) func(value) error {
	return func(v value) error {
		*dst = map[string]string{}
		return v.entries(func(name string, child value) error {
			if !valueName.MatchString(name) {
				e := child.errorf("is no name of a value: letters, digits and _")
				f := v.field(name)
				e.Line, e.Column = f.line, f.column
				e.Advice = "templates name it behind a dot: {{ .name }}"
				return e
			}
			switch child.kind {
			case nullKind:
				return child.wrong("text, a number, true or false, a list or an object")
			case listKind, objectKind:
				(*dst)[name] = compact(child.node)
			default:
				(*dst)[name] = child.text
			}
			return nil
		})
	}
}

// Values are those for the documents of the app: the environment's before the
// app's own.
func (c *Config) Values(lookup func(string) (string, bool)) Values {
	named := map[string]string{}
	if c.App != nil {
		maps.Copy(named, c.App.Values)
	}
	if c.Environment != nil {
		maps.Copy(named, c.Environment.Values)
	}
	return Values{Lookup: lookup, Named: named}
}

// compact is a list or an object as JSON in one line.
func compact(n *node) string {
	var b bytes.Buffer
	if err := json.Compact(&b, renderJSON(n)); err != nil {
		return string(renderJSON(n)) // what was rendered here is JSON
	}
	return b.String()
}
