package scheduler

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

func withBreaker(rollback bool) backend.BreakerConfig {
	return backend.BreakerConfig{Enable: true, Rollback: rollback}
}

func TestThreshold(t *testing.T) {
	for _, c := range []struct {
		kind           string
		value, desired int
		want           int
	}{
		{"", 0, 1, 3},
		{"", 0, 25, 13},
		{"", 0, 400, 200},
		{"", 0, 4000, 200},
		{"BOUNDED_PERCENT", 10, 100, 10},
		{"BOUNDED_PERCENT", 1, 100, 3},
		{"COUNT", 7, 1000, 7},
		{"UNBOUNDED_PERCENT", 100, 1, 1},
		{"UNBOUNDED_PERCENT", 50, 4000, 2000},
	} {
		got := threshold(backend.BreakerConfig{ThresholdType: c.kind, ThresholdValue: c.value}, c.desired)
		if got != c.want {
			t.Errorf("%s %d of %d tasks: %d, want %d", c.kind, c.value, c.desired, got, c.want)
		}
	}
}

func TestRolloutKeepsBoundsAndCompletes(t *testing.T) {
	for _, c := range []struct{ desired, lower, upper int }{
		{1, 100, 200}, {1, 0, 100}, {3, 100, 200}, {3, 100, 150}, {4, 50, 100}, {10, 90, 110}, {5, 0, 200},
	} {
		w := newWorld(t, 1, spec(c.desired, c.lower, c.upper, withBreaker(true)))
		w.until(20, "steady", w.steady)
		d := w.deploy("td:2", "check")
		lower, _ := w.rec.bounds()
		w.until(120, "steady", func() bool {
			if w.healthy() < lower {
				t.Fatalf("%+v: %d healthy", c, w.healthy())
			}
			return w.steady()
		})
		if d.Result != backend.Successful || d.Rollout != backend.RolloutCompleted {
			t.Errorf("%+v: %s, %s", c, d.Result, d.Rollout)
		}
		if n := strings.Count(w.events(), "has reached a steady state"); n != 2 {
			t.Errorf("%+v: said %d times that it is steady:\n%s", c, n, w.events())
		}
		if w.healthy() != c.desired {
			t.Errorf("%+v: %d healthy", c, w.healthy())
		}
	}
}

func TestBreakerRollsBackToNewestCompleted(t *testing.T) {
	for _, fate := range []string{"nostart", "crash", "sick"} {
		w := newWorld(t, 2, spec(3, 100, 200, withBreaker(true)))
		w.until(20, "steady", w.steady)
		good := w.rec.Deployments[0]
		bad := w.deploy("td:2", fate)
		w.until(120, "rolled back", func() bool { return bad.Result.Ended() })
		if bad.Result != backend.RollbackSuccessful || bad.Breaker != breakerTriggered || bad.RollbackTo != good.ID {
			t.Errorf("%s: %s, breaker %s, to %s", fate, bad.Result, bad.Breaker, bad.RollbackTo)
		}
		if good.Status != backend.DeploymentPrimary || w.rec.TaskDefinition != "td:1" || good.Result != backend.Successful {
			t.Errorf("%s: the old deployment is %s, %s; the service wants %s", fate, good.Status, good.Result, w.rec.TaskDefinition)
		}
		if w.healthy() != 3 {
			t.Errorf("%s: %d healthy", fate, w.healthy())
		}
		sd, _ := w.rec.ServiceDeployment(bad.ARN, w.tasks)
		if sd.RollbackTo != "td:1" || sd.Breaker.Failures < sd.Breaker.Threshold || sd.FinishedAt.IsZero() {
			t.Errorf("%s: %+v, breaker %+v", fate, sd, *sd.Breaker)
		}
		for _, want := range []string{"deployment failed: tasks failed", "rolling back to deployment " + good.ID} {
			if !strings.Contains(w.events(), want) {
				t.Errorf("%s: no event %q in\n%s", fate, want, w.events())
			}
		}
	}
}

