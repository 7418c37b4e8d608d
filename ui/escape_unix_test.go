//go:build unix

package ui_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/ui/uitest/terminal"
)

// TestNothingLeaksIntoTheTerminal shows the corpus on every kind of screen in a
// real terminal, and looks at what the terminal became.
func TestNothingLeaksIntoTheTerminal(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, size := range [][2]int{{60, 15}, {160, 50}} {
		t.Run(fmt.Sprintf("%d×%d", size[0], size[1]), func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), hostileScreen+"="+dir, "TERM=xterm-256color", "LC_ALL=C.UTF-8", "COLORTERM=truecolor")
			term, err := terminal.Start(cmd, size[0], size[1])
			if err != nil {
				t.Skipf("no pseudo-terminal here: %v", err)
			}
			defer term.Close()
			w := walk{t, term, size[1]}
			w.lists()
			w.texts()
			w.dialogs()
			w.deploy()
			w.press("q")
			if code, err := term.WaitExit(patience); err != nil || code != 0 {
				t.Errorf("exit code %d, %v", code, err)
			}
			if left := term.Leftovers(); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			raw := term.Raw()
			for _, at := range leak.FindAllStringIndex(raw, 3) {
				t.Errorf("the program passed a sequence on: %q", raw[max(0, at[0]-60):min(len(raw), at[1]+60)])
			}
			for _, title := range term.Titles() {
				if title != "" && title != "ecs-tui demo" {
					t.Errorf("the window was called %q", title)
				}
			}
		})
	}
}

// TestAPanicInAStreamGivesTheTerminalBack, and ends the program with its error.
func TestAPanicInAStreamGivesTheTerminalBack(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), hostileScreen+"="+t.TempDir(), hostilePanics+"=1", "TERM=xterm-256color", "LC_ALL=C.UTF-8")
	term, err := terminal.Start(cmd, 80, 24)
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	defer term.Close()
	w := walk{t, term, 24}
	w.on("evil", "enter tasks")
	w.press("l")
	if code, err := term.WaitExit(patience); err != nil || code != 1 {
		t.Errorf("exit code %d, %v", code, err)
	}
	if left := term.Leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

const patience = 60 * time.Second

// leak is a sequence of the corpus that would do something. Its text alone does
// nothing, and is what is left of one that JSON hid.
var leak = regexp.MustCompile(`\x1b[\]PX^_][^\x07\x1b]*LEAK|\x1b\](8|52|4);|\x1b\[[0-9;?>!]*977|\x1bc|[\x{80}-\x{9f}]`)

// walk is somebody who goes through the screens and looks whether their edges hold.
type walk struct {
	t      *testing.T
	term   *terminal.Terminal
	height int
}

func (w walk) press(keys ...string) {
	w.t.Helper()
	if err := w.term.Press(keys...); err != nil {
		w.t.Fatal(err)
	}
}

// on waits for a text, and for header and footer where they belong.
func (w walk) on(text, foot string) {
	w.t.Helper()
	_, err := w.term.Wait(patience, func(s string) bool {
		lines := strings.Split(s, "\n")
		return strings.Contains(s, text) && strings.HasPrefix(lines[0], " ecs-tui") && strings.HasPrefix(lines[w.height-1], " "+foot)
	})
	if err != nil {
		w.t.Fatalf("%q over %q: %v", text, foot, err)
	}
}

// off waits until a text is gone: what is typed right after esc would belong to it.
func (w walk) off(text string) {
	w.t.Helper()
	if _, err := w.term.Wait(patience, func(s string) bool { return !strings.Contains(s, text) }); err != nil {
		w.t.Fatalf("%q stays: %v", text, err)
	}
}

// home goes back to the services.
func (w walk) home() {
	w.t.Helper()
	w.press("esc")
	w.on("SERVICE", "enter tasks")
}

func (w walk) lists() {
	w.on("evil", "enter tasks")
	inColumn(w.t, w.term, "STATE", "steady")
	w.press("v")
	w.on("END", "/ filter")
	inColumn(w.t, w.term, "EVENT", "evil")
	w.press("G", "k", "k", "k")
	w.on("EVENT", "/ filter")
	w.home()
	w.press("p")
	w.on(" deployments", "enter look")
	w.home()
	w.press("t")
	w.on("healthy", "enter task ")
	inColumn(w.t, w.term, "STATE", "healthy")
	w.press("enter")
	w.on("group", "l logs")
	w.press("d")
	w.on("about: evil END", "/ search")
	w.press("q")
	w.on("group", "l logs")
	w.press("q")
	w.on("1 running", "enter task ")
	w.press("q")
	w.on("SERVICE", "enter tasks")
	w.press("i")
	w.on("USED", "enter layers")
	w.press("enter")
	w.on("END", "y copy id")
	w.press("d")
	w.on("about: evil END", "/ search")
	w.press("q")
	w.on("END", "y copy id")
	w.press("q")
	w.on("USED", "enter layers")
	w.home()
}

func (w walk) texts() {
	w.press("l")
	w.on("END", "f follow")
	w.press("g")
	w.on("paused", "f follow")
	w.press("w", "right", "right", "left")
	w.on("evil", "f follow")
	w.press("w", "G", "J")
	w.on("raw", "f follow")
	w.press("J", "/")
	w.on("/", "f follow")
	w.press(strings.Split("json", "")...)
	w.press("enter")
	w.on("/js", "f follow")
	w.press("N", "N", "q")
	w.on("SERVICE", "enter tasks")
	w.press("d")
	w.on("about: evil END", "/ search")
	w.press("pgdown", "right", "J")
	w.on("\"", "/ search")
	w.home()
	w.press("T")
	w.on("ACTIVE", "enter describe")
	w.press("d")
	w.on("dockerLabels", "/ search")
	w.press("q")
	w.on("ACTIVE", "enter describe")
	w.home()
}

func (w walk) dialogs() {
	w.press(":")
	w.on("Command", "")
	w.press("esc")
	w.off("Command")
	w.press("?")
	w.on("Help", "")
	w.press("esc")
	w.off("Help")
	w.press("ctrl+d")
	w.on("Delete service", "")
	w.press("y")
	w.on("DeleteService evil", "enter tasks")
}

// deploy deploys what fails, from the plan to the advice.
func (w walk) deploy() {
	w.press("D")
	w.on("enter deploys it", "enter deploy")
	w.press("pgdown", "enter")
	w.on("exit 137", "R roll back")
	w.press("v")
	w.on("build log", "f follow")
	w.press("g", "esc")
	w.on("exit 137", "R roll back")
	w.press("e")
	w.off("exit 137")
	w.press("e")
	w.on("exit 137", "R roll back")
	if w.height > 20 { // the end takes a while, and is worth it once
		w.on("failed after", "D deploy again")
	}
	w.home()
}

// inColumn checks that a cell stands under its title, to the cell.
func inColumn(t *testing.T, term *terminal.Terminal, title, cell string) {
	t.Helper()
	x, y, ok := term.Find(title, 0)
	at, _, there := term.Find(cell, y+1)
	if !ok || !there || x != at {
		t.Errorf("%q stands in column %d, %q in %d:\n%s", title, x, cell, at, term.Screen())
	}
}
