package main

import "runtime/debug"

// screenGC lets the heap of a screen grow by this share, in percent, before
// garbage is collected: it stands open all day, so that less memory is worth a
// little time, 0.2 % of a core at rest over Go's own 100.
const screenGC = 25

// keepSmall has the screen use less memory than a program that runs for a
// moment. GOGC in the environment comes first.
func (f *factory) keepSmall() {
	if f.io.Getenv("GOGC") == "" {
		debug.SetGCPercent(screenGC)
	}
}
