package ui_test

import (
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

func shop() uitest.World { return uitest.World{Width: 120, Height: 40, Service: "web"} }

func TestDeployFromPlanToStable(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").ExpectCursor("web").Press("D")
		u.Expect("deploy web to demo", "web:14 → a new revision of web", "3 to 6 while it rolls out", "enter deploys it").Pass(time.Minute)
		u.Expect("enter deploys it") // it asks, and waits
		u.Press("enter").Expect("build", "RUN make", "· rollout").Expect("push").Expect("register   web", "web:15")
		u.Expect("0 of 3 healthy", "breaker 0 of 3", "web:15 new", "web:14 old", "has started 3 tasks", "events", "0 s")
		u.Expect("stable after", "web runs web:15")
		u.Press("v").Expect("build log", "[3/3] RUN make", "compiling 148 packages").Press("/").Type("compil").Press("enter").Expect("/compil 1 of 1")
		u.Press("esc", "e").Expect("deployment completed").Press("esc").Expect("stable after")
		u.Press("l").Expect("logs of 3 tasks", "ready, listening").Press("esc").Expect("stable after")
		u.Press("enter").Expect("The service runs this already").Press("esc").Expect("10 services")
	})
}

func TestDeployThatBreaksIsRolledBackAndExplained(t *testing.T) {
	w := shop()
	w.Fate = "oom"
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("web:14").Press("D").Expect("enter deploys it").Press("enter")
		u.Expect("breaker 1 of 3", "exit 137 · OutOfMemoryError", "hit its 256 MiB limit: raise memory to 512", "loading model … 212 MiB")
		u.Expect("rolled back after", "web:14 is back", "▲").Press("esc").Expect("✗ web ")
	})
}

func TestDeployRollsBackByHand(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press("D").Expect("enter deploys it").Press("enter", "R").Expect("nothing was deployed yet: ctrl+x cancels")
		u.Expect("0 of 3 healthy").Press("R")
		u.Expect("Roll back", "web on demo, cluster demo", "web:15 is being rolled out. Its rollout stops, and web:14")
		u.Press("y").Expect("rolled back after")
	})
}

func TestRollBackAfterTheEnd(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press("R").Expect("Roll back", "web (demo, cluster demo)", "Runs web:14 now").Press("y")
		u.Expect("roll back web on demo", "stable after", "web:13")
	})
}

// TestSomebodyElseDeploys: the plan says who deploys what; it is followed, and
// taken over only after asking.
func TestSomebodyElseDeploys(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14")
		if _, err := u.Demo.UpdateService(t.Context(), "demo", "web", backend.ServiceChange{Force: true}); err != nil {
			t.Fatal(err)
		}
		u.Press("D").Expect("deployment of web", "0 of 3 healthy").Press("D")
		u.Expect("going on", "web:14 from 9f3c1ab, by carla@desk", "w follows it").Press("enter")
		u.Expect("Take over a deployment", "web:14 from 9f3c1ab, by carla@desk is being deployed, since").Press("esc")
		u.Press("w").Expect("deployment of web", "stable after").Press("D").Expect("enter deploys it").Refuse("going on")
	})
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14")
		if _, err := u.Demo.UpdateService(t.Context(), "demo", "web", backend.ServiceChange{Force: true}); err != nil {
			t.Fatal(err)
		}
		u.Press("D").Expect("0 of 3 healthy").Press("D").Expect("going on").Press("enter").Expect("Take over").Press("y")
		u.Expect("deploy web to demo", "stable after", "web:15")
	})
}

// TestRollBackToAnEarlierRevision: from the list that says whose it was, and only
// to one that completed.
func TestRollBackToAnEarlierRevision(t *testing.T) {
	w := shop()
	w.Fate = "oom"
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("web:14").Press("p").Expect("web deployments", "5c02b9a").Press("j", "j").ExpectCursor("web:12")
		u.Press("R").Expect("Roll back", "web:12, deployed 3 days ago, comes back").Press("y")
		u.Expect("roll back web on demo", "stable after", "web:12").Press("esc")
		u.Expect("web deployments").Press("g").ExpectCursor("web:12").Press("esc")
		u.Expect("web:12").Press("D").Expect("enter deploys it").Press("enter").Expect("rolled back after").Press("esc", "p")
		u.Expect("web deployments").Press("g").ExpectCursor("rolled back").Press("R").Expect("web:15 did not complete here")
	})
}

