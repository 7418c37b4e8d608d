package deploy

import (
	"context"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Unfit are the revisions of a service whose smoke check failed, newest first.
// Their rollouts completed: only the service's tag remembers, for everybody, that
// there is no going back to them.
func Unfit(s backend.Service) []string { return strings.Fields(s.Tags[backend.TagUnfit]) }

// remember notes what came of the smoke check of a revision. Where tags can't be
// set, the deploy is worth more than its history.
func (r *run) remember(ctx context.Context, td backend.TaskDefinition, failed bool) {
	call, cancel := committed(ctx)
	defer cancel()
	s, err := one(call, r.b, "TagResource", r.plan.Request.Cluster, r.plan.Request.Service.Name)
	if err != nil {
		return
	}
	was := Unfit(s)
	is := slices.DeleteFunc(slices.Clone(was), func(ref string) bool { return ref == td.Ref() })
	if failed {
		is = append([]string{td.Ref()}, is...)
	}
	for len(strings.Join(is, " ")) > longestTag {
		is = is[:len(is)-1]
	}
	switch {
	case slices.Equal(was, is):
	case len(is) == 0:
		_ = r.b.UntagResource(call, s.ARN, []string{backend.TagUnfit})
	default:
		_ = r.b.TagResource(call, s.ARN, map[string]string{backend.TagUnfit: strings.Join(is, " ")})
	}
}
