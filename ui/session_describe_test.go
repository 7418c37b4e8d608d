package ui_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

// TestDescribeIsReadAgain: when it opens and with ctrl+r; what could not be read
// stays, and says why it may be old.
func TestDescribeIsReadAgain(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("web:14").Press("/").Type("web").Press("enter", "d").Expect("describe web", "desiredCount: 3", "refreshed just now")
		desired := 5
		if _, err := u.Demo.UpdateService(t.Context(), "demo", "web", backend.ServiceChange{Desired: &desired}); err != nil {
			t.Fatal(err)
		}
		u.Pass(10*time.Second).Expect("desiredCount: 3", "refreshed 1").Press("ctrl+r").Expect("desiredCount: 5", "refreshed just now")
		u.Engine.Break(uitest.Stopped())
		u.Press("ctrl+r").Expect("▲ Connect unix", "ctrl+r tries again", "desiredCount: 5")
		u.Engine.Break(uitest.Fault{})
		u.Press("ctrl+r").ExpectGone("▲ Connect")
	})
}

// TestLogsGoOnWithCtrlR: also where no further try would come.
func TestLogsGoOnWithCtrlR(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		logsOf(u, "web").Expect("GET /")
		u.Engine.Break(uitest.Fault{Err: &backend.Error{Op: "Logs", Kind: backend.Denied, Resource: "web", Err: errors.New("you may not")}})
		u.Expect("▲ ctrl+r tries again · Logs web: you may not", "ended")
		u.Engine.Break(uitest.Fault{})
		u.Press("ctrl+r").ExpectGone("you may not").Expect("· follow")
	})
}
