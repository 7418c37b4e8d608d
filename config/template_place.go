package config

import (
	"bytes"
	"errors"
	tparse "text/template/parse"
	"unicode/utf8"
)

// recorder takes what a template writes and notes where it is from. Literal
// text is known by its bytes, which text/template hands on as they are in its
// tree.
type recorder struct {
	out    bytes.Buffer
	texts  map[*byte]int // where each literal text begins in the source
	pieces []piece
	behind int         // the end, in the source, of the last literal text
	loop   tparse.Node // what a hostile file could keep busy with for ever
}

func (r *recorder) Write(p []byte) (int, error) {
	switch {
	case len(p) == 0:
		return 0, nil
	case r.out.Len()+len(p) > maxFile:
		return 0, errTooLong
	}
	next := piece{out: r.out.Len(), source: r.behind}
	if at, ok := r.texts[&p[0]]; ok {
		next.source, next.copied = at, true
		r.behind = at + len(p)
	}
	r.pieces = append(r.pieces, next)
	return r.out.Write(p)
}

// note remembers the literal texts below a node.
func (r *recorder) note(n tparse.Node) {
	branch := func(b *tparse.BranchNode) {
		r.note(b.List)
		r.note(b.ElseList)
	}
	switch n := n.(type) {
	case *tparse.ListNode:
		if n == nil {
			return
		}
		for _, child := range n.Nodes {
			r.note(child)
		}
	case *tparse.TextNode:
		if len(n.Text) > 0 {
			r.texts[&n.Text[0]] = int(n.Pos)
		}
	case *tparse.IfNode:
		branch(&n.BranchNode)
	case *tparse.RangeNode, *tparse.TemplateNode:
		r.loop = n
	case *tparse.WithNode:
		branch(&n.BranchNode)
	}
}

// origin is where in the file a place of the text is from: the same byte where
// it was copied, else the action that made it.
func (e *expansion) origin(in, of lineIndex, line, column int) (int, int) {
	if line < 1 || line > len(in) {
		return line, column
	}
	at := in[line-1] + widthOf(e.text[in[line-1]:], column-1)
	lo, hi := 0, len(e.pieces)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; e.pieces[mid].out <= at {
			lo = mid
		} else {
			hi = mid
		}
	}
	if len(e.pieces) == 0 {
		return line, column
	}
	p := e.pieces[lo]
	if p.copied {
		return of.at(e.source, p.source+at-p.out)
	}
	return of.at(e.source, p.source)
}

// widthOf is the length in bytes of the first n characters of text.
func widthOf(text []byte, n int) int {
	width := 0
	for ; n > 0 && width < len(text); n-- {
		_, size := utf8.DecodeRune(text[width:])
		width += size
	}
	return width
}

// settle moves the places in a tree that was read from the text to where they
// are from in the file.
func (e *expansion) settle(root *node) {
	if e.source == nil {
		return
	}
	in, of := newLineIndex(e.text), newLineIndex(e.source)
	seen := map[*node]bool{}
	var walk func(n *node)
	walk = func(n *node) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		n.line, n.column = e.origin(in, of, n.line, n.column)
		for i := range n.fields {
			f := &n.fields[i]
			f.line, f.column = e.origin(in, of, f.line, f.column)
			walk(f.value)
		}
		for _, item := range n.items {
			walk(item)
		}
	}
	walk(root)
}

// settleError does so for the place of an error.
func (e *expansion) settleError(err error) error {
	var at *Error
	if e.source != nil && errors.As(err, &at) && at.Line > 0 {
		at.Line, at.Column = e.origin(newLineIndex(e.text), newLineIndex(e.source), at.Line, at.Column)
	}
	return err
}
