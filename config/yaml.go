package config

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// yamlParser turns YAML into the same tree as JSON: anchors are followed,
// merge keys are merged, and what JSON can't say is refused.
type yamlParser struct {
	anchors map[string]*node
	nodes   int
}

// parseYAML reads the one document of a YAML file.
func parseYAML(file string, data []byte) (root *node, err error) {
	defer func() {
		// The parser belongs to others: should a file bring it down, that is a
		// bad file and not the end of the program.
		if r := recover(); r != nil {
			root, err = nil, &Error{Position: Position{File: file}, Err: fmt.Errorf("can't be read as YAML: %v", r)}
		}
	}()
	data, second := oneDocument(data)
	if second.Line > 0 {
		second.File = file
		return nil, &Error{Position: second, Err: errors.New("a second document starts here; only one is read")}
	}
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, yamlError(file, err)
	}
	if len(parsed.Docs) == 0 || parsed.Docs[0].Body == nil {
		return &node{kind: nullKind, line: 1, column: 1}, nil
	}
	p := &yamlParser{anchors: map[string]*node{}}
	root, err = p.value(parsed.Docs[0].Body, "", 0)
	var e *Error
	if errors.As(err, &e) {
		e.File = file
	}
	return root, err
}

// oneDocument finds where a second document starts, and takes out the marks of
// those that are empty and the directives: the parser would stop at the one, and
// take the other for a document. What is left keeps its place.
func oneDocument(data []byte) (left []byte, second Position) {
	left = bytes.Clone(data)
	documents, mark, begun, offset := 0, -1, false, 0
	blank := func(at int) {
		if at >= 0 {
			left[at] = '#'
		}
	}
	for i, line := range bytes.SplitAfter(data, []byte("\n")) {
		start, rest := offset, line
		offset += len(line)
		switch {
		case isMark(line, "---"):
			if !begun {
				blank(mark)
			}
			mark, begun, rest = start, false, line[3:]
		case isMark(line, "..."):
			if !begun {
				blank(mark)
				blank(start)
			}
			mark, begun, rest = -1, false, nil
		case !begun && bytes.HasPrefix(line, []byte("%")):
			blank(start)
			continue
		}
		text := bytes.TrimSpace(rest)
		if begun || len(text) == 0 || text[0] == '#' {
			continue
		}
		begun = true
		if documents++; documents == 2 {
			return nil, Position{Line: i + 1, Column: 1 + bytes.Index(line, text)}
		}
	}
	if !begun {
		blank(mark)
	}
	return left, Position{}
}

// isMark says whether a line begins or ends a document.
func isMark(line []byte, mark string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(mark))
	return ok && (len(rest) == 0 || bytes.ContainsAny(rest[:1], " \t\r\n"))
}

// yamlError takes message and position out of the parser's error, which would
// print several lines with the source in them.
func yamlError(file string, err error) error {
	var e yaml.Error
	if !errors.As(err, &e) {
		return &Error{Position: Position{File: file}, Err: err}
	}
	pos := Position{File: file}
	if tok := e.GetToken(); tok != nil && tok.Position != nil {
		pos.Line, pos.Column = tok.Position.Line, tok.Position.Column
	}
	return &Error{Position: pos, Err: errors.New(strings.ReplaceAll(e.GetMessage(), "\n", " "))}
}

// place is where a node starts. The token of a mapping is its first colon; its
// first key is what a reader calls the start.
func place(n ast.Node) (line, column int) {
	var tok *token.Token
	switch v := n.(type) {
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return place(v.Values[0])
		}
		tok = v.Start
	case *ast.MappingValueNode:
		tok = v.Key.GetToken()
	default:
		tok = n.GetToken()
	}
	if tok == nil || tok.Position == nil {
		return 1, 1
	}
	return tok.Position.Line, tok.Position.Column
}

func (p *yamlParser) errorAt(n ast.Node, path, format string, args ...any) error {
	line, column := place(n)
	return &Error{Position: Position{Line: line, Column: column}, Field: path, Err: fmt.Errorf(format, args...)}
}

