package ecsapi

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

func (h *Handler) listFamilies(ctx context.Context, in *struct {
	paging
	Prefix string `json:"familyPrefix"`
	Status string `json:"status"`
},
) (any, error) {
	scope := fmt.Sprintf("ListTaskDefinitionFamilies %q %s", in.Prefix, in.Status)
	p, err := pageOf(scope, in.NextToken, in.MaxResults, mostPage, mostPage)
	if err != nil {
		return nil, err
	}
	status, err := oneStatus(in.Status, backend.AnyDefinition, backend.ActiveDefinition, backend.InactiveDefinition)
	if err != nil {
		return nil, err
	}
	page, err := h.b.ListFamilies(ctx, status, p)
	if err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(page.Items, func(f string) bool { return !strings.HasPrefix(f, in.Prefix) })
	return obj{"families": listed(found)}.put("nextToken", seal(scope, page.Next)), nil
}

// oneStatus is the status that was asked for, the first one unless one was.
func oneStatus(asked string, known ...string) (string, error) {
	if asked == "" {
		return known[0], nil
	}
	if !slices.Contains(known, asked) {
		return "", invalidf("status must be one of %s.", strings.Join(known, ", "))
	}
	return asked, nil
}

type listDefinitionsInput struct {
	paging
	Family string `json:"familyPrefix"`
	Sort   string `json:"sort"`
	Status string `json:"status"`
}

func (h *Handler) listTaskDefinitions(ctx context.Context, in *listDefinitionsInput) (any, error) {
	scope := fmt.Sprintf("ListTaskDefinitions %q %s %s", in.Family, in.Sort, in.Status)
	p, err := pageOf(scope, in.NextToken, in.MaxResults, mostPage, mostPage)
	if err != nil {
		return nil, err
	}
	if in.Status, err = oneStatus(in.Status, backend.ActiveDefinition, backend.InactiveDefinition, backend.DeletingDefinition); err != nil {
		return nil, err
	}
	if in.Family != "" && in.Sort == "DESC" { // the backend's own order
		page, err := h.b.ListTaskDefinitions(ctx, in.Family, in.Status, p)
		if err != nil {
			return nil, err
		}
		return obj{"taskDefinitionArns": listed(page.Items)}.put("nextToken", seal(scope, page.Next)), nil
	}
	return h.listDefinitionsSorted(ctx, in, scope, p)
}

// listDefinitionsSorted reads all revisions, to give them in the order that
// backends don't have. The token is the last ARN of the page before.
func (h *Handler) listDefinitionsSorted(ctx context.Context, in *listDefinitionsInput, scope string, p backend.PageRequest) (any, error) {
	names := []string{in.Family}
	if in.Family == "" {
		names = nil
		for f, err := range families(ctx, h.b, backend.AnyDefinition) {
			if err != nil {
				return nil, err
			}
			names = append(names, f)
		}
	}
	var arns []string
	for _, f := range names {
		from := len(arns)
		for arn, err := range backend.All(ctx, func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			return h.b.ListTaskDefinitions(ctx, f, in.Status, p)
		}) {
			if err != nil {
				return nil, err
			}
			arns = append(arns, arn)
		}
		slices.Reverse(arns[from:])
	}
	if in.Sort == "DESC" {
		slices.Reverse(arns)
	}
	if p.Token != "" {
		last := slices.Index(arns, p.Token)
		if last < 0 { // deregistered since
			return nil, invalidf("Invalid token.")
		}
		arns = arns[last+1:]
	}
	next := ""
	if len(arns) > p.Size {
		arns = arns[:p.Size]
		next = arns[p.Size-1]
	}
	return obj{"taskDefinitionArns": listed(arns)}.put("nextToken", seal(scope, next)), nil
}

// families are the names of all families of a status.
func families(ctx context.Context, b backend.TaskDefinitionReader, status string) iter.Seq2[string, error] {
	return backend.All(ctx, func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
		return b.ListFamilies(ctx, status, p)
	})
}

type definitionInput struct {
	Ref     string   `json:"taskDefinition"`
	Include []string `json:"include"`
}

func (h *Handler) describeTaskDefinition(ctx context.Context, in *definitionInput) (any, error) {
	if in.Ref == "" {
		return nil, failf(http.StatusBadRequest, "ClientException", "TaskDefinition cannot be empty.")
	}
	td, err := h.b.DescribeTaskDefinition(ctx, in.Ref)
	if err != nil {
		return nil, err
	}
	out := definitionAnswer(td)
	if !includes(in.Include, "TAGS") {
		delete(out, "tags")
	}
	return out, nil
}

