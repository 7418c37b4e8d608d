package ui_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/screen"
	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

func TestPaletteHasEveryScreenAndEveryLiveAction(t *testing.T) {
	w := shop()
	w.Height = 60
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("web:14").Press(":").Expect("Command", "entries")
		for query, want := range map[string][2]string{
			"tasks": {"tasks", "enter"}, "logs": {"logs", "l"}, "deploy": {"deploy", "D"}, "build": {"build", "b"},
			"roll": {"roll back", "R"}, "scale": {"scale", "S"}, "force": {"force new deployment", "F"}, "describe": {"describe", "d"},
			"events": {"events", "v"}, "deployments": {"deployments", "p"}, "delete": {"delete", "ctrl+d"}, "copy": {"copy ARN", "y"},
			"images": {"images", "i"}, "all": {"all tasks", "t"}, "services": {"services", ""}, "clusters": {"clusters", ""},
			"task def": {"task definitions", ""}, "quit": {"quit", "q"}, "rlb": {"roll back", "R"}, "ctrl+d": {"delete", "ctrl+d"},
			"refresh": {"refresh", "ctrl+r"}, "filter": {"filter", "/"}, "sort": {"sort", "o"},
		} {
			u.Type(query)
			line := u.Line("│ ▌ ")
			fields := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(line[strings.Index(line, "▌"):], "▌"), "│"))
			if !strings.HasPrefix(strings.Join(fields, " "), want[0]) {
				t.Errorf("%q finds %q, not %q", query, line, want[0])
			}
			if want[1] != "" && !strings.Contains(line, " "+want[1]+" │") {
				t.Errorf("%q shows no key %s: %q", query, want[1], line)
			}
			for range query {
				u.Press("backspace")
			}
		}
		u.Press("esc").ExpectGone("Command")
	})
}

func TestPaletteRunsWhatIsChosen(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press(":").Type("evnt").Press("enter").Expect("web events")
		u.Press(":").Type("images").Press("enter").Expect("USED BY")
		u.Press(":").Type("services").Press("enter").Expect("10 services").Refuse("›")
		u.Press(":").Type("nonsense zzz").Press("enter").Expect(":nonsense zzz: there is no such command")
		u.Press(":").Type("q").Press("enter").ExpectEnd()
	})
}

func TestHelpIsSearchedAndRunsWhatIsChosen(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press("?").Expect("Help: services", "Go", "Change", "ctrl+d", "delete the service and stop its tasks")
		if n := strings.Count(u.Screen(), "│   View "); n > 1 {
			t.Errorf("the group View stands %d times:\n%s", n, u.Screen())
		}
		u.Type("wants").Expect("scale").Press("enter").Expect("Scale web")
		u.Press("esc", "?", "?").ExpectGone("Help:")
		u.Press("?").Type("zzzz").Expect("nothing matches").Press("esc").Expect("Go to").Press("esc").ExpectGone("Help:")
	})
}

func TestConfirmationsNameTheirTargetInFull(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").ExpectCursor("web").Press("j").ExpectCursor("worker").Press("ctrl+d").Expect("Delete service", "worker (demo, cluster demo)", "tasks stop.")
		u.Press("n").ExpectGone("Delete service").Press("k").ExpectCursor("web")
		u.Press("F").Expect("Force a new deployment", "web (demo, cluster demo)", "All 3 tasks are replaced").Press("esc")
		full := backend.ShortName(taskARN(t, u, tasksOf(u)))
		u.Press("x").Expect("Stop task", full+" (service:web, cluster demo)", "Service web starts another one").Press("y").Expect("is stopping")
	})
}

func TestDeleteAndScale(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press("S").Expect("It wants 3 tasks now.").Press("backspace").Type("5").Press("enter").Expect("web scales from 3 to 5", "5/5")
		u.Press("S").Expect("It wants 5").Press("backspace").Type("x").Press("enter").Expect("Scale web").Press("esc")
		u.Press("esc", "ctrl+d").Expect("delete web", "These go", "service web", "with its 5 tasks", "scalable target web", "These stay", "not made by ecs-tui for an app")
		u.Press("enter").Expect("Delete app shop", "2 things go").Press("y").Expect("deleted 2 things").Press("esc").Expect("9 services").ExpectGone("web:14")
	})
}

