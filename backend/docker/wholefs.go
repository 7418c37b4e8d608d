package docker

import (
	"errors"
	"io"
	"io/fs"

	"github.com/tonistiigi/fsutil"
)

// wholeFS ends a build where a file can't be read: fsutil would send an empty one
// in its place, and the image would have that. To give fsutil the error instead
// has it wait for the builder, which waits for the file. A file that has gone
// since it was listed is left to it.
type wholeFS struct {
	fsutil.FS
	fail func(error)
}

func (w wholeFS) Open(path string) (io.ReadCloser, error) {
	f, err := w.FS.Open(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.fail(err)
	}
	return f, err
}
