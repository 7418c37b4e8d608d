package demo

import (
	"context"
	"slices"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/scheduler"
)

// deleted is the status of a revision that is gone. It keeps its place in the
// family, so that no number is given twice.
const deleted = "DELETED"

// setStatus changes a revision's status, in its document too.
func (r *revision) setStatus(op, status string, stamps map[string]string) error {
	doc, err := r.td.Document.Edit(func(tree map[string]any) {
		tree["status"] = status
		for field, at := range stamps {
			tree[field] = at
		}
	})
	if err != nil {
		return &backend.Error{Op: op, Kind: backend.Invalid, Resource: r.td.Ref(), Err: err}
	}
	r.td.Status, r.td.Document = status, doc
	return nil
}

// DeleteTaskDefinitions deletes INACTIVE revisions. What is in use lingers
// until it is not, see [Backend.sweep].
func (b *Backend) DeleteTaskDefinitions(ctx context.Context, refs []string) ([]backend.TaskDefinition, error) {
	const op = "DeleteTaskDefinitions"
	if err := ended(ctx, op); err != nil {
		return nil, err
	}
	b.lock()
	defer b.unlock()
	b.sweep()
	var out []backend.TaskDefinition
	var failed error
	for _, ref := range refs {
		rev := b.findRevision(ref)
		var err error
		switch {
		case rev == nil:
			err = unknownDefinition(op, ref)
		case rev.td.Status == backend.ActiveDefinition:
			err = backend.StillActive(op, rev.td)
		default:
			err = rev.setStatus(op, backend.DeletingDefinition, map[string]string{"deleteRequestedAt": backend.Stamp(b.sim.now)})
		}
		if err == nil {
			out = append(out, rev.td)
		} else if failed == nil {
			failed = err
		}
	}
	b.sweep()
	b.changed = true
	return out, failed
}

// sweep lets go of deleted revisions that nothing needs any more.
func (b *Backend) sweep() {
	var leaving []*revision
	for _, all := range b.families {
		for _, r := range all {
			if r.td.Status == backend.DeletingDefinition {
				leaving = append(leaving, r)
			}
		}
	}
	if len(leaving) == 0 {
		return
	}
	needed := map[string]bool{}
	for _, s := range b.order {
		if s.rec.Status == scheduler.Inactive {
			continue
		}
		needed[s.rec.TaskDefinition] = true
		for _, d := range s.rec.Deployments {
			if d.Status != backend.DeploymentInactive {
				needed[d.TaskDefinition] = true
			}
		}
	}
	for _, t := range b.tasks {
		if t.view.LastStatus != backend.TaskStopped {
			needed[t.rev.td.ARN] = true
		}
	}
	for _, r := range leaving {
		if !needed[r.td.ARN] {
			r.td = backend.TaskDefinition{ARN: r.td.ARN, Status: deleted}
		}
	}
}

// familyStatus is a family's, "" for one whose revisions are all gone.
func familyStatus(all []*revision) string {
	has := func(status string) bool {
		return slices.ContainsFunc(all, func(r *revision) bool { return r.td.Status == status })
	}
	switch {
	case has(backend.ActiveDefinition):
		return backend.ActiveDefinition
	case has(backend.InactiveDefinition), has(backend.DeletingDefinition):
		return backend.InactiveDefinition
	}
	return ""
}

// startable is findRevision for what is about to start: it must be ACTIVE.
func (b *Backend) startable(op, ref string) (*revision, error) {
	rev := b.findRevision(ref)
	if rev == nil {
		return nil, unknownDefinition(op, ref)
	}
	return rev, backend.Startable(op, rev.td)
}
