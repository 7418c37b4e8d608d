package config

import (
	"strconv"
	"strings"
)

// locate follows a path as far as it goes: to the field's value, or to the
// innermost parent that exists. A missing index means the first element, since
// encoding/json leaves indexes out.
func (n *node) locate(path string) (line, column int, exact bool) {
	line, column = n.line, n.column
	for rest := path; rest != ""; {
		var step string
		step, rest = nextStep(rest)
		if i, err := strconv.Atoi(strings.Trim(step, "[]")); err == nil && step[0] == '[' {
			if n.kind != listKind || i < 0 || i >= len(n.items) {
				return line, column, false
			}
			n = n.items[i]
			line, column = n.line, n.column
			continue
		}
		if n.kind == listKind && len(n.items) > 0 {
			n = n.items[0]
		}
		f := n.field(step)
		if f == nil {
			return line, column, false
		}
		line, column, n = f.line, f.column, f.value
	}
	return line, column, true
}

func (n *node) field(key string) *field {
	for i := range n.fields {
		if n.fields[i].key == key {
			return &n.fields[i]
		}
	}
	return nil
}

// nextStep cuts "a", "[3]" or "b" off a path like a[3].b.
func nextStep(path string) (step, rest string) {
	path = strings.TrimPrefix(path, ".")
	if strings.HasPrefix(path, "[") {
		if end := strings.IndexByte(path, ']'); end > 0 {
			return path[:end+1], strings.TrimPrefix(path[end+1:], ".")
		}
		return path, ""
	}
	if end := strings.IndexAny(path, ".["); end > 0 {
		return path[:end], strings.TrimPrefix(path[end:], ".")
	}
	return path, ""
}
