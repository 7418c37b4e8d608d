package watch

import (
	"context"
	"iter"
	"strings"
	"sync"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Family is a task definition family.
type Family struct {
	Name string
	// Newest is its newest ACTIVE revision; the zero value where it has none.
	Newest backend.TaskDefinition
}

// Families watches all families, also those whose revisions are all INACTIVE.
func Families(ctx context.Context, b backend.TaskDefinitionReader, o Options) iter.Seq[Snapshot[Family]] {
	return List(ctx, Source[Family]{
		List: func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			return b.ListFamilies(ctx, backend.AnyDefinition, p)
		},
		Describe: func(ctx context.Context, names []string) ([]Family, error) {
			out := make([]Family, 0, len(names))
			for _, name := range names {
				newest, err := b.DescribeTaskDefinition(ctx, name)
				if err != nil && backend.KindOf(err) != backend.NotFound {
					return nil, err
				}
				out = append(out, Family{name, newest})
			}
			return out, nil
		},
		Batch:    1, // a call each, several at a time
		Ref:      func(f Family) string { return f.Name },
		Changing: func(Family) bool { return false },
		Slim: func(f Family) Family {
			f.Newest.Document = nil
			return f
		},
	}, o)
}

// Revisions watches the revisions of a task definition family: those that are
// ACTIVE, newest first, then those that are not any more. But for their status,
// which the lists tell, they never change, so that each is described once.
func Revisions(ctx context.Context, b backend.TaskDefinitionReader, family string, o Options) iter.Seq[Snapshot[backend.TaskDefinition]] {
	r := &revisions{b: b, family: family, status: map[string]string{}, known: map[string]backend.TaskDefinition{}}
	return List(ctx, Source[backend.TaskDefinition]{
		List: r.list, Describe: r.describe, Batch: 5,
		Ref:      func(td backend.TaskDefinition) string { return td.ARN },
		Changing: func(backend.TaskDefinition) bool { return false },
	}, o)
}

// revisions reads one family. Describe calls run side by side.
type revisions struct {
	b      backend.TaskDefinitionReader
	family string

	mu     sync.Mutex
	status map[string]string // of each revision, by the newest list
	known  map[string]backend.TaskDefinition
}

// list gives one status after the other. Its tokens are "STATUS token".
func (r *revisions) list(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
	status, token, _ := strings.Cut(p.Token, " ")
	if status == "" {
		status = backend.ActiveDefinition
	}
	page, err := r.b.ListTaskDefinitions(ctx, r.family, status, backend.PageRequest{Token: token, Size: p.Size})
	if err != nil {
		return page, err
	}
	r.mu.Lock()
	for _, arn := range page.Items {
		r.status[arn] = status
	}
	r.mu.Unlock()
	switch {
	case page.Next != "":
		page.Next = status + " " + page.Next
	case status == backend.ActiveDefinition:
		page.Next = backend.InactiveDefinition
	case status == backend.InactiveDefinition:
		page.Next = backend.DeletingDefinition
	}
	return page, nil
}

func (r *revisions) describe(ctx context.Context, arns []string) ([]backend.TaskDefinition, error) {
	out := make([]backend.TaskDefinition, 0, len(arns))
	for _, arn := range arns {
		td, err := r.revision(ctx, arn)
		switch {
		case backend.KindOf(err) == backend.NotFound: // deleted since it was listed
		case err != nil:
			return nil, err
		default:
			out = append(out, td)
		}
	}
	return out, nil
}

func (r *revisions) revision(ctx context.Context, arn string) (backend.TaskDefinition, error) {
	r.mu.Lock()
	td, known := r.known[arn]
	status := r.status[arn]
	r.mu.Unlock()
	if known && td.Status == status {
		return td, nil
	}
	td, err := r.b.DescribeTaskDefinition(ctx, arn)
	if err == nil {
		r.mu.Lock()
		r.known[arn] = td
		r.mu.Unlock()
	}
	return td, err
}
