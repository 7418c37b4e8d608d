package ui_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

// roomy is a window in which every column is shown.
func roomy() uitest.World { return uitest.World{Width: 140, Height: 40} }

func TestServicesShowStateUsageAndLastDeployment(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services · 24 tasks").Pass(4 * time.Second)
		for service, want := range map[string][]string{
			"api":       {"steady", "4/4", "api:32", "c7e4410", " %", " MiB", " h ago, 5.0 s"},
			"billing":   {"rolled back", "billing:22", "c01d9ee", "✗ 2 min ago: tasks failed to start"},
			"reports":   {"paused", "0/0", "–"},
			"recommend": {"rolling", "recommend:1 → 2", "0 of 1 healthy"},
		} {
			line := u.Line(" " + service + " ")
			for _, text := range want {
				if !strings.Contains(line, text) {
					t.Errorf("%s has no %q: %s", service, text, line)
				}
			}
		}
		u.Expect("refreshed ")
	})
}

func TestFromServiceToContainerAndBack(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("web").Press("/").Type("web").Press("enter", "enter")
		u.Expect("services › web", "1 running   2 stopped", "3 tasks", "web:14", "8080")
		u.Press("enter").Expect("state", "healthy", "life", "started after", "proxy", "ESSENTIAL")
		u.Press("j", "l").Expect("/proxy", "upstream 127.0.0.1:8080")
		u.Press("esc").Expect("ESSENTIAL").Press("d").Expect("describe ", "runtimeId: ").Refuse("ESSENTIAL")
		u.Press("J").Expect(`"containers": [`).Press("/").Type("proxy").Press("enter").Expect("1 of ", "matches")
		u.Press("n").Expect("2 of ").Press("N").Expect("1 of ").Press("esc").ExpectGone("1 of ")
		u.Press("esc").Expect("ESSENTIAL").Press("q").Expect("1 running").Press("q").Expect("filter: web")
		u.Press("esc").Expect("10 services").ExpectGone("filter: web")
	})
}

func TestAllTasksOfTheCluster(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services").Press("t").Expect("services › tasks", "SERVICE", "thumbnails", "24 tasks")
		u.Press("tab").Expect("migrate", "exit 1", "Essential container in task exited")
		u.Press("[").Expect("24 tasks")
	})
}

func TestEventsAndDeployments(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("billing").Press("/").Type("billing").Press("enter")
		u.Press("v").Expect("billing events", "(service billing) has reached a steady state.", "deployment failed: tasks failed to start.")
		u.Press("esc", "p").Expect("billing deployments", "rolled back", "successful", "TOOK")
		u.Press("enter").Expect("billing revisions", "billing:22", "billing:e2f7a90").Press("enter").Expect("containerDefinitions:", "DATABASE_URL", "valueFrom")
	})
}

func TestFilterSortAndSelect(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services", "tasks failed to start").ExpectCursor("api")
		u.Press("/").Type("steady !web").Expect("matches").Refuse("web:14", "reports:3")
		u.Press("enter").Expect("filter: steady !web").Press("esc").Expect("web:14", "reports:3")
		u.Press("/").Type("nothing is called so").Expect("No row matches").Press("esc").Expect("web:14")

		u.Press("o", "o").Expect("STATE↑").ExpectCursor("api")
		u.Press("g").ExpectCursor("rolled back").Press("O").Expect("STATE↓").Press("g").ExpectCursor("steady")

		u.Press("space", "space").Expect("2 selected").Press("ctrl+d").Expect("delete 2 services", "These go: 2", "with its")
		u.Press("enter").Expect("Delete 2 services", "All their tasks stop").Press("esc").ExpectGone("Delete 2")
		u.Press("esc").Expect("2 selected").Press("esc").ExpectGone("2 selected")
	})
}

func TestTheCursorStaysOnItsService(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services").Press("/").Type("catalog").Press("enter").ExpectCursor("catalog")
		u.Press("esc").ExpectCursor("catalog")
		if _, err := u.Demo.DeleteService(t.Context(), "demo", "auth", true); err != nil {
			t.Fatal(err)
		}
		u.ExpectGone("auth").Expect("9 services").ExpectCursor("catalog")
		u.Press("o").Expect("SERVICE↑").ExpectCursor("catalog").Press("O").ExpectCursor("catalog")
	})
}

func TestClustersAndWhatRunsThere(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services").Press(":").Type("clusters").Press("enter").Expect("CLUSTER", "batch", "ACTIVE")
		u.ExpectCursor("demo").Press("j").ExpectCursor("batch").Press("enter").Expect("cluster batch", "4 services", "etl", "gateway", "importer")
		u.Press(":").Type("cluster demo").Press("enter").Expect("cluster demo", "10 services")
	})
}

func TestRunATaskOfARevision(t *testing.T) {
	uitest.Play(t, roomy(), func(u *uitest.User) {
		u.Expect("10 services").Press(":").Type("task def").Press("enter").Expect("FAMILY", "migrate")
		u.Press("/").Type("migrate").Press("enter", "enter").Expect("migrate:1")
		u.Press("r").Expect("Run a task of migrate:1 (cluster demo)").Press("enter").Expect("logs of ", "starting migrate")
	})
}

func TestTheWheelMovesAndBreaksNothing(t *testing.T) {
	uitest.Play(t, uitest.World{}, func(u *uitest.User) {
		u.Expect("web:14").Wheel(2).ExpectCursor("billing").Wheel(-1).ExpectCursor("auth")
		u.Press("l").Expect("follow").Wheel(-3).Expect("paused").Wheel(100).Expect("follow")
		u.Press("esc", "d").Expect("describe auth").Wheel(5).Wheel(-9)
		u.Press("esc", ":").Wheel(3).Expect("Command").Press("esc").Expect("web:14")
	})
}

func TestEscGoesBackInOrderAndQAtTheRootQuits(t *testing.T) {
	uitest.Play(t, uitest.World{}, func(u *uitest.User) {
		u.Expect("web:14").Press("/").Type("api").Press("enter", "space").Expect("1 selected")
		u.Press("S").Expect("It wants 4 tasks now.").Press("esc").ExpectGone("It wants")
		u.Press("esc").ExpectGone("filter: api").Expect("1 selected").Press("esc").ExpectGone("1 selected")
		u.Press("esc").Expect("web:14").Running()
		u.Press("enter").Expect("services › ").Press("q").Running().Expect("web:14").Press("q").ExpectEnd()
	})
}

func TestCtrlCQuitsFromAnywhere(t *testing.T) {
	for name, keys := range map[string][]string{
		"services": {}, "a dialog": {"S"}, "a filter": {"/", "a"}, "the palette": {":"}, "logs": {"l", "/"},
	} {
		t.Run(name, func(t *testing.T) {
			uitest.Play(t, uitest.World{}, func(u *uitest.User) {
				u.Expect("web:14").Press(keys...).Press("ctrl+c").ExpectEnd()
			})
		})
	}
}

func TestTooSmallAWindowSaysSoAndComesBack(t *testing.T) {
	uitest.Play(t, uitest.World{}, func(u *uitest.User) {
		u.Expect("web:14").Press("S").Expect("It wants").Resize(20, 5).Expect("This window is too", "60×15").Press("x", "ctrl+d", "y")
		u.Resize(60, 15).Expect("It wants").Resize(200, 60).Expect("It wants").Press("esc").Expect("web:14")
		u.Resize(40, 10).Expect("too small").Press("q").ExpectEnd()
	})
}
