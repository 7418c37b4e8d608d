package backend

import (
	"context"
	"iter"
)

// CopyRequest asks for an image that another place runs.
type CopyRequest struct {
	// Image is as that place's task definition pins it: a reference by digest,
	// or the id of an image on the local engine.
	Image      string
	Auth       *RegistryAuth // of the registry that it is in; nil where none is needed
	Repository string        // where it goes, as in [PushRequest]
	Tags       []string
}

// Copier is implemented by backends that can take over an image which another
// place runs, without building it. The stream is that of a push; one with
// nothing but a [PushDone] had nothing to bring. The digest stays the same.
type Copier interface {
	Copy(ctx context.Context, req CopyRequest) iter.Seq2[PushEvent, error]
}

// Lender is implemented by backends whose images are in a registry that asks
// who pulls.
type Lender interface {
	// PullAuth gives what an image of a task definition is pulled with; nil
	// where nobody asks.
	PullAuth(ctx context.Context, image string) (*RegistryAuth, error)
}

// LenderOf gives b's ability to lend images, also through [ReadOnly], or nil.
func LenderOf(b any) Lender {
	l, _ := insideReadOnly(b).(Lender)
	return l
}
