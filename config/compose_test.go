package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/config"
)

// compose reads a Compose file with these variables around it.
func compose(t *testing.T, content string, env map[string]string) (*config.Compose, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"compose.yaml": content, ".env": "FROM_FILE=\"a b\" # no\nSET=file\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return config.LoadCompose(filepath.Join(dir, "compose.yaml"), valuesOf(env, nil).Lookup)
}

func TestComposeVariables(t *testing.T) {
	env := map[string]string{"SET": "x", "EMPTY": ""}
	for in, want := range map[string]string{
		"$SET": "x", "${SET}": "x", "a${SET}b$SET-c": "axbx-c", "$$SET": "$SET", "5$": "5$", "$ 5": "$ 5",
		"${NONE}": "", "${NONE:-d}": "d", "${NONE-d}": "d", "${EMPTY:-d}": "d", "${EMPTY-d}": "",
		"${SET:+y}": "y", "${NONE:+y}": "", "${EMPTY+y}": "y", "${NONE:-${SET}-${NONE:-z}}": "x-z", "${FROM_FILE}": "a b",
	} {
		c, err := compose(t, "services: {web: {image: x, user: '"+in+"'}}\n", env)
		if err != nil {
			t.Errorf("%s: %v", in, err)
		} else if got := c.Services[0].Container["user"]; got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"${NONE:?give it}": "services.web.user: the environment variable NONE is not set", "${SET": "has a ${ that nothing closes", "${SET!x}": "${SET!x} can't be read",
		strings.Repeat("${A:-", 2000) + strings.Repeat("}", 2000): "too deep",
	} {
		if _, err := compose(t, "services: {web: {image: x, user: '"+in+"'}}\n", env); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", in, err, want)
		}
	}
}

func TestComposeFields(t *testing.T) {
	for in, want := range map[string]map[string]any{
		`command: "a 'b  c' \"d\\\"e\" f\\ g ''"`: {"command": []string{"a", "b  c", `d"e`, "f g", ""}},
		"command: []":                        {},
		"mem_limit: 1.5g":                    {"memory": 1536},
		"mem_limit: 1":                       {"memory": 6},
		"cpus: 0.25":                         {"cpu": 256},
		"ports: ['8000-8001:9000-9001/udp']": {"portMappings": []any{map[string]any{"containerPort": 9000, "protocol": "udp"}, map[string]any{"containerPort": 9001, "protocol": "udp"}}},
		"ports: [{target: 80, published: '8080'}]": {"portMappings": []any{map[string]any{"containerPort": 80}}},
		"ports: [80]":                                    {"portMappings": []any{map[string]any{"containerPort": 80}}},
		"environment: [A=b=c, SET, NONE]":                {"environment": []any{map[string]any{"name": "A", "value": "b=c"}, map[string]any{"name": "SET", "value": "x"}}},
		"environment: {N: 1.10, T: true}":                {"environment": []any{map[string]any{"name": "N", "value": "1.10"}, map[string]any{"name": "T", "value": "true"}}},
		"env_file: [{path: none, required: false}]":      {},
		"healthcheck: {disable: true, test: [x]}":        {},
		"healthcheck: {test: [NONE]}":                    {},
		"depends_on: [db]":                               {"dependsOn": []any{map[string]any{"containerName": "db", "condition": "START"}}},
		"ulimits: {nproc: 64}":                           {"ulimits": []any{map[string]any{"name": "nproc", "softLimit": 64, "hardLimit": 64}}},
		"cap_add: [CAP_NET_ADMIN]":                       {"linuxParameters": map[string]any{"capabilities": map[string]any{"add": []string{"NET_ADMIN"}}}},
		"volumes: [{type: bind, source: ., target: /x}]": {},
		"x-anything: {a: 1}":                             {},
	} {
		c, err := compose(t, "services:\n  web:\n    image: x\n    "+in+"\n", map[string]string{"SET": "x"})
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		got := c.Services[0].Container
		delete(got, "name")
		delete(got, "image")
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", in, got, want)
		}
	}
}

func TestComposeMistakesHavePlaces(t *testing.T) {
	for in, want := range map[string]string{
		"command: 'a \"b'":                        ":4:14: services.web.command: has a quote that nothing closes",
		"mem_limit: lots":                         `services.web.mem_limit: "lots" is no size`,
		"ports: ['70000']":                        `services.web.ports[0]: "70000" is no port`,
		"healthcheck: {test: x, interval: often}": `services.web.healthcheck.interval: "often" is no duration`,
		"env_file: nowhere.env":                   "nowhere.env: there is no such file",
		"depends_on: {db: {condition: soon}}":     `is "soon", should be one of service_started`,
		"build: https://github.com/a/b.git":       "is not a folder: clone it first",
		"privileged: 7":                           "services.web.privileged: is a number, should be true or false",
	} {
		_, err := compose(t, "services:\n  web:\n    image: x\n    "+in+"\n", nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", in, err, want)
		}
	}
	for in, want := range map[string]string{"[]": "should be an object with services", "version: '3'": "has no services", "services: {a b: {image: x}}": "is no name of a container", "services: {a: {}}": "names neither an image nor a build"} {
		if _, err := compose(t, in, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", in, err, want)
		}
	}
}
