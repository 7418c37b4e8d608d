package ecsapi

import (
	"context"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// stream is the log of one container of one task.
type stream struct {
	group, name                  string
	cluster, task, id, container string // task is its ARN
	created                      time.Time
}

// index finds log streams, for the length of one call: it reads each task
// definition once.
type index struct {
	b           backend.Backend
	definitions map[string]*backend.TaskDefinition
}

func (h *Handler) index() *index {
	return &index{b: h.b, definitions: map[string]*backend.TaskDefinition{}}
}

// definition gives a task definition, nil when it does not exist (any more).
func (ix *index) definition(ctx context.Context, ref string) (*backend.TaskDefinition, error) {
	if td, known := ix.definitions[ref]; known {
		return td, nil
	}
	td, err := ix.b.DescribeTaskDefinition(ctx, ref)
	if err != nil {
		if backend.KindOf(err) != backend.NotFound {
			return nil, err
		}
		ix.definitions[ref] = nil
		return nil, nil
	}
	ix.definitions[ref] = &td
	return &td, nil
}

// logGroup is where a container's lines are, and what its streams' names begin
// with: by its awslogs driver, else as the ECS console would have set it up. A
// prefix of "" means that a stream is named by the container's runtime id, as
// awslogs does where no prefix is given.
func logGroup(family string, c backend.ContainerDefinition) (group, prefix string) {
	if l := c.LogConfiguration; l != nil && l.LogDriver == "awslogs" && l.Options["awslogs-group"] != "" {
		return l.Options["awslogs-group"], l.Options["awslogs-stream-prefix"]
	}
	return "/ecs/" + family, "ecs"
}

// of gives the streams of a task.
func (ix *index) of(ctx context.Context, t backend.Task) ([]stream, error) {
	td, err := ix.definition(ctx, t.TaskDefinition)
	if err != nil || td == nil {
		return nil, err
	}
	var out []stream
	for _, c := range t.Containers {
		def, ok := td.Container(c.Name)
		if !ok {
			continue
		}
		s := stream{cluster: t.Cluster, task: t.ARN, id: t.ID(), container: c.Name, created: t.CreatedAt}
		group, prefix := logGroup(td.Family, def)
		s.group, s.name = group, c.RuntimeID
		if prefix != "" {
			s.name = prefix + "/" + c.Name + "/" + t.ID()
		}
		if s.name != "" {
			out = append(out, s)
		}
	}
	return out, nil
}

// clusters are the names of all clusters.
func (ix *index) clusters(ctx context.Context) ([]string, error) {
	var out []string
	for arn, err := range backend.All(ctx, ix.b.ListClusters) {
		if err != nil {
			return nil, err
		}
		out = append(out, backend.ShortName(arn))
	}
	return out, nil
}

// all calls fn for the streams of every task that can still be seen.
func (ix *index) all(ctx context.Context, fn func(stream)) error {
	clusters, err := ix.clusters(ctx)
	if err != nil {
		return err
	}
	for _, cluster := range clusters {
		for _, stopped := range []bool{false, true} {
			q := backend.TaskQuery{Cluster: cluster, Stopped: stopped}
			var p backend.PageRequest
			for {
				page, err := ix.b.ListTasks(ctx, q, p)
				if err != nil {
					return err
				}
				if err := ix.describe(ctx, cluster, page.Items, fn); err != nil {
					return err
				}
				if page.Next == "" {
					break
				}
				p.Token = page.Next
			}
		}
	}
	return nil
}

func (ix *index) describe(ctx context.Context, cluster string, refs []string, fn func(stream)) error {
	if len(refs) == 0 {
		return nil
	}
	tasks, err := ix.b.DescribeTasks(ctx, cluster, refs)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		streams, err := ix.of(ctx, t)
		if err != nil {
			return err
		}
		for _, s := range streams {
			fn(s)
		}
	}
	return nil
}

// named gives the streams of a group with these names. A name that ends with a
// task's id leads to that task, without a look at all the others.
func (ix *index) named(ctx context.Context, group string, names []string) ([]stream, error) {
	wanted := map[string]bool{}
	var ids []string
	walk := false
	for _, name := range names {
		wanted[name] = true
		if i := strings.LastIndexByte(name, '/'); i >= 0 {
			ids = append(ids, name[i+1:])
		} else {
			walk = true // named by runtime id
		}
	}
	var out []stream
	keep := func(s stream) {
		if s.group == group && wanted[s.name] {
			delete(wanted, s.name)
			out = append(out, s)
		}
	}
	if walk {
		return out, ix.all(ctx, keep)
	}
	clusters, err := ix.clusters(ctx)
	if err != nil {
		return nil, err
	}
	for _, cluster := range clusters {
		if err := ix.describe(ctx, cluster, ids, keep); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// streams are all of a group. There is no such group when it has none and no
// task definition names it.
func (ix *index) streams(ctx context.Context, group string) ([]stream, error) {
	var out []stream
	err := ix.all(ctx, func(s stream) {
		if s.group == group {
			out = append(out, s)
		}
	})
	if err != nil || len(out) > 0 {
		return out, err
	}
	return nil, ix.exists(ctx, group)
}

// exists says whether a task definition names a group.
func (ix *index) exists(ctx context.Context, group string) error {
	found := false
	err := ix.newest(ctx, func(name string, _ time.Time) { found = found || name == group })
	if err == nil && !found {
		return noSuchGroup()
	}
	return err
}

// groups are all log groups, with the time when they were first named.
func (ix *index) groups(ctx context.Context) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	note := func(name string, at time.Time) {
		if old, known := out[name]; !known || old.IsZero() || at.Before(old) {
			out[name] = at
		}
	}
	if err := ix.newest(ctx, note); err != nil {
		return nil, err
	}
	return out, ix.all(ctx, func(s stream) { note(s.group, s.created) })
}

// newest calls fn for each group that the newest revision of a family names.
func (ix *index) newest(ctx context.Context, fn func(group string, at time.Time)) error {
	for family, err := range families(ctx, ix.b, backend.ActiveDefinition) {
		if err != nil {
			return err
		}
		td, err := ix.definition(ctx, family)
		if err != nil {
			return err
		}
		if td == nil {
			continue
		}
		for _, c := range td.Containers {
			group, _ := logGroup(td.Family, c)
			fn(group, td.RegisteredAt)
		}
	}
	return nil
}
