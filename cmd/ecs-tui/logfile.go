package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
)

// The log file is rotated when it has grown to maxLog: one older file is kept.
const maxLog = 4 << 20

// logFile is an append-only file that several processes may write to. Each
// line is one write, so lines never mix.
type logFile struct {
	path string

	mu   sync.Mutex
	file *os.File
}

// openLog opens the program's log. A log that can't be written is no reason
// not to work: the records are dropped then.
func openLog(path string, level slog.Level) (*slog.Logger, io.Closer) {
	l := &logFile{path: path}
	if err := l.open(); err != nil {
		return slog.New(slog.DiscardHandler), io.NopCloser(nil)
	}
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: level})).With("pid", os.Getpid()), l
}

func (l *logFile) open() error {
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	l.file = file
	return nil
}

// Write appends one record, after rotating where the file is full.
func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return len(p), nil
	}
	if st, err := l.file.Stat(); err == nil && st.Size()+int64(len(p)) > maxLog {
		l.rotate(st)
	}
	return l.file.Write(p)
}

// rotate moves the full file aside. Where another process has done so already,
// the file of that name is another one, and is just opened.
func (l *logFile) rotate(full os.FileInfo) {
	if now, err := os.Stat(l.path); err == nil && os.SameFile(now, full) {
		_ = os.Rename(l.path, l.path+".1")
	}
	old := l.file
	if err := l.open(); err == nil {
		old.Close()
	}
}

// Close closes the file; later records are dropped.
func (l *logFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}
