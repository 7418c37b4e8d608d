package backendtest

import (
	"fmt"

	"github.com/ecs-tui/ecs-tui/backend"
)

// testAddresses asks where a service is reached, before and while a task runs:
// an answer is whole then, or there is none, with what to do instead.
func testAddresses(s *suite) {
	td := s.register(s.definition(s.name("web"), s.Image, func(c, _ map[string]any) {
		c["portMappings"] = []any{map[string]any{"containerPort": 8080}}
	}))
	q := backend.AddressQuery{
		Cluster: s.Cluster, Service: s.spec(s.name("web"), td.ARN, 1).Document, TaskDefinition: td, Container: "app", Port: 8080,
	}
	before, err := s.b.ServiceAddresses(s.Context(), q)
	if err == nil && (len(before) != 1 || before[0].Scheme == "" || before[0].Via == "") {
		s.Errorf("before there is a task: %+v", before)
	}
	if err != nil {
		s.kind("before there is a task", err, backend.NotFound)
	}
	s.create(s.spec(s.name("web"), td.ARN, 1))
	s.eventually("reached, or not at all", func() (bool, string) {
		if q.Tasks = s.tasks(s.name("web"), false); len(q.Tasks) != 1 || q.Tasks[0].LastStatus != backend.Running {
			return false, fmt.Sprintf("%d tasks", len(q.Tasks))
		}
		found, err := s.b.ServiceAddresses(s.Context(), q)
		if err != nil {
			return backend.KindOf(err) == backend.NotFound && backend.AdviceFor(err) != "", err.Error()
		}
		ok := len(found) == 1 && found[0].Host != "" && found[0].Port > 0
		return ok, fmt.Sprintf("%+v", found)
	})
	q.Port = 9
	if found, err := s.b.ServiceAddresses(s.Context(), q); err == nil && td.NetworkMode != "awsvpc" {
		s.Errorf("a port that is not mapped: %+v", found)
	}
}
