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
	restPages = 28 << 20 // bytes resident, above which pages are given back again
)

// rester makes the program small at rest. GOGC and GOMAXPROCS in the environment
// come first.
type rester struct {
	procs           int // as the program began
	setGC, setProcs bool

	resting  atomic.Bool
	mu       sync.Mutex // one at a time
	released bool       // since the last key
	percent  int        // that is set; 0 for what the program began with
}

func (f *factory) newRester() *rester {
	return &rester{
		procs: runtime.GOMAXPROCS(0),
		setGC: f.io.Getenv("GOGC") == "", setProcs: f.io.Getenv("GOMAXPROCS") == "",
	}
}

// tell gives memory back when nobody types any more: all of it at first, then,
// told at every beat, what was needed since and makes the program large again.
func (r *rester) tell(atRest bool) {
	r.resting.Store(atRest)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.release(atRest)
	percent, procs := usedGC, r.procs
	if r.resting.Load() && heapInUse() < smallHeap { // a key may have come meanwhile
		percent, procs = restGC, 1
	}
	if r.setGC && percent != r.percent {
		debug.SetGCPercent(percent)
		r.percent = percent
	}
	if r.setProcs && procs != runtime.GOMAXPROCS(0) {
		runtime.GOMAXPROCS(procs)
	}
}

func (r *rester) release(atRest bool) {
	switch {
	case !atRest:
		r.released = false
	case !r.released:
		r.released = true
		debug.FreeOSMemory()
		releaseFile()
	case resident() > restPages:
		releaseFile()
	}
}

func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
