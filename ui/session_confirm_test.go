package ui_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/ui/screen"
	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

// tasksOf opens the tasks of web and gives the short id of the one under the cursor.
func tasksOf(u *uitest.User) string {
	u.Expect("web:14").ExpectCursor("web").Press("enter").Expect("3 tasks").ExpectCursor("healthy")
	return strings.Fields(u.Line("▌"))[2]
}

// taskARN is the whole name of a task of web.
func taskARN(t *testing.T, u *uitest.User, id string) string {
	t.Helper()
	arns, err := u.Demo.ListTasks(t.Context(), backend.TaskQuery{Cluster: "demo", Service: "web"}, backend.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(arns.Items, func(arn string) bool { return backend.ShortID(arn) == id })
	if i < 0 {
		t.Fatalf("no task %s among %v", id, arns.Items)
	}
	return arns.Items[i]
}

// What was asked about is done to that, wherever the cursor is by then.
func TestAYesIsForWhatWasAsked(t *testing.T) {
	t.Run("the wheel moved the cursor", func(t *testing.T) {
		uitest.Play(t, shop(), func(u *uitest.User) {
			id := tasksOf(u)
			u.Press("x").Expect("Stop task").Wheel(1).Press("y").Expect("task " + id + " is stopping")
		})
	})
	t.Run("the row has gone", func(t *testing.T) {
		uitest.Play(t, shop(), func(u *uitest.User) {
			id := tasksOf(u)
			u.Press("x").Expect("Stop task", "│ "+id)
			if _, err := u.Demo.StopTask(t.Context(), "demo", taskARN(t, u, id), "Task stopped by user"); err != nil {
				t.Fatal(err)
			}
			u.Until("the task has left the list", func(screen string) bool { return !strings.Contains(screen, "● "+id) })
			u.Press("y").Expect("task " + id + " is stopping")
		})
	})
	t.Run("the row has changed", func(t *testing.T) {
		uitest.Play(t, roomy(), func(u *uitest.User) {
			revisionsOf(u, "web").Press("j").ExpectCursor("web:13").Press("ctrl+d").Expect("Deregister")
			if _, err := u.Demo.DeregisterTaskDefinition(t.Context(), "web:13"); err != nil {
				t.Fatal(err)
			}
			u.Until("web:13 is inactive", func(string) bool { return strings.Contains(u.Line("▌"), "INACTIVE") }).Press("y").Expect("web:13 is inactive")
			if td, err := u.Demo.DescribeTaskDefinition(t.Context(), "web:13"); err != nil || td.Status != backend.InactiveDefinition {
				t.Errorf("web:13 is %q, %v", td.Status, err)
			}
		})
	})
}

// The wheel turns nothing below a dialog.
func TestTheWheelStaysInTheDialog(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		id := tasksOf(u)
		u.Press("x").Expect("Stop task").Wheel(2).Press("esc").ExpectGone("Stop task").ExpectCursor(id)
	})
}

// What is rolled back is the deployment that was asked about. Where the breaker
// has brought the revision before back meanwhile, a yes goes no further.
func TestARollbackGoesBackOnce(t *testing.T) {
	broken := shop()
	broken.Fate = "oom"
	runs14 := func(t *testing.T, u *uitest.User) {
		t.Helper()
		s, err := u.Pass(time.Minute).Demo.DescribeServices(t.Context(), "demo", []string{"web"})
		if err != nil || backend.ShortName(s[0].TaskDefinition) != "web:14" {
			t.Errorf("%+v, %v", s, err)
		}
	}
	t.Run("after it", func(t *testing.T) {
		uitest.Play(t, broken, func(u *uitest.User) {
			u.Expect("web:14").Press("D").Expect("enter deploys it").Press("enter").Expect("rolled back after")
			u.Press("R").Expect("roll back: it was rolled back already, to web:14").Press("y")
			runs14(t, u)
		})
	})
	t.Run("while it is asked", func(t *testing.T) {
		uitest.Play(t, broken, func(u *uitest.User) {
			u.Expect("web:14").Press("D").Expect("enter deploys it").Press("enter").Expect("breaker 2 of 3").Press("R").Expect("Roll back", "Its rollout stops")
			u.Pass(2 * time.Minute).Press("y").Expect("roll back: it was rolled back already, to web:14")
			runs14(t, u)
		})
	})
	t.Run("from the list", func(t *testing.T) {
		uitest.Play(t, broken, func(u *uitest.User) {
			u.Expect("web:14").Press("D").Expect("enter deploys it").Press("enter").Expect("breaker 1 of 3").Press("esc").Expect("web:14 → 15")
			u.Press("R").Expect("The deployment of web:15 is stopped").Pass(3 * time.Minute).Press("y")
			u.Expect("it runs web:14 by now, and no longer web:15", "roll back from there")
			runs14(t, u)
		})
	})
	t.Run("it has completed meanwhile", func(t *testing.T) {
		uitest.Play(t, shop(), func(u *uitest.User) {
			u.Expect("web:14").Press("D").Expect("enter deploys it").Press("enter").Expect("0 of 3 healthy").Press("R").Expect("Its rollout stops")
			u.Pass(2*time.Minute).Press("y").Expect("roll back: the deployment that you were asked about has ended", "stable after")
		})
	})
}

