package aws_test

import (
	"context"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/aws"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// A screen that asks every few seconds costs a call only when there may be
// something new.
func TestStandsAreKept(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	clock := demo.NewManualClock(time.Now())
	b := connect(t, w.url, func(o *aws.Options) { o.Clock = clock })
	all, err := b.DescribeServices(t.Context(), "demo", []string{"web"})
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	web := all[0]
	look := func() {
		t.Helper()
		now := clock.Now()
		for what, err := range map[string]error{
			"history": second(b.ServiceHistory(t.Context(), "demo", "web", backend.HistoryQuery{
				From: now.Add(-3 * time.Hour), To: now, Period: backend.HistoryPeriod(3 * time.Hour),
			})),
			"targets":   second(b.DescribeTargetGroups(t.Context(), backend.TargetGroupARNs(web))),
			"scaling":   second(b.DescribeScaling(t.Context(), "demo", "web")),
			"capacity":  second(b.DescribeCapacity(t.Context(), "demo")),
			"discovery": second(b.DescribeDiscovery(t.Context(), backend.DiscoveryQuery{Cluster: "demo", Service: "web", ARNs: backend.DiscoveryARNs(web)})),
		} {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	const groups, health, targets, metrics = "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
		"application-autoscaling:DescribeScalableTargets", "cloudwatch:GetMetricData"
	const entry, instances, providers = "servicediscovery:GetService", "servicediscovery:ListInstances", "ecs:DescribeCapacityProviders"
	expect := func(when string, want map[string]int) {
		t.Helper()
		calls := w.faults.Calls()
		for action, n := range want {
			if calls[action] != n {
				t.Errorf("%s: %d calls of %s, want %d", when, calls[action], action, n)
			}
		}
	}
	look()
	once := map[string]int{groups: 1, health: 1, targets: 1, metrics: 1, entry: 1, instances: 1, providers: 1}
	expect("at first", once)
	look()
	expect("at once again", once)
	clock.Advance(5 * time.Second)
	look()
	expect("five seconds later", map[string]int{groups: 1, health: 2, targets: 1, metrics: 1, entry: 1, instances: 1, providers: 1})
	clock.Advance(65 * time.Second)
	look()
	expect("a minute later", map[string]int{groups: 1, health: 3, targets: 2, metrics: 2, entry: 1, instances: 2, providers: 2})

	// A change is seen at once.
	six := 6
	if _, err := b.ChangeScaling(t.Context(), "demo", "web", backend.ScalingChange{Max: &six}); err != nil {
		t.Fatal(err)
	}
	if now, err := b.DescribeScaling(t.Context(), "demo", "web"); err != nil || now.Max != six || now.Min != 2 {
		t.Errorf("after a change: %+v, %v", now, err)
	}
}

func second[T any](_ T, err error) error { return err }

// The history is averages and peaks, and says so where there is none.
func TestHistory(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	b := connect(t, w.url, nil)
	now := time.Now()
	q := backend.HistoryQuery{From: now.Add(-24 * time.Hour), To: now, Period: backend.HistoryPeriod(24 * time.Hour)}
	h, err := b.ServiceHistory(t.Context(), "demo", "api", q)
	if err != nil || len(h.CPU) < 90 || len(h.CPU) != len(h.Memory) || h.Note != "" {
		t.Fatalf("%d and %d points, %q, %v", len(h.CPU), len(h.Memory), h.Note, err)
	}
	above := 0
	for i, p := range h.CPU {
		if p.Maximum > p.Average {
			above++
		}
		if p.Average <= 0 || i > 0 && p.At.Sub(h.CPU[i-1].At) != q.Period {
			t.Errorf("point %d is %+v", i, p)
		}
	}
	if above < len(h.CPU)/2 {
		t.Errorf("%d of %d points have a peak", above, len(h.CPU))
	}
	if h, err = b.ServiceHistory(t.Context(), "demo", "nobody", q); err != nil || len(h.CPU) != 0 || h.Note == "" {
		t.Errorf("nobody: %+v, %v", h, err)
	}
}

// What may not be read names the permission of its own service.
func TestStandsDenied(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	b := connect(t, w.url, nil)
	all, err := b.DescribeServices(t.Context(), "demo", []string{"web"})
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	web := all[0]
	low := 1
	for action, do := range map[string]func(context.Context, *aws.Backend) error{
		"elasticloadbalancing:DescribeTargetHealth": func(ctx context.Context, b *aws.Backend) error {
			return second(b.DescribeTargetGroups(ctx, backend.TargetGroupARNs(web)))
		},
		"application-autoscaling:DescribeScalingPolicies": func(ctx context.Context, b *aws.Backend) error { return second(b.DescribeScaling(ctx, "demo", "web")) },
		"application-autoscaling:RegisterScalableTarget": func(ctx context.Context, b *aws.Backend) error {
			return second(b.ChangeScaling(ctx, "demo", "web", backend.ScalingChange{Min: &low}))
		},
		"servicediscovery:ListInstances": func(ctx context.Context, b *aws.Backend) error {
			return second(b.DescribeDiscovery(ctx, backend.DiscoveryQuery{ARNs: backend.DiscoveryARNs(web)}))
		},
		"ecs:ListContainerInstances": func(ctx context.Context, b *aws.Backend) error {
			return second(b.ListContainerInstances(ctx, "demo", backend.PageRequest{}))
		},
		"cloudwatch:GetMetricData": func(ctx context.Context, b *aws.Backend) error {
			return second(b.ServiceHistory(ctx, "demo", "web", backend.HistoryQuery{From: time.Now().Add(-time.Hour), To: time.Now(), Period: time.Minute}))
		},
	} {
		b := connect(t, w.url, nil) // with nothing kept of what another call found
		clear := w.faults.Inject(ecsapi.Denied(action, "*"))
		says(t, do(t.Context(), b), backend.Denied, "needs "+action+" on *")
		clear()
		if err := do(t.Context(), b); err != nil {
			t.Errorf("%s, allowed again: %v", action, err)
		}
	}
	// Who is registered is shown also where their health may not be read.
	fresh := connect(t, w.url, nil)
	w.faults.Inject(ecsapi.Denied("servicediscovery:GetInstancesHealthStatus", "*"))
	found, err := fresh.DescribeDiscovery(t.Context(), backend.DiscoveryQuery{ARNs: backend.DiscoveryARNs(web)})
	if err != nil || len(found[0].Instances) != 3 || found[0].Instances[0].Health != "" {
		t.Errorf("%+v, %v", found, err)
	}
}

// Calls of the other services wait in token buckets of their own, also those
// whose protocol does not name them in a header: while no time passes, a program
// gets no further than its share of the burst.
func TestStandsAreRationed(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	for service, do := range map[string]func(context.Context, *aws.Backend) error{
		"elasticloadbalancing:DescribeTargetGroups": func(ctx context.Context, b *aws.Backend) error {
			return second(b.DescribeTargetGroups(ctx, []string{"arn:nobody"})) // nothing to keep
		},
		"application-autoscaling:RegisterScalableTarget": func(ctx context.Context, b *aws.Backend) error {
			return second(b.ChangeScaling(ctx, "demo", "web", backend.ScalingChange{Suspended: &backend.Suspension{}}))
		},
		"servicediscovery:GetService": func(ctx context.Context, b *aws.Backend) error {
			return second(b.DescribeDiscovery(ctx, backend.DiscoveryQuery{ARNs: []string{"srv-nobody"}}))
		},
	} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			b := connect(t, w.url, func(o *aws.Options) { o.Clock = demo.NewManualClock(time.Now()) })
			calls := 0
			for ; calls < 30; calls++ {
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				err := do(ctx, b)
				late := ctx.Err() != nil
				cancel()
				if late {
					break
				}
				if kind := backend.KindOf(err); err != nil && kind != backend.NotFound {
					t.Fatal(err)
				}
			}
			if calls == 0 || calls >= 20 {
				t.Errorf("%d calls in no time", calls)
			}
		})
	}
}
