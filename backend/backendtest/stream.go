package backendtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// testNotify: a backend that notifies does so for each kind of change.
func testNotify(s *suite) {
	n, ok := s.b.(backend.Notifier)
	if !ok {
		s.Skipf("%s", "this backend does not notify")
	}
	ctx, cancel := context.WithCancel(s.Context())
	defer cancel()
	var count atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.Notify(ctx, func() { count.Add(1) })
	}()
	name := s.name("web")
	td := s.register(s.definition(name, s.Image, nil))
	told := func(what string, do func()) {
		s.Helper()
		before := count.Load()
		do()
		s.eventually("told of "+what, func() (bool, string) { return count.Load() > before, "no notification" })
	}
	told("a service", func() { s.create(s.spec(name, td.ARN, 1)) })
	s.steady(name)
	told("a task that stops", func() {
		_, err := s.b.StopTask(s.Context(), s.Cluster, s.tasks(name, false)[0].ARN, "")
		s.must(err)
	})
	cancel()
	s.ended("Notify", done)
}

// ended waits for a stream that was cancelled.
func (s *suite) ended(what string, done <-chan struct{}) {
	s.Helper()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		s.Errorf("%s goes on 10 seconds after its context was cancelled", what)
	}
}

func testLogs(s *suite) {
	name := s.name("web")
	td := s.register(s.definition(name, s.Image, nil))
	s.create(s.spec(name, td.ARN, 2))
	s.steady(name)
	s.eventually("logged", func() (bool, string) {
		n := map[string]int{}
		for _, l := range s.lines(backend.LogQuery{Service: name}) {
			n[l.Task]++
		}
		ok := len(n) == 2
		for _, lines := range n {
			ok = ok && lines >= 3
		}
		return ok, fmt.Sprint(n)
	})
	s.logQueries(name)
	s.sub("follow over replacement", func(s *suite) { s.followOver(name) })
	s.sub("stopped task", func(s *suite) {
		stopped := s.tasks(name, true)
		if len(stopped) == 0 {
			s.Skipf("%s", "no task has stopped")
		}
		if len(s.lines(backend.LogQuery{Tasks: []string{stopped[0].ARN}})) == 0 {
			s.Error("the log of a stopped task is empty")
		}
	})
}

// lines reads a log as it is now.
func (s *suite) lines(q backend.LogQuery) []backend.LogLine {
	q.Cluster = s.Cluster
	var out []backend.LogLine
	for batch, err := range s.b.Logs(s.Context(), q) {
		s.must(err)
		out = append(out, batch.Lines...)
	}
	return out
}

// logQueries ask for parts of the log of a service with two tasks.
func (s *suite) logQueries(name string) {
	s.sub("order", func(s *suite) {
		lines := s.lines(backend.LogQuery{Service: name})
		if !slices.IsSortedFunc(lines, func(a, b backend.LogLine) int { return a.At.Compare(b.At) }) {
			s.Error("lines are not in the order of time")
		}
		for _, l := range lines {
			if l.At.IsZero() || l.Container != "app" || l.Task == "" {
				s.Fatalf("%+v", l)
			}
		}
	})
	s.sub("tail", func(s *suite) {
		n := map[string]int{}
		for _, l := range s.lines(backend.LogQuery{Service: name, Tail: 2}) {
			n[l.Task]++
		}
		for task, lines := range n {
			if lines > 2 {
				s.Errorf("%d lines of %s, 2 were asked for", lines, task)
			}
		}
		if len(n) != 2 {
			s.Errorf("lines of %d tasks", len(n))
		}
	})
	s.sub("one task", func(s *suite) {
		task := s.tasks(name, false)[0]
		lines := s.lines(backend.LogQuery{Tasks: []string{task.ARN}, Container: "app"})
		for _, l := range lines {
			if l.Task != task.ID() {
				s.Fatalf("a line of %s in the log of %s", l.Task, task.ID())
			}
		}
		if len(lines) == 0 {
			s.Error("no lines")
		}
	})
	s.sub("since", func(s *suite) {
		all := s.lines(backend.LogQuery{Service: name})
		cut := all[len(all)/2].At
		for _, l := range s.lines(backend.LogQuery{Service: name, Since: cut}) {
			if l.At.Before(cut) {
				s.Fatalf("a line of %s, since %s was asked for", l.At, cut)
			}
		}
	})
}

