package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	tparse "text/template/parse"
	"unicode/utf8"
)

// Values are what the templates of a document are filled in with.
type Values struct {
	// Lookup finds an environment variable, and says whether it is set.
	Lookup func(name string) (value string, set bool)
	// Named are the values of the app file: {{ .NAME }}.
	Named map[string]string
}

// Variable is an environment variable that a document was filled in with.
type Variable struct{ Name, Value string }

// expansion is a document with its templates filled in, that still knows where
// each byte stood in the file.
type expansion struct {
	text   []byte
	source []byte
	pieces []piece
	used   []Variable
	made   int // bytes, by functions
}

// piece is a stretch of the text: copied from the source, or made by an action
// that begins there.
type piece struct {
	out, source int
	copied      bool
}

// expand fills in the templates of a document: Go's text/template, with the
// functions that ecspresso has, and the same meaning but for one: {{ env "X" }}
// with no default is an error where X is not set, and not the text X. A document
// without {{ is left alone, to the byte.
func expand(file string, data []byte, values Values) (*expansion, error) {
	if !bytes.Contains(data, []byte("{{")) {
		return &expansion{text: data}, nil
	}
	e := &expansion{source: data}
	t, err := template.New(templateName).Option("missingkey=error").Funcs(e.functions(values)).Parse(string(data))
	if err != nil {
		return nil, e.explain(file, err)
	}
	named := values.Named
	if named == nil {
		named = map[string]string{}
	}
	w := &recorder{texts: map[*byte]int{}}
	for _, each := range t.Templates() {
		if w.note(each.Root); w.loop != nil {
			index := newLineIndex(data)
			out := &Error{Position: Position{File: file}, Err: errors.New("loops and templates within templates are not supported")}
			out.Line, out.Column = index.at(data, int(w.loop.Position()))
			out.Advice = "write it out, or give a list as a value: {{ .subnets }}"
			return nil, out
		}
	}
	if err := t.Execute(w, named); err != nil {
		return nil, e.explain(file, err)
	}
	e.text, e.pieces = w.out.Bytes(), w.pieces
	return e, nil
}

// templateName begins the messages of text/template, and is taken off them.
const templateName = "document"

// undefined is a variable that a template needs and that is not there.
type undefined struct{ name, why string }

func (u *undefined) Error() string { return "the environment variable " + u.name + " " + u.why }

// functions are ecspresso's, which has them from kayac/go-config.
func (e *expansion) functions(values Values) template.FuncMap {
	lookup := func(name string) (string, bool) {
		if values.Lookup == nil {
			return "", false
		}
		v, set := values.Lookup(name)
		if set && v != "" {
			e.used = append(e.used, Variable{name, v})
		}
		return v, set
	}
	return template.FuncMap{
		// env takes names and, last, a default. An empty variable is as good as
		// none.
		"env": func(names ...string) (string, error) {
			for i, name := range names {
				if v, _ := lookup(name); v != "" {
					return v, nil
				}
				if i > 0 && i == len(names)-1 {
					return name, nil
				}
			}
			if len(names) == 0 {
				return "", errors.New("env needs the name of a variable")
			}
			return "", &undefined{names[0], "is not set, and there is no default"}
		},
		// must_env takes a variable that is set, though it be empty.
		"must_env": func(name string) (string, error) {
			v, set := lookup(name)
			if !set {
				return "", &undefined{name, "is not set"}
			}
			return v, nil
		},
		"json_escape": func(s string) (string, error) { q := quote(s); return e.bounded(string(q[1 : len(q)-1])) },
		// Those of text/template that make text out of text, which can double it.
		"print":    func(args ...any) (string, error) { return e.bounded(fmt.Sprint(args...)) },
		"println":  func(args ...any) (string, error) { return e.bounded(fmt.Sprintln(args...)) },
		"printf":   func(format string, args ...any) (string, error) { return e.bounded(fmt.Sprintf(format, args...)) },
		"js":       func(args ...any) (string, error) { return e.bounded(template.JSEscaper(args...)) },
		"html":     func(args ...any) (string, error) { return e.bounded(template.HTMLEscaper(args...)) },
		"urlquery": func(args ...any) (string, error) { return e.bounded(template.URLQueryEscaper(args...)) },
	}
}