func TestBreakerStallsWithNothingToGoBackTo(t *testing.T) {
	w := newWorld(t, 3, spec(2, 100, 200, withBreaker(true)))
	w.fate["td:1"] = "nostart"
	first := w.rec.Deployments[0]
	w.until(120, "failed", func() bool { return first.Result.Ended() })
	if first.Result != backend.RollbackFailed || first.Failed < 3 {
		t.Errorf("%s after %d failures", first.Result, first.Failed)
	}
	for range 100 {
		if d := w.step(); len(d.Start) > 0 {
			t.Fatal("a stalled deployment started tasks")
		}
	}
	w.deploy("td:2", "ok")
	w.until(30, "steady", w.steady)
}

// A service without a breaker whose tasks run and exit at once must slow down,
// and get going again at once with a new task definition.
func TestCrashingTasksAreThrottled(t *testing.T) {
	w := newWorld(t, 4, spec(1, 100, 200, backend.BreakerConfig{}))
	w.fate["td:1"] = "crash"
	starts := 0
	for range 600 {
		starts += len(w.step().Start)
	}
	if starts > 20 || starts < 8 {
		t.Errorf("%d starts in 10 minutes", starts)
	}
	if !strings.Contains(w.events(), "is unable to consistently start tasks successfully") {
		t.Error("the events do not say so")
	}
	w.deploy("td:2", "ok")
	w.until(10, "steady", w.steady)
}

func TestStoppedByUserIsReplacedAtOnce(t *testing.T) {
	w := newWorld(t, 5, spec(2, 100, 200, withBreaker(true)))
	w.until(20, "steady", w.steady)
	w.request(w.tasks[0].ARN, codeUser, "by hand")
	if d := w.pass(); len(d.Start) != 1 {
		t.Fatalf("%d started", len(d.Start))
	}
	w.until(20, "steady", w.steady)
	if f := w.rec.Deployments[0].Failed; f != 0 {
		t.Errorf("%d failures counted", f)
	}
}

func TestUpdateDeploysOnlyWhatReachesTasks(t *testing.T) {
	s := spec(1, 100, 200, backend.BreakerConfig{})
	s.Document = backend.Document(`{"desiredCount":1,"launchType":"EC2"}`)
	w := newWorld(t, 6, s)
	same, other := s, s
	same.Document = backend.Document(`{"desiredCount":4,"launchType":"EC2","deploymentConfiguration":{"maximumPercent":150}}`)
	same.Config.Maximum = 150
	other.Document = backend.Document(`{"launchType":"FARGATE"}`)
	td, five := "td:1", 5
	for _, c := range []struct {
		change backend.ServiceChange
		want   bool
	}{
		{backend.ServiceChange{Desired: &five}, false},
		{backend.ServiceChange{TaskDefinition: &td}, false},
		{backend.ServiceChange{Spec: &same}, false},
		{backend.ServiceChange{Spec: &other}, true},
		{backend.ServiceChange{Force: true}, true},
	} {
		got, err := w.rec.Update(w.now, w.rnd.Uint64, Change{ServiceChange: c.change})
		if err != nil || got != c.want {
			t.Errorf("%+v: new deployment %v, %v", c.change, got, err)
		}
	}
	if w.rec.Desired != 5 {
		t.Errorf("desired %d", w.rec.Desired)
	}
}

