package ecsapi

import (
	"context"
	"fmt"
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
	if in.Status == "INACTIVE" { // backends list what is ACTIVE
		return obj{"families": []any{}}, nil
	}
	page, err := h.b.ListFamilies(ctx, p)
	if err != nil {
		return nil, err
	}
	families := slices.DeleteFunc(page.Items, func(f string) bool { return !strings.HasPrefix(f, in.Prefix) })
	return obj{"families": listed(families)}.put("nextToken", seal(scope, page.Next)), nil
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
	if in.Status != "" && in.Status != "ACTIVE" { // backends list what is ACTIVE
		return obj{"taskDefinitionArns": []any{}}, nil
	}
	if in.Family != "" && in.Sort == "DESC" { // the backend's own order
		page, err := h.b.ListTaskDefinitions(ctx, in.Family, p)
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
	families := []string{in.Family}
	if in.Family == "" {
		families = nil
		for f, err := range backend.All(ctx, h.b.ListFamilies) {
			if err != nil {
				return nil, err
			}
			families = append(families, f)
		}
	}
	var arns []string
	for _, f := range families {
		from := len(arns)
		for arn, err := range backend.All(ctx, func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			return h.b.ListTaskDefinitions(ctx, f, p)
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

// deleteTaskDefinitions refuses what is ACTIVE, as ECS does. No backend forgets
// a revision, so an INACTIVE one stays, and the answer says so.
func (h *Handler) deleteTaskDefinitions(ctx context.Context, in *struct {
	Refs []string `json:"taskDefinitions"`
},
) (any, error) {
	if err := between("taskDefinitions", len(in.Refs), mostDeletions); err != nil {
		return nil, err
	}
	failures := []any{}
	for _, ref := range in.Refs {
		td, err := h.b.DescribeTaskDefinition(ctx, ref)
		switch {
		case backend.KindOf(err) == backend.NotFound:
			failures = append(failures, failure(backend.Clean(ref), missing))
		case err != nil:
			return nil, err
		case td.Status == "ACTIVE":
			failures = append(failures, failure(td.ARN, "The specified task definition is still in ACTIVE status. Please deregister the target and try again."))
		default:
			failures = append(failures, failure(td.ARN, "This endpoint keeps task definitions that are INACTIVE."))
		}
	}
	return obj{"taskDefinitions": []any{}, "failures": failures}, nil
}

// definitionShape is a task definition as ECS gives it back: every field as it
// was registered, and ECS's defaults where there was none.
func definitionShape(td backend.TaskDefinition) obj {
	o := tree(td.Document)
	o["taskDefinitionArn"], o["family"], o["revision"], o["status"] = td.ARN, td.Family, td.Revision, td.Status
	o.put("registeredAt", td.RegisteredAt)
	o.stamps("registeredAt", "deregisteredAt")
	for _, list := range []string{"volumes", "placementConstraints", "requiresAttributes"} {
		o.preset(list, []any{})
	}
	o.preset("compatibilities", compatibilities(td))
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
	for _, list := range []string{"portMappings", "environment", "mountPoints", "volumesFrom", "systemControls"} {
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
