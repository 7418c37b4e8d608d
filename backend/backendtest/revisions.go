package backendtest

import (
	"context"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// revisions reads the ARNs of a family's revisions of a status.
func (s *suite) revisions(family, status string) []string {
	s.Helper()
	return s.list(func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
		return s.b.ListTaskDefinitions(ctx, family, status, p)
	})
}

// inFamilies says whether a family is listed under a status.
func (s *suite) inFamilies(family, status string) bool {
	s.Helper()
	return slices.Contains(s.list(func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
		return s.b.ListFamilies(ctx, status, p)
	}), family)
}

// testRevisions takes revisions out of service, and deletes them: what is
// ACTIVE must be deregistered first, what is in use lingers, and no number comes
// back.
func testRevisions(s *suite) {
	family := s.name("app")
	ctx := s.Context()
	var all []backend.TaskDefinition
	for range 4 {
		td, err := s.b.RegisterTaskDefinition(ctx, s.definition(family, s.Image, nil))
		s.must(err)
		all = append(all, td)
	}
	s.Cleanup(func() { s.discard(family) })
	s.create(s.spec(family, all[3].ARN, 1))
	s.steady(family)

	_, err := s.b.DeleteTaskDefinitions(ctx, []string{all[0].ARN})
	s.kind("deleting what is ACTIVE", err, backend.Conflict)
	for _, td := range []backend.TaskDefinition{all[0], all[1], all[3]} {
		_, err := s.b.DeregisterTaskDefinition(ctx, td.ARN)
		s.must(err)
	}
	if got := s.revisions(family, backend.ActiveDefinition); !slices.Equal(got, []string{all[2].ARN}) {
		s.Errorf("ACTIVE are %v", got)
	}
	if got := s.revisions(family, backend.InactiveDefinition); !slices.Equal(got, []string{all[3].ARN, all[1].ARN, all[0].ARN}) {
		s.Errorf("INACTIVE are %v, want the newest first", got)
	}
	if td, err := s.b.DescribeTaskDefinition(ctx, all[0].ARN); err != nil || td.Status != backend.InactiveDefinition || len(td.Containers) != 1 {
		s.Errorf("an INACTIVE revision is %+v, %v", td, err)
	}
	_, err = s.b.RunTask(ctx, backend.RunTaskRequest{Cluster: s.Cluster, TaskDefinition: all[0].ARN})
	s.kind("a task of an INACTIVE revision", err, backend.Conflict)

	gone, err := s.b.DeleteTaskDefinitions(ctx, []string{all[0].ARN, all[2].ARN, all[3].ARN})
	s.kind("deleting one that is ACTIVE among others", err, backend.Conflict)
	if len(gone) != 2 || gone[0].Status != backend.DeletingDefinition {
		s.Errorf("deleted %+v, want two", gone)
	}
	if err != nil && !strings.Contains(err.Error(), all[2].Ref()) {
		s.Errorf("%v does not name %s", err, all[2].Ref())
	}
	if got := s.revisions(family, backend.InactiveDefinition); !slices.Equal(got, []string{all[1].ARN}) {
		s.Errorf("INACTIVE are %v after deleting", got)
	}
	if td, err := s.b.DescribeTaskDefinition(ctx, all[3].ARN); err != nil || td.Status != backend.DeletingDefinition {
		s.Errorf("one that a service needs is %s, %v", td.Status, err)
	}
	if svc, err := s.get(family); err != nil || svc.Running != 1 {
		s.Errorf("deleting its revision changed the service: %s, %v", describe(svc), err)
	}
	_, err = s.b.DeleteTaskDefinitions(ctx, []string{s.name("none") + ":1"})
	s.kind("deleting nothing", err, backend.NotFound)

	_, err = s.b.DeregisterTaskDefinition(ctx, all[2].ARN)
	s.must(err)
	if s.inFamilies(family, backend.ActiveDefinition) || !s.inFamilies(family, backend.InactiveDefinition) || !s.inFamilies(family, backend.AnyDefinition) {
		s.Error("a family with no ACTIVE revision is not INACTIVE")
	}
	next, err := s.b.RegisterTaskDefinition(ctx, s.definition(family, s.Image, nil))
	s.must(err)
	if next.Revision != all[3].Revision+1 {
		s.Errorf("revision %d after %d: a number came back", next.Revision, all[3].Revision)
	}
}

// discard takes all revisions of a family out of service.
func (s *suite) discard(family string) {
	ctx := context.Background()
	page, err := s.b.ListTaskDefinitions(ctx, family, backend.ActiveDefinition, backend.PageRequest{})
	for _, arn := range page.Items {
		if err == nil {
			_, err = s.b.DeregisterTaskDefinition(ctx, arn)
		}
	}
	if err != nil {
		s.Logf("discard %s: %v", family, err)
	}
}
