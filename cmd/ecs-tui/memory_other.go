//go:build !linux

package main

import "runtime/debug"

// releasePages gives back the part of the heap that is not needed at rest.
func releasePages() { debug.FreeOSMemory() }
