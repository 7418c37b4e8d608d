package scheduler

import (
	"strings"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// A deployment that was superseded before it completed is nothing to go back to.
func TestRollbackSkipsWhatNeverCompleted(t *testing.T) {
	w := newWorld(t, 20, spec(1, 100, 200, withBreaker(true)))
	w.until(20, "steady", w.steady)
	w.deploy("td:2", "sick")
	w.step()
	third := w.deploy("td:3", "nostart")
	w.until(120, "rolled back", func() bool { return third.Result.Ended() })
	if w.rec.TaskDefinition != "td:1" {
		t.Errorf("rolled back to %s", w.rec.TaskDefinition)
	}
	if r := w.rec.Deployments[1].Result; r != backend.Stopped {
		t.Errorf("the superseded deployment is %s", r)
	}
}

// The breaker trips at its threshold, neither before nor after it.
func TestBreakerTripsAtItsThreshold(t *testing.T) {
	for _, n := range []int{1, 4} {
		w := newWorld(t, 21, spec(1, 100, 200, backend.BreakerConfig{Enable: true, ThresholdType: "COUNT", ThresholdValue: n}))
		d := w.rec.Deployments[0]
		w.fate["td:1"] = "nostart"
		w.until(120, "failed", func() bool { return d.Result.Ended() })
		if d.Failed != n {
			t.Errorf("tripped after %d failures, want %d", d.Failed, n)
		}
	}
}

// A task that becomes healthy sets the count back to zero, unless
// resetOnHealthyTask is false.
func TestHealthyTaskResetsTheCount(t *testing.T) {
	for keep, want := range map[bool]int{false: 0, true: 2} {
		w := newWorld(t, 22, spec(1, 100, 200, backend.BreakerConfig{Enable: true, KeepFailures: keep}))
		d := w.rec.Deployments[0]
		w.fate["td:1"] = "nostart"
		w.until(20, "failing", func() bool { return d.Strikes == 2 })
		w.fate["td:1"] = "ok"
		w.until(30, "steady", w.steady)
		if d.Strikes != want || d.Failed != 2 {
			t.Errorf("keep %v: %d strikes, %d failures", keep, d.Strikes, d.Failed)
		}
	}
}

// Ten tasks that fail together are one round of throttling.
func TestTasksThatFailTogetherThrottleOnce(t *testing.T) {
	w := newWorld(t, 23, spec(10, 100, 200, backend.BreakerConfig{}))
	w.fate["td:1"] = "nostart"
	w.until(5, "failing", func() bool { return w.rec.Deployments[0].Failed == 10 })
	if wait := w.rec.Throttle.Until.Sub(w.now); w.rec.Throttle.Level != 1 || wait > time.Second {
		t.Errorf("level %d, the next start is in %s", w.rec.Throttle.Level, wait)
	}
	d := w.rec.Reconcile(w.now, w.tasks, LocalTiming())
	if d.Wake <= 0 || d.Wake > time.Second {
		t.Errorf("wakes in %s", d.Wake)
	}
}

// Of a healthy and an unproven task, scaling in takes the unproven one, though
// it is the older one.
func TestScaleInKeepsTheHealthy(t *testing.T) {
	w := newWorld(t, 24, spec(2, 100, 200, backend.BreakerConfig{}))
	w.fate["td:1"] = "check"
	w.until(20, "steady", w.steady)
	older, newer := &w.tasks[0], &w.tasks[1]
	older.Containers = []backend.Container{{Name: "app", Essential: true, Health: backend.HealthUnknown}}
	one := 1
	if _, err := w.rec.Update(w.now, w.rnd.Uint64, Change{ServiceChange: backend.ServiceChange{Desired: &one}}); err != nil {
		t.Fatal(err)
	}
	w.pass()
	if older.DesiredStatus != backend.TaskStopped || newer.DesiredStatus == backend.TaskStopped {
		t.Errorf("older %s, newer %s", older.DesiredStatus, newer.DesiredStatus)
	}
}

// Tasks of a deployment that the record does not know are the service's own,
// and are replaced one by one.
func TestUnknownTasksAreReplaced(t *testing.T) {
	w := newWorld(t, 25, spec(2, 100, 200, backend.BreakerConfig{}))
	w.until(20, "steady", w.steady)
	for i := range w.tasks {
		w.tasks[i].StartedBy = "ecs-svc/lost"
	}
	w.until(30, "replaced", func() bool {
		if w.healthy() < 2 {
			t.Fatalf("%d healthy", w.healthy())
		}
		for _, task := range w.tasks {
			if task.StartedBy == "ecs-svc/lost" && task.LastStatus != backend.TaskStopped {
				return false
			}
		}
		return w.steady()
	})
}

// A record that is made again adopts the tasks that run.
func TestAdoptedTasksStay(t *testing.T) {
	w := newWorld(t, 26, spec(2, 100, 200, backend.BreakerConfig{}))
	w.until(20, "steady", w.steady)
	w.rec = Create(w.now, w.rnd.Uint64, New{Spec: w.rec.Spec, Cluster: "c", TaskDefinition: "td:1", Adopt: w.tasks[0].StartedBy})
	failed := w.tasks[0]
	failed.ARN, failed.LastStatus, failed.StopCode, failed.StartedAt = "arn:aws:ecs:l:1:task/c/old", backend.TaskStopped, "TaskFailedToStart", time.Time{}
	failed.StoppedAt = w.now
	w.tasks = append(w.tasks, failed)
	for range 10 {
		if d := w.step(); len(d.Start)+len(d.Stop) > 0 {
			t.Fatalf("%+v", d)
		}
	}
	if strings.Contains(w.events(), "has started") || w.rec.Deployments[0].Failed != 0 || !w.rec.Steady {
		t.Errorf("%d failed, steady %v:\n%s", w.rec.Deployments[0].Failed, w.rec.Steady, w.events())
	}
}

// What a service of this name before it left behind is not this one's.
func TestTasksOfTheServiceBeforeAreNotTold(t *testing.T) {
	w := newWorld(t, 28, spec(1, 100, 200, backend.BreakerConfig{}))
	w.until(20, "steady", w.steady)
	for i := range w.tasks {
		w.tasks[i].LastStatus, w.tasks[i].StopCode, w.tasks[i].StoppedAt = backend.TaskStopped, "EssentialContainerExited", w.now
	}
	old := w.tasks[0].ID()
	w.now = w.now.Add(time.Second)
	w.rec = Create(w.now, w.rnd.Uint64, New{Spec: w.rec.Spec, Cluster: "c", TaskDefinition: "td:1"})
	w.until(20, "steady again", w.steady)
	if strings.Contains(w.events(), old) || !strings.Contains(w.events(), "has started 1 tasks") {
		t.Errorf("the events:\n%s", w.events())
	}
}

// What a user or the scheduler stops before it ran is no failure.
func TestStoppedBeforeItRanIsNoFailure(t *testing.T) {
	w := newWorld(t, 27, spec(1, 100, 200, backend.BreakerConfig{}))
	w.stopping = 0
	w.pass()
	w.request(w.tasks[0].ARN, codeUser, "by hand")
	w.step()
	if d := w.rec.Deployments[0]; d.Failed != 0 || w.rec.Throttle.Level != 0 {
		t.Errorf("%d failures, throttled to level %d", d.Failed, w.rec.Throttle.Level)
	}
	w.until(10, "steady", w.steady)
}

// A deployment that failed is not complete for wanting no tasks any more.
func TestFailedStaysFailedAtZero(t *testing.T) {
	w := newWorld(t, 28, spec(1, 100, 200, withBreaker(false)))
	d := w.rec.Deployments[0]
	w.fate["td:1"] = "nostart"
	w.until(60, "failed", func() bool { return d.Result.Ended() })
	zero := 0
	if _, err := w.rec.Update(w.now, w.rnd.Uint64, Change{ServiceChange: backend.ServiceChange{Desired: &zero}}); err != nil {
		t.Fatal(err)
	}
	w.until(10, "steady", w.steady)
	if d.Completed || d.Rollout != backend.RolloutFailed || d.Result != backend.Stopped {
		t.Errorf("%s, %s, completed %v", d.Rollout, d.Result, d.Completed)
	}
}

// A clock that was set back must not keep a service from starting for hours.
func TestThrottleEndsWhenTheClockIsSetBack(t *testing.T) {
	w := newWorld(t, 29, spec(1, 100, 200, backend.BreakerConfig{}))
	w.rec.Throttle = Throttle{Level: 2, At: w.now, Until: w.now.Add(10 * time.Hour)}
	if d := w.rec.Reconcile(w.now, nil, LocalTiming()); len(d.Start) != 1 {
		t.Errorf("%+v", d)
	}
}
