package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// kind is what a node of a document is.
type kind int

const (
	nullKind kind = iota
	boolKind
	numberKind
	stringKind
	listKind
	objectKind
)

func (k kind) String() string {
	return [...]string{"nothing", "true or false", "a number", "text", "a list", "an object"}[k]
}

// node is a value of a document, JSON or YAML, that knows where it stands.
type node struct {
	kind         kind
	line, column int
	text         string // of a scalar, as written; a string without its quotes
	truth        bool   // of a bool
	fields       []field
	items        []*node
	// start and end are where the node stands in the rendered JSON.
	start, end int
}

// field is one key of an object.
type field struct {
	key          string
	line, column int
	value        *node
}

func (n *node) get(key string) *node {
	for _, f := range n.fields {
		if f.key == key {
			return f.value
		}
	}
	return nil
}

// limits bound what a hostile file can make of this program.
const (
	maxDepth = 100
	maxNodes = 100_000
	maxFile  = 4 << 20
)

// renderJSON writes the tree as JSON and notes where each node landed.
func renderJSON(root *node) []byte {
	var b bytes.Buffer
	writeJSON(&b, root, "")
	return b.Bytes()
}

func writeJSON(b *bytes.Buffer, n *node, indent string) {
	n.start = b.Len()
	deeper := indent + "  "
	switch n.kind {
	case nullKind:
		b.WriteString("null")
	case boolKind:
		b.WriteString(strconv.FormatBool(n.truth))
	case numberKind:
		b.WriteString(n.text)
	case stringKind:
		b.Write(quote(n.text))
	case listKind:
		b.WriteByte('[')
		for i, item := range n.items {
			separate(b, i, deeper)
			writeJSON(b, item, deeper)
		}
		closeWith(b, ']', len(n.items), indent)
	case objectKind:
		b.WriteByte('{')
		for i, f := range n.fields {
			separate(b, i, deeper)
			b.Write(quote(f.key))
			b.WriteString(": ")
			writeJSON(b, f.value, deeper)
		}
		closeWith(b, '}', len(n.fields), indent)
	}
	n.end = b.Len()
}

func separate(b *bytes.Buffer, i int, indent string) {
	if i > 0 {
		b.WriteByte(',')
	}
	b.WriteString("\n" + indent)
}

func closeWith(b *bytes.Buffer, end byte, count int, indent string) {
	if count > 0 {
		b.WriteString("\n" + indent)
	}
	b.WriteByte(end)
}

// quote is s as a JSON string, with <, > and & left readable.
func quote(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return []byte(`""`) // a string always encodes
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// at finds the innermost node that covers a byte of the rendered JSON, with
// its path. An offset just behind a value, as encoding/json reports, is in it.
func (n *node) at(offset int, path string) (*node, string) {
	for _, f := range n.fields {
		if offset > f.value.start && offset <= f.value.end {
			return f.value.at(offset, join(path, f.key))
		}
	}
	for i, item := range n.items {
		if offset > item.start && offset <= item.end {
			return item.at(offset, fmt.Sprintf("%s[%d]", path, i))
		}
	}
	return n, path
}

// join makes the path of a field the way ECS writes paths.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
