package scheduler

import (
	"fmt"
	"testing"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// TestAnyHistoryConverges throws random scales, updates, rollbacks, deaths and
// lost tasks at a service. The invariants are held in every pass (see
// world.pass); at the end a good version must be reached, with exactly the
// tasks that the last accepted wish asked for.
func TestAnyHistoryConverges(t *testing.T) {
	rounds := uint64(400)
	if testing.Short() {
		rounds = 60
	}
	for seed := range rounds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { history(t, seed) })
	}
}

func history(t *testing.T, seed uint64) {
	first := spec(1, 100, 200, backend.BreakerConfig{})
	if seed%2 == 1 { // half of the histories have traffic to shift, in changing ways
		first.Config.Strategy = backend.Canary
	}
	w := newWorld(t, seed, first)
	lowers, uppers := []int{0, 33, 50, 75}, []int{100, 110, 150, 200, 300}
	c := &w.rec.Spec.Config
	c.MinimumHealthy, c.Maximum = lowers[w.rnd.IntN(4)], uppers[w.rnd.IntN(5)]
	if c.Maximum == 200 {
		c.MinimumHealthy = 100
	}
	c.Breaker = backend.BreakerConfig{Enable: w.rnd.IntN(3) > 0, Rollback: w.rnd.IntN(2) > 0, KeepFailures: w.rnd.IntN(4) == 0}
	w.rec.Spec.GracePeriod = time.Duration(w.rnd.IntN(3)*5) * time.Second
	w.stopping = w.rnd.IntN(8)
	fates := []string{"ok", "check", "sick", "nostart", "crash"}
	td := 1
	for range 150 {
		if w.rec.Strategies && w.rnd.IntN(20) == 0 {
			w.reshape(c)
		}
		switch w.rnd.IntN(14) {
		case 0:
			td++
			w.deploy(fmt.Sprintf("td:%d", td), fates[w.rnd.IntN(len(fates))])
		case 1:
			n := w.rnd.IntN(9)
			if _, err := w.rec.Update(w.now, w.rnd.Uint64, Change{ServiceChange: backend.ServiceChange{Desired: &n}}); err != nil {
				t.Fatal(err)
			}
		case 2:
			if err := w.rec.Rollback(w.now, w.rec.Deployments[0].ARN); err != nil && backend.KindOf(err) != backend.Conflict {
				t.Fatal(err)
			}
		case 3:
			w.kill()
		case 4:
			if len(w.tasks) > 0 { // removed behind the scheduler's back
				i := w.rnd.IntN(len(w.tasks))
				w.tasks = append(w.tasks[:i], w.tasks[i+1:]...)
			}
		}
		w.step()
	}
	c.Hooks = nil // which nobody would answer from here on
	n := 1 + w.rnd.IntN(6)
	last := "td:last"
	w.fate[last] = "check"
	if lower, upper := ceilPercent(n, c.MinimumHealthy), n*c.Maximum/100; lower >= n && upper <= n {
		c.Maximum = 200 // else the rollout could never move, as in ECS
	}
	change := backend.ServiceChange{Desired: &n, TaskDefinition: &last}
	if _, err := w.rec.Update(w.now, w.rnd.Uint64, Change{ServiceChange: change}); err != nil {
		t.Fatal(err)
	}
	w.until(300, "converged", func() bool { return w.rec.Steady && w.live() == n && w.healthy() == n })
	for _, task := range w.tasks {
		if task.LastStatus != backend.TaskStopped && task.TaskDefinition != last {
			t.Fatalf("a task of %s is left", task.TaskDefinition)
		}
	}
	if d := w.rec.Deployments[0]; d.Result != backend.Successful {
		t.Fatalf("the last deployment is %s", d.Result)
	}
}

// reshape changes how the next deployment shifts traffic, and where it pauses.
func (w *world) reshape(c *backend.DeploymentConfig) {
	c.Strategy = []string{backend.Rolling, backend.BlueGreen, backend.Linear, backend.Canary}[w.rnd.IntN(4)]
	c.Shift = backend.ShiftConfig{
		Bake: time.Duration(w.rnd.IntN(3)) * time.Minute, StepPercent: float64(10 + w.rnd.IntN(60)),
		StepBake: time.Duration(w.rnd.IntN(3)) * time.Minute,
	}
	c.Hooks = nil
	if w.rnd.IntN(2) == 0 {
		stages := backend.LifecycleStages()
		c.Hooks = []backend.LifecycleHook{{
			Type: backend.HookPause, Stages: []string{stages[w.rnd.IntN(len(stages))]}, Timeout: 2 * time.Minute,
			TimeoutAction: []backend.HookAction{backend.HookContinue, backend.HookRollback}[w.rnd.IntN(2)],
		}}
	}
}

// kill ends a random task: by a user, or by itself.
func (w *world) kill() {
	if len(w.tasks) == 0 {
		return
	}
	t := &w.tasks[w.rnd.IntN(len(w.tasks))]
	if w.rnd.IntN(2) == 0 {
		w.request(t.ARN, codeUser, "by hand")
		return
	}
	if t.LastStatus != backend.TaskStopped {
		t.LastStatus, t.DesiredStatus, t.StoppedAt, t.StopCode = backend.TaskStopped, backend.TaskStopped, w.now, "EssentialContainerExited"
	}
}
