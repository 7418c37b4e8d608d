package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImportLayout keeps the top of the repository as the design draws it.
func TestImportLayout(t *testing.T) {
	top := []string{
		"cmd", "backend", "ui", "config", "examples", "screenshots", "docs",
		"README.md", "LICENSE", "go.mod", "go.sum", "Makefile",
	}
	cmd := exec.Command("git", "ls-files")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("no git checkout here: %v", err)
	}
	for file := range strings.Lines(string(out)) {
		first, _, _ := strings.Cut(strings.TrimSpace(file), "/")
		if !strings.HasPrefix(first, ".") && !slices.Contains(top, first) {
			t.Errorf("%s does not belong at the top of the repository", first)
		}
	}
}
