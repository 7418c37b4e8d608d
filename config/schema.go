package config

import (
	"fmt"
	"slices"
	"strings"
)

// value is a node about to be read into a setting: it knows its path, for the
// messages.
type value struct {
	*node
	file, path string
}

// schema says which fields an object may have and what reads each.
type schema map[string]func(value) error

func (v value) errorf(format string, args ...any) *Error {
	return &Error{Position: Position{v.file, v.line, v.column}, Field: v.path, Err: errorf(format, args...)}
}

func (v value) wrong(want string) error { return v.errorf("is %s, should be %s", v.kind, want) }

// object reads every field by its schema; an unknown one is an error, except
// for x-…, where YAML anchors may live.
func (v value) object(s schema) error {
	return v.entries(func(key string, child value) error {
		read, ok := s[key]
		if ok {
			return read(child)
		}
		if strings.HasPrefix(key, "x-") {
			return nil
		}
		e := child.errorf("is no field that is known here")
		f := v.field(key)
		e.Line, e.Column = f.line, f.column
		known := make([]string, 0, len(s))
		for name := range s {
			known = append(known, name)
		}
		slices.Sort(known)
		e.Advice = suggestion(key, known)
		return e
	})
}

// entries calls fn for each field, in the file's order.
func (v value) entries(fn func(key string, child value) error) error {
	if v.kind == nullKind {
		return nil
	}
	if v.kind != objectKind {
		return v.wrong("an object")
	}
	for _, f := range v.fields {
		if err := fn(f.key, value{f.value, v.file, join(v.path, f.key)}); err != nil {
			return err
		}
	}
	return nil
}

// list calls fn for each item.
func (v value) list(fn func(item value) error) error {
	if v.kind == nullKind {
		return nil
	}
	if v.kind != listKind {
		return v.wrong("a list")
	}
	for i, item := range v.items {
		if err := fn(value{item, v.file, fmt.Sprintf("%s[%d]", v.path, i)}); err != nil {
			return err
		}
	}
	return nil
}

// text reads a string.
func text(dst *string) func(value) error {
	return func(v value) error {
		if v.kind != stringKind {
			return v.wrong("text")
		}
		*dst = v.text
		return nil
	}
}

// scalar reads text, or a number or bool as it is written: VERSION: 1.10
// means the text 1.10.
func scalar(dst *string) func(value) error {
	return func(v value) error {
		switch v.kind {
		case stringKind, numberKind, boolKind:
			*dst = v.node.text
			return nil
		}
		return v.wrong("text")
	}
}

func truth(dst *bool) func(value) error {
	return func(v value) error {
		if v.kind != boolKind {
			return v.wrong("true or false")
		}
		*dst = v.truth
		return nil
	}
}

// oneOf reads a word out of a list.
func oneOf(dst *string, words ...string) func(value) error {
	return func(v value) error {
		if err := text(dst)(v); err != nil {
			return err
		}
		if slices.Contains(words, *dst) {
			return nil
		}
		e := v.errorf("is %q, should be one of %s", *dst, strings.Join(words, ", "))
		if near := Nearest(*dst, words); near != "" {
			e.Advice = "did you mean " + near + "?"
		}
		return e
	}
}
