//go:build unix

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// sizeChanges tells when the terminal's size may have changed.
func sizeChanges(context.Context) (<-chan os.Signal, func()) {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, syscall.SIGWINCH)
	return ch, func() { signal.Stop(ch) }
}
