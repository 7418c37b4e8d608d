package main

import "os"

// endSignals are the signals that end a command in an orderly way.
func endSignals() []os.Signal { return []os.Signal{os.Interrupt} }