// definitionAnswer is a task definition with its tags beside it.
func definitionAnswer(td backend.TaskDefinition) obj {
	shape := definitionShape(td)
	tags := shape["tags"]
	delete(shape, "tags")
	if tags == nil {
		tags = []any{}
	}
	return obj{"taskDefinition": shape, "tags": tags}
}

func (h *Handler) registerTaskDefinition(ctx context.Context, c *call) (any, error) {
	if len(c.body) > mostDefinitionLength {
		return nil, failf(http.StatusBadRequest, "ClientException", "Size of the task definition exceeds %d bytes.", mostDefinitionLength)
	}
	td, err := h.b.RegisterTaskDefinition(ctx, backend.Document(c.body))
	if err != nil {
		return nil, err
	}
	return definitionAnswer(td), nil
}

func (h *Handler) deregisterTaskDefinition(ctx context.Context, in *definitionInput) (any, error) {
	if !strings.Contains(backend.ShortName(in.Ref), ":") {
		return nil, failf(http.StatusBadRequest, "ClientException", "The specified task definition needs its revision: family:revision.")
	}
	td, err := h.b.DeregisterTaskDefinition(ctx, in.Ref)
	if err != nil {
		return nil, err
	}
	return obj{"taskDefinition": definitionShape(td)}, nil
}

// deleteTaskDefinitions deletes one after the other, so that what can't be
// deleted stands in the failures and does not stop the others.
func (h *Handler) deleteTaskDefinitions(ctx context.Context, in *struct {
	Refs []string `json:"taskDefinitions"`
},
) (any, error) {
	if err := between("taskDefinitions", len(in.Refs), mostDeletions); err != nil {
		return nil, err
	}
	gone, failures := []any{}, []any{}
	for _, ref := range in.Refs {
		deleted, err := h.b.DeleteTaskDefinitions(ctx, []string{ref})
		switch backend.KindOf(err) {
		case backend.NotFound:
			failures = append(failures, failure(backend.Clean(ref), missing))
			continue
		case backend.Conflict:
			failures = append(failures, failure(backend.Clean(ref), "The specified task definition is still in ACTIVE status. Please deregister the target and try again."))
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, td := range deleted {
			gone = append(gone, definitionShape(td))
		}
	}
	return obj{"taskDefinitions": gone, "failures": failures}, nil
}

// definitionShape is a task definition as ECS gives it back: every field as it
// was registered, and ECS's defaults where there was none.
func definitionShape(td backend.TaskDefinition) obj {
	o := tree(td.Document)
	o["taskDefinitionArn"], o["family"], o["revision"], o["status"] = td.ARN, td.Family, td.Revision, td.Status
	o.put("registeredAt", td.RegisteredAt)
	o.stamps("registeredAt", "deregisteredAt", "deleteRequestedAt")
	for _, list := range []string{"volumes", "placementConstraints", "requiresAttributes"} {
		o.preset(list, []any{})
	}
	o.preset("compatibilities", compatibilities(td))
	for _, v := range objects(o["volumes"]) {
		if efs, ok := v["efsVolumeConfiguration"].(map[string]any); ok {
			obj(efs).preset("rootDirectory", "/")
		} else if len(v) == 1 {
			v.preset("host", obj{})
		}
	}
	for _, c := range objects(o["containerDefinitions"]) {
		containerDefaults(c, td.NetworkMode)
	}
	return o
}

// compatibilities are the launch types that could run a definition.
func compatibilities(td backend.TaskDefinition) []string {
	out := []string{"EC2"}
	if slices.Contains(td.Requires, "FARGATE") {
		out = append(out, "FARGATE")
	}
	return out
}

func containerDefaults(c obj, networkMode string) {
	c.preset("cpu", 0)
	c.preset("essential", true)
	for _, list := range []string{"portMappings", "environment", "environmentFiles", "mountPoints", "volumesFrom", "ulimits", "systemControls"} {
		c.preset(list, []any{})
	}
	for _, p := range objects(c["portMappings"]) {
		p.preset("protocol", "tcp")
		if networkMode == "awsvpc" || networkMode == "host" {
			p.preset("hostPort", p["containerPort"])
		} else {
			p.preset("hostPort", 0)
		}
	}
	if check, ok := c["healthCheck"].(map[string]any); ok {
		o := obj(check)
		o.preset("interval", 30)
		o.preset("timeout", 5)
		o.preset("retries", 3)
	}
}
