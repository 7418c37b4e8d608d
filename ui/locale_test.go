package ui

import (
	"image/color"
	"log/slog"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/ui/screen"
)

func TestPlainSigns(t *testing.T) {
	for _, tt := range []struct {
		environ []string
		want    bool
	}{
		{nil, false},
		{[]string{"TERM=linux", "LANG=C.UTF-8"}, true},
		{[]string{"LANG=en_GB.UTF-8"}, false},
		{[]string{"LANG=C.utf8", "LC_ALL="}, false},
		{[]string{"LANG=en_GB.UTF-8", "LC_ALL=C"}, true},
		{[]string{"LC_CTYPE=de_DE.ISO-8859-1", "LANG=en_GB.UTF-8"}, true},
	} {
		if got := plainSigns(tt.environ); got != tt.want {
			t.Errorf("%q: %v", tt.environ, got)
		}
	}
}

// TestThemeThatWasAskedForStays, whatever the terminal says of its background.
func TestThemeThatWasAskedForStays(t *testing.T) {
	for theme, want := range map[string]bool{"light": false, "dark": true, "auto": true, "": true} {
		b := demo.New(demo.Options{Quiet: true})
		defer b.Close()
		app, err := Open(t.Context(), Options{Theme: theme, Env: screen.Env{Backend: b, Cluster: "demo", Log: slog.New(slog.DiscardHandler)}})
		if err != nil {
			t.Fatal(err)
		}
		defer app.Close()
		if theme == "dark" {
			app.Update(tea.BackgroundColorMsg{Color: color.White})
		} else {
			app.Update(tea.BackgroundColorMsg{Color: color.Black})
		}
		if got := app.env.Theme.Dark(); got != want {
			t.Errorf("theme %q: dark is %v", theme, got)
		}
	}
}