func TestRollbackAndDeleteConflicts(t *testing.T) {
	w := newWorld(t, 7, spec(2, 100, 200, backend.BreakerConfig{}))
	first := w.rec.Deployments[0]
	if err := w.rec.Rollback(w.now, first.ARN); backend.KindOf(err) != backend.Conflict {
		t.Errorf("nothing to go back to: %v", err)
	}
	if err := w.rec.Rollback(w.now, "arn:x"); backend.KindOf(err) != backend.NotFound {
		t.Errorf("unknown: %v", err)
	}
	w.until(20, "steady", w.steady)
	if err := w.rec.Rollback(w.now, first.ARN); backend.KindOf(err) != backend.Conflict {
		t.Errorf("already done: %v", err)
	}
	second := w.deploy("td:2", "sick")
	w.step()
	if err := w.rec.Rollback(w.now, second.ARN); err != nil {
		t.Fatal(err)
	}
	w.until(30, "steady", w.steady)
	if second.Result != backend.RollbackSuccessful || w.rec.TaskDefinition != "td:1" {
		t.Errorf("%s, wants %s", second.Result, w.rec.TaskDefinition)
	}
	if err := w.rec.Delete(w.now, false); backend.KindOf(err) != backend.Conflict {
		t.Errorf("delete without force: %v", err)
	}
	if err := w.rec.Delete(w.now, true); err != nil {
		t.Fatal(err)
	}
	w.until(10, "gone", func() bool { return w.rec.Status == Inactive })
	if _, err := w.rec.Update(w.now, w.rnd.Uint64, Change{}); backend.KindOf(err) != backend.Conflict {
		t.Errorf("update after delete: %v", err)
	}
}

func TestBlockedRolloutSaysSoOnce(t *testing.T) {
	w := newWorld(t, 8, spec(2, 100, 100, backend.BreakerConfig{}))
	w.until(20, "steady", w.steady)
	w.deploy("td:2", "ok")
	for range 20 {
		w.step()
	}
	if n := strings.Count(w.events(), "unable to stop or start tasks during a deployment"); n != 1 {
		t.Errorf("said %d times:\n%s", n, w.events())
	}
}

func TestGracePeriodCoversBadHealth(t *testing.T) {
	s := spec(1, 100, 200, backend.BreakerConfig{})
	s.GracePeriod = 20 * time.Second
	w := newWorld(t, 9, s)
	w.fate["td:1"] = "sick"
	for range 20 {
		if d := w.step(); len(d.Stop) > 0 {
			t.Fatal("stopped within the grace period")
		}
	}
	w.until(5, "stopped", func() bool { return strings.Contains(w.events(), "failed container health checks") })
}

func TestRecordSurvivesJSON(t *testing.T) {
	w := newWorld(t, 10, spec(2, 100, 200, withBreaker(true)))
	w.until(20, "steady", w.steady)
	w.deploy("td:2", "crash")
	w.step()
	text, err := json.Marshal(w.rec)
	if err != nil {
		t.Fatal(err)
	}
	var back Record
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(&back)
	if string(again) != string(text) {
		t.Error("the record changed on its way through JSON")
	}
	w.rec = &back
	w.until(120, "rolled back", func() bool { return back.Deployments[0].Result.Ended() })
	var doc struct {
		DesiredCount, RunningCount int
		Deployments                []struct{ ID, RolloutState string }
	}
	if err := back.Service(w.tasks).Document.Decode(&doc); err != nil || doc.DesiredCount != 2 || len(doc.Deployments) == 0 {
		t.Errorf("%+v, %v", doc, err)
	}
}

func TestScaleInTakesTheUnprovenAndTheNewest(t *testing.T) {
	w := newWorld(t, 11, spec(3, 100, 200, backend.BreakerConfig{}))
	w.until(20, "steady", w.steady)
	oldest := w.tasks[0].ARN
	five, one := 5, 1
	for _, n := range []*int{&five, &one} {
		if _, err := w.rec.Update(w.now, w.rnd.Uint64, Change{ServiceChange: backend.ServiceChange{Desired: n}}); err != nil {
			t.Fatal(err)
		}
		w.step()
	}
	w.until(20, "steady", w.steady)
	var left []string
	for _, task := range w.tasks {
		if task.LastStatus != backend.TaskStopped {
			left = append(left, task.ARN)
		}
	}
	if !reflect.DeepEqual(left, []string{oldest}) {
		t.Errorf("left %v, want %s", left, oldest)
	}
}
