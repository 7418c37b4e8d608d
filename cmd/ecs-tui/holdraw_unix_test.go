//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// Ways to make the test binary die, and to know when it is guarded.
const (
	// panicEnv has the program panic in a goroutine of nobody's on SIGUSR1.
	panicEnv = "ECS_TUI_TEST_PANIC"
	// guardEnv names a file that the guard makes when it is there.
	guardEnv = "ECS_TUI_TEST_GUARD"
)

func holdRawIfAsked() {
	if how := os.Getenv(rawEnv); how != "" {
		holdRaw(how)
	}
	if os.Getenv(panicEnv) != "" {
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGUSR1)
		go func() {
			<-asked
			panic("in a goroutine")
		}()
	}
}

func tellGuard() {
	if file := os.Getenv(guardEnv); file != "" {
		_ = os.WriteFile(file, nil, 0o600)
	}
}
