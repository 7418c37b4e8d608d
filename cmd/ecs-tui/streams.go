package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"
)

// streams are a command's input and outputs, and what is known about them. A
// test puts buffers here.
type streams struct {
	In       io.Reader
	Out, Err io.Writer
	// What is a terminal. Progress is live on Out, questions need In and Err.
	InTTY, OutTTY, ErrTTY bool
	Getenv                func(string) string
	Environ               func() []string
	// Size gives the terminal's width and height, 80×24 where it has none.
	Size func() (width, height int)
}

// systemStreams are the process's own.
func systemStreams() *streams {
	return &streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTTY:  term.IsTerminal(os.Stdin.Fd()),
		OutTTY: term.IsTerminal(os.Stdout.Fd()),
		ErrTTY: term.IsTerminal(os.Stderr.Fd()),
		Getenv: os.Getenv, Environ: os.Environ,
		Size: func() (int, int) {
			w, h, err := term.GetSize(os.Stdout.Fd())
			if err != nil || w <= 0 || h <= 0 {
				return 80, 24
			}
			return w, h
		},
	}
}

// lookup finds an environment variable, and says whether it is set.
func (s *streams) lookup(name string) (string, bool) {
	if v := s.Getenv(name); v != "" {
		return v, true
	}
	return "", slices.Contains(s.Environ(), name+"=")
}

// dumb says whether the terminal understands no control sequences.
func (s *streams) dumb() bool { return s.Getenv("TERM") == "dumb" }

// live says whether progress may be redrawn in place.
func (s *streams) live() bool { return s.OutTTY && !s.dumb() }

// asks says whether there is somebody to answer a question.
func (s *streams) asks() bool { return s.InTTY && s.ErrTTY }

// colour is out with colours reduced to what it can show: none in a pipe, on a
// dumb terminal, with NO_COLOR, or where the flag forbids them. On a terminal
// the other control sequences stay.
func (s *streams) colour(out io.Writer, never bool) *colorprofile.Writer {
	w := colorprofile.NewWriter(out, s.Environ())
	if s.dumb() {
		w.Profile = colorprofile.NoTTY
	}
	if never || s.Getenv("NO_COLOR") != "" {
		w.Profile = min(w.Profile, colorprofile.ASCII)
	}
	return w
}

// ask writes a question and gives the line that answers it, until ctx ends: a
// signal that ends the command ends its question too.
func (s *streams) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(s.Err, question)
	type answer struct {
		line string
		err  error
	}
	typed := make(chan answer, 1)
	go func() { // ends with the line, or with the process
		line, err := bufio.NewReader(s.In).ReadString('\n')
		if err == io.EOF && line != "" {
			err = nil
		}
		typed <- answer{strings.TrimSpace(line), err}
	}()
	select {
	case a := <-typed:
		return a.line, a.err
	case <-ctx.Done():
		fmt.Fprintln(s.Err) // what comes next begins a line
		return "", ctx.Err()
	}
}
