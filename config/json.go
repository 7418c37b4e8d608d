package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// jsonParser reads JSON strictly and keeps where every value stands.
type jsonParser struct {
	data  []byte
	dec   *json.Decoder
	nodes int
	lines lineIndex
}

// parseJSON reads one JSON value and nothing behind it.
func parseJSON(file string, data []byte) (*node, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	p := &jsonParser{data: data, dec: json.NewDecoder(bytes.NewReader(data)), lines: newLineIndex(data)}
	p.dec.UseNumber()
	root, err := p.value("", 0)
	if syntax := p.syntaxError(); syntax != nil {
		var e *Error
		if errors.As(err, &e) {
			syntax.Field = e.Field // where the walk got to
		}
		err = syntax
	}
	var e *Error
	if errors.As(err, &e) {
		e.File = file
		return nil, e
	}
	return root, err
}

// syntaxError asks the package for the error of the whole: the offsets of its
// token stream are not exact.
func (p *jsonParser) syntaxError() *Error {
	var raw json.RawMessage
	err := json.Unmarshal(p.data, &raw)
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &syntax):
		return &Error{Err: err}
	case strings.HasPrefix(syntax.Error(), "unexpected end"):
		return &Error{Position: p.position(len(p.data)), Err: errors.New("the document ends too early")}
	default:
		return &Error{Position: p.position(int(syntax.Offset) - 1), Err: errors.New(syntax.Error())}
	}
}

// next is where the next token starts: behind white space and separators.
func (p *jsonParser) next() int {
	i := int(p.dec.InputOffset())
	for i < len(p.data) {
		switch p.data[i] {
		case ' ', '\t', '\r', '\n', ',', ':':
			i++
		default:
			return i
		}
	}
	return i
}

func (p *jsonParser) position(offset int) Position {
	line, column := p.lines.at(p.data, offset)
	return Position{Line: line, Column: column}
}

// fail is where the walk ends; what is wrong there is syntaxError's to say.
func (p *jsonParser) fail(path string, err error) error {
	return &Error{Position: p.position(p.next()), Field: path, Err: err}
}

func (p *jsonParser) value(path string, depth int) (*node, error) {
	start := p.next()
	tok, err := p.dec.Token()
	if err != nil {
		return nil, p.fail(path, err)
	}
	n := &node{}
	n.line, n.column = p.lines.at(p.data, start)
	if p.nodes++; p.nodes > maxNodes || depth > maxDepth {
		return nil, &Error{Position: p.position(start), Field: path, Err: errors.New("the document is too deep or too large")}
	}
	switch v := tok.(type) {
	case nil:
		n.kind = nullKind
	case bool:
		n.kind, n.truth, n.text = boolKind, v, fmt.Sprint(v)
	case json.Number:
		n.kind, n.text = numberKind, v.String()
	case string:
		n.kind, n.text = stringKind, v
	case json.Delim:
		if v == '[' {
			return n, p.list(n, path, depth)
		}
		return n, p.object(n, path, depth)
	}
	return n, nil
}

func (p *jsonParser) list(n *node, path string, depth int) error {
	n.kind = listKind
	for p.dec.More() {
		item, err := p.value(fmt.Sprintf("%s[%d]", path, len(n.items)), depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	if _, err := p.dec.Token(); err != nil {
		return p.fail(path, err)
	}
	return nil
}

func (p *jsonParser) object(n *node, path string, depth int) error {
	n.kind = objectKind
	seen := map[string]bool{}
	for p.dec.More() {
		start := p.next()
		tok, err := p.dec.Token()
		if err != nil {
			return p.fail(path, err)
		}
		key, _ := tok.(string)
		f := field{key: key}
		f.line, f.column = p.lines.at(p.data, start)
		if seen[key] {
			return &Error{Position: p.position(start), Field: join(path, key), Err: errors.New("is given twice")}
		}
		seen[key] = true
		if f.value, err = p.value(join(path, key), depth+1); err != nil {
			return err
		}
		n.fields = append(n.fields, f)
	}
	if _, err := p.dec.Token(); err != nil {
		return p.fail(path, err)
	}
	return nil
}

// lineIndex holds the offset at which each line starts.
type lineIndex []int

func newLineIndex(data []byte) lineIndex {
	index := lineIndex{0}
	for i, c := range data {
		if c == '\n' {
			index = append(index, i+1)
		}
	}
	return index
}

// at gives line and column of an offset, both from 1, columns in characters.
func (l lineIndex) at(data []byte, offset int) (line, column int) {
	offset = min(max(offset, 0), len(data))
	lo, hi := 0, len(l)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; l[mid] <= offset {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo + 1, utf8.RuneCount(data[l[lo]:offset]) + 1
}
