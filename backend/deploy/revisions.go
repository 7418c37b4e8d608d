package deploy

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// CompareDefinitions gives the differences between two revisions, ordered by
// path, in what a user can write. Secrets show their source.
func CompareDefinitions(a, b backend.TaskDefinition) []Change {
	return compare(inDefinition, definitionLeaves(a), definitionLeaves(b))
}

// RevisionPruner is what [PruneRevisions] works on.
type RevisionPruner interface {
	RevisionReader
	backend.Releaser
}

// RevisionPlan says which revisions of a family go and which stay, before
// anything is touched. Both are newest first.
type RevisionPlan struct {
	Family         string
	Keep           int
	Going, Staying []PlannedRevision
}

// PlannedRevision is a revision in a plan.
type PlannedRevision struct {
	ARN    string
	Active bool   // it is deregistered before it is deleted
	Why    string // why it stays; "" for one that goes
}

// Ref is "family:revision".
func (r PlannedRevision) Ref() string { return backend.ShortName(r.ARN) }

// Deregisters counts the revisions that are ACTIVE still.
func (p *RevisionPlan) Deregisters() int {
	n := 0
	for _, r := range p.Going {
		if r.Active {
			n++
		}
	}
	return n
}

// PlanRevisions plans to keep the newest ACTIVE revisions of a family and all
// that are in use, and to delete the others. It reads every service of every
// cluster: what it does not know of, it would delete.
func PlanRevisions(ctx context.Context, b RevisionReader, family string, keep int) (*RevisionPlan, error) {
	const op = "PlanRevisions"
	if keep < 1 {
		return nil, backend.Errorf(op, backend.Invalid, "keep", "is %d, should be at least 1", keep)
	}
	p := &RevisionPlan{Family: family, Keep: keep}
	var all []PlannedRevision
	for _, status := range []string{backend.ActiveDefinition, backend.InactiveDefinition} {
		for arn, err := range backend.All(ctx, func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			return b.ListTaskDefinitions(ctx, family, status, p)
		}) {
			if err != nil {
				return nil, err
			}
			all = append(all, PlannedRevision{ARN: arn, Active: status == backend.ActiveDefinition})
		}
	}
	if len(all) == 0 {
		e := backend.Errorf(op, backend.NotFound, backend.Clean(family), "there is no revision of this family")
		e.Remedy = "ecs-tui revisions lists the families"
		return nil, e
	}
	uses, err := allUses(ctx, b, family)
	if err != nil {
		return nil, err
	}
	newest := keep
	for _, r := range all {
		switch {
		case len(uses[r.Ref()]) > 0:
			r.Why = "used by " + DescribeUses(uses[r.Ref()])
		case r.Active && newest > 0:
			r.Why = "one of the newest " + fmt.Sprint(keep)
		}
		if r.Active {
			newest--
		}
		if r.Why != "" {
			p.Staying = append(p.Staying, r)
		} else {
			p.Going = append(p.Going, r)
		}
	}
	return p, nil
}

// allUses is [ReadUses] to its end.
func allUses(ctx context.Context, b RevisionReader, family string) (Uses, error) {
	var found UsesFound
	for f, err := range ReadUses(ctx, b, family, "", 0) {
		if err != nil {
			return nil, err
		}
		found = f
	}
	return found.Uses, nil
}

// DescribeUses says in a few words who needs a revision: "web (3 running), a
// task". A service's cluster is named where there are several.
func DescribeUses(uses []RevisionUse) string {
	clusters := map[string]bool{}
	for _, u := range uses {
		clusters[u.Cluster] = true
	}
	parts := make([]string, len(uses))
	for i, u := range uses {
		name := u.Service
		switch {
		case u.Schedule != "":
			name = "schedule " + u.Schedule
		case name == "":
			name = "tasks of their own"
		}
		if len(clusters) > 1 {
			name = u.Cluster + "/" + name
		}
		if u.Running > 0 {
			name += fmt.Sprintf(" · %d running", u.Running)
		}
		parts[i] = name
	}
	return strings.Join(parts, ", ")
}

// PruneProgress is how far [PruneRevisions] is.
type PruneProgress struct {
	Ref         string   // the revision that was worked on last
	Done, Total int      // revisions deleted, of those that were to go
	Kept        []string // in use since the plan was made
}

// deleteAtOnce is how many revisions go in one call ("DeleteTaskDefinitions" in
// the API reference).
const deleteAtOnce = 10

// PruneRevisions carries out a plan, except for what is in use by now: each
// revision is deregistered, and deleted with the nine after it. Whoever stops
// iterating, or cancels ctx, ends it between two calls; what was done by then is
// done, and a new plan goes on from there. ECS takes one such call a second.
func PruneRevisions(ctx context.Context, b RevisionPruner, p *RevisionPlan) iter.Seq2[PruneProgress, error] {
	return func(yield func(PruneProgress, error) bool) {
		uses, err := allUses(ctx, b, p.Family)
		if err != nil {
			yield(PruneProgress{}, err)
			return
		}
		at := PruneProgress{Total: len(p.Going)}
		var going []PlannedRevision
		for _, r := range p.Going {
			if len(uses[r.Ref()]) > 0 {
				at.Kept = append(at.Kept, r.Ref())
			} else {
				going = append(going, r)
			}
		}
		at.Total = len(going)
		for part := range slices.Chunk(going, deleteAtOnce) {
			for _, r := range part {
				if at.Ref = r.Ref(); r.Active {
					if err := deregister(ctx, b, r); err != nil || !yield(at, nil) {
						report(yield, at, err)
						return
					}
				}
			}
			if err := deleteRevisions(ctx, b, part); err != nil {
				yield(at, err)
				return
			}
			at.Done += len(part)
			if !yield(at, nil) {
				return
			}
		}
	}
}

func report(yield func(PruneProgress, error) bool, at PruneProgress, err error) {
	if err != nil {
		yield(at, err)
	}
}

func deregister(ctx context.Context, b backend.Releaser, r PlannedRevision) error {
	if err := ctx.Err(); err != nil {
		return &backend.Error{Op: "DeregisterTaskDefinition", Kind: backend.KindOf(err), Resource: r.Ref(), Err: err}
	}
	_, err := b.DeregisterTaskDefinition(ctx, r.ARN)
	return err
}

// deleteRevisions deletes what is there still.
func deleteRevisions(ctx context.Context, b backend.Releaser, part []PlannedRevision) error {
	arns := make([]string, len(part))
	for i, r := range part {
		arns[i] = r.ARN
	}
	_, err := b.DeleteTaskDefinitions(ctx, arns)
	var e *backend.Error
	if errors.As(err, &e) && e.Kind == backend.NotFound {
		return nil // somebody else was faster
	}
	return err
}
