package widget

import (
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/ui/theme"
)

func TestStages(t *testing.T) {
	th := theme.New(true, colorprofile.TrueColor)
	names := []string{"scale up", "shift", "bake"}
	for want, c := range map[string]struct {
		s Stages
		w int
	}{
		"✓ scale up  ◐ shift  · bake":       {Stages{Names: names, At: 1}, 40},
		"✓◐·  shift":                        {Stages{Names: names, At: 1}, 26},
		"✓ scale up  ✗ shift  · bake":       {Stages{Names: names, At: 1, Broke: true}, 40},
		"✓ scale up  ✓ shift  ✓ bake":       {Stages{Names: names, At: 3}, 40},
		"✓◐·  shift  10 s":                  {Stages{Names: names, At: 1, Note: "10 s"}, 30},
		"✓ scale up  ◐ shift  · bake  10 s": {Stages{Names: names, At: 1, Note: "10 s"}, 40},
		"✓◐·  the shift":                    {Stages{Names: names, Now: "the shift", At: 1}, 26},
		"✓◐·  s…":                           {Stages{Names: names, At: 1}, 7},
	} {
		got := c.s.View(th, c.w)
		if text := ansi.Strip(got); text != want {
			t.Errorf("%q, want %q", text, want)
		}
		if Width(got) > c.w {
			t.Errorf("%q is wider than %d", ansi.Strip(got), c.w)
		}
	}
}
