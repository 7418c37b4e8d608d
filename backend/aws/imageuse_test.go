package aws_test

import (
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// hurry is a clock by which nobody waits: what is waited for has passed at once.
type hurry struct {
	mu  sync.Mutex
	now time.Time
}

func (c *hurry) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *hurry) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(max(0, d))
	out := make(chan time.Time, 1)
	out <- c.now
	return out
}

// In a cluster of any size it is found out who uses an image, in the background,
// and at a rate at which no token bucket runs dry. Until then what is known is
// shown, and that it is not all.
func TestUsesAtAnySize(t *testing.T) {
	t.Parallel()
	const services = 1300
	world := demo.New(demo.Options{Quiet: true, Services: services, Tasks: services / 2})
	clock := &hurry{now: time.Now()}
	faults := ecsapi.NewFaults(ecsapi.New(world, ecsapi.Options{}), clock)
	faults.Throttle(true)
	server := httptest.NewServer(faults)
	t.Cleanup(func() { server.Close(); world.Close() })
	b := connect(t, server.URL, func(o *aws.Options) { o.Clock = clock })
	start := clock.Now()
	partly := false
	var img backend.Image
	for end := time.Now().Add(time.Minute); ; {
		page, err := b.ListRepositoryImages(t.Context(), "shop/web", backend.PageRequest{})
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range page.Items {
			if len(i.UsedBy) > 0 {
				img = i
			}
			partly = partly || i.UsePending
		}
		if len(page.Items) > 0 && !page.Items[0].UsePending {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("it is never known: %v", faults.Calls())
		}
	}
	if !partly {
		t.Error("it was all known at once: there is nothing in this test")
	}
	if len(img.UsedBy) == 0 || img.UsedBy[0].Service != "web" {
		t.Errorf("shop/web is used by %+v", img.UsedBy)
	}
	calls := faults.Calls()
	if n := calls["ecs:DescribeServices"]; n < services/10 {
		t.Errorf("%d calls of DescribeServices cannot have seen %d services", n, services)
	}
	if n := faults.Refused(); n != 0 {
		t.Errorf("%d calls found their bucket empty", n)
	}
	if took := clock.Now().Sub(start).Seconds(); float64(calls["ecs:DescribeServices"]+calls["ecs:ListServices"])-100 > 10*took {
		t.Errorf("%v in %.0f s is more than half of the rate", calls, took)
	}
}

// Plans for many repositories look once through the services, and what is about
// to be deleted is looked at anew.
func TestPlansShareWhoUsesWhat(t *testing.T) {
	t.Parallel()
	world := demo.New(demo.Options{Quiet: true})
	faults := ecsapi.NewFaults(ecsapi.New(world, ecsapi.Options{}), nil)
	server := httptest.NewServer(faults)
	t.Cleanup(func() { server.Close(); world.Close() })
	b := connect(t, server.URL, nil)
	looks := func() int { return faults.Calls()["ecs:DescribeServices"] }
	var plan backend.Prune
	for _, repository := range []string{"shop/api", "shop/auth", "shop/web"} {
		p, err := b.PlanRepositoryPrune(t.Context(), repository, 2)
		if err != nil {
			t.Fatal(err)
		}
		plan.Images = append(plan.Images, p.Images...)
	}
	once := looks()
	if _, err := b.PlanRepositoryPrune(t.Context(), "shop/worker", 2); err != nil || looks() != once {
		t.Errorf("%d looks at services for one more plan, %v", looks()-once, err)
	}
	done, err := b.PruneImages(t.Context(), plan)
	if err != nil || len(done.Images) != len(plan.Images) || looks() == once {
		t.Errorf("deleted %d of %d after %d looks at services, %v", len(done.Images), len(plan.Images), looks()-once, err)
	}
}
