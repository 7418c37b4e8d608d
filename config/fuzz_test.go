package config_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/ecs-tui/ecs-tui/config"
)

// FuzzAppFile: any bytes give an app that can be used, or one error that names
// the file. Nothing panics and nothing hangs.
func FuzzAppFile(f *testing.F) {
	for _, seed := range []string{
		shop, "app: a\ntaskDefinition: t\n", "app: &a [*a]\n", "<<: {app: x}\n", "a: |\n  b\n? [c]\n: d\n", "app: !!str 7\n", "{app: {", "\x00", "- - - -",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		app, err := config.ParseApp(".", "ecs-tui.yml", data)
		var e *config.Error
		switch {
		case err == nil && (app.Name == "" || app.TaskDefinition == ""):
			t.Errorf("accepted an app without a name or task definition: %+v", app)
		case err != nil && (!errors.As(err, &e) || e.File != "ecs-tui.yml"):
			t.Errorf("error %v does not name the file", err)
		}
	})
}

// FuzzTaskDefinition: what is accepted is valid JSON, in which every offset
// leads to a place inside the file.
func FuzzTaskDefinition(f *testing.F) {
	f.Add("t.json", []byte(taskJSON))
	f.Add("t.yml", []byte(taskYAML))
	f.Add("t.yml", []byte("a: &x {b: 0x1F}\nc: {<<: *x, d: -.5}\n"))
	f.Add("t.json", []byte(`{"a":"\ud800","b":1E400}`))
	f.Add("t.json", []byte("{\"a\": \"{{ env `X` `y` }}\", {{- if true }} \"b\": [{{ 1 }}]{{ end }}}"))
	f.Add("t.yml", []byte("a: {{ `{{` | json_escape | printf `%s: ü\n` }}\nb: {{ .x }}"))
	f.Fuzz(func(t *testing.T, file string, data []byte) {
		if file != "t.json" {
			file = "t.yml"
		}
		d, err := config.ParseDocument(file, data, config.Values{})
		if err != nil {
			var e *config.Error
			if !errors.As(err, &e) || e.File != file {
				t.Errorf("error %v does not name the file", err)
			}
			return
		}
		if !json.Valid(d.JSON) {
			t.Fatalf("rendered JSON is not valid: %s", d.JSON)
		}
		for _, offset := range []int64{-1, 0, int64(len(d.JSON) / 2), int64(len(d.JSON)), 1 << 40} {
			pos, path := d.At(offset)
			if pos.Line < 1 || pos.Column < 1 {
				t.Errorf("offset %d leads to %s (%s)", offset, pos, path)
			}
		}
	})
}
