package deploy

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// RevisionReader is what [ReadUses] and [PlanRevisions] read from.
type RevisionReader interface {
	backend.ClusterReader
	backend.ServiceReader
	backend.TaskReader
	backend.TaskDefinitionReader
}

// RevisionUse is one reason to keep a revision of a task definition.
type RevisionUse struct {
	Cluster string // name
	Service string // name; "" for tasks of their own, and for a schedule
	Running int    // tasks that run it, or are about to
	// Schedule is the name of a schedule that starts it.
	Schedule string
}

// Uses is who needs the revisions of a family, by "family:revision".
type Uses map[string][]RevisionUse

// ReadUses finds who needs the revisions of a family: tasks, and services by
// what they want and by their deployments that have not ended. The cluster that
// is named comes first. What running tasks tell costs a call or two a cluster;
// services have to be read one and all, to find those that stand at zero: most
// bounds how many, 0 is no bound. Each yield is what was found so far, and whole
// on the last one says whether everything was looked at.
func ReadUses(ctx context.Context, b RevisionReader, family, cluster string, most int) iter.Seq2[UsesFound, error] {
	return func(yield func(UsesFound, error) bool) {
		r := &usesReader{b: b, family: family, left: most, bounded: most > 0, found: map[useKey]int{}}
		if err := r.clusters(ctx, cluster); err != nil {
			yield(UsesFound{}, err)
			return
		}
		for _, read := range []func(context.Context, string) error{r.tasks, r.services, r.schedules} {
			for _, name := range r.names {
				if err := read(ctx, name); err != nil {
					yield(UsesFound{}, err)
					return
				}
				if !yield(UsesFound{Uses: r.uses()}, nil) {
					return
				}
			}
		}
		yield(UsesFound{Uses: r.uses(), Whole: !r.cut}, nil)
	}
}

// UsesFound is what [ReadUses] has found so far; Whole says that this is all.
type UsesFound struct {
	Uses  Uses
	Whole bool
}

type useKey struct{ ref, cluster, service, schedule string }

type usesReader struct {
	b       RevisionReader
	family  string
	names   []string // of the clusters
	found   map[useKey]int
	bounded bool
	left    int // services that may still be read
	cut     bool
}

// clusters lists the clusters, the one that is named first.
func (r *usesReader) clusters(ctx context.Context, first string) error {
	if first != "" {
		r.names = []string{first}
	}
	for arn, err := range backend.All(ctx, r.b.ListClusters) {
		if err != nil {
			return err
		}
		if name := backend.ShortName(arn); name != first {
			r.names = append(r.names, name)
		}
	}
	return nil
}

func (r *usesReader) tasks(ctx context.Context, cluster string) error {
	req := backend.PageRequest{}
	for {
		page, err := r.b.ListTasks(ctx, backend.TaskQuery{Cluster: cluster, Family: r.family}, req)
		if backend.KindOf(err) == backend.NotFound { // the cluster has gone
			return nil
		}
		if err != nil {
			return err
		}
		if len(page.Items) > 0 {
			tasks, err := r.b.DescribeTasks(ctx, cluster, page.Items)
			if err != nil {
				return err
			}
			for _, t := range tasks {
				r.found[useKey{ref: backend.ShortName(t.TaskDefinition), cluster: cluster, service: t.Service}]++
			}
		}
		if page.Next == "" {
			return nil
		}
		req.Token = page.Next
	}
}

func (r *usesReader) services(ctx context.Context, cluster string) error {
	req := backend.PageRequest{Size: 100}
	for {
		if r.bounded && r.left <= 0 {
			r.cut = true
			return nil
		}
		page, err := r.b.ListServices(ctx, cluster, req)
		if backend.KindOf(err) == backend.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		services, err := r.b.DescribeServices(ctx, cluster, page.Items)
		if err != nil {
			return err
		}
		r.left -= len(services)
		for _, s := range services {
			r.wanted(s.TaskDefinition, cluster, s.Name)
			for _, d := range s.Deployments {
				r.wanted(d.TaskDefinition, cluster, s.Name)
			}
		}
		if page.Next == "" {
			return nil
		}
		req.Token = page.Next
	}
}

// schedules finds those that start a revision of the family. Where nobody may look
// at schedules, none are known.
func (r *usesReader) schedules(ctx context.Context, cluster string) error {
	b, ok := r.b.(backend.Schedules)
	if !ok {
		return nil
	}
	for s, err := range backend.All(ctx, func(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Schedule], error) {
		return b.ListSchedules(ctx, cluster, p)
	}) {
		if err != nil {
			switch backend.KindOf(err) {
			case backend.Denied, backend.Unsupported, backend.NotFound, backend.Other:
				return nil
			}
			return err
		}
		if ref := backend.ShortName(s.TaskDefinition); familyOf(ref) == r.family && strings.Contains(ref, ":") {
			r.found[useKey{ref: ref, cluster: cluster, schedule: s.Name}] += 0
		}
	}
	return nil
}

// wanted notes that a service needs a revision, whether tasks run or not.
func (r *usesReader) wanted(arn, cluster, service string) {
	if ref := backend.ShortName(arn); familyOf(ref) == r.family {
		r.found[useKey{ref: ref, cluster: cluster, service: service}] += 0
	}
}

func familyOf(ref string) string {
	family, _, _ := strings.Cut(ref, ":")
	return family
}

func (r *usesReader) uses() Uses {
	out := Uses{}
	for k, n := range r.found {
		out[k.ref] = append(out[k.ref], RevisionUse{Cluster: k.cluster, Service: k.service, Schedule: k.schedule, Running: n})
	}
	for _, uses := range out {
		slices.SortFunc(uses, func(a, b RevisionUse) int {
			return cmp.Or(cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Schedule, b.Schedule))
		})
	}
	return out
}
