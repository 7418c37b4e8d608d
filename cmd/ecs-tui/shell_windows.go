package main

import (
	"context"
	"time"
)

// sizeChanges tells when the terminal's size may have changed: Windows sends
// no signal, so it is looked at now and then.
func sizeChanges(context.Context) (<-chan time.Time, func()) {
	tick := time.NewTicker(250 * time.Millisecond)
	return tick.C, tick.Stop
}
