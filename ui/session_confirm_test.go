package ui_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

// tasksOf opens the tasks of web and gives the short id of the one under the cursor.
func tasksOf(u *uitest.User) string {
	u.Expect("web:14").ExpectCursor("web").Press("enter").Expect("3 tasks").ExpectCursor("healthy")
	return strings.Fields(u.Line("▌"))[2]
}

// stopBehind stops a task behind the program's back.
func stopBehind(t *testing.T, u *uitest.User, id string) {
	t.Helper()
	arns, err := u.Demo.ListTasks(t.Context(), backend.TaskQuery{Cluster: "demo", Service: "web"}, backend.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, arn := range arns.Items {
		if backend.ShortID(arn) == id {
			if _, err := u.Demo.StopTask(t.Context(), "demo", arn, "Task stopped by user"); err != nil {
				t.Fatal(err)
			}
		}
	}
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
			stopBehind(t, u, id)
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
