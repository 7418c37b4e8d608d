package backendtest

import (
	"context"
	"fmt"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// What a service stands on: target groups, scaling, machines, discovery. A
// backend that has no such thing says so, in the same words each time.

// absent checks that what a backend says it cannot do, it refuses as
// Unsupported; it says whether that is so.
func (s *suite) absent(c backend.Capability, call func() error) bool {
	s.Helper()
	why := s.b.Unsupported(c)
	if why == "" {
		return false
	}
	err := call()
	s.kind(string(c), err, backend.Unsupported)
	if err != nil && !strings.Contains(err.Error(), why) {
		s.Errorf("%s: the error says %q, and the reason is %q", c, err, why)
	}
	return true
}

// standing is a service of one task with more in its document, when it is steady.
func (s *suite) standing(desired int, edit func(name string, doc map[string]any)) backend.Service {
	s.Helper()
	name := s.name("web")
	td := s.register(s.definition(name, s.Image, func(c, _ map[string]any) {
		c["portMappings"] = []any{map[string]any{"containerPort": 8080}}
	}))
	spec := s.spec(name, td.ARN, desired)
	doc, err := spec.Document.Edit(func(doc map[string]any) { edit(name, doc) })
	s.must(err)
	spec, err = backend.ParseServiceSpec(doc)
	s.must(err)
	s.create(spec)
	return s.steady(name)
}

// place is where the ARNs of a backend are: "REGION:ACCOUNT".
func place(arn string) string {
	f := strings.SplitN(arn, ":", 6)
	if len(f) < 6 {
		return ":"
	}
	return f[3] + ":" + f[4]
}

func (s *suite) cluster() string {
	s.Helper()
	page, err := s.b.ListClusters(s.Context(), backend.PageRequest{})
	s.must(err)
	if len(page.Items) == 0 {
		s.Fatal("there is no cluster")
	}
	return page.Items[0]
}

func testTargets(s *suite) {
	const nobody = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/nobody/0123456789abcdef"
	describe := func(arns ...string) ([]backend.TargetGroup, error) {
		return s.b.DescribeTargetGroups(s.Context(), arns)
	}
	if s.absent(backend.CanBalance, func() error { return second(describe(nobody)) }) {
		return
	}
	s.kind("a target group that does not exist", second(describe(nobody)), backend.NotFound)
	arn := "arn:aws:elasticloadbalancing:" + place(s.cluster()) + ":targetgroup/" + s.name("web") + "/0123456789abcdef"
	svc := s.standing(2, func(_ string, doc map[string]any) {
		doc["loadBalancers"] = []any{map[string]any{"targetGroupArn": arn, "containerName": "app", "containerPort": 8080}}
	})
	if got := backend.TargetGroupARNs(svc); len(got) != 1 || got[0] != arn {
		s.Fatalf("the service names %v", got)
	}
	s.eventually("healthy: both targets", func() (bool, string) {
		groups, err := describe(arn)
		if err != nil || len(groups) != 1 {
			return false, fmt.Sprintf("%+v, %v", groups, err)
		}
		g, tasks, healthy := groups[0], s.tasks(svc.Name, false), 0
		of := backend.TargetTasks(g.Targets, tasks)
		for n, t := range g.Targets {
			if t.State == backend.TargetHealthy && t.Port == 8080 && of[n] != "" {
				healthy++
			}
		}
		ok := healthy == 2 && g.ARN == arn && g.Name == s.name("web") && g.Check.Interval > 0 && g.Check.Path != "" && g.Protocol != ""
		return ok, fmt.Sprintf("%+v of %d tasks", g, len(tasks))
	})
}

func testScaling(s *suite) {
	low, high, over := 1, 3, 9
	describe := func(name string) (backend.Scaling, error) { return s.b.DescribeScaling(s.Context(), s.Cluster, name) }
	change := func(c backend.ScalingChange) (backend.Scaling, error) {
		return s.b.ChangeScaling(s.Context(), s.Cluster, s.name("web"), c)
	}
	if s.absent(backend.CanAutoscale, func() error { return second(describe("nobody")) }) {
		s.absent(backend.CanAutoscale, func() error { return second(change(backend.ScalingChange{Min: &low, Max: &high})) })
		return
	}
	svc := s.standing(1, func(string, map[string]any) {})
	if now, err := describe(svc.Name); err != nil || now.Registered {
		s.Errorf("before it is registered: %+v, %v", now, err)
	}
	s.kind("registering without a most", second(change(backend.ScalingChange{Min: &low})), backend.Invalid)
	now, err := change(backend.ScalingChange{Min: &low, Max: &high})
	if err != nil || !now.Registered || now.Min != low || now.Max != high || now.Suspended.Any() {
		s.Fatalf("registered: %+v, %v", now, err)
	}
	s.kind("a least over the most", second(change(backend.ScalingChange{Min: &over})), backend.Invalid)
	if now, err = change(backend.ScalingChange{Suspended: &backend.Suspension{In: true, Scheduled: true}}); err != nil {
		s.Fatal(err)
	}
	if read, err := describe(svc.Name); err != nil || read.Min != low || read.Max != high || !read.Suspended.In || read.Suspended.Out || !read.Suspended.Scheduled {
		s.Errorf("suspended in part: %+v, then %+v, %v", now, read, err)
	}
	if now, err = change(backend.ScalingChange{Suspended: &backend.Suspension{}}); err != nil || now.Suspended.Any() || now.Max != high {
		s.Errorf("resumed: %+v, %v", now, err)
	}
	for range 2 {
		s.must(s.b.RemoveScaling(s.Context(), s.Cluster, svc.Name))
		if now, err := describe(svc.Name); err != nil || now.Registered {
			s.Errorf("removed: %+v, %v", now, err)
		}
	}
}

func testCapacity(s *suite) {
	svc := s.standing(2, func(string, map[string]any) {})
	arns := s.list(func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
		p.Size = 1
		return s.b.ListContainerInstances(ctx, s.Cluster, p)
	})
	if len(arns) == 0 {
		s.Fatal("tasks run, and there is no machine")
	}
	found, err := s.b.DescribeContainerInstances(s.Context(), s.Cluster, append(arns, arns[0][:len(arns[0])-4]+"0000"))
	if err != nil || len(found) != len(arns) {
		s.Fatalf("%d instances of %d, %v", len(found), len(arns), err)
	}
	running := 0
	for n, i := range found {
		running += i.Running
		if i.ARN != arns[n] || i.Instance == "" || i.Status == "" || i.Total.CPU <= 0 || i.Total.Memory <= 0 || i.Free.CPU > i.Total.CPU || i.Free.Memory > i.Total.Memory || len(i.Document) == 0 {
			s.Errorf("%+v", i)
		}
	}
	on := 0
	for _, i := range found {
		on += len(s.list(func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
			return s.b.ListTasks(ctx, backend.TaskQuery{Cluster: s.Cluster, Service: svc.Name, Instance: i.ARN}, p)
		}))
	}
	if on != 2 {
		s.Errorf("the two tasks of the service run on the machines as %d", on)
	}
	if running < svc.Running {
		s.Errorf("%d tasks run on all machines, and %d of the service", running, svc.Running)
	}
	c, err := s.b.DescribeCapacity(s.Context(), s.Cluster)
	s.must(err)
	named := map[string]bool{}
	for _, p := range c.Providers {
		named[p.Name] = true
		if p.Name == "" || p.Status == "" {
			s.Errorf("%+v", p)
		}
	}
	for _, d := range c.Default {
		if !named[d.Provider] {
			s.Errorf("the default strategy names %+v, which is none of %v", d, named)
		}
	}
	clusters, err := s.b.DescribeClusters(s.Context(), []string{s.Cluster})
	if err != nil || len(clusters) != 1 || clusters[0].Instances != len(arns) {
		s.Errorf("the cluster has %+v, of %d, %v", clusters, len(arns), err)
	}
	s.kind("machines of a cluster that does not exist", second(s.b.ListContainerInstances(s.Context(), "nobody", backend.PageRequest{})), backend.NotFound)
	s.kind("capacity of a cluster that does not exist", second(s.b.DescribeCapacity(s.Context(), "nobody")), backend.NotFound)
}

