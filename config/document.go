package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Document is a JSON or YAML file as JSON, that can say where each of its
// fields stands in the file.
type Document struct {
	File string // as messages name it
	JSON []byte
	// Variables are those of the environment that it was filled in with, in the
	// order of their use. Their values may be secret.
	Variables []Variable
	root      *node
}

// LoadDocument reads a task definition or service document and fills in its
// templates. A document in the shape of a describe call ({"taskDefinition": {…}},
// {"services": [{…}]}) is taken out of its wrapper.
func LoadDocument(file string, values Values) (*Document, error) {
	if strings.EqualFold(filepath.Ext(file), ".jsonnet") {
		return nil, jsonnetError(file)
	}
	data, err := readFile(file)
	if err != nil {
		return nil, err
	}
	return ParseDocument(file, data, values)
}

// jsonnetError refuses a file that only an interpreter could read.
func jsonnetError(file string) *Error {
	base := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	return &Error{
		Position: Position{File: file}, Err: errors.New("is Jsonnet, a language of its own, which is not supported"),
		Advice: fmt.Sprintf("render it, and name the result: jsonnet %s > %s.json", filepath.Base(file), base),
	}
}

// ParseDocument is [LoadDocument] for bytes that were already read. What is
// named so is read strictly as JSON; all else is YAML.
func ParseDocument(file string, data []byte, values Values) (*Document, error) {
	root, filled, err := parseFilled(file, data, values)
	if err != nil {
		return nil, err
	}
	root = unwrapped(root)
	if root.kind != objectKind {
		return nil, &Error{Position: Position{file, root.line, root.column}, Err: errorf("is %s, should be an object with fields", root.kind)}
	}
	return &Document{File: file, JSON: renderJSON(root), Variables: filled.used, root: root}, nil
}

// unwrapped is the document in what a describe call gave.
func unwrapped(root *node) *node {
	for _, wrapper := range []string{"taskDefinition", "service"} {
		if inner := root.get(wrapper); inner != nil && inner.kind == objectKind {
			root = inner
		}
	}
	if all := root.get("services"); all != nil && len(all.items) == 1 && all.items[0].kind == objectKind {
		root = all.items[0]
	}
	return root
}

func parse(file string, data []byte) (*node, error) {
	if len(data) > maxFile {
		return nil, tooLarge(file)
	}
	if strings.EqualFold(filepath.Ext(file), ".json") {
		return parseJSON(file, data)
	}
	return parseYAML(file, data)
}

func tooLarge(file string) *Error {
	return &Error{Position: Position{File: file}, Err: errorf("is larger than %d MiB", maxFile>>20)}
}

// Locate gives the place of a field, written as ECS writes it
// ("containerDefinitions[0].memory"), or of the innermost parent that exists.
func (d *Document) Locate(path string) Position {
	line, column, _ := d.root.locate(path)
	return Position{d.File, line, column}
}

// At gives the place and path of the field that holds a byte of JSON.
func (d *Document) At(offset int64) (Position, string) {
	n, path := d.root.at(int(offset), "")
	return Position{d.File, n.line, n.column}, path
}

// readFile reads a file of a bearable size; errors name it once.
func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fileError(file, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fileError(file, err)
	}
	return data, nil
}

func fileError(file string, err error) error {
	e := &Error{Position: Position{File: file}, Err: err}
	var path *fs.PathError
	if errors.As(err, &path) {
		e.Err = path.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Err = errors.New("there is no such file")
	case errors.Is(err, fs.ErrPermission):
		e.Err, e.Advice = errors.New("can't be read: permission denied"), "make it readable: chmod u+r "+file
	}
	return e
}

// Has says whether the document has a field.
func (d *Document) Has(path string) bool {
	_, _, exact := d.root.locate(path)
	return exact
}
