package ui_test

import (
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

func TestHealthOfAService(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services").Press("/").Type("web").Press("enter", "m")
		u.Expect("web health   last 3 hours", "3 of 3 tasks run", "web:14 · 9f3c1ab · EC2", "of a core", " now, ", "has reached a steady state")
		u.Press("r").Expect("last 12 hours", " on average").Press("r").Expect("last 24 hours").Press("r").Expect("last 7 days").Press("r").Expect("last 1 hour")
		u.Press("S").Expect("It wants 3 tasks now.").Press("backspace").Type("5").Press("enter").Expect("5 of 5 tasks run")
		u.Press("enter").Expect("1 running   2 stopped").Press("m").Expect("web health").Press("esc", "esc").Expect("web health   last 1 hour")
		u.Press("ctrl+d").Expect("Delete service", "web (demo, cluster demo)").Press("y")
		u.Expect("the service is gone").Press("esc").Expect("filter: web").Running()
	})
}

// What can't be read on the screen takes nothing else away.
func TestHealthWhileTheBackendIsAway(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services").Press("/").Type("web").Press("enter", "m").Expect(" now, ", "steady state")
		u.Engine.Break(uitest.Stopped())
		u.Pass(40*time.Second).Expect("from ", "context deadline exceeded", "3 of 3 tasks run", " now, ")
		u.Engine.Break(uitest.Fault{})
		u.Press("ctrl+r").ExpectGone("context deadline exceeded").Expect("refreshed just now")
	})
}
