package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/config"
)

// writeApp puts an app's files into a folder, which it makes where it is
// missing: all of them, or none. A file that is there already is kept unless
// force is set.
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
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var written []string
	for _, name := range names {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, files[name], 0o644); err != nil {
			if !force {
				for _, w := range written {
					_ = os.Remove(w) // what was new a moment ago
				}
			}
			return nil, err
		}
		written = append(written, file)
	}
	return written, nil
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
var plainYAML = regexp.MustCompile(`^[A-Za-z_./][A-Za-z0-9_./@-]*$`)

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
