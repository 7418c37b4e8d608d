//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/sys/unix"
)

// A guard gives the terminal back when this program can't: a panic in somebody
// else's goroutine, kill -9, or running out of memory leave no moment for it.
// It is this same binary, waiting at the end of a pipe. As long as the pipe is
// open nothing happens; when it closes without a farewell, the guard restores
// what it was told at the start.
type guard struct {
	pipe *os.File
	cmd  *exec.Cmd
}

// guardCommand is the hidden command that the guard runs as.
const guardCommand = "__guard"

// guardState is what the guard is told: how the terminal was, and what to say.
type guardState struct {
	Termios unix.Termios
	Message string
}

// readTerminal notes how the terminal is now, before it is taken.
func readTerminal(tty *os.File, message string) (guardState, error) {
	termios, err := unix.IoctlGetTermios(int(tty.Fd()), getTermios)
	if err != nil {
		return guardState{}, err
	}
	return guardState{*termios, message}, nil
}

// startGuard watches over tty from now on. That it can't is no reason not to
// start: then the terminal is as safe as it would be without.
func startGuard(tty *os.File, state guardState) (*guard, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	cmd := exec.Command(self, guardCommand)
	cmd.Stdin = read
	cmd.ExtraFiles = []*os.File{tty}
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a signal for our group is not for it
	if err := cmd.Start(); err != nil {
		write.Close()
		return nil, err
	}
	g := &guard{pipe: write, cmd: cmd}
	if err := json.NewEncoder(write).Encode(state); err != nil {
		g.release()
		return nil, err
	}
	return g, nil
}

// release says farewell: the terminal is in order.
func (g *guard) release() {
	if g == nil {
		return
	}
	_, _ = io.WriteString(g.pipe, farewell+"\n")
	g.pipe.Close()
	_ = g.cmd.Wait()
}

const farewell = `"bye"`

// runGuard is the guard's whole life. in is the pipe, tty the terminal.
func runGuard(in io.Reader, tty *os.File) error {
	signal.Ignore(syscall.SIGTTOU, syscall.SIGTTIN, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGHUP)
	dec := json.NewDecoder(in)
	var state guardState
	if err := dec.Decode(&state); err != nil {
		return nil // the program never got as far as using the terminal
	}
	var bye string
	if err := dec.Decode(&bye); err == nil {
		return nil
	}
	err := unix.IoctlSetTermios(int(tty.Fd()), setTermios, &state.Termios)
	_, werr := fmt.Fprintf(tty, "%s%s\n", terminalReset(), state.Message)
	return errors.Join(err, werr)
}

// terminalReset undoes every mode that the screens may have set.
func terminalReset() string {
	return ansi.ResetMode(
		ansi.ModeMouseNormal, ansi.ModeMouseButtonEvent, ansi.ModeMouseAnyEvent, ansi.ModeMouseExtSgr,
		ansi.ModeFocusEvent, ansi.ModeBracketedPaste, ansi.ModeSynchronizedOutput, ansi.ModeUnicodeCore, ansi.ModeLightDark,
	) +
		ansi.DisableKittyKeyboard + ansi.ResetModifyOtherKeys +
		ansi.ResetModeAltScreenSaveCursor + ansi.ShowCursor + ansi.SetCursorStyle(0) + ansi.ResetStyle + "\r"
}
