//go:build unix

// Package terminal runs a program in a real pseudo-terminal with a terminal
// emulator on its other side, so that a test or a benchmark sees exactly what
// a user would: the screen, the modes left behind, the tty's own state.
//
// You are in the tests' house; nothing of the program imports this.
package terminal

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// Terminal is a program in a terminal.
type Terminal struct {
	cmd    *exec.Cmd
	master *os.File
	slave  *os.File // kept open, so that the tty's state can be read after the program ended
	before *term.State

	mu      sync.Mutex
	screen  *vt.Emulator
	modes   map[int]bool // modes that the program touched, and whether they are on
	titles  []string
	raw     []byte // the beginning of what the program wrote
	written int
	changed chan struct{} // closed and renewed at every change

	done  chan struct{} // closed when the program has ended
	err   error
	pumps sync.WaitGroup // read and answer, which end with Close
}

// Start runs cmd in a terminal of width × height cells. Its streams must be unset.
func Start(cmd *exec.Cmd, width, height int) (*Terminal, error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("open a pseudo-terminal: %w", err)
	}
	t := &Terminal{
		cmd: cmd, master: master, slave: slave,
		screen: vt.NewEmulator(width, height), modes: map[int]bool{},
		changed: make(chan struct{}), done: make(chan struct{}),
	}
	t.screen.SetCallbacks(vt.Callbacks{
		Title:       func(s string) { t.titles = append(t.titles, s) },
		EnableMode:  func(m ansi.Mode) { t.modes[m.Mode()] = true },
		DisableMode: func(m ansi.Mode) { t.modes[m.Mode()] = false },
	})
	if err := t.Resize(width, height); err != nil {
		return nil, err
	}
	if t.before, err = term.GetState(slave.Fd()); err != nil {
		return nil, fmt.Errorf("read the state of the tty: %w", err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = controllingTTY()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	t.pumps.Go(t.read)
	t.pumps.Go(t.answer)
	go func() {
		t.err = cmd.Wait()
		close(t.done)
	}()
	return t, nil
}

// maxRaw is how much of a program's output is kept as it was written.
const maxRaw = 4 << 20

// read feeds what the program writes to the emulator. It ends when the master
// is closed.
func (t *Terminal) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := t.master.Read(buf)
		if n > 0 {
			t.mu.Lock()
			_, _ = t.screen.Write(buf[:n])
			t.written += n
			t.raw = append(t.raw, buf[:min(n, maxRaw-len(t.raw))]...)
			close(t.changed)
			t.changed = make(chan struct{})
			t.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// answer sends the emulator's answers (to queries of colour, cursor, modes)
// and typed keys to the program.
func (t *Terminal) answer() {
	buf := make([]byte, 4096)
	for {
		n, err := t.screen.Read(buf)
		if n > 0 {
			if _, err := t.master.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// keys that have a name, as terminals send them.
func keySequence(name string) string {
	switch name {
	case "enter":
		return "\r"
	case "esc":
		return "\x1b"
	case "tab":
		return "\t"
	case "space":
		return " "
	case "backspace":
		return "\x7f"
	case "up":
		return "\x1b[A"
	case "down":
		return "\x1b[B"
	case "right":
		return "\x1b[C"
	case "left":
		return "\x1b[D"
	case "pgup":
		return "\x1b[5~"
	case "pgdown":
		return "\x1b[6~"
	}
	if c, ok := strings.CutPrefix(name, "ctrl+"); ok && len(c) == 1 {
		return string(c[0] & 0x1f)
	}
	return name
}

// Press types keys: "D", "enter", "ctrl+c"; what has no name is typed as it is.
func (t *Terminal) Press(keys ...string) error {
	for _, k := range keys {
		if _, err := t.master.WriteString(keySequence(k)); err != nil {
			return err
		}
	}
	return nil
}

// Screen is the text on screen, a line a row, without trailing spaces.
func (t *Terminal) Screen() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text()
}

func (t *Terminal) text() string {
	var b strings.Builder
	for y := range t.screen.Height() {
		var line strings.Builder
		for x := 0; x < t.screen.Width(); x++ {
			cell := t.screen.CellAt(x, y)
			switch {
			case cell == nil || cell.Content == "":
				if cell == nil || cell.Width != 0 {
					line.WriteByte(' ')
				}
			default:
				line.WriteString(cell.Content)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// Wait waits until ok holds for the screen and says how long that took. The
// error carries the last screen.
func (t *Terminal) Wait(limit time.Duration, ok func(screen string) bool) (time.Duration, error) {
	start := time.Now()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	for {
		t.mu.Lock()
		screen, changed := t.text(), t.changed
		t.mu.Unlock()
		if ok(screen) {
			return time.Since(start), nil
		}
		select {
		case <-changed:
		case <-deadline.C:
			return time.Since(start), fmt.Errorf("not on screen within %s; the screen was:\n%s", limit, screen)
		}
	}
}

// WaitText is Wait for a text.
func (t *Terminal) WaitText(limit time.Duration, text string) (time.Duration, error) {
	d, err := t.Wait(limit, func(s string) bool { return strings.Contains(s, text) })
	if err != nil {
		err = fmt.Errorf("%q: %w", text, err)
	}
	return d, err
}

// Resize changes the terminal's size; the program gets SIGWINCH.
func (t *Terminal) Resize(width, height int) error {
	t.mu.Lock()
	t.screen.Resize(width, height)
	t.mu.Unlock()
	return pty.Setsize(t.master, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)})
}

// Written is how many bytes the program has written.
func (t *Terminal) Written() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.written
}

// Raw is what the program has written, byte for byte, as far as it is kept.
func (t *Terminal) Raw() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.raw)
}

// Find gives the cell at which a text begins, the first from a row on.
func (t *Terminal) Find(text string, row int) (x, y int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for y := row; y < t.screen.Height(); y++ {
		for x := range t.screen.Width() {
			if t.startsAt(x, y, text) {
				return x, y, true
			}
		}
	}
	return 0, 0, false
}

// startsAt says whether a text stands at a cell.
func (t *Terminal) startsAt(x, y int, text string) bool {
	for text != "" {
		cell := t.screen.CellAt(x, y)
		if cell == nil || cell.Content == "" || !strings.HasPrefix(text, cell.Content) {
			return false
		}
		text = text[len(cell.Content):]
		x += max(1, cell.Width)
	}
	return true
}

// PID is the program's process.
func (t *Terminal) PID() int { return t.cmd.Process.Pid }

// Signal sends sig to the program.
func (t *Terminal) Signal(sig os.Signal) error { return t.cmd.Process.Signal(sig) }

// WaitExit waits for the program's end and gives its exit code, -1 when a
// signal ended it.
func (t *Terminal) WaitExit(limit time.Duration) (int, error) {
	select {
	case <-t.done:
		return t.cmd.ProcessState.ExitCode(), t.drain(limit)
	case <-time.After(limit):
		return 0, fmt.Errorf("still running after %s; the screen was:\n%s", limit, t.Screen())
	}
}

// drained is the title that comes after everything that the program wrote.
const drained = "the program has ended"

// drain waits until all that the program wrote before its end has been read.
func (t *Terminal) drain(limit time.Duration) error {
	if _, err := t.slave.WriteString(ansi.SetWindowTitle(drained)); err != nil {
		return err
	}
	_, err := t.Wait(limit, func(string) bool { return slices.Contains(t.Titles(), drained) })
	t.mu.Lock()
	defer t.mu.Unlock()
	t.titles = slices.DeleteFunc(t.titles, func(s string) bool { return s == drained }) // it is not the program's
	return err
}

// Leftovers says what a program that has ended left behind in the terminal:
// the alternate screen, a hidden cursor, mouse or paste modes, a changed tty.
// An empty list is a terminal given back clean.
func (t *Terminal) Leftovers() []string {
	var left []string
	if after, err := term.GetState(t.slave.Fd()); err != nil {
		left = append(left, err.Error())
	} else if !reflect.DeepEqual(t.before, after) {
		left = append(left, "the tty's settings differ")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.screen.IsAltScreen() {
		left = append(left, "the alternate screen is on")
	}
	for mode, name := range map[int]string{
		1000: "mouse clicks", 1002: "mouse drags", 1003: "mouse moves", 1006: "SGR mouse",
		1004: "focus reports", 2004: "bracketed paste", 2026: "synchronised output",
	} {
		if t.modes[mode] {
			left = append(left, name+" is on")
		}
	}
	if on, touched := t.modes[25]; touched && !on {
		left = append(left, "the cursor is hidden")
	}
	slices.Sort(left)
	return left
}

// Titles are the window titles that the program set.
func (t *Terminal) Titles() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.titles)
}

// Close ends the program, if it still runs, and the terminal.
func (t *Terminal) Close() {
	select {
	case <-t.done:
	default:
		_ = t.cmd.Process.Kill()
		<-t.done
	}
	_ = t.slave.Close()
	_ = t.master.Close()
	// The emulator's own Close is not safe beside its Read; the end of the pipe
	// that Read waits at is.
	if pipe, ok := t.screen.InputPipe().(io.Closer); ok {
		_ = pipe.Close()
	}
	t.pumps.Wait()
}
