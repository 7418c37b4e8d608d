package backendtest

import (
	"fmt"

	"github.com/ecs-tui/ecs-tui/backend"
)

// testClusters makes a cluster twice, uses it, and removes it once it is empty.
func testClusters(s *suite) {
	keeper := backend.ClusterKeeperOf(s.b)
	if keeper == nil {
		s.Skipf("this backend makes no clusters on request")
	}
	ctx, name := s.Context(), s.name("made")
	for range 2 {
		c, err := keeper.CreateCluster(ctx, name)
		if err != nil || c.Name != name || c.Status != "ACTIVE" || c.ARN == "" {
			s.Fatalf("made %+v, %v", c, err)
		}
	}
	listed := func() (n int) {
		for arn, err := range backend.All(ctx, s.b.ListClusters) {
			if err != nil {
				s.Fatal(err)
			}
			if backend.ShortName(arn) == name {
				n++
			}
		}
		return n
	}
	if n := listed(); n != 1 {
		s.Errorf("it is listed %d times", n)
	}
	td := s.register(s.definition(name, s.Image, nil))
	spec := s.spec(name, td.ARN, 0)
	if _, err := s.b.CreateService(ctx, name, spec); err != nil {
		s.Fatal(err)
	}
	_, err := keeper.DeleteCluster(ctx, name)
	s.kind("removing a cluster with a service", err, backend.Conflict)
	if _, err := s.b.DeleteService(ctx, name, spec.Name, true); err != nil {
		s.Fatal(err)
	}
	s.eventually("the cluster can be removed", func() (bool, string) {
		c, err := keeper.DeleteCluster(ctx, name)
		if err != nil && backend.KindOf(err) != backend.Conflict {
			s.Fatal(err)
		}
		return err == nil && c.Status == "INACTIVE", fmt.Sprintf("%+v, %v", c, err)
	})
	if n := listed(); n != 0 {
		s.Errorf("it is gone and listed %d times", n)
	}
	_, err = keeper.DeleteCluster(ctx, name)
	s.kind("removing it again", err, backend.NotFound)
	_, err = backend.ClusterKeeperOf(backend.ReadOnly(s.b)).CreateCluster(ctx, name)
	s.kind("making one read-only", err, backend.Denied)
	_, err = backend.ClusterKeeperOf(backend.ReadOnly(s.b)).DeleteCluster(ctx, name)
	s.kind("removing one read-only", err, backend.Denied)
}
