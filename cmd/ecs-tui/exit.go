package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Exit codes, as the README promises them.
const (
	exitOK         = 0
	exitError      = 1
	exitUsage      = 2
	exitRolledBack = 3
	exitFailed     = 4
	exitCancelled  = 130
)

// usageError is a command line that can't be understood.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitError ends the process with Code. Err is printed unless it is nil: the
// command has then said all there is to say.
type exitErr struct {
	Code int
	Err  error
}

func (e exitErr) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

func (e exitErr) Unwrap() error { return e.Err }

// advised is an error with the next step for the user.
type advised struct {
	error
	Advice string
}

func (e advised) Unwrap() error { return e.error }

// advise adds the next step to err.
func advise(err error, format string, args ...any) error {
	return advised{err, fmt.Sprintf(format, args...)}
}

// exitCode is the code that err ends the process with.
func exitCode(err error) int {
	var exit exitErr
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return exit.Code
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, context.Canceled), backend.KindOf(err) == backend.Cancelled:
		return exitCancelled
	default:
		return exitError
	}
}

// printError writes what went wrong and what to do next: one message, at most
// a few lines, nothing twice.
func (f *factory) printError(w io.Writer, err error) {
	var exit exitErr
	if errors.As(err, &exit) && exit.Err == nil {
		return
	}
	if exitCode(err) == exitCancelled {
		fmt.Fprintln(w, "ecs-tui: cancelled")
		return
	}
	if f.github.annotateErr(err, adviceFor(err)) {
		return
	}
	fmt.Fprintf(w, "ecs-tui: %s\n", strings.TrimRight(err.Error(), "\n"))
	if advice := adviceFor(err); advice != "" {
		fmt.Fprintf(w, "  → %s\n", advice)
	}
}

// adviceFor is the next step: this package's own, else the backend's, else the
// help page for a command line that was not understood.
func adviceFor(err error) string {
	var own advised
	if errors.As(err, &own) {
		return own.Advice
	}
	if advice := backend.AdviceFor(err); advice != "" {
		return advice
	}
	var usage usageError
	if errors.As(err, &usage) {
		return "ecs-tui --help lists the commands and flags"
	}
	return ""
}
