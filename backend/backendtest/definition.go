package backendtest

import (
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

func testInfo(s *suite) {
	info, err := s.b.Info(s.Context())
	s.must(err)
	if info.Backend == "" || info.Platform == "" {
		s.Errorf("info says too little: %+v", info)
	}
	clusters := s.list(s.b.ListClusters)
	if len(clusters) == 0 {
		s.Fatal("no cluster")
	}
	found, err := s.b.DescribeClusters(s.Context(), append(clusters, "arn:aws:ecs:x:1:cluster/nowhere"))
	s.must(err)
	for _, c := range found {
		if tree, err := c.Document.Tree(); err != nil || tree["clusterName"] != c.Name || tree["activeServicesCount"] == nil {
			s.Errorf("the document of %s is %s, %v", c.Name, c.Document, err)
		}
	}
	if len(found) != len(clusters) {
		s.Errorf("%d clusters described of %d, one more was unknown", len(found), len(clusters))
	}
}

func testRegister(s *suite) {
	family := s.name("app")
	doc := s.definition(family, s.Image, func(c, td map[string]any) {
		c["fieldOfTomorrow"] = map[string]any{"depth": 2.5}
		td["anotherOne"] = []any{"x"}
		td["revision"] = 99 // set by ECS, and so left out
	})
	first := s.register(doc)
	if first.Family != family || first.Revision < 1 || first.Status != "ACTIVE" || !strings.Contains(first.ARN, family) {
		s.Errorf("registered as %+v", first)
	}
	read, err := s.b.DescribeTaskDefinition(s.Context(), first.ARN)
	s.must(err)
	for _, want := range []string{`"fieldOfTomorrow"`, `2.5`, `"anotherOne"`} {
		if !strings.Contains(string(read.Document), want) {
			s.Errorf("the document lost %s: %s", want, read.Document)
		}
	}
	if len(read.Containers) != 1 || read.Containers[0].Image != s.Image || read.Containers[0].Memory != 32 {
		s.Errorf("read back as %+v", read.Containers)
	}
	second := s.register(doc)
	if second.Revision != first.Revision+1 {
		s.Errorf("revision %d after %d", second.Revision, first.Revision)
	}
	if newest, err := s.b.DescribeTaskDefinition(s.Context(), family); err != nil || newest.ARN != second.ARN {
		s.Errorf("the newest is %s, %v", newest.ARN, err)
	}
	if byRef, err := s.b.DescribeTaskDefinition(s.Context(), first.Ref()); err != nil || byRef.ARN != first.ARN {
		s.Errorf("%s is %s, %v", first.Ref(), byRef.ARN, err)
	}
	s.sub("deregister", func(s *suite) {
		gone, err := s.b.DeregisterTaskDefinition(s.Context(), second.ARN)
		s.must(err)
		if gone.Status != "INACTIVE" {
			s.Errorf("deregistered, but %s", gone.Status)
		}
		left := s.revisions(family, backend.ActiveDefinition)
		if len(left) != 1 || left[0] != first.ARN {
			s.Errorf("ACTIVE are %v, want %s", left, first.ARN)
		}
	})
	for name, c := range map[string]struct{ doc, field string }{
		"wrong type":   {`{"family":"` + family + `","containerDefinitions":[{"name":"app","image":"i","memory":"lots"}]}`, "memory"},
		"no family":    {`{"containerDefinitions":[{"name":"app","image":"i","memory":32}]}`, "family"},
		"no memory":    {`{"family":"` + family + `","containerDefinitions":[{"name":"app","image":"i"}]}`, "memory"},
		"broken JSON":  {`{"family":`, ""},
		"no container": {`{"family":"` + family + `"}`, "containerDefinitions"},
	} {
		_, err := s.b.RegisterTaskDefinition(s.Context(), backend.Document(c.doc))
		s.kind(name, err, backend.Invalid)
		if err != nil && !strings.Contains(err.Error(), c.field) {
			s.Errorf("%s: %v does not name %s", name, err, c.field)
		}
	}
}

func testVerify(s *suite) {
	verify := func(edit func(c, td map[string]any)) []backend.Finding {
		td, err := backend.ParseTaskDefinition(s.definition(s.name("app"), s.Image, edit))
		s.must(err)
		spec := s.spec(s.name("app"), td.Family, 1)
		findings, err := s.b.Verify(s.Context(), backend.VerifyRequest{Cluster: s.Cluster, TaskDefinition: td, Service: &spec})
		s.must(err)
		return findings
	}
	for _, f := range verify(nil) {
		if f.Severity == backend.Problem {
			s.Errorf("a sound definition has a problem: %+v", f)
		}
	}
	found := false
	for _, f := range verify(func(c, _ map[string]any) {
		c["dependsOn"] = []any{map[string]any{"containerName": "nobody", "condition": "START"}}
	}) {
		found = found || f.Severity == backend.Problem && strings.Contains(f.Path, "dependsOn") && f.Remedy != ""
	}
	if !found {
		s.Error("a dependency on nobody is no problem")
	}
}
