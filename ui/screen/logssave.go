package screen

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// logSaver writes a log to a file: the whole of it, from a stream of its own,
// not what happens to be on the screen. It never replaces a file.
type logSaver struct {
	Logs  backend.Logs
	Dir   string
	Name  string // what the file is called after; cleaned here
	Query backend.LogQuery
	Now   time.Time
}

// logSaved is how far a save is, or how it ended.
type logSaved struct {
	Path    string
	Lines   int
	Bytes   int64
	Skipped int // lines the backend could not deliver; also noted in the file
	Done    bool
	Err     error
}

// save writes the log and reports about every everyLines lines, and once more
// at the end, with Done set. A file that could not be finished stays, with what
// was read; one that got nothing at all is removed.
func (s logSaver) save(ctx context.Context, report func(logSaved)) {
	const everyLines = 5000
	file, err := s.create()
	if err != nil {
		report(logSaved{Path: s.Dir, Done: true, Err: saveError(s.Dir, err)})
		return
	}
	state := logSaved{Path: file.Name()}
	out := bufio.NewWriterSize(file, 1<<16)
	last := 0
	for batch, err := range s.Logs.Logs(ctx, s.Query) {
		if err != nil {
			state.Err = err
			break
		}
		if err := writeBatch(out, batch, &state); err != nil {
			state.Err = saveError(state.Path, err)
			break
		}
		if state.Lines-last >= everyLines {
			last = state.Lines
			report(state)
		}
	}
	if err := errors.Join(out.Flush(), file.Close()); err != nil && state.Err == nil {
		state.Err = saveError(state.Path, err)
	}
	if state.Err == nil {
		state.Err = ctx.Err()
	}
	if state.Err != nil && state.Lines == 0 {
		_ = os.Remove(state.Path)
	}
	state.Done = true
	report(state)
}

// create makes a file that did not exist, numbering it where it has to.
func (s logSaver) create() (*os.File, error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, err
	}
	base := fileName(s.Name) + "-" + s.Now.Format("20060102-150405")
	for i := 1; ; i++ {
		name := base + ".log"
		if i > 1 {
			name = fmt.Sprintf("%s-%d.log", base, i)
		}
		f, err := os.OpenFile(filepath.Join(s.Dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrExist) && i < 1000 {
			continue
		}
		return f, err
	}
}

func writeBatch(w io.Writer, batch backend.LogBatch, state *logSaved) error {
	if batch.Skipped > 0 {
		state.Skipped += batch.Skipped
		if err := writeLine(w, state, fmt.Sprintf("-- skipped %d lines --", batch.Skipped)); err != nil {
			return err
		}
	}
	if batch.Notice != "" {
		if err := writeLine(w, state, "-- "+batch.Notice+" --"); err != nil {
			return err
		}
	}
	for _, l := range batch.Lines {
		text := fmt.Sprintf("%s %s %s %s", l.At.UTC().Format("2006-01-02T15:04:05.000Z"), l.Task, l.Container, l.Text)
		if err := writeLine(w, state, text); err != nil {
			return err
		}
		state.Lines++
	}
	return nil
}

func writeLine(w io.Writer, state *logSaved, text string) error {
	n, err := io.WriteString(w, text+"\n")
	state.Bytes += int64(n)
	return err
}

// fileName makes a name that any file system takes.
func fileName(name string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		default:
			return '-'
		}
	}, name)
	if clean = strings.Trim(clean, "-."); clean == "" {
		return "log"
	}
	return clean[:min(len(clean), 80)]
}

func saveError(path string, err error) error {
	return &backend.Error{
		Op: "Save", Kind: backend.Other, Resource: path, Err: err,
		Remedy: "check that the folder can be written and the disk has room",
	}
}
