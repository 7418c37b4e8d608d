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

func TestTargetsOfAService(t *testing.T) {
	bad := roomy()
	bad.Service, bad.Fate = "web", "badgateway"
	uitest.Play(t, bad, func(u *uitest.User) {
		u.Expect("10 services").Press("/").Type("web").Press("enter", "m").Expect("3 of 3 targets healthy in shop-web")
		u.Press("2").Expect("from shop-public", "check HTTP /health every 10 s, wants 200", "10.0.16.").Refuse("last 3 hours")
		u.Press("enter").Expect("ESSENTIAL", "healthy").Press("esc")
		// Another version comes that the load balancer can't reach.
		u.Press("D").Expect("deploy web to demo").Press("enter").Expect(" of 3 healthy").Press("esc")
		u.Expect("unhealthy", "Health checks failed with these codes: [502]").Press("1").Expect("unhealthy: Health checks failed with these codes: [502] · Target.ResponseCodeMismatch")
		u.Press("D").Expect("failed the load balancer's health checks: Health checks failed with these codes: [502] (/health should give 200)", "security group")
	})
}

func TestScalingIsEdited(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services").Press("/").Type("web").Press("enter", "m").Expect("2 to 8 tasks, keeps CPU at 60 %")
		u.Press("]", "]").Expect("2 to 8 tasks, 3 wanted now", "web-cpu", "TargetTracking-service/demo/web-AlarmHigh")
		u.Press("A").Expect("Autoscaling of web (demo, cluster demo)", "at least")
		u.Press("backspace").Type("5").Press("enter", "backspace").Type("4").Press("enter").Expect("must be 5 or more")
		u.Press("backspace").Type("6").Press("enter", "right", "enter", "enter", "enter")
		u.Expect("web scales from 5 to 6 tasks; suspended: scaling out", "5 to 6 tasks, 3 wanted now", "▲ scaling out")
		// What is suspended does not bring it inside; once it is not, it does.
		u.Press("A").Expect("scaling out").Press("enter", "enter", "left", "enter", "enter", "enter")
		u.Expect("5 to 6 tasks, 5 wanted now").Refuse("▲ scaling out")
		u.Press("esc").Press("esc").Press("/").Type("catalog").Press("enter", "m", "3").Expect("catalog is not registered for autoscaling")
		u.Press("A").Expect("It is not registered yet.").Press("enter", "enter", "enter", "enter", "enter").Expect("1 to 6 tasks, 3 wanted now", "It has no scaling policy")
	})
}

func TestScalingOfAReadOnlySession(t *testing.T) {
	w := roomy()
	w.ReadOnly = true
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("10 services").Press("/").Type("web").Press("enter", "m", "3").Expect("2 to 8 tasks")
		u.Press("A").Expect("autoscaling: this session is read-only").Refuse("at least")
	})
}

func TestWhatAServiceIsFoundAs(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services").Press("/").Type("auth").Press("enter", "m", "4").Expect("auth.shop.local · A, TTL 15 s", "2 registered", "10.0.16.", "healthy")
		u.Press("esc").Press("esc").Press("/").Type("billing").Press("enter", "m", "4").Expect("billing is registered in no service discovery.")
		u.Press("2").Expect("billing is registered with no load balancer.").Press("1").Expect("billing:")
	})
}

func TestMachinesOfACluster(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services").Press(":").Type("capacity").Press("enter").Expect("5 machines · ", " memory free", "c6i.xlarge", "draining", "mi-0", "external", "ports taken: 22 2375 2376")
		u.Press("enter").Expect("tasks on i-0", "1 running   2 stopped", "web:14").Press("esc")
		u.Press("d").Expect("describe i-0", "agentConnected: true").Press("esc")
		u.Press("tab").Expect("shop-ondemand", "weight 1, first 1", "by ECS, to 90 %", "FARGATE_SPOT", "4 capacity providers")
		u.Press("enter").Expect("describe shop-ondemand", "managedScaling:").Press("esc").Press("[").Expect("5 machines")
		u.Press("esc", ":").Type("clusters").Press("enter").Expect("MACHINES").ExpectCursor("demo").Press("j", "c").Expect("batch capacity", "agent lost", "2 machines")
		u.Press("enter").Expect("they are in cluster batch")
	})
}
