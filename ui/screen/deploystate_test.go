package screen

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
)

func at(sec int) time.Time { return time.Date(2026, 5, 1, 12, 0, sec, 0, time.UTC) }

func TestStepsFold(t *testing.T) {
	s := newDeployState(at(0))
	s.apply(deploy.StepStarted{Step: deploy.Build, Subject: "web", At: at(0)}, at(0))
	if got := s.summary(); got != "build web" {
		t.Errorf("summary %q", got)
	}
	s.apply(deploy.StepFinished{Step: deploy.Build, Subject: "web", Elapsed: 12 * time.Second, Summary: "18 steps, 15 cached", Result: "image 9f3c1ab"}, at(12))
	s.apply(deploy.StepStarted{Step: deploy.Push, Subject: "shop/web", At: at(12)}, at(12))
	s.apply(deploy.StepFinished{Step: deploy.Push, Subject: "shop/web", Skipped: "the engine has it"}, at(12))
	s.apply(deploy.StepStarted{Step: deploy.Register, Subject: "web", At: at(12)}, at(12))
	s.apply(deploy.StepFinished{Step: deploy.Register, Subject: "web:15", Elapsed: time.Second}, at(13))
	want := []struct {
		step    deploy.Step
		subject string
		phase   stepPhase
	}{
		{deploy.Build, "web", stepDone},
		{deploy.Push, "shop/web", stepSkipped},
		{deploy.Register, "web:15", stepDone},
	}
	if len(s.Lines) != len(want) {
		t.Fatalf("lines %+v", s.Lines)
	}
	for i, w := range want {
		if l := s.Lines[i]; l.Step != w.step || l.Subject != w.subject || l.Phase != w.phase {
			t.Errorf("line %d is %+v, want %+v", i, l, w)
		}
	}
	if s.reached(deploy.Update) || !s.reached(deploy.Push) {
		t.Error("reached is wrong")
	}
}

func TestEventsAndFailuresAreKeptOnce(t *testing.T) {
	s := newDeployState(at(0))
	for range 3 {
		s.apply(deploy.ServiceEvent{Event: backend.Event{ID: "1", Message: "started"}}, at(1))
	}
	s.apply(deploy.ServiceEvent{Event: backend.Event{ID: "2", Message: "stopped"}}, at(1))
	if len(s.Events) != 2 {
		t.Errorf("events %+v", s.Events)
	}
	s.apply(deploy.TaskFailed{Task: backend.Task{ARN: "a"}}, at(1))
	s.apply(deploy.TaskFailed{Task: backend.Task{ARN: "a"}, Diagnosis: deploy.Diagnosis{Row: 11}}, at(2))
	if len(s.Failures) != 1 || s.Failures[0].Diagnosis.Row != 11 {
		t.Errorf("failures %+v", s.Failures)
	}
}

func TestBuildFold(t *testing.T) {
	var b buildFold
	b.apply(backend.BuildVertex{ID: "1", Name: "[1/3] FROM base", Started: at(0), Completed: at(0), Cached: true})
	b.apply(backend.BuildVertex{ID: "2", Name: "[2/3] COPY . .", Started: at(0)})
	b.apply(backend.BuildVertex{ID: "3", Name: "[3/3] RUN make"})
	for i := range vertexTailKept + 3 {
		b.apply(backend.BuildLog{Vertex: "2", Text: string(rune('a' + i))})
	}
	if total, done, cached := b.counts(); total != 3 || done != 1 || cached != 1 {
		t.Errorf("counts %d %d %d", total, done, cached)
	}
	if a := b.active(); len(a) != 1 || a[0].ID != "2" || len(a[0].Tail) != vertexTailKept || a[0].Tail[vertexTailKept-1] != "k" {
		t.Errorf("active %+v", a)
	}
	b.apply(backend.BuildVertex{ID: "2", Name: "[2/3] COPY . .", Started: at(0), Completed: at(2)})
	b.apply(backend.BuildVertex{ID: "3", Name: "[3/3] RUN make", Started: at(2), Completed: at(3), Err: "exit code: 2"})
	if a := b.active(); len(a) != 1 || a[0].Err == "" {
		t.Errorf("a failed vertex stays open: %+v", a)
	}
	if n := len(b.finished()); n != 2 {
		t.Errorf("%d finished", n)
	}
	last := b.Log[len(b.Log)-1]
	if last.Text != "  failed: exit code: 2" {
		t.Errorf("log ends with %q", last.Text)
	}
}

func TestBuildLogIsBounded(t *testing.T) {
	var b buildFold
	b.apply(backend.BuildVertex{ID: "1", Name: "RUN", Started: at(0)})
	for range 3 * buildLinesKept {
		b.apply(backend.BuildLog{Vertex: "1", Text: "x"})
	}
	if len(b.Log) > buildLinesKept*5/4 || b.Dropped+len(b.Log) != 3*buildLinesKept+1 {
		t.Errorf("%d kept, %d dropped", len(b.Log), b.Dropped)
	}
}

func TestPushFold(t *testing.T) {
	var p pushFold
	p.apply(backend.PushLayer{ID: "a", Status: "Layer already exists"})
	p.apply(backend.PushLayer{ID: "b", Status: "Pushing", Current: 150, Total: 100})
	p.apply(backend.PushLayer{ID: "c", Status: "Pushing", Current: 10, Total: 50})
	if cur, total := p.bytes(); cur != 110 || total != 150 {
		t.Errorf("bytes %d of %d", cur, total)
	}
	p.apply(backend.PushLayer{ID: "b", Status: "Pushed"})
	if total, done, there := p.counts(); total != 3 || done != 2 || there != 1 {
		t.Errorf("counts %d %d %d", total, done, there)
	}
	if cur, total := p.bytes(); cur != 110 || total != 150 {
		t.Errorf("a pushed layer keeps its size: %d of %d", cur, total)
	}
}

