package aws_test

import (
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/backend"
)

// A service behind a load balancer is reached by the listener that sends to it;
// one in its own network otherwise; one on instances not, and it says so.
func TestServiceAddresses(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	b := connect(t, w.url, nil)
	all, err := b.DescribeServices(t.Context(), "demo", []string{"web"})
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	to := backend.ServiceTargets(all[0])[0]
	q := backend.AddressQuery{Service: all[0].Document, Container: to.Container, Port: to.Port}
	found, err := b.ServiceAddresses(t.Context(), q)
	if err != nil || len(found) != 1 || found[0].URL("/x?a=1") != "http://shop-public.elb.amazonaws.com/x?a=1" || found[0].Doubt != "" {
		t.Errorf("%+v, %v", found, err)
	}
	q.Port, q.TaskDefinition = 9, backend.TaskDefinition{NetworkMode: "bridge"}
	if _, err = b.ServiceAddresses(t.Context(), q); backend.KindOf(err) != backend.NotFound || !strings.Contains(backend.AdviceFor(err), "url") {
		t.Errorf("%v", err)
	}
	q.TaskDefinition.NetworkMode = "awsvpc"
	found, err = b.ServiceAddresses(t.Context(), q)
	if err != nil || len(found) != 1 || found[0].URL("/") != "http://<task>:9/" || found[0].Doubt == "" {
		t.Errorf("before: %+v, %v", found, err)
	}
	tasks := func() []backend.Task {
		page, err := b.ListTasks(t.Context(), backend.TaskQuery{Cluster: "demo", Service: "web"}, backend.PageRequest{})
		if err != nil {
			t.Fatal(err)
		}
		out, err := b.DescribeTasks(t.Context(), "demo", page.Items)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	q.Tasks = tasks()
	found, err = b.ServiceAddresses(t.Context(), q)
	if err != nil || len(found) != len(q.Tasks) || !strings.HasPrefix(found[0].Host, "10.0.") {
		t.Errorf("by task: %+v, %v", found, err)
	}
}
