package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ecspressoFiles are the names that ecspresso's own file goes by, in the order
// in which they are looked for.
func ecspressoFiles() []string {
	return []string{"ecspresso.yml", "ecspresso.yaml", "ecspresso.json", "ecspresso.jsonnet"}
}

// ecspressoEnvironment is the name of the one environment of an app that
// ecspresso's file describes.
const ecspressoEnvironment = "ecspresso"

// LoadEcspresso reads the app that ecspresso's file describes in a folder: nil
// where there is none. getenv is for the templates in it.
func LoadEcspresso(dir string, getenv func(string) string) (*App, error) {
	values := Values{Lookup: func(name string) (string, bool) {
		v := getenv(name)
		return v, v != ""
	}}
	for _, name := range ecspressoFiles() {
		file := filepath.Join(dir, name)
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if filepath.Ext(name) == ".jsonnet" {
			return nil, jsonnetError(file)
		}
		data, err := readFile(file)
		if err != nil {
			return nil, err
		}
		return parseEcspresso(dir, file, data, values)
	}
	return nil, nil
}

// ecspresso is ecspresso's file, as far as it matters here ("Config" in
// kayac/ecspresso).
type ecspresso struct {
	region, cluster, service string
	serviceFile, taskFile    string
	timeout                  time.Duration
}

// parseEcspresso reads it. It is an app of one environment, on AWS, which builds
// nothing.
func parseEcspresso(dir, file string, data []byte, values Values) (*App, error) {
	root, _, err := parseFilled(file, data, values)
	if err != nil {
		return nil, err
	}
	e := ecspresso{cluster: "default"} // ecspresso's own default, as ECS's
	top := value{root, file, ""}
	if root.kind == nullKind {
		return nil, top.errorf("is empty")
	}
	fields := schema{
		"region":             text(&e.region),
		"cluster":            text(&e.cluster),
		"service":            text(&e.service),
		"service_definition": text(&e.serviceFile),
		"task_definition":    text(&e.taskFile),
		"plugins":            refusePlugins,
		"timeout":            duration(&e.timeout),
	}
	for _, name := range ecspressoOwn() {
		fields[name] = func(value) error { return nil }
	}
	if err := top.object(fields); err != nil {
		return nil, err
	}
	if e.taskFile == "" {
		return nil, top.errorf("task_definition is missing: the file with the task definition")
	}
	app := &App{
		Dir: dir, File: file, Name: e.service, TaskDefinition: e.taskFile, Service: e.serviceFile, ServiceName: e.service,
		Environments: []Environment{{Name: ecspressoEnvironment, Backend: AWS, Region: e.region, Cluster: e.cluster, Timeout: e.timeout}},
		fields:       map[string]string{"taskDefinition": "task_definition", "service": "service_definition"},
		root:         root,
	}
	if app.Name == "" {
		app.Name = strings.TrimSuffix(filepath.Base(e.taskFile), filepath.Ext(e.taskFile))
	}
	return app, nil
}

// ecspressoOwn are the fields that mean nothing here: what ecspresso shows, which
// ecspresso it is, what it leaves alone, and what it tells CodeDeploy (services of
// CodeDeploy are refused when a deploy is planned).
func ecspressoOwn() []string {
	return []string{"filter_command", "required_version", "appspec", "codedeploy", "ignore"}
}

// EcspressoLeft are the fields of ecspresso's file that are not followed, with
// their places, and those whose value was filled in from the environment.
func (a *App) EcspressoLeft() (left, filled []string, err error) {
	data, err := readFile(a.File)
	if err != nil {
		return nil, nil, err
	}
	lines := strings.Split(string(data), "\n")
	for _, f := range a.root.fields {
		if slices.Contains(ecspressoOwn(), f.key) {
			left = append(left, Position{a.File, f.line, f.column}.String()+": "+f.key)
		}
		if line := f.value.line; line > 0 && line <= len(lines) && strings.Contains(lines[line-1], "{{") {
			filled = append(filled, f.key+": "+f.value.text)
		}
	}
	return left, filled, nil
}

// refusePlugins names the plugins that the documents would need: each calls a
// service, or reads files, of another tool.
func refusePlugins(v value) error {
	if v.kind == nullKind {
		return nil
	}
	if v.kind != listKind {
		return v.wrong("a list")
	}
	if len(v.items) == 0 {
		return nil
	}
	var names []string
	for _, item := range v.items {
		name := "without a name"
		if n := item.get("name"); n != nil && n.text != "" {
			name = n.text
		}
		names = append(names, name)
	}
	e := value{v.items[0], v.file, v.path + "[0]"}.errorf("the plugin %s is not supported: its template functions are ecspresso's own", strings.Join(names, " and the plugin "))
	e.Advice = pluginAdvice(strings.ToLower(names[0])) + "; then take it out of plugins"
	return e
}

// parseFilled reads a file with its templates filled in; places are those of the
// file.
func parseFilled(file string, data []byte, values Values) (*node, *expansion, error) {
	if len(data) > maxFile {
		return nil, nil, tooLarge(file)
	}
	filled, err := expand(file, data, values)
	if err != nil {
		return nil, nil, err
	}
	root, err := parse(file, filled.text)
	if err != nil {
		return nil, nil, filled.settleError(err)
	}
	filled.settle(root)
	return root, filled, nil
}
