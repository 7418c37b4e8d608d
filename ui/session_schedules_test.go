package ui_test

import (
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

// TestSchedules: made by a form, run at once, paused, let go on, and removed.
func TestSchedules(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press(":").Type("schedules").Press("enter").Expect("No schedule in cluster demo.")
		u.Press("n").Expect("New schedule").Type("nightly").Press("enter").Type("0 3 * * *").Press("enter").Expect("is no schedule")
		for range len("0 3 * * *") {
			u.Press("backspace")
		}
		u.Type("cron(0 3 * * ? *)").Press("enter").Type("Europe/Berlin").Press("enter", "enter").Type("exit 3").Press("enter", "enter")
		u.Expect("nightly runs 03:00 every day, Europe/Berlin", "1 schedule", "in ")
		u.Press("r").Expect("Run now", "nightly (cluster demo)", "web: exit 3").Press("y").Expect("logs of ").Press("esc").Expect("exit code 3")
		u.Press("Z").Expect("Pause schedule").Press("y").Expect("nightly is paused", "paused")
		u.Press("Z").Expect("Resume schedule").Press("y").Expect("nightly runs again")
		u.Press(":").Type("pause").Expect("do not run it for now")
		if _, err := u.Demo.EnableSchedule(t.Context(), "demo", "nightly", false); err != nil {
			t.Fatal(err)
		}
		u.Pass(time.Minute).Press("enter").Expect("Resume schedule", "[y] resume").Press("y").Expect("nightly runs again")
		u.Press("t").Expect("schedule:nightly").Press("esc")
		u.Press("ctrl+d").Expect("Remove schedule", "nightly (cluster demo)").Press("y").Expect("removed the schedule nightly", "No schedule")
	})
}

// TestRunTask: a task of a service's revision with a command of its own, and its
// lines.
func TestRunTask(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press("u").Expect("Run a task of web:14 (cluster demo)", "Container").Press("enter").Type("say 'good morning'").Press("enter")
		u.Expect("logs of ", "good morning")
	})
}
