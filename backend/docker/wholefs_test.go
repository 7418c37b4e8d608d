package docker

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
)

// brokenFS can't open what is called broken.
type brokenFS struct{ fsutil.FS }

func (b brokenFS) Open(path string) (io.ReadCloser, error) {
	if strings.HasSuffix(path, "broken") {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	}
	return b.FS.Open(path)
}

// wantsAll takes a context as the builder does, and asks for each file.
type wantsAll struct {
	ctx   context.Context
	wants chan uint32
	next  uint32
}

func (w *wantsAll) Context() context.Context { return w.ctx }

func (w *wantsAll) SendMsg(m any) error {
	p := m.(*types.Packet)
	switch {
	case p.Type == types.PACKET_STAT && p.Stat != nil:
		w.wants <- w.next
		w.next++
	case p.Type == types.PACKET_STAT:
		close(w.wants)
	}
	return nil
}

func (w *wantsAll) RecvMsg(m any) error {
	id, more := <-w.wants
	*m.(*types.Packet) = types.Packet{Type: types.PACKET_REQ, ID: id}
	if !more {
		*m.(*types.Packet) = types.Packet{Type: types.PACKET_FIN}
	}
	return nil
}

// TestContextIsWhole: a file that can't be read is told, since what is sent in its
// place is empty.
func TestContextIsWhole(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"broken", "whole"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sources, err := fsutil.NewFS(dir)
	if err != nil {
		t.Fatal(err)
	}
	send := func(f fsutil.FS) (failed error) {
		whole := wholeFS{f, func(err error) { failed = err }}
		if err := fsutil.Send(t.Context(), &wantsAll{ctx: t.Context(), wants: make(chan uint32, 10)}, whole, nil); err != nil {
			t.Error(err)
		}
		return failed
	}
	if err := send(sources); err != nil {
		t.Errorf("a context that can be read: %v", err)
	}
	if err := send(brokenFS{sources}); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "broken") {
		t.Errorf("a context that can't: %v", err)
	}
}
