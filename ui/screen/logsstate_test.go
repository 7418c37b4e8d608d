package screen

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

func TestLogFilter(t *testing.T) {
	for _, tc := range []struct{ filter, include, exclude string }{
		{"", "", ""},
		{" error ", "error", ""},
		{"error !metrics", "error", "metrics"},
		{"!healthz", "", "healthz"},
		{"!healthz !error|warn", "", "(?:healthz)|(?:error|warn)"},
		{"level=(warn|error)", "level=(warn|error)", ""},
		{"a b!c", "a b!c", ""},
	} {
		f, err := parseLogFilter(tc.filter)
		if err != nil || f.Include != tc.include || f.Exclude != tc.exclude {
			t.Errorf("%q: %+v, %v", tc.filter, f, err)
		}
	}
	for _, bad := range []string{"(", "ok !(", "["} {
		if _, err := parseLogFilter(bad); err == nil || !strings.Contains(err.Error(), "regular expression") {
			t.Errorf("%q gives %v", bad, err)
		}
	}
}

func TestPreviousTask(t *testing.T) {
	at := func(min int) time.Time { return time.Date(2026, 1, 1, 12, min, 0, 0, time.UTC) }
	stopped := []backend.Task{
		{ARN: "a", StoppedAt: at(1)},
		{ARN: "c", StoppedAt: at(3)},
		{ARN: "b", StoppedAt: at(2)},
	}
	for shown, want := range map[string]string{"": "c", "running": "c", "c": "b", "b": "a", "a": ""} {
		got, ok := previousTask(stopped, []string{shown})
		if got.ARN != want || ok != (want != "") {
			t.Errorf("before %q: %q %v, want %q", shown, got.ARN, ok, want)
		}
	}
}

// logSource is a log of fixed batches, ended by err.
type logSource struct {
	batches []backend.LogBatch
	err     error
}

func (s logSource) Logs(ctx context.Context, _ backend.LogQuery) iter.Seq2[backend.LogBatch, error] {
	return func(yield func(backend.LogBatch, error) bool) {
		for _, b := range s.batches {
			if !yield(b, nil) {
				return
			}
		}
		if s.err != nil {
			yield(backend.LogBatch{}, s.err)
		}
	}
}

func TestSaveNeverReplaces(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	src := logSource{batches: []backend.LogBatch{
		{Lines: []backend.LogLine{{At: at, Task: "3fa9c1", Container: "web", Text: "one"}}},
		{Skipped: 7, Lines: []backend.LogLine{{At: at, Task: "3fa9c1", Container: "web", Text: "two"}}},
	}}
	s := logSaver{Logs: src, Dir: filepath.Join(t.TempDir(), "logs"), Name: "../web x", Now: at}
	var first, second logSaved
	s.save(t.Context(), func(l logSaved) { first = l })
	s.save(t.Context(), func(l logSaved) { second = l })
	if first.Err != nil || second.Err != nil || first.Path == second.Path {
		t.Fatalf("saved to %+v and %+v", first, second)
	}
	if filepath.Dir(first.Path) != s.Dir || filepath.Base(first.Path) != "web-x-20260102-030405.log" {
		t.Errorf("path %s", first.Path)
	}
	text, err := os.ReadFile(first.Path)
	if err != nil {
		t.Fatal(err)
	}
	want := "2026-01-02T03:04:05.000Z 3fa9c1 web one\n-- skipped 7 lines --\n2026-01-02T03:04:05.000Z 3fa9c1 web two\n"
	if string(text) != want {
		t.Errorf("file is\n%s", text)
	}
	if first.Lines != 2 || first.Skipped != 7 || first.Bytes != int64(len(want)) {
		t.Errorf("reported %+v", first)
	}
}

func TestSaveThatGotNothingLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	boom := errors.New("unreachable")
	var got logSaved
	logSaver{Logs: logSource{err: boom}, Dir: dir, Name: "web"}.save(t.Context(), func(l logSaved) { got = l })
	if !errors.Is(got.Err, boom) || !got.Done {
		t.Errorf("got %+v", got)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}
