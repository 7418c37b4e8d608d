package screen

import (
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
)

func TestLogViewTellsWhatIsShown(t *testing.T) {
	v := newLogView(theme.New(true, colorprofile.TrueColor), logTarget{Service: "web"})
	line := func(task, text string) backend.LogLine {
		return backend.LogLine{At: at(1), Task: task, Container: "web", Text: text}
	}
	v.add(backend.LogBatch{Lines: []backend.LogLine{line("3fa9c1aa", "level=info ok"), line("b07d22bb", "level=error boom")}})
	v.add(backend.LogBatch{Skipped: 1204, Lines: []backend.LogLine{line("b07d22bb", "level=warn slow")}})
	if got := v.note(); got != "2 tasks · follow" {
		t.Errorf("note %q", got)
	}
	if _, err := v.setFilter("level=(warn|error)"); err != nil {
		t.Fatal(err)
	}
	if _, err := v.setFilter("("); err == nil {
		t.Error("a broken filter is taken")
	}
	v.setRange("2")
	v.search("boom")
	if got, want := v.note(), "2 tasks · paused · since 5 min · /boom 1 of 1 · filter: level=(warn|error)"; got != want {
		t.Errorf("note %q, want %q", got, want)
	}
	if got := v.counts(); !strings.HasSuffix(got, "1,204 skipped") || !strings.Contains(got, " of ") {
		t.Errorf("counts %q", got)
	}
	view := ansi.Strip(v.pane.View(100, 10))
	if strings.Contains(view, "level=info") || !strings.Contains(view, "boom") || !strings.Contains(view, "1,204") {
		t.Errorf("view\n%s", view)
	}
	v.restart()
	if v.filter.Text == "" || v.pane.Info().Lines != 0 || len(v.tasks) != 0 {
		t.Error("a restart keeps the filter and nothing else")
	}
}
