package main

import (
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long a test waits for a program.
const patience = 20 * time.Second

// TestMain lets the test binary stand in for the program: as ecs-tui in
// scripts, and as a program that dies while it holds the terminal.
func TestMain(m *testing.M) {
	standIn()
	testscript.Main(m, map[string]func(){"ecs-tui": main})
}

// standIn runs the test binary as something else where it was started so.
func standIn() {
	if len(os.Args) > 1 && os.Args[1] == guardCommand {
		tellGuard()
		main()
	}
	holdRawIfAsked()
}
