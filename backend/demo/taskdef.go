package demo

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// revision is a registered task definition.
type revision struct {
	td     backend.TaskDefinition
	words  []string // of the tasks of a service, which foretell what becomes of them
	probes int      // requests that were answered
}

// findRevision gives a revision by ARN, "family:revision", or "family" for its
// newest ACTIVE one.
func (b *Backend) findRevision(ref string) *revision {
	family, number, exact := strings.Cut(backend.ShortName(ref), ":")
	all := b.families[family]
	if !exact {
		for i := len(all) - 1; i >= 0; i-- {
			if all[i].td.Status == "ACTIVE" {
				return all[i]
			}
		}
		return nil
	}
	if n, err := strconv.Atoi(number); err == nil && n >= 1 && n <= len(all) && all[n-1].td.Status != deleted {
		return all[n-1]
	}
	return nil
}

// RegisterTaskDefinition stores the next revision of a family.
func (b *Backend) RegisterTaskDefinition(ctx context.Context, doc backend.Document) (backend.TaskDefinition, error) {
	const op = "RegisterTaskDefinition"
	if err := ended(ctx, op); err != nil {
		return backend.TaskDefinition{}, err
	}
	td, err := backend.ParseTaskDefinition(doc)
	if err != nil {
		var field *backend.FieldError
		path := ""
		if errors.As(err, &field) {
			path = field.Path
		}
		return backend.TaskDefinition{}, &backend.Error{Op: op, Kind: backend.Invalid, Resource: path, Err: err}
	}
	if err := refuseProblems(op, backend.CheckTaskDefinition(td)); err != nil {
		return backend.TaskDefinition{}, err
	}
	b.lock()
	defer b.unlock()
	rev, err := b.register(td)
	if err != nil {
		return backend.TaskDefinition{}, &backend.Error{Op: op, Kind: backend.Invalid, Resource: td.Family, Err: err}
	}
	b.changed = true
	return rev.td, nil
}

func (b *Backend) register(td backend.TaskDefinition) (*revision, error) {
	number := len(b.families[td.Family]) + 1
	full, err := td.Registered(b.names.TaskDefinition(td.Family, number), number, b.sim.now)
	if err != nil {
		return nil, err
	}
	rev := &revision{td: full}
	b.families[td.Family] = append(b.families[td.Family], rev)
	return rev, nil
}

// DeregisterTaskDefinition makes a revision INACTIVE; what runs it goes on.
func (b *Backend) DeregisterTaskDefinition(ctx context.Context, ref string) (backend.TaskDefinition, error) {
	const op = "DeregisterTaskDefinition"
	if err := ended(ctx, op); err != nil {
		return backend.TaskDefinition{}, err
	}
	b.lock()
	defer b.unlock()
	rev := b.findRevision(ref)
	if rev == nil {
		return backend.TaskDefinition{}, unknownDefinition(op, ref)
	}
	if rev.td.Status == backend.ActiveDefinition {
		if err := rev.setStatus(op, backend.InactiveDefinition, map[string]string{"deregisteredAt": backend.Stamp(b.sim.now)}); err != nil {
			return backend.TaskDefinition{}, err
		}
		b.changed = true
	}
	return rev.td, nil
}

func unknownDefinition(op, ref string) error {
	return backend.Errorf(op, backend.NotFound, backend.Clean(ref), "the task definition does not exist")
}

// ListFamilies gives the families of a status.
func (b *Backend) ListFamilies(ctx context.Context, status string, p backend.PageRequest) (backend.Page[string], error) {
	const op = "ListTaskDefinitionFamilies"
	if err := ended(ctx, op); err != nil {
		return backend.Page[string]{}, err
	}
	b.lock()
	defer b.unlock()
	var names []string
	for name, all := range b.families {
		if is := familyStatus(all); is != "" && (is == status || status == backend.AnyDefinition) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return page(op, names, p)
}

// ListTaskDefinitions gives the ARNs of a family's revisions of a status.
func (b *Backend) ListTaskDefinitions(ctx context.Context, family, status string, p backend.PageRequest) (backend.Page[string], error) {
	const op = "ListTaskDefinitions"
	if err := ended(ctx, op); err != nil {
		return backend.Page[string]{}, err
	}
	b.lock()
	defer b.unlock()
	b.sweep()
	var arns []string
	for _, r := range slices.Backward(b.families[family]) {
		if r.td.Status == status {
			arns = append(arns, r.td.ARN)
		}
	}
	return page(op, arns, p)
}

// DescribeTaskDefinition gives one revision.
func (b *Backend) DescribeTaskDefinition(ctx context.Context, ref string) (backend.TaskDefinition, error) {
	const op = "DescribeTaskDefinition"
	if err := ended(ctx, op); err != nil {
		return backend.TaskDefinition{}, err
	}
	b.lock()
	defer b.unlock()
	rev := b.findRevision(ref)
	if rev == nil {
		return backend.TaskDefinition{}, unknownDefinition(op, ref)
	}
	return rev.td, nil
}

// Verify finds what ECS itself would refuse; the demo honours everything else.
func (b *Backend) Verify(ctx context.Context, req backend.VerifyRequest) ([]backend.Finding, error) {
	const op = "Verify"
	if err := ended(ctx, op); err != nil {
		return nil, err
	}
	findings := backend.CheckTaskDefinition(req.TaskDefinition)
	if req.Service != nil {
		findings = append(findings, b.checkService(*req.Service, req.TaskDefinition)...)
		findings = append(findings, checkController(*req.Service)...)
	}
	findings = append(findings, backend.Unchecked(req)...)
	b.lock()
	defer b.unlock()
	if _, err := b.cluster(op, req.Cluster); err != nil {
		return nil, err
	}
	for i, c := range req.TaskDefinition.Containers {
		if _, known := b.resolve(c.Image); !known && c.Image != "" {
			findings = append(findings, backend.Finding{
				Severity: backend.Warning, Path: "containerDefinitions[" + strconv.Itoa(i) + "].image",
				Message: backend.Clean("the image " + c.Image + " does not exist here"), Remedy: "build it, or correct the tag",
			})
		}
	}
	return findings, nil
}

// document marshals a tree of plain values, which cannot fail.
func document(tree map[string]any) backend.Document {
	out, err := json.MarshalIndent(tree, "", "  ")
	if err != nil {
		return backend.Document("{}")
	}
	return out
}
