package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/config"
)

// writeApp puts an app's files into a folder, which it makes where it is
// missing: all of them, or none, also where the disk is full. A file that is
// there already is kept unless force is set.
func writeApp(dir string, files map[string][]byte, force bool) ([]string, error) {
	var names []string
	for _, name := range []string{config.AppFile, taskDefinitionFile, serviceFile} {
		if files[name] != nil {
			names = append(names, name)
		}
	}
	if !force {
		for _, name := range names {
			file := filepath.Join(dir, name)
			if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
				return nil, advise(fmt.Errorf("%s exists already", file), "use --force to write it anew, or edit it")
			}
		}
	}
	if _, err := config.ParseApp(dir, filepath.Join(dir, config.AppFile), files[config.AppFile]); err != nil {
		return nil, err // what can't be read again is not written
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var staged []*stagedFile
	defer func() {
		for _, f := range staged {
			_ = os.Remove(f.temporary) // it is gone where all went well
		}
	}()
	for _, name := range names {
		f, err := stageFile(filepath.Join(dir, name), files[name])
		if err != nil {
			return nil, err
		}
		staged = append(staged, f)
	}
	var written []string
	for i, f := range staged {
		if err := os.Rename(f.temporary, f.target); err != nil {
			return nil, err
		}
		written = append(written, filepath.Join(dir, names[i]))
	}
	return written, nil
}

// stagedFile is a file that is complete, and beside its place.
type stagedFile struct{ temporary, target string }

// stageFile writes a file beside its place: a disk that is full leaves what is
// there as it is. A link stays one, and a file keeps its permissions.
func stageFile(file string, data []byte) (*stagedFile, error) {
	f, mode := &stagedFile{target: file}, fs.FileMode(0o644)
	if st, err := os.Stat(file); err == nil {
		if st.IsDir() {
			return nil, fmt.Errorf("%s is a folder", file)
		}
		if f.target, err = filepath.EvalSymlinks(file); err != nil {
			return nil, err
		}
		mode = st.Mode().Perm()
	}
	f.temporary = filepath.Join(filepath.Dir(f.target), "."+filepath.Base(f.target)+".new")
	_ = os.Remove(f.temporary) // of one that was cut off
	if err := os.WriteFile(f.temporary, data, mode); err != nil {
		_ = os.Remove(f.temporary)
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		err = fmt.Errorf("%s can't be written: %w", file, err)
		if errors.Is(err, syscall.ENOSPC) {
			err = advise(err, "free some disk space, then try again: nothing was changed")
		}
		return nil, err
	}
	return f, nil
}

// writtenDocument is a document as a person writes it: the fields that say what
// it is come first. Braces that a template would take for its own are escaped.
func writtenDocument(doc backend.Document) ([]byte, error) {
	tree, err := doc.Tree()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := writeOrdered(&b, tree, ""); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return bytes.ReplaceAll(b.Bytes(), []byte("{{"), []byte("{{`{{`}}")), nil
}

// fieldOrder is the order in which fields are written; those that it does not
// name follow, by name.
func fieldOrder() []string {
	return []string{
		"family", "serviceName", "name", "image", "type", "key", "containerName", "sourceVolume", "capacityProvider", "desiredCount", "launchType", "capacityProviderStrategy",
		"networkMode", "requiresCompatibilities", "runtimePlatform", "cpu", "memory", "memoryReservation", "executionRoleArn", "taskRoleArn",
		"essential", "entryPoint", "command", "portMappings", "environment", "environmentFiles", "secrets", "dependsOn", "healthCheck",
		"containerDefinitions", "volumes", "deploymentConfiguration", "networkConfiguration", "loadBalancers",
	}
}

func writeOrdered(b *bytes.Buffer, v any, indent string) error {
	deeper := indent + "  "
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		order := fieldOrder()
		rank := func(k string) int {
			if i := slices.Index(order, k); i >= 0 {
				return i
			}
			return len(order)
		}
		slices.SortFunc(keys, func(a, b string) int {
			if x, y := rank(a), rank(b); x != y {
				return x - y
			}
			return strings.Compare(a, b)
		})
		return writeList(b, "{}", len(keys), indent, func(i int) error {
			if err := writeScalar(b, keys[i]); err != nil {
				return err
			}
			b.WriteString(": ")
			return writeOrdered(b, v[keys[i]], deeper)
		})
	case []any:
		return writeList(b, "[]", len(v), indent, func(i int) error { return writeOrdered(b, v[i], deeper) })
	}
	return writeScalar(b, v)
}

func writeList(b *bytes.Buffer, brackets string, n int, indent string, item func(int) error) error {
	b.WriteByte(brackets[0])
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n  " + indent)
		if err := item(i); err != nil {
			return err
		}
	}
	if n > 0 {
		b.WriteString("\n" + indent)
	}
	b.WriteByte(brackets[1])
	return nil
}

// writeScalar writes text, a number or a truth, with <, > and & left readable.
func writeScalar(b *bytes.Buffer, v any) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	b.Truncate(len(bytes.TrimRight(b.Bytes(), "\n")))
	return err
}

// plainYAML is text that YAML takes for text as it is, also inside braces.
var plainYAML = regexp.MustCompile(`^([A-Za-z_/]|\.$|\.[./])[A-Za-z0-9_./@-]*$`)

// yamlText is a text in YAML, in quotes where it needs them.
func yamlText(s string) string {
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
		return `"` + s + `"`
	}
	if plainYAML.MatchString(s) {
		return s
	}
	var b bytes.Buffer
	if err := writeScalar(&b, s); err != nil {
		return `""` // text always encodes
	}
	return b.String() // JSON's strings are YAML's
}

var joints = regexp.MustCompile(`[_-]+`)

// repositoryName is a name as a part of a repository's, which takes no capitals,
// and of - and _ only one at a time, between others.
func repositoryName(name string) string {
	name = joints.ReplaceAllStringFunc(strings.Trim(strings.ToLower(name), "_-"), func(joint string) string {
		if len(joint) > 1 {
			return "-"
		}
		return joint
	})
	return cmp.Or(name, "app")
}

// environmentNames are what the environment of a new app is called, by backend.
func environmentNames() map[string]string {
	return map[string]string{config.Docker: "local", config.Demo: "demo", config.AWS: "aws"}
}

// environmentLine is an environment of an app file, in braces.
func environmentLine(name, backendName, profile, region, cluster string) string {
	line := "{backend: " + backendName
	for _, f := range [][2]string{{"profile", profile}, {"region", region}, {"cluster", cluster}} {
		if f[1] != "" {
			line += ", " + f[0] + ": " + yamlText(f[1])
		}
	}
	return "  " + yamlText(name) + ": " + line + "}\n"
}
