//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ecs-tui/ecs-tui/config"
	"github.com/ecs-tui/ecs-tui/ui/uitest/terminal"
)

// inTerminal runs the program in a real terminal, in dir, with a home of its own.
func inTerminal(t *testing.T, dir string, args ...string) *terminal.Terminal {
	t.Helper()
	home := t.TempDir()
	program := filepath.Join(home, "ecs-tui")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_STATE_HOME=", "XDG_CONFIG_HOME=", "TERM=xterm-256color", "LC_ALL=C.UTF-8", "ECS_TUI_DEMO_SPEED=20", "CI=", "GORACE="+noRaceSleep)
	term, err := terminal.Start(cmd, 100, 30)
	if err != nil {
		t.Skipf("no terminal here: %v", err)
	}
	t.Cleanup(term.Close)
	return term
}

func see(t *testing.T, term *terminal.Terminal, text string) {
	t.Helper()
	if _, err := term.WaitText(patience, text); err != nil {
		t.Fatal(err)
	}
}

func press(t *testing.T, term *terminal.Terminal, keys ...string) {
	t.Helper()
	if err := term.Press(keys...); err != nil {
		t.Fatal(err)
	}
}

// ends waits for the exit code and for a terminal that is as it was.
func ends(t *testing.T, term *terminal.Terminal, want int) {
	t.Helper()
	code, err := term.WaitExit(patience)
	if err != nil || code != want {
		t.Errorf("exit code %d, %v, want %d; screen:\n%s", code, err, want, term.Screen())
	}
	if left := term.Leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func dockerfileDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\nEXPOSE 9090\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestInitAsksOnATerminal: the form proposes what the Dockerfile says, and
// writes what was answered.
func TestInitAsksOnATerminal(t *testing.T) {
	dir := dockerfileDir(t)
	term := inTerminal(t, dir, "init", "--name", "shop")
	see(t, term, "shop")
	see(t, term, "9090")
	press(t, term, "enter", "enter", "enter", "enter", "enter", "enter")
	see(t, term, "wrote ecs-tui.yml")
	ends(t, term, exitOK)
	task, err := os.ReadFile(filepath.Join(dir, taskDefinitionFile))
	if err != nil || !strings.Contains(string(task), `"containerPort": 9090`) {
		t.Errorf("task definition: %s, %v", task, err)
	}
}

// TestInitAsksForNoOtherBackend: the one that was named stays chosen.
func TestInitAsksForNoOtherBackend(t *testing.T) {
	dir := dockerfileDir(t)
	term := inTerminal(t, dir, "init", "--name", "shop", "--backend", "aws", "--profile", "shop-prod", "--region", "eu-west-1")
	see(t, term, "9090")
	press(t, term, "enter", "enter", "enter", "enter", "enter", "enter")
	see(t, term, "wrote ecs-tui.yml")
	ends(t, term, exitOK)
	app, err := os.ReadFile(filepath.Join(dir, config.AppFile))
	if want := "aws: {backend: aws, profile: shop-prod, region: eu-west-1}"; err != nil || !strings.Contains(string(app), want) {
		t.Errorf("%s, %v; want %s", app, err, want)
	}
}

// TestInitCanBeLeft: with one key, at any moment. Nothing asks the terminal for
// its colours after it, which could wait for an answer for ever.
func TestInitCanBeLeft(t *testing.T) {
	dir := dockerfileDir(t)
	term := inTerminal(t, dir, "init", "--name", "shop")
	see(t, term, "9090")
	press(t, term, "ctrl+c")
	ends(t, term, exitCancelled)
	if strings.Contains(term.Raw(), "\x1b]11;?") {
		t.Error("the terminal was asked for its background")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.json")); len(left) > 0 {
		t.Errorf("wrote %v", left)
	}
}

// TestConfirmOnATerminal: no is no, and yes does it.
func TestConfirmOnATerminal(t *testing.T) {
	for answer, want := range map[string]int{"n": exitCancelled, "y": exitOK} {
		term := inTerminal(t, t.TempDir(), "scale", "5", "--demo", "--service", "web")
		see(t, term, "from 3 to 5 tasks? [y/N]")
		press(t, term, answer, "enter")
		ends(t, term, want)
	}
}

// TestAQuestionEndsWithTheFirstSignal: nobody has to say no twice.
func TestAQuestionEndsWithTheFirstSignal(t *testing.T) {
	for name, end := range map[string]func(*terminal.Terminal) error{
		"ctrl+c":  func(term *terminal.Terminal) error { return term.Press("ctrl+c") },
		"SIGTERM": func(term *terminal.Terminal) error { return term.Signal(syscall.SIGTERM) },
	} {
		t.Run(name, func(t *testing.T) {
			term := inTerminal(t, t.TempDir(), "scale", "5", "--demo", "--service", "web")
			see(t, term, "from 3 to 5 tasks? [y/N]")
			if err := end(term); err != nil {
				t.Fatal(err)
			}
			ends(t, term, exitCancelled)
			see(t, term, "ecs-tui: cancelled")
		})
	}
}

// TestFollowEndsWithCtrlC: the way out of `logs -f`.
func TestFollowEndsWithCtrlC(t *testing.T) {
	term := inTerminal(t, t.TempDir(), "logs", "-f", "--demo", "--service", "web", "--tail", "5")
	see(t, term, "web ")
	press(t, term, "ctrl+c")
	ends(t, term, exitCancelled)
}

// TestScreenGivesTheTerminalBack: however the screen ends, the terminal is as
// it was before, and the exit code says why.
func TestScreenGivesTheTerminalBack(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(*terminal.Terminal) error
		want int
	}{
		{"q", func(term *terminal.Terminal) error { return term.Press("q") }, exitOK},
		{"ctrl+c", func(term *terminal.Terminal) error { return term.Press("ctrl+c") }, exitOK},
		{"SIGTERM", func(term *terminal.Terminal) error { return term.Signal(syscall.SIGTERM) }, exitCancelled},
		{"SIGHUP", func(term *terminal.Terminal) error { return term.Signal(syscall.SIGHUP) }, exitCancelled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			term := inTerminal(t, t.TempDir(), "--demo")
			see(t, term, "billing")
			if err := tt.end(term); err != nil {
				t.Fatal(err)
			}
			ends(t, term, tt.want)
		})
	}
}

