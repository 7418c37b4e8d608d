package screen

import (
	"errors"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
)

// TestDocumentsAreDrawnSafely: JSON can hide control sequences in \u escapes.
func TestDocumentsAreDrawnSafely(t *testing.T) {
	doc := backend.Document(`{"link": "x\u001b]8;;https://evil\u0007click\u001b]8;;\u0007 END", "lines": "one\n\u001b[2Jtwo", "cr": "long\rover", "c1": "a` + "\u009b" + `2J\u202eb", "ke\u001b]0;y\u0007": 1}`)
	d := NewDescribe(&Env{Theme: theme.New(true, colorprofile.ASCII)}, "evil", doc)
	for _, form := range []string{"YAML", "JSON"} {
		view, copied := ansi.Strip(d.View(80, 20)), d.view.Text()
		for _, text := range []string{d.View(80, 20), copied} {
			if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && (r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x202e) }); i >= 0 {
				t.Errorf("%s lets through %q", form, text[max(0, i-20):i+8])
			}
		}
		if !strings.Contains(view, "END") || !strings.Contains(copied, "two") {
			t.Errorf("%s lost its text:\n%s", form, view)
		}
		d.json = true
		d.setText()
	}
}

func TestErrorsAreDrawnSafely(t *testing.T) {
	view := logsBanner(theme.New(true, colorprofile.ASCII), errors.New("denied \x1b]8;;https://evil\x07there\rfor"), 80)
	if strings.Contains(view, "\x1b]") || strings.ContainsAny(view, "\x07\r") || !strings.Contains(view, "there for") {
		t.Errorf("%q", view)
	}
}
