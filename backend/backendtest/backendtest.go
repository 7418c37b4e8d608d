// Package backendtest is the conformance suite that every backend passes: the
// contract of package backend, as tests. A rule that holds on one backend and
// not on another is a trap for whoever writes a screen, so a difference is
// either repaired or skipped by name, with a reason that is printed.
//
// The suite makes only things whose names begin with Harness.Prefix, and
// removes them, so that several runs may share one engine.
package backendtest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Harness is what the suite needs to know about a backend.
type Harness struct {
	// New opens the backend; it is called once for each test, and what it
	// returns is closed by the suite. All of them see the same world.
	New func(t *testing.T) backend.Backend
	// Cluster is the cluster to work in. It exists, or is made on first use.
	Cluster string
	// Image runs until it is stopped, writes a line to stdout at least once a
	// second, and ends soon after SIGTERM. ImageV2 does the same and is another
	// image. ImageBroken exits with a code other than 0 as soon as it runs.
	Image, ImageV2, ImageBroken string
	// Exit is a command that makes Image exit with code about a second after
	// its start.
	Exit func(code int) []string
	// Say is a command that makes Image write text as one line and then go on
	// as usual; nil where it cannot, which leaves out the test that needs it.
	Say func(text string) []string
	// Shell is a command that writes text to stdout and exits with code, run in
	// a container of Image; nil where the image has no program for it.
	Shell func(text string, code int) []string
	// Build gives a small build to run, its tag beginning with Prefix; nil
	// leaves out building.
	Build func(t *testing.T) backend.BuildRequest
	// NetworkMode of the tasks; "" is awsvpc.
	NetworkMode string
	// Define changes each definition before it is registered, such as where
	// its logs go; nil leaves it as it is.
	Define func(container, task map[string]any)
	// Prefix is unique to this run, in lower-case letters, digits and -.
	Prefix string
	// Eventually is how long to wait for what must happen; 0 is a minute.
	Eventually time.Duration
	// Parallel runs the tests at the same time.
	Parallel bool
	// Skip names tests ("Logs/follow over replacement") and why they are left
	// out.
	Skip map[string]string
}

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	if h.Eventually == 0 {
		h.Eventually = time.Minute
	}
	if h.NetworkMode == "" {
		h.NetworkMode = "awsvpc"
	}
	for _, c := range []struct {
		name string
		run  func(s *suite)
	}{
		{"ReadOnly", testReadOnly},
		{"Info", testInfo},
		{"Register", testRegister},
		{"Revisions", testRevisions},
		{"Verify", testVerify},
		{"Errors", testErrors},
		{"Paging", testPaging},
		{"Clusters", testClusters},
		{"Service", testService},
		{"Rollout", testRollout},
		{"Scale", testScale},
		{"StopTask", testStopTask},
		{"RunTask", testRunTask},
		{"Breaker", testBreaker},
		{"StopServiceDeployment", testStopServiceDeployment},
		{"Shift", testShift},
		{"Pause", testPause},
		{"Delete", testDelete},
		{"Notify", testNotify},
		{"Logs", testLogs},
		{"Usage", testUsage},
		{"Targets", testTargets},
		{"Addresses", testAddresses},
		{"Scaling", testScaling},
		{"Tags", testTags},
		{"Schedules", testSchedules},
		{"ScheduleRuns", testScheduleRuns},
		{"Capacity", testCapacity},
		{"Discovery", testDiscovery},
		{"Shell", testShell},
		{"Images", testImages},
		{"Repositories", testRepositories},
		{"Build", testBuild},
		{"Cancel", testCancel},
		{"Clean", testClean},
		{"Concurrent", testConcurrent},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &suite{T: t, Harness: h, test: c.name}
			s.skipIfListed(c.name)
			if h.Parallel {
				t.Parallel()
			}
			s.b = h.New(t)
			t.Cleanup(func() {
				if err := s.b.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			c.run(s)
		})
	}
}

// suite is one test of the suite with its backend.
type suite struct {
	*testing.T
	Harness
	b    backend.Backend
	test string
}

func (s *suite) skipIfListed(name string) {
	if why, ok := s.Skip[name]; ok {
		s.Skipf("%s is left out here: %s", name, why)
	}
}

// sub runs a part of a test under its own name.
func (s *suite) sub(name string, run func(s *suite)) {
	s.T.Run(name, func(t *testing.T) {
		part := *s
		part.T = t
		part.skipIfListed(s.test + "/" + name)
		run(&part)
	})
}

// name makes a name of this run.
func (s *suite) name(what string) string {
	return strings.ToLower(s.Prefix + "-" + s.test + "-" + what)
}

// must fails the test on an error.
func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// kind fails the test unless err is of the kind, and an *Error with an Op.
func (s *suite) kind(what string, err error, want backend.Kind) {
	s.Helper()
	e, ok := err.(*backend.Error)
	switch {
	case !ok:
		s.Errorf("%s: %v (%T), want a *backend.Error of kind %q", what, err, err, want)
	case backend.KindOf(err) != want:
		s.Errorf("%s: %v, of kind %q, want %q", what, err, backend.KindOf(err), want)
	case e.Op == "":
		s.Errorf("%s: %v names no operation", what, err)
	}
}

// eventually looks again and again until ok; state is shown when it never is.
func (s *suite) eventually(what string, look func() (ok bool, state string)) {
	s.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(s.Eventually)
	state := ""
	for {
		var ok bool
		if ok, state = look(); ok {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			s.Fatalf("not %s within %s: %s", what, s.Eventually, state)
		}
	}
}

