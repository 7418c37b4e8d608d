package demo

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

func start() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

func open(t *testing.T, opts Options) (*Backend, *ManualClock) {
	t.Helper()
	clock := NewManualClock(start())
	opts.Clock = clock
	b := New(opts)
	t.Cleanup(func() { b.Close() })
	return b, clock
}

func services(t *testing.T, b *Backend) map[string]backend.Service {
	t.Helper()
	var arns []string
	for arn, err := range backend.All(t.Context(), func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
		return b.ListServices(ctx, "demo", p)
	}) {
		if err != nil {
			t.Fatal(err)
		}
		arns = append(arns, arn)
	}
	all, err := b.DescribeServices(t.Context(), "demo", arns)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]backend.Service{}
	for _, s := range all {
		out[s.Name] = s
	}
	return out
}

func deployment(t *testing.T, b *Backend, arn string) backend.ServiceDeployment {
	t.Helper()
	d, err := b.DescribeServiceDeployments(t.Context(), []string{arn})
	if err != nil || len(d) != 1 {
		t.Fatalf("%s: %d deployments, %v", arn, len(d), err)
	}
	return d[0]
}

// The company begins in the states that its picture promises.
func TestCompany(t *testing.T) {
	b, clock := open(t, Options{Quiet: true})
	all := services(t, b)
	for name, want := range map[string]struct {
		revision         string
		desired, running int
		status           backend.ServiceDeploymentStatus
	}{
		"web":        {"web:14", 3, 3, backend.Successful},
		"api":        {"api:32", 4, 4, backend.Successful},
		"worker":     {"worker:8", 3, 3, backend.InProgress},
		"billing":    {"billing:22", 2, 2, backend.RollbackSuccessful},
		"reports":    {"reports:3", 0, 0, backend.Successful},
		"auth":       {"auth:3", 2, 2, backend.Successful},
		"catalog":    {"catalog:9", 3, 3, backend.Successful},
		"checkout":   {"checkout:8", 2, 4, backend.InProgress},
		"thumbnails": {"thumbnails:4", 2, 2, backend.Successful},
		"recommend":  {"recommend:2", 1, 1, backend.InProgress},
	} {
		s, ok := all[name]
		d := deployment(t, b, s.Current)
		if !ok || backend.ShortName(s.TaskDefinition) != want.revision || s.Desired != want.desired ||
			s.Running < want.running || d.Status != want.status {
			t.Errorf("%s: %s desired %d running %d, %s", name, backend.ShortName(s.TaskDefinition), s.Desired, s.Running, d.Status)
		}
	}
	clock.Advance(time.Minute)
	if d := deployment(t, b, all["worker"].Current); d.Status != backend.Successful {
		t.Errorf("a minute later worker is %s", d.Status)
	}
}

// The same seed and clock give the same world.
func TestSameSeedSameWorld(t *testing.T) {
	read := func(seed uint64) string {
		b, clock := open(t, Options{Seed: seed})
		for range 10 {
			clock.Advance(30 * time.Second)
		}
		text := &strings.Builder{}
		for _, name := range []string{"web", "worker", "thumbnails"} {
			text.Write(services(t, b)[name].Document)
			for batch, err := range b.Logs(t.Context(), backend.LogQuery{Cluster: "demo", Service: name, Tail: 20}) {
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range batch.Lines {
					text.WriteString(l.At.String() + l.Task + l.Text + "\n")
				}
			}
		}
		return text.String()
	}
	one, same := read(1), read(1)
	if one != same {
		t.Error("two worlds of one seed differ")
	}
	if one == read(2) {
		t.Error("another seed gave the same world")
	}
}

// Every word that asks for a failure gives one, by the scheduler's own rules.
func TestFatesRollBack(t *testing.T) {
	b, clock := open(t, Options{Quiet: true})
	for word, f := range fates() {
		if word == "job" || word == "spot" || f.exit == 0 && f.stage == running {
			continue
		}
		p := programs()[6] // catalog
		rev := func() *revision {
			b.lock()
			defer b.unlock()
			return b.mustRegister(b.definition(p, "d410ab7", word))
		}()
		s, err := b.UpdateService(t.Context(), "demo", "catalog", backend.ServiceChange{TaskDefinition: &rev.td.ARN})
		if err != nil {
			t.Fatal(err)
		}
		for range 120 {
			clock.Advance(time.Second)
			b.lock()
			b.unlock()
		}
		if d := deployment(t, b, s.Current); d.Status != backend.RollbackSuccessful {
			t.Errorf("%s: %s, %d of %d failures", word, d.Status, d.Breaker.Failures, d.Breaker.Threshold)
		}
	}
}

