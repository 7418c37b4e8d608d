package main

import (
	"runtime/debug"
	"runtime/metrics"
)

// A screen stands open all day. At rest it lets its heap grow by less, in
// percent, before garbage is collected: that takes a quarter of the memory for
// 0.2 % of a core. With much to hold, or in use, when keys would wait for the
// collector, it is Go's own value.
const (
	restGC    = 25
	usedGC    = 100
	smallHeap = 16 << 20 // bytes in use
)

// onRest gives memory back when nobody types any more. GOGC in the environment
// comes first.
func (f *factory) onRest(atRest bool) {
	percent := usedGC
	if atRest {
		releasePages()
		if heapInUse() < smallHeap {
			percent = restGC
		}
	}
	if f.io.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