// TestScreenThatDiesGivesTheTerminalBack: the guard does what the program has no
// chance to do any more.
func TestScreenThatDiesGivesTheTerminalBack(t *testing.T) {
	for name, sig := range map[string]os.Signal{"panic in a goroutine": syscall.SIGUSR1, "kill -9": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			guarded := filepath.Join(t.TempDir(), "guarded")
			t.Setenv(guardEnv, guarded)
			t.Setenv(panicEnv, "1")
			term := inTerminal(t, t.TempDir(), "--demo")
			see(t, term, "billing")
			if _, err := term.Wait(patience, func(string) bool { _, err := os.Stat(guarded); return err == nil }); err != nil {
				t.Fatal(err)
			}
			if err := term.Signal(sig); err != nil {
				t.Fatal(err)
			}
			see(t, term, "ended in a way that it should not")
			if left := term.Leftovers(); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestScreenNeedsRoom: a window that is too small says so, and shows the
// screen when it has grown.
func TestScreenNeedsRoom(t *testing.T) {
	term := inTerminal(t, t.TempDir(), "--demo")
	see(t, term, "billing")
	if err := term.Resize(20, 5); err != nil {
		t.Fatal(err)
	}
	see(t, term, "60×15")
	if err := term.Resize(100, 30); err != nil {
		t.Fatal(err)
	}
	see(t, term, "billing")
	press(t, term, "q")
	ends(t, term, exitOK)
}
