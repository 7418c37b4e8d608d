package config

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/template"
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
