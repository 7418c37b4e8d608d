package main

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// resident is how many bytes of memory the program has.
func resident() int64 {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(statm), " ")
	pages, _, _ := strings.Cut(rest, " ")
	n, err := strconv.ParseInt(pages, 10, 64)
	if err != nil {
		return 0
	}
	return n * int64(os.Getpagesize())
}

// releaseFile gives back the pages of the program's own file, of which the start,
// with hundreds of packages, and every screen touch more. What is needed again
// comes back from the page cache as it is touched; that is a third of it.
func releaseFile() {
	self, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		if from, to, ok := unwritten(strings.TrimSuffix(line, "\n"), self); ok {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED)
		}
	}
}

// unwritten is the part of the address space that a line of /proc/self/maps
// describes, where that is a file whose pages can't have been changed.
func unwritten(line, file string) (from, to uintptr, ok bool) {
	span, rest, _ := strings.Cut(line, " ")
	mode, _, _ := strings.Cut(rest, " ")
	first, last, _ := strings.Cut(span, "-")
	lo, err := strconv.ParseUint(first, 16, 64)
	if err != nil {
		return 0, 0, false
	}
	hi, err := strconv.ParseUint(last, 16, 64)
	if err != nil {
		return 0, 0, false
	}
	return uintptr(lo), uintptr(hi), !strings.Contains(mode, "w") && strings.HasSuffix(line, " "+file)
}
