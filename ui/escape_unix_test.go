//go:build unix

package ui_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/ui/uitest/terminal"
)

// TestNothingLeaksIntoTheTerminal shows the corpus on every kind of screen in a
// real terminal, and looks at what the terminal became.
func TestNothingLeaksIntoTheTerminal(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {160, 50}} {
		t.Run(fmt.Sprintf("%d×%d", size[0], size[1]), func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), hostileScreen+"=1", "TERM=xterm-256color", "COLORTERM=truecolor")
			term, err := terminal.Start(cmd, size[0], size[1])
			if err != nil {
				t.Skipf("no pseudo-terminal here: %v", err)
			}
			defer term.Close()
			walkHostile(t, term, size[1])
			if code, err := term.WaitExit(patience); err != nil || code != 0 {
				t.Errorf("exit code %d, %v", code, err)
			}
			if left := term.Leftovers(); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			if raw := term.Raw(); strings.Contains(raw, "]52;") || strings.Contains(raw, "]8;") || strings.Contains(raw, "[977") || strings.Contains(raw, "977H") || strings.Contains(raw, "LEAK") {
				t.Errorf("the program passed a sequence on: %s", around(raw))
			}
			for _, title := range term.Titles() {
				if title != "" && title != "ecs-tui demo" {
					t.Errorf("the window was called %q", title)
				}
			}
		})
	}
}

const patience = 60 * time.Second

// around is what stands around the first thing that leaked.
func around(raw string) string {
	for _, sign := range []string{"LEAK", "]52;", "]8;", "[977", "977H"} {
		if i := strings.Index(raw, sign); i >= 0 {
			return fmt.Sprintf("%q", raw[max(0, i-60):min(len(raw), i+60)])
		}
	}
	return ""
}

// walkHostile goes through the screens and looks whether their edges hold.
func walkHostile(t *testing.T, term *terminal.Terminal, height int) {
	t.Helper()
	press := func(keys ...string) {
		t.Helper()
		if err := term.Press(keys...); err != nil {
			t.Fatal(err)
		}
	}
	// on waits for a text, and for header and footer where they belong.
	on := func(text, foot string) {
		t.Helper()
		_, err := term.Wait(patience, func(s string) bool {
			lines := strings.Split(s, "\n")
			return strings.Contains(s, text) && strings.HasPrefix(lines[0], " ecs-tui") && strings.HasPrefix(lines[height-1], " "+foot)
		})
		if err != nil {
			t.Fatalf("%q over %q: %v", text, foot, err)
		}
	}
	on("evil", "enter tasks")
	inColumn(t, term, "STATE", "steady")
	press("v")
	on("END", "/ filter")
	inColumn(t, term, "EVENT", "evil")
	press("G", "k", "k", "k")
	on("EVENT", "/ filter")
	press("esc")
	on("SERVICE", "enter tasks")
	press("l")
	on("END", "f follow")
	press("g")
	on("paused", "f follow")
	press("w", "right", "right", "left")
	on("evil", "f follow")
	press("esc")
	on("SERVICE", "enter tasks")
	press("t")
	on("healthy", "enter task ")
	inColumn(t, term, "STATE", "healthy")
	press("enter")
	on("group", "l logs")
	press("q")
	on("1 running", "enter task ")
	press("q", "i")
	on("USED", "enter layers")
	press("esc")
	on("SERVICE", "enter tasks")
	press("ctrl+d")
	on("Delete service", "")
	press("y")
	on("DeleteService evil", "enter tasks")
	press("q")
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