// followOver follows a service's log while one of its tasks is replaced: the
// new task's lines come, and each line comes once.
func (s *suite) followOver(name string) {
	ctx, cancel := context.WithCancel(s.Context())
	defer cancel()
	var newcomers atomic.Int64
	var twice atomic.Pointer[backend.LogLine]
	var failure atomic.Pointer[error]
	before := map[string]bool{}
	for _, task := range s.tasks(name, false) {
		before[task.ID()] = true
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		seen := map[backend.LogLine]bool{}
		for batch, err := range s.b.Logs(ctx, backend.LogQuery{Cluster: s.Cluster, Service: name, Follow: true, Tail: 1}) {
			if err != nil && ctx.Err() == nil {
				failure.Store(&err)
			}
			for _, l := range batch.Lines {
				if seen[l] {
					twice.Store(&l)
				}
				seen[l] = true
				if !before[l.Task] {
					newcomers.Add(1)
				}
			}
		}
	}()
	for id := range before {
		_, err := s.b.StopTask(s.Context(), s.Cluster, id, "a test")
		s.must(err)
		break
	}
	s.eventually("followed into the new task", func() (bool, string) {
		return newcomers.Load() >= 2, fmt.Sprintf("%d lines of new tasks", newcomers.Load())
	})
	cancel()
	s.ended("Logs", done)
	if l := twice.Load(); l != nil {
		s.Errorf("this line came twice: %+v", *l)
	}
	if err := failure.Load(); err != nil {
		s.Errorf("following ended by itself: %v", *err)
	}
}

func testUsage(s *suite) {
	if why := s.b.Unsupported(backend.CanMetrics); why != "" {
		s.Skipf("%s", why)
	}
	name := s.name("web")
	td := s.register(s.definition(name, s.Image, nil))
	s.create(s.spec(name, td.ARN, 1))
	s.steady(name)
	task := s.tasks(name, false)[0]
	ctx, cancel := context.WithTimeout(s.Context(), s.Eventually)
	defer cancel()
	for batch, err := range s.b.Usage(ctx, s.Cluster, []string{task.ARN}) {
		s.must(err)
		if len(batch) == 0 {
			continue // nothing measured yet
		}
		u := batch[0]
		if u.Task != task.ARN || u.Memory <= 0 || u.CPU < 0 || u.At.IsZero() {
			s.Errorf("%+v", u)
		}
		s.sub("history", func(s *suite) { s.history(name) })
		return
	}
	s.Error("the stream ended without a sample")
}

// history waits until what was measured is in the service's past.
func (s *suite) history(name string) {
	var h backend.UsageHistory
	s.eventually("remembered: what "+name+" used", func() (bool, string) {
		now := time.Now()
		var err error
		h, err = s.b.ServiceHistory(s.Context(), s.Cluster, name, backend.HistoryQuery{
			From: now.Add(-time.Hour), To: now.Add(time.Minute), Period: backend.HistoryPeriod(time.Hour),
		})
		return err == nil && len(h.Memory) > 0, fmt.Sprintf("%+v, %v", h, err)
	})
	for _, p := range h.Memory {
		if p.Average <= 0 || p.Average > 100 || p.Maximum < p.Average || p.At.IsZero() || p.At.Second() != 0 {
			s.Errorf("memory was %+v", p)
		}
	}
	for _, p := range h.CPU {
		if p.Average < 0 || p.Maximum < p.Average {
			s.Errorf("CPU was %+v", p)
		}
	}
}

// testCancel: a call whose context has ended says so, and every stream ends.
func testCancel(s *suite) {
	name := s.name("web")
	td := s.register(s.definition(name, s.Image, nil))
	s.create(s.spec(name, td.ARN, 1))
	s.steady(name)
	dead, kill := context.WithCancel(s.Context())
	kill()
	for what, do := range map[string]func() error{
		"ListServices": func() error { _, err := s.b.ListServices(dead, s.Cluster, backend.PageRequest{}); return err },
		"UpdateService": func() error {
			_, err := s.b.UpdateService(dead, s.Cluster, name, backend.ServiceChange{Force: true})
			return err
		},
		"RunTask": func() error {
			_, err := s.b.RunTask(dead, backend.RunTaskRequest{Cluster: s.Cluster, TaskDefinition: td.ARN})
			return err
		},
	} {
		if err := do(); backend.KindOf(err) != backend.Cancelled {
			s.Errorf("%s with a cancelled context: %v", what, err)
		}
	}
	arns := []string{s.tasks(name, false)[0].ARN}
	for what, stream := range map[string]func(ctx context.Context) error{
		"Logs": func(ctx context.Context) error {
			for _, err := range s.b.Logs(ctx, backend.LogQuery{Cluster: s.Cluster, Service: name, Follow: true}) {
				if err != nil {
					return err
				}
			}
			return nil
		},
		"Usage": func(ctx context.Context) error {
			for _, err := range s.b.Usage(ctx, s.Cluster, arns) {
				if err != nil {
					return err
				}
			}
			return nil
		},
	} {
		ctx, cancel := context.WithCancel(s.Context())
		done := make(chan struct{})
		var end error
		go func() {
			defer close(done)
			end = stream(ctx)
		}()
		time.AfterFunc(300*time.Millisecond, cancel)
		s.ended(what, done)
		if end != nil && backend.KindOf(end) != backend.Cancelled && !errors.Is(end, context.Canceled) {
			s.Errorf("%s ended with %v", what, end)
		}
		cancel()
	}
}
