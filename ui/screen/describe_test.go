package screen

import (
	"context"
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
	d := NewDescribe(&Env{Theme: theme.New(true, colorprofile.ASCII)}, "evil", doc, nil)
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
	view := logsBanner(theme.New(true, colorprofile.ASCII), errors.New("denied \x1b]8;;https://evil\x07there\rfor"), false, 80)
	if strings.Contains(view, "\x1b]") || strings.ContainsAny(view, "\x07\r") || !strings.Contains(view, "there for") {
		t.Errorf("%q", view)
	}
}

// TestDescribeWithNothingYet waits for it, or says why it can't be read.
func TestDescribeWithNothingYet(t *testing.T) {
	fails := errors.New("no answer")
	d := NewDescribe(&Env{Ctx: t.Context(), Theme: theme.New(true, colorprofile.ASCII), Clock: backend.SystemClock{}}, "web", nil, func(context.Context) (backend.Document, error) {
		return backend.Document(`{"name":"web"}`), fails
	})
	for _, want := range []string{"no answer", "name: web"} {
		answer := d.Init()
		if view := d.View(80, 20); want == "no answer" && !strings.Contains(view, "reading it") {
			t.Errorf("while it is read:\n%s", view)
		}
		d.Update(answer())
		if view := ansi.Strip(d.View(80, 20)); !strings.Contains(view, want) {
			t.Errorf("%q is not in\n%s", want, view)
		}
		fails = nil
	}
}
