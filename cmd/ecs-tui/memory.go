package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
)

// A screen stands open all day, mostly at rest. Then, with little to hold, its
// heap grows by less, in percent, before garbage is collected, which takes a
// quarter of the memory; and it runs on one core, since waking up another one
// costs more than the little there is to do. In use, when keys would wait, both
// are Go's own values.
const (
	restGC    = 25
	usedGC    = 100
	smallHeap = 16 << 20 // bytes in use
)

// rester makes the program small at rest. GOGC and GOMAXPROCS in the environment
// come first.
type rester struct {
	procs           int // as the program began
	setGC, setProcs bool

	resting atomic.Bool
	mu      sync.Mutex // one at a time
}

func (f *factory) newRester() *rester {
	return &rester{
		procs: runtime.GOMAXPROCS(0),
		setGC: f.io.Getenv("GOGC") == "", setProcs: f.io.Getenv("GOMAXPROCS") == "",
	}
}

// tell gives memory back when nobody types any more.
func (r *rester) tell(atRest bool) {
	r.resting.Store(atRest)
	r.mu.Lock()
	defer r.mu.Unlock()
	if atRest {
		releasePages()
	}
	percent, procs := usedGC, r.procs
	if r.resting.Load() && heapInUse() < smallHeap { // a key may have come meanwhile
		percent, procs = restGC, 1
	}
	if r.setGC {
		debug.SetGCPercent(percent)
	}
	if r.setProcs && procs != runtime.GOMAXPROCS(0) {
		runtime.GOMAXPROCS(procs)
	}
}

func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