func TestPauseAndResume(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press("Z").Expect("Pause", "web (demo, cluster demo)", "Its 3 tasks stop.", "autoscaling (2 to 8)").Press("y")
		u.Expect("web is paused", "paused (3)", "0/0")
		u.Press("Z").Expect("Resume", "It comes back with 3 tasks.", "goes on").Press("y").Expect("web comes back with 3 tasks", "3/3")
	})
}

func TestAProtectedEnvironmentWantsTheNameTyped(t *testing.T) {
	w := shop()
	w.Protected = true
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("web:14").Press("ctrl+d").Expect("These go").Press("enter").Expect("Delete app shop").Press("y", "enter").Expect("Delete app shop")
		u.Press("backspace").Type("shop").Press("enter").Expect("deleted 2 things")
	})
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("web:14").Press("D").Expect("after you typed shop").Press("enter").Expect("Deploy to a protected environment", "shop to demo, cluster demo")
		u.Type("shap").Press("enter").Expect("Deploy to a protected").Press("backspace", "backspace").Type("op").Press("enter").Expect("RUN make")
	})
}

func TestReadOnlyDisablesWithAReason(t *testing.T) {
	w := shop()
	w.ReadOnly = true
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("web:14", "read-only")
		for _, key := range []string{"D", "R", "S", "F", "ctrl+d"} {
			u.Press(key).Expect(": this session is read-only").Press("esc").Refuse("Scale", "Delete service", "Roll back")
		}
		u.Press("enter").Expect("3 tasks").Press("x").Expect("stop: ").Refuse("Stop task")
		u.Press("l").Expect("GET /").Press("esc", "esc", "i").Expect("USED BY").Press("X").Expect("prune: ").Press("T").Expect("tag: ")
	})
}

func TestCopyPutsTheWholeARNIntoTheClipboard(t *testing.T) {
	uitest.Play(t, shop(), func(u *uitest.User) {
		u.Expect("web:14").Press("y").Expect("copied arn:aws:ecs:local:123456789012:service/demo/web")
		if !strings.Contains(u.Clipboard(), "\x1b]52;c;") {
			t.Errorf("the terminal got %q", u.Clipboard())
		}
	})
}

func TestEditOpensAFileOfTheApp(t *testing.T) {
	w := shop()
	edited := ""
	w.Edit = func(path string) *exec.Cmd {
		edited = path
		return exec.Command("true")
	}
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("web:14").Press("e").Expect("Edit which file of", "ecs-tui.yml", "service.json").Press("j", "enter")
		u.Expect("edited task-definition.json; D plans a deploy with it")
		if !strings.HasSuffix(edited, "task-definition.json") || edited == "task-definition.json" {
			t.Errorf("%q was edited", edited)
		}
	})
}

func TestAShellGetsTheTerminalAndGivesItBack(t *testing.T) {
	w := shop()
	var asked screen.ShellTarget
	w.Shell = func(s screen.ShellTarget) *exec.Cmd {
		asked = s
		return exec.Command("true")
	}
	uitest.Play(t, w, func(u *uitest.User) {
		u.Expect("web:14").Press("enter").Expect("3 tasks").Press("s").Expect("Shell in which container?").Press("j", "enter")
		u.Expect("the shell in proxy ended", "3 tasks")
		if asked.Container != "proxy" || asked.Cluster != "demo" || asked.Task == "" {
			t.Errorf("a shell was opened in %+v", asked)
		}
	})
}

// TestAFailureIsToldWhole: what to do about it stands at its end.
func TestAFailureIsToldWhole(t *testing.T) {
	uitest.Play(t, uitest.World{Width: 60, Height: 15}, func(u *uitest.User) {
		u.Expect("10 services").Press("l").Expect("api logs")
		u.Engine.Break(uitest.Stopped())
		u.Press("p").Expect("✗ Connect unix:///var/run/docker.sock", "start the engine: sudo systemctl start", "docker\n")
		u.Engine.Break(uitest.Fault{})
		u.Press("j").ExpectGone("✗ Connect")
	})
}