// Any two cuts through a log give the lines of the whole, each once.
func TestLogsCanBeCutAnywhere(t *testing.T) {
	b, _ := open(t, Options{Quiet: true})
	b.lock()
	defer b.unlock()
	now := b.sim.now
	for _, name := range []string{"web", "api", "worker", "thumbnails"} {
		s := b.source(b.services["demo"][name].tasks[len(b.services["demo"][name].tasks)-1], 0)
		from := now.Add(-2 * time.Minute)
		whole, _ := s.lines(from, now, 0)
		var parts []backend.LogLine
		for at := from; at.Before(now); at = at.Add(777 * time.Millisecond) {
			to := at.Add(777 * time.Millisecond)
			if to.After(now) {
				to = now
			}
			lines, _ := s.lines(at, to, 0)
			parts = append(parts, lines...)
		}
		if len(whole) == 0 || len(parts) != len(whole) {
			t.Fatalf("%s: %d lines in parts, %d in whole", name, len(parts), len(whole))
		}
		for i := range whole {
			if whole[i] != parts[i] || i > 0 && whole[i].At.Before(whole[i-1].At) {
				t.Fatalf("%s: line %d is %+v and %+v", name, i, whole[i], parts[i])
			}
		}
	}
}

func TestBigWorld(t *testing.T) {
	b, _ := open(t, Options{Services: 5000})
	if n := len(services(t, b)); n < 5000 {
		t.Errorf("%d services", n)
	}
	b, _ = open(t, Options{Tasks: 10000, Empty: true})
	c, err := b.DescribeClusters(t.Context(), []string{"demo"})
	if err != nil || c[0].Running != 10000 {
		t.Errorf("%+v, %v", c, err)
	}
}

// A log that nobody has written yet ends at once; a whole one leaves nothing out.
func TestWholeLogs(t *testing.T) {
	b, _ := open(t, Options{Quiet: true})
	count := func(service string, since time.Time) (lines, skipped int) {
		var last time.Time
		for batch, err := range b.Logs(t.Context(), backend.LogQuery{Cluster: "demo", Service: service, Since: since}) {
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range batch.Lines {
				if l.At.Before(last) {
					t.Fatalf("%s comes after %s", l.At, last)
				}
				last = l.At
			}
			lines, skipped = lines+len(batch.Lines), skipped+batch.Skipped
		}
		return lines, skipped
	}
	if n, _ := count("reports", time.Time{}); n != 0 {
		t.Errorf("reports, which is paused, has %d lines", n)
	}
	if n, skipped := count("web", time.Time{}); n < 5000 || skipped != 0 {
		t.Errorf("web: %d lines, %d skipped", n, skipped)
	}
	if n, _ := count("web", start().Add(-10*time.Second)); n < 20 || n > 100 {
		t.Errorf("web in 10 seconds: %d lines", n)
	}
}

// A firehose is skipped into rather than followed, and says so.
func TestFirehose(t *testing.T) {
	b, clock := open(t, Options{Quiet: true, LogRate: 300_000})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan struct{})
	defer func() { cancel(); <-ended }()
	go func() { // time goes on, whether the reader waits for it yet or not
		defer close(ended)
		for ctx.Err() == nil {
			clock.Advance(time.Second) // three tasks: 900,000 lines
			select {
			case <-ctx.Done():
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	total, batches := 0, 0
	for batch, err := range b.Logs(ctx, backend.LogQuery{Cluster: "demo", Service: "web", Container: "web", Tail: 1, Follow: true}) {
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(batch.Lines) > batchLines {
			t.Fatalf("a batch of %d lines", len(batch.Lines))
		}
		if batches++; batches > 1 {
			total += len(batch.Lines) + batch.Skipped
		}
		if total >= 900_000 {
			cancel()
		}
	}
	if total < 900_000 {
		t.Errorf("%d lines accounted for", total)
	}
}
