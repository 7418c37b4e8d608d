package backendtest

import (
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// testTags: tags of services are set and taken off without a deployment, and
// those that are the program's own outlive an update.
func testTags(s *suite) {
	name := s.name("web")
	td := s.register(s.definition(name, s.Image, nil))
	s.create(s.spec(name, td.ARN, 1))
	before := s.steady(name)
	tags := func() map[string]string {
		s.Helper()
		svc, err := s.get(name)
		s.must(err)
		return svc.Tags
	}
	s.must(s.b.TagResource(s.Context(), before.ARN, map[string]string{"team": "shop", backend.TagPaused: "3"}))
	s.must(s.b.TagResource(s.Context(), before.ARN, map[string]string{"team": "web", "cost": "42"}))
	if got := tags(); len(got) != 3 || got["team"] != "web" || got["cost"] != "42" || got[backend.TagPaused] != "3" {
		s.Errorf("tagged: %v", got)
	}
	s.must(s.b.UntagResource(s.Context(), before.ARN, []string{"cost", "nothing"}))
	spec := s.spec(name, td.ARN, 1)
	_, err := s.b.UpdateService(s.Context(), s.Cluster, name, backend.ServiceChange{Spec: &spec})
	s.must(err)
	if got := tags(); got[backend.TagPaused] != "3" || got["cost"] != "" {
		s.Errorf("after an update: %v", got)
	}
	if after := s.steady(name); len(after.Deployments) != 1 || after.Deployments[0].ID != before.Deployments[0].ID {
		s.Errorf("tags deployed anew: %s", describe(after))
	}
	tag := map[string]string{"a": "b"}
	s.kind("a task definition", s.b.TagResource(s.Context(), td.ARN, tag), backend.Unsupported)
	s.kind("nobody", s.b.TagResource(s.Context(), strings.TrimSuffix(before.ARN, name)+s.name("nobody"), tag), backend.NotFound)
	s.kind("nobody, taken off", s.b.UntagResource(s.Context(), strings.TrimSuffix(before.ARN, name)+s.name("nobody"), []string{"a"}), backend.NotFound)
}
