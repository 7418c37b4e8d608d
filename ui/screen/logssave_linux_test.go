package screen

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

// TestSaveOnAFullDisk: a log that does not fit is an error that names the file and
// says what to do; what was written of it stays.
func TestSaveOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=128k"); err != nil {
		t.Skipf("no small disk can be mounted here (it takes root): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	line := backend.LogLine{Task: "3fa9c1", Container: "web", Text: strings.Repeat("x", 1000)}
	var batches []backend.LogBatch
	for range 300 {
		batches = append(batches, backend.LogBatch{Lines: []backend.LogLine{line}})
	}
	var got logSaved
	logSaver{Logs: logSource{batches: batches}, Dir: dir, Name: "web"}.save(t.Context(), func(l logSaved) { got = l })
	if !got.Done || !errors.Is(got.Err, syscall.ENOSPC) || !strings.Contains(backend.AdviceFor(got.Err), "the disk has room") {
		t.Errorf("%+v", got)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.log")); len(left) != 1 || left[0] != got.Path {
		t.Errorf("left %v", left)
	}
}
