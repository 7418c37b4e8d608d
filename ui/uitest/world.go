// Package uitest drives the whole program on the screen as a user does, without
// a terminal: it presses keys and looks at the screen.
//
// You are in the tests' house; nothing of the program imports this. A session
// runs the root model in a bubble of [testing/synctest]: time is the bubble's
// and moves only when everybody waits, so that the same session sees the same
// screens, to the last age and log line, on any machine and in no time. What
// is left running when a session ends fails the test.
package uitest

import (
	"context"
	"image/color"
	"io"
	"log/slog"
	"os/exec"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/ui"
	"github.com/ecs-tui/ecs-tui/ui/screen"
)

// World is what a session finds. The zero value is the demo's company, with
// nothing that happens by itself, in a dark terminal of 80×24 cells.
type World struct {
	Demo          demo.Options // without Clock
	Width, Height int
	Light         bool
	Profile       colorprofile.Profile // zero: 16 million colours

	Service    string  // the folder's app deploys this service; "" for no app
	Definition string  // the app's task definition; "" for the one that its service runs
	Fate       string  // a word that decides what becomes of the app's tasks, see demo
	Folder     *Folder // a folder with no app yet
	Shell      func(screen.ShellTarget) *exec.Cmd
	Edit       func(path string) *exec.Cmd
	// Environments are the app's; nil is the only one that there is.
	Environments []string
	Open         func(context.Context, screen.Switch) (screen.Place, error)
	Codes        bool  // credentials here may take an MFA code, see [User.WantCode]
	Fault        Fault // how the backend starts

	ReadOnly, Protected bool
	Note                string
}

// Play opens the program on a world and lets session use it.
func Play(t *testing.T, w World, session func(u *User)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		u := open(t, w)
		defer u.leave()
		session(u)
	})
}

// open starts the program. It runs until leave.
func open(t *testing.T, w World) *User {
	t.Helper()
	if w.Width == 0 {
		w.Width, w.Height = 80, 24
	}
	if w.Profile == 0 {
		w.Profile = colorprofile.TrueColor
	}
	if w.Demo.Seed == 0 {
		w.Demo.Seed = 7
	}
	w.Demo.Quiet = true
	ctx, cancel := context.WithCancel(t.Context())
	engine := demo.New(w.Demo)
	u := &User{t: t, Demo: engine, Engine: &Engine{Backend: engine}, SaveDir: t.TempDir(), cancel: cancel, done: make(chan struct{})}
	u.Engine.Break(w.Fault)
	app, err := ui.Open(ctx, u.options(t, w))
	if err != nil {
		t.Fatal(err)
	}
	u.app = app
	u.eye = &eye{app: app, fail: t.Errorf}
	u.program = tea.NewProgram(u.eye,
		tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(&u.out), tea.WithEnvironment(nil),
		tea.WithoutRenderer(), tea.WithoutSignalHandler(), tea.WithWindowSize(w.Width, w.Height), tea.WithColorProfile(w.Profile))
	go func() {
		defer close(u.done)
		_, u.err = u.program.Run()
	}()
	background := color.Gray16{}
	if w.Light {
		background = color.White
	}
	u.program.Send(tea.BackgroundColorMsg{Color: background})
	synctest.Wait()
	return u
}

func (u *User) options(t *testing.T, w World) ui.Options {
	var b backend.Backend = u.Engine
	if w.ReadOnly {
		b = backend.ReadOnly(b)
	}
	o := ui.Options{Note: w.Note, Env: screen.Env{
		Backend: b, Cluster: "demo", Environment: "demo", Version: "test",
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), SaveDir: u.SaveDir,
		Shell: w.Shell, Edit: w.Edit, Open: w.Open, ReadOnly: w.ReadOnly, Protected: w.Protected,
	}}
	if w.Codes {
		u.codes = make(chan screen.CodeRequest)
		o.Env.Codes, o.Env.WantCode = u.codes, func() { u.Wanted++ }
	}
	if w.Service != "" {
		o.Env.App = newApp(t, b, w)
	}
	o.Env.Environments = w.Environments
	if w.Folder != nil {
		w.Folder.b, w.Folder.dir = b, t.TempDir()
		o.Env.Folder = w.Folder
	}
	return o
}

// leave ends the program and waits until nothing of it is left.
func (u *User) leave() {
	u.program.Quit()
	<-u.done
	u.app.Close()
	u.cancel()
	if err := u.Demo.Close(); err != nil {
		u.t.Error(err)
	}
	time.Sleep(time.Minute) // of the bubble: timers that nobody waits for any more run out
}