const (
	oldRev = "arn:aws:ecs:local:1:task-definition/web:14"
	newRev = "arn:aws:ecs:local:1:task-definition/web:15"
)

func rollout(healthy int, tasks ...backend.Task) deploy.RolloutProgress {
	return deploy.RolloutProgress{
		Deployment: backend.ServiceDeployment{
			ID: "ecs-svc/2", Status: backend.InProgress,
			Source: []backend.Revision{{TaskDefinition: oldRev}},
			Target: backend.Revision{TaskDefinition: newRev, Desired: 3, Healthy: healthy},
		},
		Service: backend.Service{Name: "web", Desired: 3},
		Tasks:   tasks,
		Started: at(0),
	}
}

func newTask(arn string, created, started int) backend.Task {
	t := backend.Task{ARN: arn, TaskDefinition: newRev, StartedBy: "ecs-svc/2", CreatedAt: at(created), LastStatus: backend.TaskPending}
	if started > 0 {
		t.StartedAt, t.LastStatus = at(started), backend.Running
	}
	return t
}

func TestRolloutOrderAndLife(t *testing.T) {
	old := backend.Task{ARN: "old", TaskDefinition: oldRev, StartedBy: "ecs-svc/1", CreatedAt: at(-100), StartedAt: at(-90), LastStatus: backend.Running, Health: backend.Healthy}
	s := newDeployState(at(0))
	s.apply(rollout(0, old, newTask("b", 2, 0), newTask("a", 1, 4)), at(5))
	s.apply(rollout(1, old, newTask("b", 2, 9), newTask("a", 1, 4)), at(10))
	r := &s.Rollout
	if r.Tasks[0].ARN != "a" || r.Tasks[1].ARN != "b" || r.Tasks[2].ARN != "old" {
		t.Errorf("order %v", r.Tasks)
	}
	if got := r.progress(); got != "1 of 3 healthy" {
		t.Errorf("progress %q", got)
	}
	if now := r.now(r.Tasks[0]); now != "healthy" {
		t.Errorf("the oldest of the unknown is healthy, by the revision's count: %q", now)
	}
	if now := r.now(r.Tasks[1]); now != "running" {
		t.Errorf("the next one is not: %q", now)
	}
	spans := r.life(r.Tasks[0], at(20))
	want := []lifeSpan{{lifePending, at(1), at(4)}, {lifeStarting, at(4), at(10)}, {lifeHealthy, at(10), at(20)}}
	if len(spans) != len(want) {
		t.Fatalf("life %+v", spans)
	}
	for i := range want {
		if spans[i] != want[i] {
			t.Errorf("span %d is %+v, want %+v", i, spans[i], want[i])
		}
	}
	if spans := r.life(old, at(20)); len(spans) != 2 || spans[1].Phase != lifeHealthy || !spans[1].From.Equal(at(-90)) {
		t.Errorf("a task that was healthy before anybody looked: %+v", spans)
	}
}

func TestFailedTaskLifeEnds(t *testing.T) {
	one := 137
	broken := newTask("c", 1, 3)
	broken.LastStatus, broken.StoppedAt, broken.StopCode = backend.TaskStopped, at(8), "EssentialContainerExited"
	broken.Containers = []backend.Container{{Name: "web", Essential: true, ExitCode: &one, Reason: "OutOfMemoryError: killed"}}
	s := newDeployState(at(0))
	s.apply(rollout(0, broken), at(9))
	spans := s.Rollout.life(broken, at(60))
	last := spans[len(spans)-1]
	if last.Phase != lifeFailed || !last.From.Equal(at(8)) {
		t.Errorf("life %+v", spans)
	}
	if got := s.Rollout.now(broken); got != "exit 137 · OutOfMemoryError" {
		t.Errorf("now %q", got)
	}
}

// TestOlderRevisionComesBack: what a rollback deploys is not called new, also when
// the revision that it takes the place of is gone.
func TestOlderRevisionComesBack(t *testing.T) {
	ev := rollout(2)
	d := &ev.Deployment
	d.ARN, d.Target.TaskDefinition = "arn:1", oldRev
	d.Source = []backend.Revision{{TaskDefinition: newRev, Running: 2}}
	s := newDeployState(at(0))
	see := func(want ...string) {
		t.Helper()
		s.apply(ev, at(1))
		p := painter(120, 30)
		text := ansi.Strip(strings.Join(p.revisions(&s.Rollout), "\n"))
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("no %q in\n%s", w, text)
			}
		}
		if strings.Contains(text, " new") {
			t.Errorf("something is new in\n%s", text)
		}
	}
	see("web:14 comes back", "web:15 leaves")
	d.Source, d.Status = nil, backend.Successful
	see("web:14 is back")
}

func TestRollbackIsNotProgress(t *testing.T) {
	ev := rollout(2)
	ev.Deployment.Status, ev.Deployment.RollbackTo = backend.RollbackInProgress, oldRev
	s := newDeployState(at(0))
	s.apply(deploy.StepStarted{Step: deploy.Rollout, Subject: "web"}, at(0))
	s.apply(ev, at(1))
	if got := s.summary(); got != "rolling back to web:14" {
		t.Errorf("summary %q", got)
	}
	s.apply(deploy.Ended{Outcome: deploy.RolledBack, Reason: "tasks failed to start", Elapsed: 90 * time.Second}, at(90))
	if got := s.summary(); got != "rolled back: tasks failed to start" {
		t.Errorf("summary %q", got)
	}
	if s.elapsed(at(500)) != 90*time.Second {
		t.Error("time goes on after the end")
	}
}
