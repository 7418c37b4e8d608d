package ui_test

import (
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/ui/screen"
	"github.com/ecs-tui/ecs-tui/ui/uitest"
)

// newFolder is a folder with a Dockerfile, in a session on the demo.
func newFolder() *uitest.Folder {
	return &uitest.Folder{Found: screen.FolderFacts{
		Dockerfile: true, Ports: []int{8080}, HealthCheck: "/health", Backends: []string{"docker", "demo"},
		Proposed: screen.SetupAnswers{Name: "orders", Port: 8080, CPU: 256, Memory: 512, Desired: 2, Backend: "demo"},
	}}
}

func TestAFolderBecomesAnAppAndIsDeployed(t *testing.T) {
	folder := newFolder()
	uitest.Play(t, uitest.World{Folder: folder}, func(u *uitest.User) {
		u.Expect("Nothing is deployed from this folder yet.", "exposes 8080, checks /health", "set it up").Press("enter")
		u.Expect("Set up this folder", "Name", "orders", "Memory", "512", "Runs on", "demo")
		u.Press("tab", "tab", "tab", "backspace", "backspace", "backspace").Type("64").Press("enter", "enter", "enter")
		u.Expect("services › deploy orders to demo", "enter deploys it", "wrote ecs-tui.yml, task-definition.json and service.json")
		u.Press("enter").Expect("Make the repository").Press("y").Expect("orders runs orders:1").Press("esc").Expect("11 services").ExpectCursor("orders")
	})
	if want := (screen.SetupAnswers{Name: "orders", Port: 8080, CPU: 256, Memory: 64, Desired: 2, Backend: "demo"}); folder.Answers == nil || *folder.Answers != want {
		t.Errorf("it was set up with %+v, want %+v", folder.Answers, want)
	}
}

func TestAnAppForAnotherBackendIsWrittenAndSaysWhatToDo(t *testing.T) {
	folder := newFolder()
	uitest.Play(t, uitest.World{Folder: folder}, func(u *uitest.User) {
		u.Expect("set it up").Press("enter").Expect("Runs on").Press("tab", "tab", "tab", "tab", "tab", "left").Expect("docker").Press("enter")
		u.Expect("The app is written.", "It runs on docker, and this session is on demo", "wrote ecs-tui.yml")
		u.Press("enter").Expect("set it up: it is done: start ecs-tui again to deploy on docker").Press("q").ExpectEnd()
	})
	if folder.Answers == nil || folder.Answers.Backend != "docker" {
		t.Errorf("it was set up with %+v", folder.Answers)
	}
}

func TestAFolderWithNothingToSetUpSaysWhy(t *testing.T) {
	uitest.Play(t, uitest.World{Folder: &uitest.Folder{}}, func(u *uitest.User) {
		u.Expect("There is no Dockerfile here").Press("enter").Expect("set it up: there is no Dockerfile in this folder")
		u.Press(":").Type("images").Press("enter").Expect("enter layers").Press("esc").Expect("There is no Dockerfile here")
	})
	broken := &uitest.Folder{Err: backend.Errorf("Dockerfile", backend.Invalid, "Dockerfile:3", "unknown instruction: FORM")}
	uitest.Play(t, uitest.World{Folder: broken}, func(u *uitest.User) {
		u.Expect("Dockerfile:3: unknown instruction: FORM", "Correct it, then press ctrl+r.")
		broken.Err, broken.Found = nil, newFolder().Found
		u.Press("ctrl+r").Expect("set it up")
	})
	stopped := newFolder()
	stopped.Found.EngineHint = "cannot connect to unix:///var/run/docker.sock"
	uitest.Play(t, uitest.World{Folder: stopped}, func(u *uitest.User) {
		u.Expect("No Docker engine answers: what you see is a demo", "sudo systemctl start docker", "ecs-tui doctor")
	})
}