func (p *yamlParser) value(y ast.Node, path string, depth int) (*node, error) {
	if p.nodes++; p.nodes > maxNodes || depth > maxDepth {
		return nil, p.errorAt(y, path, "the document is too deep or too large")
	}
	n := &node{}
	n.line, n.column = place(y)
	switch v := y.(type) {
	case *ast.NullNode:
		n.kind = nullKind
	case *ast.BoolNode:
		n.kind, n.truth, n.text = boolKind, v.Value, v.Token.Value
	case *ast.IntegerNode, *ast.FloatNode:
		return n, p.number(n, y, path)
	case *ast.StringNode:
		n.kind, n.text = stringKind, v.Value
	case *ast.LiteralNode:
		n.kind, n.text = stringKind, v.Value.Value
	case *ast.SequenceNode:
		return n, p.list(n, v, path, depth)
	case *ast.MappingNode:
		return n, p.object(n, v.Values, path, depth)
	case *ast.MappingValueNode:
		return n, p.object(n, []*ast.MappingValueNode{v}, path, depth)
	case *ast.AnchorNode:
		value, err := p.value(v.Value, path, depth+1)
		if err == nil && v.Name != nil {
			p.anchors[v.Name.GetToken().Value] = value
		}
		return value, err
	case *ast.AliasNode:
		return p.alias(v, path)
	case *ast.TagNode:
		value, err := p.value(v.Value, path, depth+1)
		if err == nil && v.Start.Value == "!!str" {
			value.asText(v.Value)
		}
		return value, err
	case *ast.InfinityNode, *ast.NanNode:
		return nil, p.errorAt(y, path, "is no number that JSON can say")
	default:
		return nil, p.errorAt(y, path, "JSON has no such value")
	}
	return n, nil
}

// asText makes text of what looked like something else: !!str 007.
func (n *node) asText(y ast.Node) {
	switch n.kind {
	case numberKind, boolKind:
		n.text = y.GetToken().Value
	case nullKind:
		n.text = ""
		if tok := y.GetToken(); tok.Type == token.NullType {
			n.text = tok.Value
		}
	default:
		return
	}
	n.kind = stringKind
}

// number keeps a number as it is written where JSON writes it so too.
func (p *yamlParser) number(n *node, y ast.Node, path string) error {
	n.kind = numberKind
	n.text = strings.ReplaceAll(y.GetToken().Value, "_", "")
	if jsonNumber(n.text) {
		return nil
	}
	switch v := y.(type) {
	case *ast.IntegerNode:
		n.text = fmt.Sprint(v.Value) // 0x1F, 0o17, +3
	case *ast.FloatNode:
		if math.IsInf(v.Value, 0) || math.IsNaN(v.Value) {
			return p.errorAt(y, path, "is no number that JSON can say")
		}
		n.text = strconv.FormatFloat(v.Value, 'g', -1, 64)
	}
	return nil
}

func (p *yamlParser) alias(v *ast.AliasNode, path string) (*node, error) {
	name := v.Value.GetToken().Value
	target := p.anchors[name]
	if target == nil {
		return nil, p.errorAt(v, path, "there is no anchor &%s before this", name)
	}
	// Each use is a copy of its own, so that each has a place of its own in
	// the JSON; the count keeps a chain of aliases from growing without end.
	return p.clone(v, target, path)
}

func (p *yamlParser) clone(at ast.Node, n *node, path string) (*node, error) {
	if p.nodes++; p.nodes > maxNodes {
		return nil, p.errorAt(at, path, "the document is too deep or too large")
	}
	c := *n
	c.fields = make([]field, len(n.fields))
	c.items = make([]*node, len(n.items))
	var err error
	for i, f := range n.fields {
		c.fields[i] = f
		if c.fields[i].value, err = p.clone(at, f.value, path); err != nil {
			return nil, err
		}
	}
	for i, item := range n.items {
		if c.items[i], err = p.clone(at, item, path); err != nil {
			return nil, err
		}
	}
	return &c, nil
}

func (p *yamlParser) list(n *node, v *ast.SequenceNode, path string, depth int) error {
	n.kind = listKind
	for i, y := range v.Values {
		item, err := p.value(y, fmt.Sprintf("%s[%d]", path, i), depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	return nil
}

func (p *yamlParser) object(n *node, values []*ast.MappingValueNode, path string, depth int) error {
	n.kind = objectKind
	var merged []field
	for _, v := range values {
		if v.Key.IsMergeKey() {
			base, err := p.value(v.Value, path, depth+1)
			if err != nil {
				return err
			}
			merged = append(merged, base.fields...)
			for _, item := range base.items {
				merged = append(merged, item.fields...)
			}
			continue
		}
		f, err := p.field(v, path, depth)
		if err != nil {
			return err
		}
		if n.field(f.key) != nil {
			return p.errorAt(v, join(path, f.key), "is given twice")
		}
		n.fields = append(n.fields, f)
	}
	for _, f := range merged {
		if n.field(f.key) == nil {
			n.fields = append(n.fields, f)
		}
	}
	return nil
}

func (p *yamlParser) field(v *ast.MappingValueNode, path string, depth int) (field, error) {
	key, ok := v.Key.(ast.ScalarNode)
	if !ok {
		return field{}, p.errorAt(v, path, "a key must be plain text")
	}
	f := field{key: key.GetToken().Value}
	if s, ok := v.Key.(*ast.StringNode); ok {
		f.key = s.Value
	}
	f.line, f.column = place(v)
	value, err := p.value(v.Value, join(path, f.key), depth+1)
	f.value = value
	return f, err
}

// jsonNumber says whether s is a number in JSON's own spelling.
func jsonNumber(s string) bool {
	n, err := parseJSON("", []byte(s))
	return err == nil && n.kind == numberKind
}
