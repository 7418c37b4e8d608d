package ecsapi_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
	"github.com/ecs-tui/ecs-tui/backend/ecsapi"
)

// trouble is a world behind faults.
func trouble(t *testing.T, clock *handClock) (*world, *ecsapi.Faults) {
	t.Helper()
	var f *ecsapi.Faults
	w := serve(t, demo.Options{Empty: true}, func(next http.Handler) http.Handler {
		if clock == nil {
			f = ecsapi.NewFaults(next, nil)
		} else {
			f = ecsapi.NewFaults(next, clock)
		}
		return f
	})
	return w, f
}

// TestFaults: each kind of trouble reaches the SDK as that kind, and ends.
func TestFaults(t *testing.T) {
	t.Parallel()
	w, f := trouble(t, nil)
	c := w.ecs()
	list := func(ctx context.Context) error { return second(c.ListClusters(ctx, nil)) }
	for name, test := range map[string]struct {
		fault ecsapi.Fault
		code  string
	}{
		"denied":    {ecsapi.Denied("ecs:ListClusters", "*"), "AccessDeniedException"},
		"expired":   {ecsapi.Expired("ecs:*"), "ExpiredTokenException"},
		"skewed":    {ecsapi.Skewed("ecs:List*"), "InvalidSignatureException"},
		"throttled": {ecsapi.Throttled("*"), "ThrottlingException"},
		"broken":    {ecsapi.Broken("ecs:ListClusters"), "ServerException"},
	} {
		end := f.Inject(test.fault)
		wantCode(t, name, list(t.Context()), test.code)
		end()
		if err := list(t.Context()); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
	}
	end := f.Inject(ecsapi.Denied("*", "*"))
	wantCode(t, "denied in query", second(sts.NewFromConfig(w.cfg).GetCallerIdentity(t.Context(), nil)), "AccessDeniedException")
	wantCode(t, "denied in CBOR", second(cloudwatch.NewFromConfig(w.cfg).GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(time.Now()), EndTime: aws.Time(time.Now()), MetricDataQueries: []cwtypes.MetricDataQuery{{Id: aws.String("cpu")}},
	})), "AccessDeniedException")
	end()

	f.Inject(ecsapi.Fault{Action: "ecs:ListClusters", Times: 1, HalfBody: true})
	if err := list(t.Context()); err == nil {
		t.Error("half an answer was taken for a whole")
	}
	f.Inject(ecsapi.Fault{Action: "ecs:ListClusters", Times: 1, Status: http.StatusBadGateway})
	if err := list(t.Context()); err == nil {
		t.Error("a proxy's page was taken for an answer")
	}
	f.Inject(ecsapi.Fault{Action: "ecs:DescribeClusters", Times: 1, UnknownFields: true})
	if out, err := c.DescribeClusters(t.Context(), &ecs.DescribeClustersInput{Clusters: []string{"demo"}}); err != nil || len(out.Clusters) != 1 {
		t.Errorf("unknown fields: %+v, %v", out, err)
	}
	if err := list(t.Context()); err != nil {
		t.Errorf("in the end: %v", err)
	}
}

// TestHang: a call that hangs ends when its caller gives up, and goes on when
// the fault is cleared.
func TestHang(t *testing.T) {
	t.Parallel()
	w, f := trouble(t, nil)
	c := w.ecs()
	end := f.Inject(ecsapi.Fault{Action: "ecs:ListClusters", Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.ListClusters(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want a deadline that passed", err)
	}
	done := make(chan error, 1)
	go func() { done <- second(c.ListClusters(t.Context(), nil)) }()
	eventually(t, "hanging", func() (bool, string) { return f.Calls()["ecs:ListClusters"] == 2, "not called" })
	end()
	if err := <-done; err != nil {
		t.Errorf("after it was cleared: %v", err)
	}
}

// TestBuckets: a hundred reads of services at once, then twenty a second.
func TestBuckets(t *testing.T) {
	t.Parallel()
	clock := &handClock{now: time.Now()}
	w, f := trouble(t, clock)
	f.Throttle(true)
	c := w.ecs()
	read := func(n int) (refused int) {
		for range n {
			_, err := c.ListServices(t.Context(), &ecs.ListServicesInput{Cluster: aws.String("demo")})
			if err != nil {
				wantCode(t, "too soon", err, "ThrottlingException")
				refused++
			}
		}
		return refused
	}
	if n := read(103); n != 3 {
		t.Errorf("%d of 103 were refused, want 3", n)
	}
	clock.move(500 * time.Millisecond)
	if n := read(12); n != 2 {
		t.Errorf("%d of 12 were refused half a second later, want 2", n)
	}
	if f.Refused() != 5 {
		t.Errorf("%d counted as refused, want 5", f.Refused())
	}
	if _, err := c.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("demo"), DesiredStatus: types.DesiredStatusRunning}); err != nil {
		t.Errorf("another class has its own bucket: %v", err)
	}
}

// quickClock waits for nothing, and remembers how long it should have.
type quickClock struct {
	backend.SystemClock
	waits chan time.Duration
}

func (c quickClock) After(d time.Duration) <-chan time.Time {
	c.waits <- d
	now := make(chan time.Time, 1)
	now <- time.Now()
	return now
}

// TestLatency: every answer waits.
func TestLatency(t *testing.T) {
	t.Parallel()
	clock := quickClock{waits: make(chan time.Duration, 10)}
	var f *ecsapi.Faults
	w := serve(t, demo.Options{Empty: true}, func(next http.Handler) http.Handler {
		f = ecsapi.NewFaults(next, clock)
		return f
	})
	f.Latency(40 * time.Millisecond)
	for range 2 {
		if _, err := w.ecs().ListClusters(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(clock.waits) != 2 || <-clock.waits != 40*time.Millisecond {
		t.Errorf("%d calls waited", len(clock.waits))
	}
}