// An app deploys its own service, also where somebody else's was watched before.
func TestAnAppDeploysItsOwnServiceOnly(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14", "recommend").Press("/").Type("recommend").Press("enter", "D").Expect("deployment of recommend", "recommend:2 new")
		u.Press("R").Expect("Its rollout stops").Press("y").Expect("rolled back after")
		u.Press("esc").Expect("filter: recommend").Press("D").Expect("deploy: app shop deploys web, not recommend")
	})
}

// F deploys though nothing changed, but takes over from nobody unasked. The plan
// is nobody's yes: y copies elsewhere.
func TestForceAsksWhatADeployAsks(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press("D").Expect("enter deploys it").Press("y").Refuse("RUN make").Press("enter").Expect("stable after")
		u.Press("D").Expect("The service runs this already")
		if _, err := u.Demo.UpdateService(t.Context(), "demo", "web", backend.ServiceChange{Force: true}); err != nil {
			t.Fatal(err)
		}
		u.Press("F").Expect("Take over a deployment", "is being deployed, since").Press("esc").Expect("going on", "enter deploys it")
		u.Press("enter").Expect("Take over").Press("y").Expect("stable after")
	})
}

// A question that had to wait for the backend takes no key that is meant for
// something else.
func TestALateQuestionIsDropped(t *testing.T) {
	const dropped = "a question came late and was dropped"
	// pausing presses Z on web, where the backend needs a while to answer.
	pausing := func(u *uitest.User) *uitest.User {
		u.Expect("web:14").ExpectCursor("web").Pass(10 * time.Second)
		u.Engine.Break(uitest.Fault{Slow: 2 * time.Second})
		return u.Press("Z")
	}
	t.Run("in time", func(t *testing.T) {
		uitest.Play(t, shop(), func(u *uitest.User) { pausing(u).Expect("Pause", "Its 3 tasks stop.").Refuse(dropped) })
	})
	t.Run("another question", func(t *testing.T) {
		uitest.Play(t, shop(), func(u *uitest.User) {
			pausing(u).Press("F").Expect("Force a new deployment", dropped).Press("y").Expect("web replaces its tasks").Refuse("Pause")
		})
	})
	t.Run("another page", func(t *testing.T) {
		uitest.Play(t, shop(), func(u *uitest.User) { pausing(u).Press("v").Expect("web events", dropped).Refuse("Its 3 tasks stop.") })
	})
	t.Run("another cluster and back", func(t *testing.T) {
		uitest.Play(t, shop(), func(u *uitest.User) {
			pausing(u).Press(":").Type("cluster batch").Press("enter").Expect("cluster batch").Expect(dropped).Refuse("Its 3 tasks stop.")
		})
	})
	t.Run("a filter", func(t *testing.T) {
		uitest.Play(t, shop(), func(u *uitest.User) {
			pausing(u).Press("/").Type("wor").Expect(dropped).Type("ker").Expect("/ worker", "1 match")
		})
	})
	t.Run("another place", func(t *testing.T) {
		w := shop()
		var other *demo.Backend
		w.Open = func(context.Context, screen.Switch) (screen.Place, error) {
			time.Sleep(2 * time.Second) // of the bubble: it takes none
			other = demo.New(demo.Options{Seed: 7, Quiet: true})
			return screen.Place{Backend: other, Cluster: "demo"}, nil
		}
		uitest.Play(t, w, func(u *uitest.User) {
			u.Expect("web:14").Press(":").Type("profile prod").Press("enter").ExpectGone("Command").Press("F").Expect("Force a new deployment")
			u.ExpectGone("Force a new deployment").Expect("10 services").Refuse("demo ·")
			if err := other.Close(); err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("a code", func(t *testing.T) {
		uitest.Play(t, codeWorld(), func(u *uitest.User) {
			pausing(u)
			answer := u.WantCode(context.Background(), screen.CodeRequest{Profile: "ops", Serial: serial})
			u.Expect("MFA code", dropped).Type("123456").Press("enter").ExpectGone("MFA code")
			if got := <-answer; got != "123456" {
				t.Errorf("the answer is %q", got)
			}
		})
	})
}

// What is selected is acted on, whether or not a filter shows it.
func TestAFilterHidesNoSelection(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		id := tasksOf(u)
		u.Press("space", "space").Expect("2 selected").Press("/").Type("!"+id).Press("enter").Expect("filter: !"+id).Press("G", "x").Expect("Stop 2 tasks")
		u.Press("esc").ExpectGone("Stop 2").Press("/").Type(" nothing").Press("enter").Expect("No row matches").Press("x").Expect("Stop 2 tasks", id)
	})
}

// A protected environment wants the name typed also where no deploy and no
// service is named: tasks that are replaced, or ended, and images that go.
func TestAProtectedEnvironmentHasNoWayRound(t *testing.T) {
	w := shop()
	w.Width, w.Protected = 140, true
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("web:14").Press("F").Expect("Force a new deployment", "to confirm:").Press("esc")
		u.Press("S").Expect("It wants 3").Press("backspace").Type("0").Press("enter").Expect("Scale to 0", "Its 3 tasks stop", "to confirm:").Press("esc").Refuse("scales from")
		u.Press("S").Expect("It wants 3").Press("backspace").Type("4").Press("enter").Expect("web scales from 3 to 4")
		imagesWith(u, "old-experiment").Press("ctrl+d").Expect("shop/web:old-experiment", "to confirm:").Press("esc")
	})
	w.Protected = false
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("web:14").Press("S").Expect("It wants 3").Press("backspace").Type("0").Press("enter").Expect("Scale to 0").Press("y").Expect("web scales from 3 to 0")
	})
}
