package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/config"
)

// valuesOf are values over a fixed environment.
func valuesOf(env, named map[string]string) config.Values {
	return config.Values{
		Lookup: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		Named:  named,
	}
}

func TestTemplatesAreFilledIn(t *testing.T) {
	env := map[string]string{"TAG": "v7", "EMPTY": "", "JSON": `{"a": "b\c"}`}
	named := map[string]string{"count": "3", "subnets": `["a","b"]`}
	for _, tt := range []struct{ in, want string }{
		{`"{{ env "TAG" "latest" }}"`, `"v7"`},
		{"\"{{ env `NONE` `latest` }}\"", `"latest"`},
		{"\"{{ env `NONE` `EMPTY` `TAG` `latest` }}\"", `"v7"`}, // the first that is not empty
		{"\"{{ env `EMPTY` `` }}\"", `""`},
		{"\"{{must_env `TAG`}}\"", `"v7"`},
		{"\"{{ must_env `EMPTY` }}\"", `""`}, // set, though empty
		{"\"{{ must_env `JSON` | json_escape }}\"", `"{\"a\": \"b\\c\"}"`},
		{"{{ .count }}", "3"},
		{"{{ .subnets }}", `["a", "b"]`},
		{"\"{{ printf `%s-%s` .count (must_env `TAG`) }}\"", `"3-v7"`},
		{"\"{{ `{{` }}.Name}}\"", `"{{.Name}}"`},
		{"{{ if eq (env `NONE` `x`) `x` }}1{{ else }}2{{ end }}", "1"},
	} {
		for _, file := range []string{"t.json", "t.yml"} {
			d, err := config.ParseDocument(file, []byte(`{"x": `+tt.in+`}`), valuesOf(env, named))
			if err != nil {
				t.Errorf("%s: %s: %v", file, tt.in, err)
				continue
			}
			got := strings.Join(strings.Fields(string(d.JSON)), " ")
			want := strings.Join(strings.Fields(`{ "x": `+strings.NewReplacer("[", "[ ", "]", " ]").Replace(tt.want)+` }`), " ")
			if got != want {
				t.Errorf("%s: %s: got %s, want %s", file, tt.in, got, want)
			}
		}
	}
}

// TestTemplatesSayWhatIsMissing: file, line, column and name.
func TestTemplatesSayWhatIsMissing(t *testing.T) {
	for _, tt := range []struct{ line, want, advice string }{
		{"\"{{ must_env `TAG` }}\"", `t.json:3:16: the environment variable TAG is not set`, "export TAG=…"},
		{"\"ü{{ env `TAG` }}\"", `t.json:3:17: the environment variable TAG is not set, and there is no default`, "{{ env `TAG` `…` }}"},
		{"\"{{ .tag }}\"", `t.json:3:16: there is no value "tag"`, "under values in ecs-tui.yml"},
		{"\"{{ tfstate `a.b` }}\"", `t.json:3:16: the template function "tfstate" is of ecspresso's plugin tfstate, which is not supported`, "terraform output"},
		{"\"{{ must_evn `TAG` }}\"", `t.json:3:16: there is no template function "must_evn"`, "did you mean must_env?"},
		{"\"{{ must_env }}\"", `t.json:3:16: the template can't be read: wrong number of args for must_env: want 1 got 0`, "braces"},
		{"\"{{ if }}\"", `t.json:3:1: the template can't be read: missing value for if`, "braces"},
	} {
		_, err := config.ParseDocument("t.json", []byte("{\n  \"a\": 1,\n  \"image\": "+tt.line+"\n}"), valuesOf(nil, nil))
		var e *config.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v, want an error with a place", tt.line, err)
			continue
		}
		if e.Error() != tt.want || !strings.Contains(e.Advice, tt.advice) {
			t.Errorf("%s:\n got %s (%s)\nwant %s (%s)", tt.line, e, e.Advice, tt.want, tt.advice)
		}
	}
}

