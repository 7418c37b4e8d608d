package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// What was set for the rest is taken back with the first key.
func TestRester(t *testing.T) {
	procs, gc := runtime.GOMAXPROCS(0), debug.SetGCPercent(usedGC)
	defer func() {
		runtime.GOMAXPROCS(procs)
		debug.SetGCPercent(gc)
	}()
	r := &rester{procs: procs, setGC: true, setProcs: true}
	r.tell(true)
	if heapInUse() < smallHeap && runtime.GOMAXPROCS(0) != 1 {
		t.Errorf("%d cores at rest, want 1", runtime.GOMAXPROCS(0))
	}
	r.tell(false)
	if got := debug.SetGCPercent(usedGC); got != usedGC {
		t.Errorf("the heap grows by %d %% in use, want %d", got, usedGC)
	}
	if got := runtime.GOMAXPROCS(0); got != procs {
		t.Errorf("%d cores in use, want %d", got, procs)
	}
}
