package screen

import (
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// message is a page with nothing but a text in its upper third.
func message(th *theme.Theme, text, hint string, w, h int) string {
	lines := make([]string, 0, h)
	for range h / 3 {
		lines = append(lines, "")
	}
	for _, l := range widget.Wrap(text, w-4) {
		lines = append(lines, "  "+th.Paint(theme.Muted, l))
	}
	if hint != "" {
		lines = append(lines, "")
		for _, l := range widget.Wrap(hint, w-4) {
			lines = append(lines, "  "+th.Paint(theme.Faint, l))
		}
	}
	return widget.Fill(lines, w, h)
}

// askAgain is the last line of a failure page where nothing happens by itself.
const askAgain = "ctrl+r tries again"

// failurePage is a page for what could not be read at all: what happened, to
// what, what to do next, and when it is tried again.
func failurePage(th *theme.Theme, err error, again string, w, h int) string {
	lines := make([]string, 0, h)
	for range h / 4 {
		lines = append(lines, "")
	}
	for i, l := range widget.Wrap(oneLine(err), w-6) {
		sign := "  "
		if i == 0 {
			sign = th.Mark(theme.Failure) + " "
		}
		lines = append(lines, "  "+sign+th.Paint(theme.Text, l))
	}
	if advice := backend.AdviceFor(err); advice != "" {
		lines = append(lines, "")
		for _, l := range widget.Wrap(advice, w-6) {
			lines = append(lines, "    "+th.Paint(theme.Accent, l))
		}
	}
	lines = append(lines, "", "    "+th.Paint(theme.Faint, again))
	return widget.Fill(lines, w, h)
}

// oneLine is an error as one safe line.
func oneLine(err error) string {
	return strings.TrimSpace(backend.Clean(err.Error()))
}
