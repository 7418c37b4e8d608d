package demo

import (
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// groups reads the target groups of one of the company's services.
func groups(t *testing.T, b *Backend, name string) []backend.TargetGroup {
	t.Helper()
	out, err := b.DescribeTargetGroups(t.Context(), backend.TargetGroupARNs(services(t, b)[name]))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTargetsAreTheTasks(t *testing.T) {
	b, clock := open(t, Options{Quiet: true})
	all := groups(t, b, "web")
	if len(all) != 1 || all[0].Name != "shop-web" || len(all[0].Targets) != 3 {
		t.Fatalf("%+v", all)
	}
	list, err := b.ListTasks(t.Context(), backend.TaskQuery{Cluster: "demo", Service: "web"}, backend.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := b.DescribeTasks(t.Context(), "demo", list.Items)
	if err != nil {
		t.Fatal(err)
	}
	of := backend.TargetTasks(all[0].Targets, tasks)
	for n, target := range all[0].Targets {
		if target.State != backend.TargetHealthy || target.Port != 8080 || of[n] == "" {
			t.Errorf("%+v is task %q", target, of[n])
		}
	}
	if _, err := b.StopTask(t.Context(), "demo", list.Items[0], ""); err != nil {
		t.Fatal(err)
	}
	states := func() string {
		var out []string
		for _, target := range groups(t, b, "web")[0].Targets {
			out = append(out, target.State)
		}
		return strings.Join(out, " ")
	}
	if got := states(); !strings.Contains(got, backend.TargetDraining) {
		t.Errorf("after a stop: %s", got)
	}
	seen := map[string]bool{}
	for range 60 {
		clock.Advance(500 * time.Millisecond)
		for s := range strings.FieldsSeq(states()) {
			seen[s] = true
		}
	}
	if !seen[backend.TargetInitial] || states() != "healthy healthy healthy" {
		t.Errorf("the task that comes is seen as %v, and then there are %s", seen, states())
	}
	if _, err := b.DescribeTargetGroups(t.Context(), []string{"arn:nobody"}); backend.KindOf(err) != backend.NotFound {
		t.Errorf("a group that does not exist: %v", err)
	}
}

// A task that its load balancer can't reach is unhealthy with its codes, and is
// stopped for it.
func TestBadGateway(t *testing.T) {
	b, clock := open(t, Options{Quiet: true})
	b.lock()
	rev := b.mustRegister(b.definition(programs()[6], "d410ab7", "badgateway"))
	b.unlock()
	if _, err := b.UpdateService(t.Context(), "demo", "catalog", backend.ServiceChange{TaskDefinition: &rev.td.ARN}); err != nil {
		t.Fatal(err)
	}
	codes, reason := false, ""
	for range 60 {
		clock.Advance(time.Second)
		for _, g := range groups(t, b, "catalog") {
			for _, target := range g.Targets {
				codes = codes || target.State == backend.TargetUnhealthy && strings.Contains(target.Description, "[502]")
			}
		}
		b.lock()
		for _, task := range b.services["demo"]["catalog"].tasks {
			if task.rev == rev && task.view.StoppedReason != "" {
				reason = task.view.StoppedReason
			}
		}
		b.unlock()
	}
	if !codes || !strings.HasPrefix(reason, "Task failed ELB health checks in (target-group arn:") {
		t.Errorf("codes were seen: %v; stopped for %q", codes, reason)
	}
}

func TestScalingBringsTheCountInside(t *testing.T) {
	b, clock := open(t, Options{Quiet: true})
	now, err := b.DescribeScaling(t.Context(), "demo", "web")
	if err != nil || !now.Registered || now.Min != 2 || now.Max != 8 || len(now.Policies) != 1 {
		t.Fatalf("%+v, %v", now, err)
	}
	desired := func() int {
		clock.Advance(10 * time.Second)
		return services(t, b)["web"].Desired
	}
	five, six, one := 5, 6, 1
	if _, err := b.ChangeScaling(t.Context(), "demo", "web", backend.ScalingChange{Min: &five}); err != nil || desired() != 5 {
		t.Errorf("with at least 5: %d tasks, %v", desired(), err)
	}
	change := backend.ScalingChange{Min: &one, Max: &one, Suspended: &backend.Suspension{In: true}}
	if _, err := b.ChangeScaling(t.Context(), "demo", "web", change); err != nil || desired() != 5 {
		t.Errorf("with scaling in suspended: %d tasks, %v", desired(), err)
	}
	change = backend.ScalingChange{Suspended: &backend.Suspension{}}
	if _, err := b.ChangeScaling(t.Context(), "demo", "web", change); err != nil || desired() != 1 {
		t.Errorf("and resumed: %d tasks, %v", desired(), err)
	}
	if _, err := b.ChangeScaling(t.Context(), "demo", "web", backend.ScalingChange{Min: &six}); backend.KindOf(err) != backend.Invalid {
		t.Errorf("a least over the most: %v", err)
	}
	if now, err := b.DescribeScaling(t.Context(), "demo", "catalog"); err != nil || now.Registered {
		t.Errorf("catalog: %+v, %v", now, err)
	}
}

// What the machines of a cluster have free is what their tasks leave.
func TestMachinesAddUp(t *testing.T) {
	b, clock := open(t, Options{Quiet: true, Tasks: 500})
	look := func() (all []backend.ContainerInstance) {
		t.Helper()
		list, err := b.ListContainerInstances(t.Context(), "demo", backend.PageRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if all, err = b.DescribeContainerInstances(t.Context(), "demo", list.Items); err != nil || len(all) != len(list.Items) {
			t.Fatalf("%d instances of %d, %v", len(all), len(list.Items), err)
		}
		return all
	}
	check := func(when string) {
		t.Helper()
		running, used := 0, 0
		for _, i := range look() {
			if i.Free.CPU < 0 || i.Free.Memory < 0 || i.Free.CPU > i.Total.CPU {
				t.Errorf("%s: %+v", when, i)
			}
			running += i.Running
			used += i.Total.CPU - i.Free.CPU
			if parsed, err := backend.ParseInstance(i.Document); err != nil || parsed.Free.CPU != i.Free.CPU || len(parsed.Free.Ports) != len(i.Free.Ports) ||
				parsed.External != i.External || parsed.Type != i.Type || parsed.Cluster != "demo" {
				t.Errorf("%s: its document says %+v, %v", when, parsed, err)
			}
		}
		c, err := b.DescribeClusters(t.Context(), []string{"demo"})
		if err != nil || running != c[0].Running || c[0].Instances != len(look()) {
			t.Errorf("%s: %d tasks run on the machines, %+v, %v", when, running, c, err)
		}
		if want := 256 * (c[0].Running + c[0].Pending); used != want {
			t.Errorf("%s: %d units are taken by %d tasks", when, used, c[0].Running+c[0].Pending)
		}
	}
	clock.Advance(2 * time.Minute)
	check("at first")
	zero := 0
	for name := range services(t, b) {
		if _, err := b.UpdateService(t.Context(), "demo", name, backend.ServiceChange{Desired: &zero}); err != nil {
			t.Fatal(err)
		}
	}
	clock.Advance(2 * time.Minute)
	check("when all is stopped")
}

func TestDiscovery(t *testing.T) {
	b, _ := open(t, Options{Quiet: true})
	s := services(t, b)["auth"]
	found, err := b.DescribeDiscovery(t.Context(), backend.DiscoveryQuery{Cluster: "demo", Service: "auth", ARNs: backend.DiscoveryARNs(s)})
	if err != nil || len(found) != 1 || found[0].Host() != "auth.shop.local" || len(found[0].Instances) != s.Running {
		t.Errorf("%+v, %v", found, err)
	}
	if found, err = b.DescribeDiscovery(t.Context(), backend.DiscoveryQuery{Cluster: "demo", Service: "mailer"}); err != nil || len(found) != 0 {
		t.Errorf("mailer is %+v, %v", found, err)
	}
}

// A cluster that somebody makes has no machine until a task needs one.
func TestMachinesComeWithTheFirstTask(t *testing.T) {
	b, clock := open(t, Options{Quiet: true})
	if _, err := b.CreateCluster(t.Context(), "fresh"); err != nil {
		t.Fatal(err)
	}
	if list, err := b.ListContainerInstances(t.Context(), "fresh", backend.PageRequest{}); err != nil || len(list.Items) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := b.RunTask(t.Context(), backend.RunTaskRequest{Cluster: "fresh", TaskDefinition: "catalog"}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(10 * time.Second)
	list, err := b.ListContainerInstances(t.Context(), "fresh", backend.PageRequest{})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	found, err := b.DescribeContainerInstances(t.Context(), "fresh", list.Items)
	if err != nil || len(found) != 1 || found[0].Running != 1 || found[0].Provider != "fresh-ondemand" {
		t.Errorf("%+v, %v", found, err)
	}
}
