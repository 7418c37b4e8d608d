package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLogRotates: two writers on one file, as the TUI and a command are, keep
// it bounded and lose no line that is young.
func TestLogRotates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "ecs-tui.log")
	a, closeA := openLog(path, slog.LevelInfo)
	b, closeB := openLog(path, slog.LevelInfo)
	filler := strings.Repeat("x", 4000)
	for i := range 3 * maxLog / 8000 {
		a.Info("from a", "i", i, "filler", filler)
		b.Info("from b", "i", i, "filler", filler)
	}
	a.Info("the last of a")
	b.Info("the last of b")
	closeA.Close()
	closeB.Close()
	b.Info("after the end") // dropped, not a crash

	newest, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	older, err := os.ReadFile(path + ".1")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"the last of a", "the last of b"} {
		if !strings.Contains(string(newest)+string(older), want) {
			t.Errorf("%q is lost", want)
		}
	}
	if len(newest) > maxLog || len(older) > maxLog {
		t.Errorf("files are %d and %d bytes", len(newest), len(older))
	}
	for line := range strings.Lines(string(newest)) {
		if !strings.HasPrefix(line, "time=") || !strings.HasSuffix(line, "\n") {
			t.Fatalf("a mixed line: %.80q…", line)
		}
	}
}

func TestLogThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	log, closer := openLog(filepath.Join(file, "ecs-tui.log"), slog.LevelInfo)
	log.Info("goes nowhere")
	if err := closer.Close(); err != nil {
		t.Error(err)
	}
}
