package backend

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"
)

// Document is a JSON document as ECS has it, with every field, also those that
// this program does not know. Typed views ([TaskDefinition], [ServiceSpec]) are
// read from it and never written back over it: changes go through [Document.Edit].
type Document []byte

// FieldError says which field of a document is wrong. Path is written as ECS
// writes it: "containerDefinitions[0].memory". Offset is the byte where it
// stands in the JSON, or -1.
type FieldError struct {
	Path   string
	Offset int64
	Err    error
}

func (e *FieldError) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

func (e *FieldError) Unwrap() error { return e.Err }

// Decode reads the document into v, a pointer to a struct with json tags.
// A syntax error or a wrong type comes back as a [*FieldError].
func (d Document) Decode(v any) error {
	err := json.Unmarshal(d, v)
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return &FieldError{Offset: syntax.Offset, Err: errors.New(syntax.Error())}
	case errors.As(err, &typ):
		return &FieldError{Path: typ.Field, Offset: typ.Offset, Err: fmt.Errorf("is a %s, should be %s", typ.Value, kindName(typ.Type))}
	default:
		return &FieldError{Offset: -1, Err: err}
	}
}

// Tree decodes the document into maps, slices, strings, bools and json.Number,
// so that no number loses digits.
func (d Document) Tree() (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(d))
	dec.UseNumber()
	var tree map[string]any
	if err := dec.Decode(&tree); err != nil {
		return nil, d.Decode(&tree)
	}
	return tree, nil
}

// Edit returns the document after change was applied to its tree; all other
// fields stay. Keys come out sorted, so that equal documents are equal bytes.
func (d Document) Edit(change func(tree map[string]any)) (Document, error) {
	tree, err := d.Tree()
	if err != nil {
		return nil, err
	}
	change(tree)
	out, err := json.MarshalIndent(tree, "", "  ")
	return out, err
}

// Equal compares two documents by meaning: order of keys and white space do
// not count.
func (d Document) Equal(o Document) bool {
	a, err1 := d.Tree()
	b, err2 := o.Tree()
	return err1 == nil && err2 == nil && reflect.DeepEqual(a, b)
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.Pointer:
		return kindName(t.Elem())
	default:
		return "a " + t.Kind().String()
	}
}

// Stamp is a time as the AWS command line prints it.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
