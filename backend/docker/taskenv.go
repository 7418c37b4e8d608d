package docker

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// environment puts a container's environment together. What wins over what is
// ECS's order: environmentFiles, then environment, then secrets, then the
// overrides of one run. Values of secrets exist in what this returns and in the
// container, nowhere else.
func (p *taskPlan) environment(d backend.ContainerDefinition, getenv func(string) string) ([]string, error) {
	env := map[string]string{}
	for _, f := range d.EnvironmentFiles {
		found, err := readEnvFile(p.local(f.Value))
		if err != nil {
			return nil, &backend.Error{
				Op: opStart, Kind: backend.NotFound, Resource: d.Name,
				Err:    fmt.Errorf("ResourceInitializationError: the environment file %s cannot be read: %w", backend.Clean(f.Value), cleanError(err)),
				Remedy: "put a file of that name into the app's folder: locally, s3 locations are read from there by their file name",
			}
		}
		maps.Copy(env, found)
	}
	for _, kv := range d.Environment {
		env[kv.Name] = kv.Value
	}
	for _, s := range d.Secrets {
		value, ok := p.secret(s, getenv)
		if !ok {
			return nil, &backend.Error{
				Op: opStart, Kind: backend.NotFound, Resource: d.Name,
				Err:    fmt.Errorf("ResourceInitializationError: the secret %s has no value here", backend.Clean(s.Name)),
				Remedy: fmt.Sprintf("add a line %s=… to %s, or set it in the environment before the agent starts", backend.Clean(s.Name), p.envFiles()),
			}
		}
		env[s.Name] = value
	}
	for _, o := range p.row.Overrides {
		if o.Name == d.Name {
			maps.Copy(env, o.Environment)
		}
	}
	out := make([]string, 0, len(env))
	for _, k := range slices.Sorted(maps.Keys(env)) {
		out = append(out, k+"="+env[k])
	}
	return out, nil
}

func (p *taskPlan) envFiles() string {
	if len(p.origin.EnvFiles) == 0 {
		return "the app's .env"
	}
	return strings.Join(p.origin.EnvFiles, " or ")
}

// local is where a file of the document is on this machine: an s3 location
// stands for the file of that name in the app's folder.
func (p *taskPlan) local(location string) string {
	if i := strings.LastIndexByte(location, '/'); i >= 0 && (strings.HasPrefix(location, "arn:") || strings.HasPrefix(location, "s3:")) {
		location = location[i+1:]
	}
	if filepath.IsAbs(location) {
		return location
	}
	return filepath.Join(p.origin.Dir, location)
}

// secret looks a secret's value up: by the variable's name, then by the last
// part of where ECS would take it from, in the app's files and then in the
// environment of this process.
func (p *taskPlan) secret(s backend.Secret, getenv func(string) string) (string, bool) {
	files := p.origin.EnvFiles
	if len(files) == 0 {
		files = []string{".env"}
	}
	names := []string{s.Name, s.ValueFrom[strings.LastIndexAny(s.ValueFrom, "/:")+1:]}
	for _, f := range files {
		found, err := readEnvFile(p.local(f))
		if err != nil {
			continue
		}
		for _, name := range names {
			if v, ok := found[name]; ok && name != "" {
				return v, true
			}
		}
	}
	for _, name := range names {
		if v := getenv(name); name != "" && v != "" {
			return v, true
		}
	}
	return "", false
}

// readEnvFile reads lines of NAME=value; # begins a comment line. Quotes
// around a whole value are taken off, and nothing else is interpreted.
func readEnvFile(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[string]string{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, mib)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if line == "" || line[0] == '#' || !ok {
			continue
		}
		value = strings.TrimSpace(value)
		if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
			value = value[1 : n-1]
		}
		out[strings.TrimSpace(name)] = value
	}
	return out, lines.Err()
}
