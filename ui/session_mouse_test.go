package ui_test

import (
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

// TestAClickMovesTheCursor to the row that was clicked on, and to none under a
// dialog.
func TestAClickMovesTheCursor(t *testing.T) {
	w := roomy()
	w.Note = "something to read first"
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("10 services", "something to read first").Click(" worker ").ExpectCursor("worker").Click(" auth ").ExpectCursor("auth")
		u.Click("SERVICE").Click("enter tasks").Click(" ecs-tui").ExpectCursor("auth")
		u.Press("ctrl+d").Expect("Delete service").Click(" web ").Press("esc").ExpectGone("Delete service").ExpectCursor("auth")
		u.Engine.Break(uitest.Stopped())
		u.Expect("▲ from ").Click(" web ").ExpectCursor("web")
		u.Engine.Break(uitest.Fault{})
		u.ExpectGone("▲ from ").Press("enter").Expect("3 tasks").Press("enter").Expect("state", "ESSENTIAL").Click(" proxy ").ExpectCursor("proxy")
	})
}

func TestLogLinesAreCopied(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		logsOf(u, "web").Expect("GET /").Press("f").Press("y").Expect("copied 3")
		if c := u.Clipboard(); !strings.Contains(c, "]52;c;") {
			t.Errorf("the clipboard got %q", c)
		}
	})
}