// bounded keeps all that the functions of one document make within bounds.
func (e *expansion) bounded(s string) (string, error) {
	if e.made += len(s); e.made > mostMade {
		return "", errTooLong
	}
	return s, nil
}

// mostMade is how many bytes the functions of one document may make.
const mostMade = 16 * maxFile

var (
	failedAt   = regexp.MustCompile(`^template: ` + templateName + `:(\d+)(?::(\d+))?: (?s:(?:executing .*? at <.*?>: )?(?:error calling \w+: )?(.*))$`)
	noValue    = regexp.MustCompile(`map has no entry for key "([^"]*)"`)
	noFunction = regexp.MustCompile(`function "([^"]*)" not defined`)
)

// explain turns an error of text/template into one with a place, the name that
// it is about, and what to do. No value of a variable is in it.
func (e *expansion) explain(file string, err error) *Error {
	out := &Error{Position: Position{File: file}, Err: errors.New("the template can't be filled in")}
	message := err.Error()
	if m := failedAt.FindStringSubmatch(message); m != nil {
		message = m[3]
		out.Line, _ = strconv.Atoi(m[1])
		out.Column = 1
		if column, err := strconv.Atoi(m[2]); err == nil {
			index := newLineIndex(e.source)
			out.Line, out.Column = index.at(e.source, index[min(out.Line, len(index))-1]+column)
		}
	}
	var missing *undefined
	switch {
	case errors.As(err, &missing):
		out.Err = missing
		out.Advice = fmt.Sprintf("set it: export %s=…, or give a default: {{ env `%s` `…` }}", missing.name, missing.name)
	case noValue.MatchString(message):
		name := noValue.FindStringSubmatch(message)[1]
		out.Err = errorf("there is no value %q", name)
		out.Advice = fmt.Sprintf("give it under values in %s, or write {{ `{{` }} where braces are meant", AppFile)
	case noFunction.MatchString(message):
		name := noFunction.FindStringSubmatch(message)[1]
		out.Advice, out.Err = unknownFunction(name)
		e.pointAt(out, name)
	case errors.Is(err, errTooLong):
		out.Err = errTooLong
	default:
		out.Err = errors.New("the template can't be read: " + strings.ReplaceAll(message, "\n", " "))
		out.Advice = "write {{ `{{` }} where braces are meant"
	}
	return out
}

// pointAt finds the column of a word in the line of an error that has none.
func (e *expansion) pointAt(err *Error, word string) {
	index := newLineIndex(e.source)
	if err.Line < 1 || err.Line > len(index) {
		return
	}
	start := index[err.Line-1]
	if i := bytes.Index(e.source[start:], []byte(word)); i >= 0 {
		if line, column := index.at(e.source, start+i); line == err.Line {
			err.Column = column
		}
	}
}

// pluginFunctions are those that ecspresso's plugins bring, by plugin.
func pluginFunctions() map[string]string {
	return map[string]string{
		"tfstate": "tfstate", "tfstatef": "tfstate",
		"cfn_output": "cloudformation", "cfn_export": "cloudformation",
		"ssm": "ssm", "ssm_list": "ssm", "secretsmanager_arn": "secretsmanager",
	}
}

func unknownFunction(name string) (advice string, err error) {
	plugin := pluginFunctions()[name]
	if plugin == "" {
		return suggestion(name, []string{"env", "must_env", "json_escape"}), errorf("there is no template function %q", name)
	}
	return pluginAdvice(plugin), errorf("the template function %q is of ecspresso's plugin %s, which is not supported", name, plugin)
}

// pluginAdvice is what to do without a plugin of ecspresso.
func pluginAdvice(plugin string) string {
	const instead = "put the value into an environment variable, and write {{ must_env `NAME` }}"
	switch plugin {
	case "tfstate":
		return instead + "; terraform output -raw prints it"
	case "cloudformation":
		return instead + "; aws cloudformation describe-stacks prints it"
	case "ssm", "secretsmanager":
		return instead + ", or name its ARN in the container's secrets, which ECS resolves"
	}
	return instead
}

var errTooLong = fmt.Errorf("is larger than %d MiB with its templates filled in", maxFile>>20)

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

// compact is a list or an object as JSON in one line.
func compact(n *node) string {
	var b bytes.Buffer
	if err := json.Compact(&b, renderJSON(n)); err != nil {
		return string(renderJSON(n)) // what was rendered here is JSON
	}
	return b.String()
}
