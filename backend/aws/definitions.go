package aws

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/ecs-tui/ecs-tui/backend"
)

// ListFamilies gives the families of a status.
func (b *Backend) ListFamilies(ctx context.Context, status string, p backend.PageRequest) (backend.Page[string], error) {
	token, size := paging(p)
	var out struct {
		Families []text `json:"families"`
		Next     string `json:"nextToken"`
	}
	in := &ecs.ListTaskDefinitionFamiliesInput{NextToken: token, MaxResults: size, Status: types.TaskDefinitionFamilyStatus(status)}
	err := call(ctx, b, "ListTaskDefinitionFamilies", "", in, nil, &out, (*ecs.Client).ListTaskDefinitionFamilies)
	return backend.Page[string]{Items: cleanAll(out.Families), Next: out.Next}, err
}

// ListTaskDefinitions gives the ARNs of a family's revisions of a status, newest first.
func (b *Backend) ListTaskDefinitions(ctx context.Context, family, status string, p backend.PageRequest) (backend.Page[string], error) {
	token, size := paging(p)
	var out struct {
		Arns []text `json:"taskDefinitionArns"`
		Next string `json:"nextToken"`
	}
	in := &ecs.ListTaskDefinitionsInput{
		FamilyPrefix: &family, NextToken: token, MaxResults: size,
		Sort: types.SortOrderDesc, Status: types.TaskDefinitionStatus(status),
	}
	err := call(ctx, b, "ListTaskDefinitions", family, in, nil, &out, (*ecs.Client).ListTaskDefinitions)
	return backend.Page[string]{Items: cleanAll(out.Arns), Next: out.Next}, err
}

// definitionAnswer is how ECS answers with a task definition.
type definitionAnswer struct {
	Definition json.RawMessage `json:"taskDefinition"`
	Tags       []any           `json:"tags"`
}

// read is the typed view of the answer.
func (a definitionAnswer) read(op, ref string) (backend.TaskDefinition, error) {
	doc, err := json.Marshal(map[string]any{"taskDefinition": json.RawMessage(documentOf(a.Definition)), "tags": a.Tags})
	if err != nil {
		return backend.TaskDefinition{}, backend.Errorf(op, backend.Other, backend.Clean(ref), "the task definition can't be read: %s", backend.Clean(err.Error()))
	}
	td, err := backend.ParseTaskDefinition(doc)
	var w struct {
		Registered moment `json:"registeredAt"`
	}
	if err == nil {
		err = json.Unmarshal(a.Definition, &w)
	}
	if err != nil {
		return td, backend.Errorf(op, backend.Other, backend.Clean(ref), "the task definition can't be read: %s", backend.Clean(err.Error()))
	}
	td.RegisteredAt = w.Registered.Time
	return td, nil
}

// DescribeTaskDefinition gives one revision. One that is known by its number
// and ACTIVE was read before: but for its status, it never changes.
func (b *Backend) DescribeTaskDefinition(ctx context.Context, ref string) (backend.TaskDefinition, error) {
	const op = "DescribeTaskDefinition"
	var out definitionAnswer
	in := &ecs.DescribeTaskDefinitionInput{TaskDefinition: &ref, Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags}}
	if err := call(ctx, b, op, ref, in, nil, &out, (*ecs.Client).DescribeTaskDefinition); err != nil {
		return backend.TaskDefinition{}, err
	}
	td, err := out.read(op, ref)
	if err == nil {
		b.definitions.put(td.ARN, td)
	}
	return td, err
}

// definition is [Backend.DescribeTaskDefinition] for what a revision holds, not
// for its status.
func (b *Backend) definition(ctx context.Context, arn string) (backend.TaskDefinition, error) {
	if td, ok := b.definitions.get(arn); ok {
		return td, nil
	}
	return b.DescribeTaskDefinition(ctx, arn)
}

