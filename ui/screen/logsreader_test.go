package screen

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// logBook is a log that is whole: it gives what a query asks for.
type logBook []backend.LogLine

func (b logBook) Logs(_ context.Context, q backend.LogQuery) iter.Seq2[backend.LogBatch, error] {
	return func(yield func(backend.LogBatch, error) bool) {
		found := slices.DeleteFunc(slices.Clone(b), func(l backend.LogLine) bool { return l.At.Before(q.Since) })
		if q.Tail > 0 && len(found) > q.Tail { // of one container
			found = found[len(found)-q.Tail:]
		}
		yield(backend.LogBatch{Lines: found}, nil)
	}
}

// standing is a clock that shows one time.
type standing struct {
	backend.SystemClock
	now time.Time
}

func (s standing) Now() time.Time { return s.now }

// goesOn reads a log of which some lines are known.
func goesOn(t *testing.T, book logBook, known []backend.LogLine, now time.Time, tail int) (texts []string, skipped int) {
	t.Helper()
	r := logReader{logs: book, clock: standing{now: now}, query: backend.LogQuery{Tail: tail}}
	r.known.add(known)
	for it := range r.read(t.Context()) {
		skipped += it.batch.Skipped
		for _, l := range it.batch.Lines {
			texts = append(texts, l.Text)
		}
	}
	return texts, skipped
}

// TestLogsGoOnWithTheLinesOfEachContainer: one that lags loses nothing to
// another, nor does a line to one of the same millisecond.
func TestLogsGoOnWithTheLinesOfEachContainer(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)
	line := func(ms int, task, text string) backend.LogLine {
		return backend.LogLine{At: start.Add(time.Duration(ms) * time.Millisecond), Task: task, Container: "web", Text: text}
	}
	book := logBook{
		line(1000, "a", "a1"), line(2000, "b", "late of b"), line(3000, "a", "same"), line(3000, "a", "same"), line(3000, "a", "a2"), line(4000, "a", "a3"),
	}
	known := []backend.LogLine{book[0], book[2]}
	texts, skipped := goesOn(t, book, known, start.Add(4*time.Second), 5000)
	if want := []string{"late of b", "same", "a2", "a3"}; !slices.Equal(texts, want) || skipped != 0 {
		t.Errorf("%q and %d skipped, want %q", texts, skipped, want)
	}
}

// TestLogsThatWereLeftMissNothingUnsaid: a short while is read whole, and of a
// long one is said how much is missing.
func TestLogsThatWereLeftMissNothingUnsaid(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)
	var book logBook
	for i := range 3000 { // ten a second
		book = append(book, backend.LogLine{At: start.Add(time.Duration(i) * 100 * time.Millisecond), Task: "a", Container: "web", Text: fmt.Sprint(i)})
	}
	for _, tt := range []struct{ knownTo, now, lines, least, most int }{
		{1000, 1500, 2000, 0, 0},      // 50 s: all of it
		{1000, 3000, 100, 1800, 2000}, // 200 s: the last 100
		{2950, 3000, 50, 0, 0},
	} {
		texts, skipped := goesOn(t, book, book[:tt.knownTo], start.Add(time.Duration(tt.now)*100*time.Millisecond), 100)
		if len(texts) != tt.lines || skipped < tt.least || skipped > tt.most {
			t.Errorf("%+v: %d lines, %d skipped", tt, len(texts), skipped)
		}
	}
}