func TestRollBackFromTheListWhileItRollsOut(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press("D").Expect("enter deploys it").Press("enter").Expect("RUN make")
		u.Press("esc").Expect("◐ web: build").Press("R", "y").Expect("roll back: nothing was deployed yet: ctrl+x cancels")
		u.Press("esc").Expect("◐ web: 0 of 3 healthy").Press("R").Expect("The deployment of web:15 is stopped").Press("y")
		u.Expect("deploy web to demo", "web:14 is back").Expect("rolled back after")
	})
}

func TestDeployIsCancelledBeforeAnythingChanged(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press("D").Expect("enter deploys it").Press("enter").Expect("RUN make").Press("ctrl+x").Expect("cancelled after")
		u.Press("esc").Expect("web:14").Refuse("web:15")
	})
}

func TestDeployGoesOnInTheBackgroundAndIsFoundAgain(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press("D").Expect("enter deploys it").Press("enter").Expect("RUN make").Refuse("◐ web: build")
		u.Press("esc").Expect("10 services", "◐ web: build web")
		u.Press("i").Expect("USED BY", "◐ web:").Press("esc").Expect("◐ web: 0 of 3 healthy", "web:14 → 15")
		u.Press("D").Expect("web:15 new", "◐ rollout").Expect("stable after")
		u.Press("esc").Expect("10 services").ExpectGone("◐ web:").Press("D").Expect("The service runs this already")
	})
}

func TestADeploymentOfSomebodyElseIsFollowed(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("recommend").Press("/").Type("recommend").Press("enter", "D")
		u.Expect("deployment of recommend on demo", "recommend:2 new", "recommend:1 old").Press("ctrl+x").Expect("R rolls back")
		u.Press("esc").Expect("filter: recommend")
	})
}

func TestBuildAlone(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press("b").Expect("enter builds shop/web:").Press("enter").Expect("built after", "built [shop/web:")
		u.Refuse("rollout")
	})
}

func TestTheFirstDeployOfAnApp(t *testing.T) {
	w := shop()
	w.Service = "orders"
	w.Definition = `{"family":"orders","containerDefinitions":[{"name":"orders","image":"shop/orders","memory":64,"essential":true}]}`
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("web:14").Press("j", "D").Expect("deploy orders to demo", "enter deploys it", "registry", "shop/orders", "made anew: its tags can be moved, it is scanned on push")
		u.Press("enter").Expect("Make the repository", "shop/orders on demo", "It is made before the build").Press("n").Expect("enter deploys it").Refuse("stable after")
		u.Press("enter", "y").Expect("stable after", "orders runs orders:1").Press("esc").Expect("11 services", "orders:1")
	})
}

func TestAPlanThatCantBeMadeSaysWhyAndIsMadeAgain(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14")
		u.Engine.Break(uitest.Stopped())
		u.Press("D").Expect("Connect unix:///var/run/docker.sock", "start the engine", "ctrl+r tries again")
		u.Engine.Break(uitest.Fault{})
		u.Press("ctrl+r").Expect("enter deploys it")
	})
}

func TestDeployWithoutAnAppSaysWhy(t *testing.T) {
	uitest.Play(t, uitest.World{}, func(u *uitest.User) {
		u.Expect("web:14").Press("D").Expect("deploy: this folder has no app")
		u.Press("b").Expect("build: this folder has no app")
	})
}

func TestADeploymentIsDescribedWhole(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press("p").Expect("web deployments").Press("d").Expect("deployment of web:", "serviceDeployment:", "targetServiceRevision:", "status: SUCCESSFUL")
		u.Press("G").Expect("taskDefinition:")
	})
}

// TestQuittingNamesWhatItWouldCancel: a build ends with the program, a rollout
// does not.
func TestQuittingNamesWhatItWouldCancel(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press("D").Expect("enter deploys it").Press("enter").Expect("RUN make").Press("esc").Expect("web: build web")
		u.Press("q").Expect("Quit", "cancelled with the program").Press("esc").Running().Expect("web: build web")
		u.Press(":").Type("quit").Press("enter").Expect("Quit", "cancelled with the program").Press("n").Running()
		u.Expect("web: 0 of 3 healthy").Press("q").ExpectEnd()
	})
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press("b").Expect("enter").Press("enter").Expect("RUN make").Press("esc")
		u.Press("q").Expect("Quit", "cancelled with the program").Press("y").ExpectEnd()
	})
}
