//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// clockTicks a second in /proc/PID/stat; 100 on every Linux that Go runs on.
const clockTicks = 100

// cpuTime is the user and system time that a process has used.
func cpuTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The second field, the name, may hold spaces; it ends at the last ')'.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	var ticks int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(string(f), 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / clockTicks, nil
}

// resident is the memory of a process in MiB.
func resident(pid int) (float64, error) {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	pages, err := strconv.ParseInt(string(bytes.Fields(statm)[1]), 10, 64)
	return float64(pages) * float64(os.Getpagesize()) / (1 << 20), err
}

// usage watches a process for a while: percent of one core, and the most memory
// that it had at any of the seconds.
func usage(pid int, d time.Duration) (percent, mib float64, err error) {
	before, err := cpuTime(pid)
	if err != nil {
		return 0, 0, err
	}
	start := time.Now()
	for time.Since(start) < d {
		time.Sleep(min(time.Second, d-time.Since(start)))
		now, err := resident(pid)
		if err != nil {
			return 0, 0, err
		}
		mib = max(mib, now)
	}
	after, err := cpuTime(pid)
	return 100 * float64(after-before) / float64(time.Since(start)), mib, err
}

func millis(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }
