// Command ecs-tui builds, deploys, watches and diagnoses containers on Amazon
// ECS or on a local Docker engine.
//
// You are at the top of the house: this package picks a backend, knows cobra
// and prints. Every command is a file of its own: an options struct, a
// constructor for the cobra command, and a run function that takes the streams
// it prints to, so that it is tested without a process. No logic that a screen
// could want lives here.
package main

import (
	"context"
	"os"
	"os/signal"
	_ "time/tzdata" // schedules name time zones, also where the system knows none
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), endSignals()...)
	// The first signal asks the command to end. After it the default returns,
	// so that a second one ends the process whatever it is doing.
	context.AfterFunc(ctx, stop)
	code := execute(ctx, newFactory(systemStreams()), os.Args[1:])
	stop()
	os.Exit(code)
}