// definition is a task definition that starts fast: one container "app".
func (s *suite) definition(family, image string, edit func(container, task map[string]any)) backend.Document {
	s.Helper()
	c := map[string]any{"name": "app", "image": image, "essential": true, "memory": 32, "stopTimeout": 2}
	td := map[string]any{"family": family, "networkMode": s.NetworkMode, "containerDefinitions": []any{c}}
	if s.Define != nil {
		s.Define(c, td)
	}
	if edit != nil {
		edit(c, td)
	}
	doc, err := json.Marshal(td)
	s.must(err)
	return doc
}

// register registers a definition, and deregisters it at the end.
func (s *suite) register(doc backend.Document) backend.TaskDefinition {
	s.Helper()
	td, err := s.b.RegisterTaskDefinition(s.Context(), doc)
	s.must(err)
	s.Cleanup(func() {
		if _, err := s.b.DeregisterTaskDefinition(context.Background(), td.ARN); err != nil {
			s.Logf("deregister %s: %v", td.Ref(), err)
		}
	})
	return td
}

// spec is a service with ECS's defaults and a circuit breaker.
func (s *suite) spec(name, td string, desired int) backend.ServiceSpec {
	s.Helper()
	spec, err := backend.ParseServiceSpec(backend.Document(fmt.Sprintf(`{
		"serviceName": %q, "taskDefinition": %q, "desiredCount": %d,
		"deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": true, "rollback": true}}}`, name, td, desired)))
	s.must(err)
	return spec
}

// create makes a service, and removes it at the end.
func (s *suite) create(spec backend.ServiceSpec) backend.Service {
	s.Helper()
	svc, err := s.b.CreateService(s.Context(), s.Cluster, spec)
	s.must(err)
	s.Cleanup(func() { s.remove(spec.Name) })
	return svc
}

// remove deletes a service and waits until it is gone, also when the test has
// failed.
func (s *suite) remove(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), s.Eventually)
	defer cancel()
	if _, err := s.b.DeleteService(ctx, s.Cluster, name, true); err != nil && backend.KindOf(err) != backend.NotFound {
		s.Errorf("delete %s: %v", name, err)
		return
	}
	s.eventually("gone: "+name, func() (bool, string) {
		found, err := s.b.DescribeServices(ctx, s.Cluster, []string{name})
		if err != nil {
			return false, err.Error()
		}
		live := 0
		for _, svc := range found {
			if svc.Status != "INACTIVE" {
				live++
			}
		}
		return live == 0, fmt.Sprintf("%d services", live)
	})
}

// steady waits until a service stands: its newest deployment is complete and
// exactly the tasks that are wanted run.
func (s *suite) steady(name string) backend.Service {
	s.Helper()
	var svc backend.Service
	s.eventually("steady: "+name, func() (bool, string) {
		var err error
		svc, err = s.get(name)
		if err != nil {
			return false, err.Error()
		}
		p, _ := svc.Primary()
		ok := p.Rollout == backend.RolloutCompleted && len(svc.Deployments) == 1 &&
			svc.Running == svc.Desired && svc.Pending == 0
		return ok, describe(svc)
	})
	return svc
}

func describe(svc backend.Service) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: desired %d, running %d, pending %d", svc.Name, svc.Status, svc.Desired, svc.Running, svc.Pending)
	for _, d := range svc.Deployments {
		fmt.Fprintf(&b, "\n\t%s %s %s %s: running %d, pending %d, failed %d", d.Status, d.Rollout, d.ID, backend.ShortName(d.TaskDefinition), d.Running, d.Pending, d.Failed)
	}
	for i, e := range svc.Events {
		if i == 8 {
			break
		}
		fmt.Fprintf(&b, "\n\t%s %s", e.At.Format("15:04:05.000"), e.Message)
	}
	return b.String()
}

// get reads one service.
func (s *suite) get(name string) (backend.Service, error) {
	found, err := s.b.DescribeServices(s.Context(), s.Cluster, []string{name})
	if err != nil {
		return backend.Service{}, err
	}
	if len(found) != 1 {
		return backend.Service{}, fmt.Errorf("%d services named %s", len(found), name)
	}
	return found[0], nil
}

// tasks reads the tasks of a service.
func (s *suite) tasks(service string, stopped bool) []backend.Task {
	s.Helper()
	arns := s.list(func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
		return s.b.ListTasks(ctx, backend.TaskQuery{Cluster: s.Cluster, Service: service, Stopped: stopped}, p)
	})
	if len(arns) == 0 {
		return nil
	}
	tasks, err := s.b.DescribeTasks(s.Context(), s.Cluster, arns)
	s.must(err)
	return tasks
}

// list reads a whole list.
func (s *suite) list(list func(context.Context, backend.PageRequest) (backend.Page[string], error)) []string {
	s.Helper()
	var out []string
	for item, err := range backend.All(s.Context(), list) {
		s.must(err)
		out = append(out, item)
	}
	return out
}

// deployment reads one service deployment.
func (s *suite) deployment(arn string) backend.ServiceDeployment {
	s.Helper()
	found, err := s.b.DescribeServiceDeployments(s.Context(), []string{arn})
	s.must(err)
	if len(found) != 1 {
		s.Fatalf("%d service deployments of %s", len(found), arn)
	}
	return found[0]
}
