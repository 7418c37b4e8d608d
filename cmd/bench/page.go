//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// render writes the rows as a Markdown table that also reads well as text.
func render(rows []row) string {
	head := row{"what", "aim", "measured"}
	widths := [3]int{}
	for _, r := range append([]row{head}, rows...) {
		for i, s := range []string{r.what, r.aim, r.got} {
			widths[i] = max(widths[i], len([]rune(s)))
		}
	}
	var b strings.Builder
	line := func(r row) {
		b.WriteByte('|')
		for i, s := range []string{r.what, r.aim, r.got} {
			fmt.Fprintf(&b, " %s%s |", s, strings.Repeat(" ", widths[i]-len([]rune(s))))
		}
		b.WriteByte('\n')
	}
	line(head)
	line(row{strings.Repeat("-", widths[0]), strings.Repeat("-", widths[1]), strings.Repeat("-", widths[2])})
	for _, r := range rows {
		line(r)
	}
	return b.String()
}

func page(table string) string {
	return fmt.Sprintf(`# Benchmarks

Taken by %s on %s, on this machine: %s.
The program is measured from outside: a real terminal, a real engine, the
process's own CPU time and resident memory. Nothing here is a test.

%s`, "`make bench`", time.Now().Format("2006-01-02"), machine(), table)
}

func machine() string {
	parts := []string{fmt.Sprintf("%d cores", runtime.NumCPU())}
	if model := cpuModel(); model != "" {
		parts = append(parts, model)
	}
	if kernel, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		parts = append(parts, "Linux "+strings.TrimSpace(string(kernel)))
	}
	if v, err := exec.Command("docker", "version", "-f", "{{.Server.Version}}").Output(); err == nil {
		parts = append(parts, "Docker "+strings.TrimSpace(string(v)))
	}
	return strings.Join(append(parts, runtime.Version()), ", ")
}

func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(info)) {
		if name, model, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(model)
		}
	}
	return ""
}
