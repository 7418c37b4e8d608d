package main

import (
	"os"
	"strings"
	"testing"
)

func TestUnwritten(t *testing.T) {
	const file = "/usr/bin/ecs-tui"
	for line, want := range map[string]bool{
		"00400000-01fa2000 r-xp 00000000 fe:00 9977882    /usr/bin/ecs-tui":     true,
		"01fa2000-03a76000 r--p 01ba2000 fe:00 9977882    /usr/bin/ecs-tui":     true,
		"03a76000-03b9c000 rw-p 03676000 fe:00 9977882    /usr/bin/ecs-tui":     false,
		"00400000-01fa2000 r-xp 00000000 fe:00 9977882    /opt/usr/bin/ecs-tui": false,
		"7f1e6e150000-7f1e6e3d0000 rw-p 00000000 00:00 0 ":                      false,
		"7ffef1de4000-7ffef1e05000 rw-p 00000000 00:00 0  [stack]":              false,
		"": false,
	} {
		from, to, ok := unwritten(line, file)
		if ok != want {
			t.Errorf("unwritten(%q) = %v, want %v", line, ok, want)
		}
		if ok && from >= to {
			t.Errorf("unwritten(%q) is from %x to %x", line, from, to)
		}
	}
}

// The program must go on as it was, with less of its file in memory.
func TestReleaseFile(t *testing.T) {
	before := residentFile(t)
	releaseFile()
	if after := residentFile(t); after >= before {
		t.Errorf("%d kB of files were resident before, %d kB after", before, after)
	}
}

func residentFile(t *testing.T) (kB int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(status), "RssFile:")
	if !ok {
		t.Skip("this kernel does not say how much of files is resident")
	}
	for _, c := range strings.TrimLeft(rest, " \t") {
		if c < '0' || c > '9' {
			break
		}
		kB = 10*kB + int(c-'0')
	}
	return kB
}
