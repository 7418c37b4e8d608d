package deploy

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/demo"
)

// decided is how soon after the event that decides it a deploy is called failed.
const decided = 10 * time.Second

// TestEveryFailure makes each row of the failure table happen. The deploy names
// the row, what was seen and what to do, is no success, and says so in time.
func TestEveryFailure(t *testing.T) {
	for _, c := range []struct {
		fate   string
		row    int
		remedy string
	}{
		{"pullfail", 1, "tag"},
		{"badplatform", 2, "platform"},
		{"badarch", 3, "platform"},
		{"pulltimeout", 4, "NAT"},
		{"pulldenied", 5, "role"},
		{"ratelimit", 6, "mirror"},
		{"nospace", 7, "ephemeralStorage"},
		{"nosecret", 8, "role"},
		{"nologs", 9, "log group"},
		{"crash", 10, ""},
		{"oom", 11, "memory"},
		{"segfault", 12, ""},
		{"sigterm", 12, ""},
		{"nocommand", 12, "command"},
		{"notexec", 12, "executable"},
		{"badgateway", rowTarget, "path"},
		{"unhealthy", 14, "startPeriod"},
		{"nomemory", 15, "capacity"},
		{"porttaken", 16, "host"},
		{"noeni", 17, "subnets"},
		{"noattribute", 18, "placement"},
		{"quota", 20, "quota"},
		{"cannotstart", rowCannotStart, "command"},
	} {
		t.Run(c.fate, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				events, end := fails(t, c.fate)
				if end.Outcome != RolledBack || end.Advice == "" {
					t.Errorf("%+v", end)
				}
				var last time.Time
				var got []Diagnosis
				for _, e := range events {
					if f, ok := e.(TaskFailed); ok {
						got = append(got, f.Diagnosis)
						if f.Task.StoppedAt.After(last) {
							last = f.Task.StoppedAt
						}
					}
				}
				if len(got) == 0 {
					t.Fatalf("no task is told as failed: %+v", end)
				}
				d := got[0]
				if d.Row != c.row || d.Cause == "" || d.Evidence == "" || d.Remedy == "" || !strings.Contains(d.Remedy, c.remedy) {
					t.Errorf("row %d: %+v", c.row, d)
				}
				if late := end.At.Sub(last); !last.IsZero() && late > decided {
					t.Errorf("called failed %s after its last task", late)
				}
			})
		})
	}
}

// fails deploys a version that lives, and over it one with a fate, behind a load
// balancer and with a health check.
func fails(t *testing.T, fate string) ([]Event, Ended) {
	t.Helper()
	w := &world{dir: t.TempDir(), Backend: demo.New(demo.Options{Empty: true, Quiet: true, Seed: 5})}
	defer w.Close()
	if err := os.WriteFile(filepath.Join(w.dir, "Dockerfile"), []byte("FROM scratch\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	deploy := func(mode string) ([]Event, Ended) {
		req := w.request(t, mode)
		td, err := backend.ParseTaskDefinition(backend.Document(fmt.Sprintf(`{"family":"web","containerDefinitions":[{"name":"web","image":"<image>","memory":256,
			"portMappings":[{"containerPort":8080}],"healthCheck":{"command":["CMD","/health"],"interval":5,"retries":2},
			"environment":[{"name":"MODE","value":%q}]}]}`, mode)))
		if err != nil {
			t.Fatal(err)
		}
		spec, err := backend.ParseServiceSpec(backend.Document(`{"serviceName":"web","desiredCount":3,
			"loadBalancers":[{"targetGroupArn":"arn:aws:elasticloadbalancing:local:123456789012:targetgroup/web/0123456789abcdef","containerName":"web","containerPort":8080}],
			"deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"rollback":true}}}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Definition, req.Service = td, &spec
		p, err := NewPlan(t.Context(), w, req)
		if err != nil {
			t.Fatal(err)
		}
		return collect(t, Run(t.Context(), w, p, Options{Clock: backend.SystemClock{}}))
	}
	if _, end := deploy("fine"); end.Outcome != Stable {
		t.Fatalf("the version before: %+v", end)
	}
	return deploy(fate)
}

// A task that is sick within the grace period that its service gives has not
// failed: it may still be starting.
func TestGracePeriodIsHeld(t *testing.T) {
	const grace = 2 * time.Minute
	synctest.Test(t, func(t *testing.T) {
		w := &world{dir: t.TempDir(), Backend: demo.New(demo.Options{Empty: true, Quiet: true, Seed: 5})}
		defer w.Close()
		if err := os.WriteFile(filepath.Join(w.dir, "Dockerfile"), []byte("FROM scratch\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		req := w.request(t, "")
		td, err := backend.ParseTaskDefinition(backend.Document(`{"family":"web","containerDefinitions":[{"name":"web","image":"<image>","memory":256,
			"healthCheck":{"command":["CMD","/health"],"interval":5,"retries":2},"environment":[{"name":"MODE","value":"unhealthy"}]}]}`))
		if err != nil {
			t.Fatal(err)
		}
		spec, err := backend.ParseServiceSpec(backend.Document(`{"serviceName":"web","desiredCount":3,"healthCheckGracePeriodSeconds":120}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Definition, req.Service, req.Rollback = td, &spec, true
		p, err := NewPlan(t.Context(), w, req)
		if err != nil {
			t.Fatal(err)
		}
		failed := 0
		for e := range Run(t.Context(), w, p, Options{}) {
			if f, ok := e.(TaskFailed); ok {
				failed++
				if age := time.Since(f.Task.StartedAt); age < grace {
					t.Errorf("called failed when it was %s old", age)
				}
			}
		}
		if failed == 0 {
			t.Error("no task is told as failed in the end")
		}
	})
}

// TestRolloutThatCannotMove is row 19: it is told before anything is touched.
func TestRolloutThatCannotMove(t *testing.T) {
	w := newWorld(t)
	w.deploy(t, "one")
	req := w.request(t, "two")
	spec, err := backend.ParseServiceSpec(backend.Document(`{"serviceName":"web","desiredCount":3,
		"deploymentConfiguration":{"minimumHealthyPercent":100,"maximumPercent":100}}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Service = &spec
	p, err := NewPlan(t.Context(), w, req)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Blocked() || !strings.Contains(fmt.Sprint(p.Findings), "maximumPercent") || p.Findings[0].Remedy == "" {
		t.Errorf("%+v", p.Findings)
	}
}