func testDiscovery(s *suite) {
	arn := "arn:aws:servicediscovery:" + place(s.cluster()) + ":service/srv-" + s.name("web")
	svc := s.standing(2, func(_ string, doc map[string]any) {
		doc["serviceRegistries"] = []any{map[string]any{"registryArn": arn}}
	})
	q := backend.DiscoveryQuery{Cluster: s.Cluster, Service: svc.Name, ARNs: backend.DiscoveryARNs(svc)}
	if len(q.ARNs) != 1 || q.ARNs[0] != arn {
		s.Fatalf("the service names %v", q.ARNs)
	}
	s.eventually("registered: both tasks", func() (bool, string) {
		found, err := s.b.DescribeDiscovery(s.Context(), q)
		if err != nil || len(found) != 1 || len(found[0].Instances) != 2 {
			return false, fmt.Sprintf("%+v, %v", found, err)
		}
		d, known := found[0], 0
		for _, t := range s.tasks(svc.Name, false) {
			for _, r := range d.Instances {
				if r.ID == t.ID() && r.Address != "" {
					known++
				}
			}
		}
		return known == 2 && d.Name == svc.Name && d.Kind != "", fmt.Sprintf("%+v", d)
	})
	q = backend.DiscoveryQuery{Cluster: s.Cluster, ARNs: []string{arn + "x"}}
	s.kind("an entry that does not exist", second(s.b.DescribeDiscovery(s.Context(), q)), backend.NotFound)
}
