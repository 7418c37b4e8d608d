package config_test

import (
	"testing"

	"github.com/ecs-tui/ecs-tui/config"
)

// TestOneDocument: empty documents around it, directives and comments are no
// second one, and the places stay.
func TestOneDocument(t *testing.T) {
	const app = "app: !!str 007\ntaskDefinition: !!str true\nenvironments: {l: {backend: demo}}\n"
	for _, around := range []struct {
		before, after string
		line          int
	}{
		{"", "", 1},
		{"---\n", "", 2},
		{"", "---\n", 1},
		{"", "...\n", 1},
		{"# first\n---\n", "---\n# last\n", 3},
		{"---\n---\n", "", 3},
		{"--- # empty\n\n---\n", "...\n---\n...\n", 4},
		{"%YAML 1.2\n---\r\n", "", 3},
	} {
		got, err := config.ParseApp(".", "f", []byte(around.before+app+around.after))
		if err != nil || got.Name != "007" || got.TaskDefinition != "true" {
			t.Errorf("%q, %q: %v", around.before, around.after, err)
			continue
		}
		if at := got.Locate("app"); at.Line != around.line {
			t.Errorf("%q, %q: app is in line %d", around.before, around.after, at.Line)
		}
	}
}
