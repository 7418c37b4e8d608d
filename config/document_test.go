package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/config"
)

const taskJSON = `{
  "family": "web",
  "containerDefinitions": [
    {"name": "log", "memory": 64},
    {
      "name": "web", "memory": 1e2,
      "portMappings": [{"containerPort": "eighty"}]
    }
  ]
}`

const taskYAML = `# the same
family: web
containerDefinitions:
  - {name: log, memory: 64}
  - name: web
    memory: 1e2
    portMappings:
      - containerPort: eighty
`

func TestDocumentSaysWhereFieldsStand(t *testing.T) {
	for _, tt := range []struct {
		file, data string
		want       map[string]string
	}{
		{"t.json", taskJSON, map[string]string{
			"family":                         "t.json:2:3",
			"containerDefinitions[1].memory": "t.json:6:22",
			"containerDefinitions[1].portMappings[0].containerPort": "t.json:7:25",
			"containerDefinitions[0].cpu":                           "t.json:4:5", // absent: its parent
			"containerDefinitions[7]":                               "t.json:3:3",
			"containerDefinitions.memory":                           "t.json:4:21", // no index: the first
			"":                                                      "t.json:1:1",
		}},
		{"t.yml", taskYAML, map[string]string{
			"family":                         "t.yml:2:1",
			"containerDefinitions[1].memory": "t.yml:6:5",
			"containerDefinitions[1].portMappings[0].containerPort": "t.yml:8:9",
			"containerDefinitions[0].cpu":                           "t.yml:4:5",
		}},
	} {
		d, err := config.ParseDocument(tt.file, []byte(tt.data), config.Values{})
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range tt.want {
			if got := d.Locate(path).String(); got != want {
				t.Errorf("Locate(%q) = %s, want %s", path, got, want)
			}
		}
	}
}

// TestDocumentFindsTheTypeError follows an offset that encoding/json reports
// in the rendered document back to the file.
func TestDocumentFindsTheTypeError(t *testing.T) {
	for file, data := range map[string]string{"t.json": taskJSON, "t.yml": taskYAML} {
		d, err := config.ParseDocument(file, []byte(data), config.Values{})
		if err != nil {
			t.Fatal(err)
		}
		var into struct {
			ContainerDefinitions []struct {
				PortMappings []struct{ ContainerPort int }
			}
		}
		var typ *json.UnmarshalTypeError
		if err := json.Unmarshal(d.JSON, &into); !errors.As(err, &typ) {
			t.Fatalf("error = %v", err)
		}
		pos, path := d.At(typ.Offset)
		want := map[string]string{"t.json": "t.json:7:42", "t.yml": "t.yml:8:24"}[file]
		if path != "containerDefinitions[1].portMappings[0].containerPort" || pos.String() != want {
			t.Errorf("%s: At = %s %s, want %s", file, pos, path, want)
		}
	}
}

func TestDocumentKeepsEverything(t *testing.T) {
	const in = `{"a": 12345678901234567890.10, "b": {"future": [null, true, "<&>"]}}`
	d, err := config.ParseDocument("d.json", []byte(in), config.Values{})
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, d.JSON); err != nil {
		t.Fatal(err)
	}
	if want := strings.ReplaceAll(in, ": ", ":"); strings.ReplaceAll(compact.String(), ",", ", ") != want {
		t.Errorf("got %s, want %s", compact.String(), want)
	}
}

func TestDocumentTakesDescribeOutput(t *testing.T) {
	d, err := config.ParseDocument("d.json", []byte("{\"taskDefinition\":\n {\"family\": \"web\"}}"), config.Values{})
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Locate("family").String(); got != "d.json:2:3" || strings.Contains(string(d.JSON), "taskDefinition") {
		t.Errorf("family at %s in %s", got, d.JSON)
	}
}

func TestBadDocument(t *testing.T) {
	for _, tt := range []struct{ file, data, want string }{
		{"t.json", "{\n  \"a\": 1,\n  \"b\" 2\n}", "t.json:3:7: b: invalid character '2' after object key"},
		{"t.json", "{\n  \"a\": 1", "t.json:2:9: the document ends too early"},
		{"t.json", "", "t.json:1:1: the document ends too early"},
		{"t.json", "[]", "t.json:1:1: is a list, should be an object with fields"},
		{"t.json", "{} {}", "t.json:1:4: invalid character '{' after top-level value"},
		{"t.json", "{\"a\":1,\n\"a\":2}", "t.json:2:1: a: is given twice"},
		{"t.json", "{'a': 1}", "t.json:1:2: invalid character '\\'' looking for beginning of object key string"},
		{"t.yml", "a: .inf\n", "t.yml:1:4: a: is no number that JSON can say"},
		{"t.yml", "a: {b: 1\n", "t.yml:1:4: could not find flow mapping end token '}'"},
		{"t.json", strings.Repeat("[", 200) + strings.Repeat("]", 200), "t.json:1:102: " + strings.Repeat("[0]", 101) + ": the document is too deep or too large"},
	} {
		_, err := config.ParseDocument(tt.file, []byte(tt.data), config.Values{})
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q:\ngot  %v\nwant %s", tt.data, err, tt.want)
		}
	}
}

// TestAliasesDoNotExplode: nine levels of nine aliases would be a billion nodes.
func TestAliasesDoNotExplode(t *testing.T) {
	var b strings.Builder
	b.WriteString("l0: &l0 [x]\n")
	for i := 1; i <= 9; i++ {
		alias := fmt.Sprintf("*l%d, ", i-1)
		fmt.Fprintf(&b, "l%d: &l%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(alias, 9), ", "))
	}
	if _, err := config.ParseDocument("t.yml", []byte(b.String()), config.Values{}); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("error = %v", err)
	}
}