// TestTemplatesKeepPlaces: what stands behind something filled in is still
// where it is in the file, and what was filled in stands at its action.
func TestTemplatesKeepPlaces(t *testing.T) {
	const in = "{\"family\": \"{{ must_env `LONG` }}\", \"cpu\": \"256\",\n" +
		" {{- if true }}\n  \"volumes\": {{ .list }}, \"memory\": \"512\",{{ end }}\n" +
		"  {{ with `{x}` | len }}{{ end }}\"tags\": [{{ .list }}]\n}"
	values := valuesOf(map[string]string{"LONG": "a\\nb" + strings.Repeat("x", 50)}, map[string]string{"list": "[1,\n2]"})
	d, err := config.ParseDocument("t.json", []byte(in), values)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"family": "t.json:1:2", "cpu": "t.json:1:37", "volumes": "t.json:3:3", "volumes[1]": "t.json:3:14",
		"memory": "t.json:3:27", "tags": "t.json:4:34", "tags[0]": "t.json:4:43",
	} {
		if got := d.Locate(path).String(); got != want {
			t.Errorf("Locate(%q) = %s, want %s", path, got, want)
		}
	}
	_, err = config.ParseDocument("t.json", []byte("{\"a\": \"{{ must_env `LONG` }}\",\n  \"b\": oops}"), values)
	if err == nil || !strings.HasPrefix(err.Error(), "t.json:2:8: b: invalid character 'o'") {
		t.Errorf("a mistake behind a template is at %v", err)
	}
}

// TestTemplatesEnd: what a hostile file could keep the program busy with is
// refused.
func TestTemplatesEnd(t *testing.T) {
	double := "{{ $x := `\\` }}" + strings.Repeat("{{ $x = printf `%s%s` $x $x }}", 60)
	escape := "{{ `\\` " + strings.Repeat("| json_escape ", 60) + "}}"
	for in, want := range map[string]string{
		"{{ range 999999999999 }}{{ end }}":                                   "t.yml:1:10: loops and templates within templates are not supported",
		`{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}`:       "loops and templates within templates",
		"{{ if true }}{{ with 1 }}{{ range 999999999 }}{{end}}{{end}}{{end}}": "loops and templates within templates",
		double: "is larger than 4 MiB with its templates filled in",
		escape: "is larger than 4 MiB with its templates filled in",
	} {
		_, err := config.ParseDocument("t.yml", []byte(in), config.Values{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %s", in, err, want)
		}
	}
}

// TestNoTemplateNoChange: without {{ nothing is looked up and nothing escaped.
func TestNoTemplateNoChange(t *testing.T) {
	const in = `{"a": "100 % {x} $HOME \u003c` + "`" + `}} <&>"}`
	d, err := config.ParseDocument("t.json", []byte(in), config.Values{Lookup: func(string) (string, bool) {
		t.Error("a variable was looked up")
		return "", false
	}})
	if err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"a\": \"100 % {x} $HOME <`}} <&>\"\n}"; string(d.JSON) != want {
		t.Errorf("got %s, want %s", d.JSON, want)
	}
}

func TestValuesOfAnEnvironment(t *testing.T) {
	app, err := config.ParseApp(".", "ecs-tui.yml", []byte(`
app: shop
taskDefinition: t.json
values: {tag: 1.10, size: small, debug: false}
environments:
  local: {backend: docker}
  prod: {backend: aws, values: {size: large, subnets: [a, b], labels: {team: "x \"y\""}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]map[string]string{
		"local": {"tag": "1.10", "size": "small", "debug": "false"},
		"prod":  {"tag": "1.10", "size": "large", "debug": "false", "subnets": `["a","b"]`, "labels": `{"team":"x \"y\""}`},
	} {
		c := config.Config{App: app, Environment: app.Environment(name)}
		got := c.Values(nil).Named
		if len(got) != len(want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s: %s = %s, want %s", name, k, got[k], v)
			}
		}
	}
	for bad, want := range map[string]string{
		"{a-b: 1}": "a.yml:3:10: values.a-b: is no name of a value", "{a: }": "is nothing, should be text", "[a]": "is a list, should be an object",
	} {
		_, err := config.ParseApp(".", "a.yml", []byte("app: shop\ntaskDefinition: t.json\nvalues: "+bad+"\n"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", bad, err, want)
		}
	}
}
