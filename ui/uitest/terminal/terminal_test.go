//go:build unix

package terminal

import (
	"os/exec"
	"testing"
	"time"
)

func TestShellInATerminal(t *testing.T) {
	term, err := Start(exec.Command("/bin/sh"), 80, 24)
	if err != nil {
		t.Fatal(err)
	}
	defer term.Close()
	if err := term.Press("echo $((20+22)) wide: 漢字", "enter"); err != nil {
		t.Fatal(err)
	}
	if _, err := term.WaitText(30*time.Second, "42 wide: 漢字"); err != nil {
		t.Fatal(err)
	}
	if err := term.Press("exit 7", "enter"); err != nil {
		t.Fatal(err)
	}
	if code, err := term.WaitExit(30 * time.Second); err != nil || code != 7 {
		t.Fatalf("exit code %d, %v; want 7", code, err)
	}
	if left := term.Leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestLeftoversAreSeen(t *testing.T) {
	term, err := Start(exec.Command("/bin/sh", "-c", `stty -echo raw; printf '\033[?1049h\033[?25l\033[?2004h\033[?1003h'; echo done`), 80, 24)
	if err != nil {
		t.Fatal(err)
	}
	defer term.Close()
	if _, err := term.WaitText(30*time.Second, "done"); err != nil {
		t.Fatal(err)
	}
	if _, err := term.WaitExit(30 * time.Second); err != nil {
		t.Fatal(err)
	}
	if left := term.Leftovers(); len(left) != 5 {
		t.Errorf("Leftovers() = %q, want five findings", left)
	}
}
