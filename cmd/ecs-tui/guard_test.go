//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// TestGuardRestoresTheTerminal ends a program that holds the terminal raw in
// ways that leave it no chance to clean up.
func TestGuardRestoresTheTerminal(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(*exec.Cmd) error // nil: the program panics by itself
	}{
		{"panic in a goroutine", nil},
		{"kill -9", func(c *exec.Cmd) error { return c.Process.Signal(syscall.SIGKILL) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			master, tty, err := pty.Open()
			if err != nil {
				t.Skipf("no pseudo terminal here: %v", err)
			}
			defer master.Close()
			defer tty.Close()
			before, err := unix.IoctlGetTermios(int(tty.Fd()), getTermios)
			if err != nil {
				t.Fatal(err)
			}
			output := collect(master)
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), rawEnv+"="+map[bool]string{true: "panic", false: "wait"}[tt.end == nil])
			cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			output.wait(t, "\x1b[?1049h")
			if tt.end != nil {
				if err := tt.end(cmd); err != nil {
					t.Fatal(err)
				}
			}
			if err := cmd.Wait(); err == nil {
				t.Error("the program ended well, which it should not")
			}
			output.wait(t, "the message")
			after, err := unix.IoctlGetTermios(int(tty.Fd()), getTermios)
			if err != nil {
				t.Fatal(err)
			}
			if *after != *before {
				t.Errorf("terminal is %+v, was %+v", after, before)
			}
			if text := output.text(); strings.Index(text, "\x1b[?1049l") < strings.Index(text, "\x1b[?1049h") || !strings.Contains(text, "\x1b[?25h") {
				t.Errorf("the screen was not given back: %q", text)
			}
		})
	}
}

// TestGuardStaysQuiet: with a farewell nothing is written.
func TestGuardStaysQuiet(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "tty")
	if err != nil {
		t.Fatal(err)
	}
	if err := runGuard(strings.NewReader("{}\n"+farewell+"\n"), file); err != nil {
		t.Fatal(err)
	}
	if st, err := file.Stat(); err != nil || st.Size() != 0 {
		t.Errorf("the guard wrote %d bytes, %v", st.Size(), err)
	}
}

// rawEnv makes the test binary the program that dies: see TestMain.
const rawEnv = "ECS_TUI_TEST_RAW"

// holdRaw takes the terminal and never gives it back.
func holdRaw(how string) {
	state, err := readTerminal(os.Stdin, "the message")
	if err != nil {
		panic(err)
	}
	if _, err := startGuard(os.Stdin, state); err != nil {
		panic(err)
	}
	if _, err := term.MakeRaw(os.Stdin.Fd()); err != nil {
		panic(err)
	}
	_, _ = io.WriteString(os.Stdout, "\x1b[?1049h\x1b[?25l")
	if how == "panic" {
		go func() { panic("in a goroutine") }()
	}
	select {}
}

// transcript is what a terminal was told so far.
type transcript struct {
	chunks chan []byte
	seen   bytes.Buffer
}

func collect(r io.Reader) *transcript {
	o := &transcript{chunks: make(chan []byte, 100)}
	go func() {
		defer close(o.chunks)
		for {
			buf := make([]byte, 4096)
			n, err := r.Read(buf)
			if n > 0 {
				o.chunks <- buf[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	return o
}

func (o *transcript) text() string { return o.seen.String() }

func (o *transcript) wait(t *testing.T, want string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for !strings.Contains(o.seen.String(), want) {
		select {
		case chunk := <-o.chunks:
			o.seen.Write(chunk)
		case <-deadline:
			t.Fatalf("%q never came; the terminal was told %q", want, o.seen.String())
		}
	}
}