// RegisterTaskDefinition sends the document as it is, without the fields that
// ECS sets by itself. What the form alone shows to be wrong is told before a
// call is made; rules are ECS's own to judge, and newer than this program.
func (b *Backend) RegisterTaskDefinition(ctx context.Context, doc backend.Document) (backend.TaskDefinition, error) {
	const op = "RegisterTaskDefinition"
	td, err := backend.ParseTaskDefinition(doc)
	if err != nil {
		return backend.TaskDefinition{}, invalidField(op, err)
	}
	body, err := td.Registrable()
	if err != nil {
		return backend.TaskDefinition{}, invalidField(op, err)
	}
	in := &ecs.RegisterTaskDefinitionInput{Family: &td.Family, ContainerDefinitions: []types.ContainerDefinition{}}
	var out definitionAnswer
	if err := call(ctx, b, op, td.Family, in, body, &out, (*ecs.Client).RegisterTaskDefinition); err != nil {
		return backend.TaskDefinition{}, fieldOf(err, td)
	}
	registered, err := out.read(op, td.Family)
	if err == nil {
		b.definitions.put(registered.ARN, registered)
	}
	return registered, err
}

func invalidField(op string, err error) *backend.Error {
	e := &backend.Error{Op: op, Kind: backend.Invalid, Err: err}
	var field *backend.FieldError
	if errors.As(err, &field) {
		e.Resource = backend.Clean(field.Path)
		if backend.Clean(err.Error()) != err.Error() {
			e.Err = errors.New(backend.Clean(err.Error()))
		}
	}
	return e
}

// fieldOf finds the field that a refusal of ECS talks about, so that it can be
// shown beside it: the container that the text names, and a field of it.
func fieldOf(err error, td backend.TaskDefinition) error {
	var e *backend.Error
	if !errors.As(err, &e) || e.Kind != backend.Invalid || e.Err == nil {
		return err
	}
	message := e.Err.Error()
	path := ""
	for i, c := range td.Containers {
		if strings.Contains(message, "'"+c.Name+"'") || strings.Contains(message, " "+c.Name+" ") || strings.HasSuffix(message, " "+c.Name) {
			path = fmt.Sprintf("containerDefinitions[%d]", i)
		}
	}
	tree, treeErr := td.Document.Tree()
	if treeErr != nil {
		return err
	}
	best := ""
	for key := range tree {
		if strings.Contains(message, key) && len(key) > len(best) {
			best = key
		}
	}
	switch {
	case path == "" && best == "":
		return err
	case path == "":
		path = best
	}
	out := *e
	out.Err = &backend.FieldError{Path: path, Offset: -1, Err: e.Err}
	return &out
}

// DeregisterTaskDefinition makes a revision INACTIVE; what runs it goes on.
func (b *Backend) DeregisterTaskDefinition(ctx context.Context, ref string) (backend.TaskDefinition, error) {
	const op = "DeregisterTaskDefinition"
	var out definitionAnswer
	if err := call(ctx, b, op, ref, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &ref}, nil, &out, (*ecs.Client).DeregisterTaskDefinition); err != nil {
		return backend.TaskDefinition{}, err
	}
	td, err := out.read(op, ref)
	if err == nil {
		b.definitions.put(td.ARN, td)
	}
	return td, err
}

// mostDeletions is how many revisions one DeleteTaskDefinitions takes.
const mostDeletions = 10

// DeleteTaskDefinitions deletes INACTIVE revisions, ten a call.
func (b *Backend) DeleteTaskDefinitions(ctx context.Context, refs []string) ([]backend.TaskDefinition, error) {
	const op = "DeleteTaskDefinitions"
	var deleted []backend.TaskDefinition
	var failed error
	for part := range slices.Chunk(refs, mostDeletions) {
		var out struct {
			Deleted  []json.RawMessage `json:"taskDefinitions"`
			Failures []failure         `json:"failures"`
		}
		in := &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: part}
		if err := call(ctx, b, op, strings.Join(part, ", "), in, nil, &out, (*ecs.Client).DeleteTaskDefinitions); err != nil {
			return deleted, err
		}
		for _, raw := range out.Deleted {
			td, err := definitionAnswer{Definition: raw}.read(op, "")
			if err != nil {
				return deleted, err
			}
			b.definitions.drop(td.ARN)
			deleted = append(deleted, td)
		}
		if len(out.Failures) > 0 && failed == nil {
			failed = deletionFailure(op, out.Failures[0])
		}
	}
	return deleted, failed
}

func deletionFailure(op string, f failure) error {
	ref := backend.ShortName(string(f.ARN))
	if f.Reason == "MISSING" || strings.Contains(string(f.Reason), "not found") {
		return backend.Errorf(op, backend.NotFound, ref, "the task definition does not exist")
	}
	e := backend.Errorf(op, backend.Conflict, ref, "%s", cmp.Or(f.Detail, f.Reason))
	e.Remedy = "deregister it first; ECS deletes what is INACTIVE"
	return e
}
