package docker

import (
	"context"
	"database/sql"
	"fmt"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/docker/dockertest"
)

// pair is a definition of two containers that share a network namespace.
func pair(t testing.TB, family, version string) backend.Document {
	image := dockertest.StaticImage(t)
	return taskDefinition(t, family, modeVPC,
		object{"name": "web", "image": image, "command": []string{"-http", ":8080", "-version", version}},
		object{
			"name": "side", "image": image, "command": []string{"-log", "1"},
			"dependsOn": []object{{"containerName": "web", "condition": "START"}},
		})
}

// exactly checks that a service has what it wants, once: so many tasks, each
// with its own containers, all of the revision, and nothing else that runs but
// the tasks named by their ids.
func (b *bed) exactly(name, revision string, tasks, containers int, others ...string) {
	b.Helper()
	live := map[string]backend.Task{}
	for _, t := range b.tasks(backend.TaskQuery{Service: name}) {
		live[t.ARN] = t
		if t.LastStatus != backend.Running || t.TaskDefinition != revision {
			b.Errorf("task %s of %s is %s", backend.ShortID(t.ARN), backend.ShortName(t.TaskDefinition), t.LastStatus)
		}
	}
	if len(live) != tasks {
		b.Errorf("%d tasks, want %d:\n%s", len(live), tasks, b.story(name))
	}
	running, seen := map[string]int{}, map[string]bool{}
	for _, c := range b.containers() {
		arn, container := c.Labels[LabelTaskARN], c.Labels[LabelContainerName]
		if seen[arn+container] {
			b.Errorf("two containers are %s of %s", container, arn)
		}
		seen[arn+container] = true
		if c.State != "running" || slices.Contains(others, backend.ShortName(arn)) {
			continue
		}
		if _, ok := live[arn]; !ok {
			b.Errorf("%s of %s runs, but its task has stopped or is not known", container, arn)
		}
		running[arn]++
	}
	for arn := range live {
		if running[arn] != containers {
			b.Errorf("task %s runs %d containers, want %d", arn, running[arn], containers)
		}
	}
}

// TestAgentKilled kills the agent in the middle of a rollout: once at each of
// ten points, one agent after the other in the same rollout; and at a single
// point further into the work. The last agent must end the rollout as if
// nothing had been.
func TestAgentKilled(t *testing.T) {
	t.Parallel()
	dockertest.RequireEngine(t)
	type deaths []child
	for name, points := range map[string]deaths{
		"ten times": {
			{Fault: "before-decide"},
			{Fault: "in-decide"}, // in a transaction that was not committed
			{Fault: "after-decide"},
			{Fault: "pause-made"},
			{Fault: "container-made"},
			{Fault: "container-started"},
			{Fault: "task-saved"},
			{Fault: "stopping"},
			{Fault: "stopped"},
			{Fault: "stop-saved"},
		},
		"between two containers": {{Fault: "container-made", Nth: 3}},
		"at the second decision": {{Fault: "in-decide", Nth: 2}},
		"at the last stop":       {{Fault: "stopped", Nth: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, nil)
			agent := b.fork(child{})
			b.create("web", b.register(pair(t, "web", "1")).ARN, 2)
			b.steady("web")
			kill(agent)

			next := b.register(pair(t, "web", "2"))
			svc := b.update("web", backend.ServiceChange{TaskDefinition: &next.ARN})
			for _, p := range points {
				p.Nth = max(p.Nth, 1)
				b.diesAt(b.fork(p), p.Fault)
			}
			b.fork(child{})
			d := b.deployed(svc)
			if d.Status != backend.Successful || d.Target.Failed != 0 {
				t.Errorf("%s, %d failed: %s\n%s", d.Status, d.Target.Failed, d.Reason, b.story("web"))
			}
			b.steady("web")
			b.exactly("web", next.ARN, 2, 3)
			if n := len(b.tasks(backend.TaskQuery{Service: "web", Stopped: true})); n != 2 {
				t.Errorf("%d stopped tasks are known, want the 2 old ones:\n%s", n, b.story("web"))
			}
		})
	}
}

// diesAt waits until a child has killed itself.
func (b *bed) diesAt(cmd *exec.Cmd, point string) {
	b.Helper()
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	select {
	case <-done:
		if cmd.ProcessState.ExitCode() != -1 {
			b.Fatalf("the agent ended by itself: %s", cmd.ProcessState)
		}
	case <-time.After(patience):
		_ = cmd.Process.Kill()
		<-done
		b.Fatalf("the agent never came to %s:\n%s", point, b.story("web"))
	}
}

// TestRemovedBehindItsBack takes containers away that the agent keeps.
func TestRemovedBehindItsBack(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	td := b.register(pair(t, "web", "1"))
	b.create("web", td.ARN, 2)
	b.steady("web")
	for _, victim := range []string{"web", PauseContainer} {
		t.Run(victim, func(t *testing.T) {
			before := map[string]bool{}
			for _, task := range b.tasks(backend.TaskQuery{Service: "web"}) {
				before[task.ARN] = true
			}
			lost := ""
			for _, c := range b.containers() {
				if c.State == "running" && c.Labels[LabelContainerName] == victim {
					lost = c.Labels[LabelTaskARN]
					dockertest.Remove(t, b.client, c.ID)
					break
				}
			}
			var gone backend.Task
			b.eventually("the task has stopped", func() (bool, string) {
				found, err := b.DescribeTasks(t.Context(), b.cluster, []string{lost})
				if err != nil || len(found) != 1 {
					return false, fmt.Sprint(found, err)
				}
				gone = found[0]
				return gone.LastStatus == backend.TaskStopped, b.story("web")
			})
			if gone.StopCode == "" || gone.StoppedReason == "" {
				t.Errorf("%q %q", gone.StopCode, gone.StoppedReason)
			}
			b.eventually("it is replaced", func() (bool, string) {
				n := 0
				for _, task := range b.tasks(backend.TaskQuery{Service: "web"}) {
					if !before[task.ARN] && task.LastStatus == backend.Running {
						n++
					}
				}
				return n == 1, b.story("web")
			})
			b.steady("web")
			b.exactly("web", td.ARN, 2, 3)
		})
	}
	t.Run("all", func(t *testing.T) {
		for _, c := range b.containers() {
			dockertest.Remove(t, b.client, c.ID)
		}
		b.eventually("it is seen", func() (bool, string) { return b.service("web").Running == 0, b.story("web") })
		b.steady("web")
		b.exactly("web", td.ARN, 2, 3)
	})
}

// TestManyWriters changes one service from three places at once; one of them is
// another process. No change may be lost, and the last one counts.
func TestManyWriters(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	td := b.register(pair(t, "web", "1"))
	b.create("web", td.ARN, 1)
	const times = 5
	third := b.fork(child{Service: "web", Changes: times})
	var writers sync.WaitGroup
	for range 2 {
		other := b.another(b.set)
		writers.Go(func() {
			for n := range times {
				desired := n%3 + 1
				if _, err := other.UpdateService(t.Context(), "", "web", backend.ServiceChange{Force: true, Desired: &desired}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	if err := third.Wait(); err != nil {
		t.Error(err)
	}
	two := 2
	svc := b.update("web", backend.ServiceChange{Desired: &two})
	page, err := b.ListServiceDeployments(t.Context(), "", "web", backend.PageRequest{})
	if err != nil || len(page.Items) != 1+3*times {
		t.Errorf("%d deployments, want %d: %v", len(page.Items), 1+3*times, err)
	}
	if d := b.deployed(svc); d.Status != backend.Successful {
		t.Errorf("%s: %s", d.Status, d.Reason)
	}
	b.steady("web")
	b.exactly("web", td.ARN, 2, 3)
}

// TestTwoAgents: the second one leaves at once, and the first goes on.
func TestTwoAgents(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.startAgent()
	b.eventually("an agent runs", func() (bool, string) {
		status, err := b.AgentStatus(t.Context())
		return err == nil && status.Running && status.PID != 0, fmt.Sprint(status, err)
	})
	if err := RunAgent(t.Context(), b.set); err != nil {
		t.Error(err)
	}
	status, err := b.AgentStatus(t.Context())
	if err != nil || !status.Running {
		t.Errorf("%+v, %v", status, err)
	}
}

// TestLeftoversGo: the containers of a task outlive the agent, which has nothing
// left to keep; who comes when their time is over has them cleared away.
func TestLeftoversGo(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{}, 2)
	b := newBed(t, func(s *Settings) {
		s.AgentIdle = time.Nanosecond
		s.StartAgent = func(context.Context) error { begun <- struct{}{}; return nil }
	})
	td := b.register(taskDefinition(t, "job", "bridge", object{"name": "job", "image": dockertest.StaticImage(t), "command": []string{"-exit-after", "1ms"}}))
	var job backend.Task
	if err := b.write(t.Context(), "Test", "job", func(tx *sql.Tx) error {
		job = newTask(td, b.names.Task(b.cluster, taskID()), b.cluster, time.Now())
		return putTask(t.Context(), tx, &taskRow{View: job})
	}); err != nil {
		t.Fatal(err)
	}
	b.startAgent()
	if job = b.until(job, backend.TaskStopped); len(b.containers()) == 0 {
		t.Fatal("nothing is left of it at once")
	}
	b.stopAgent()
	if err := b.Resume(t.Context()); err != nil || len(begun) > 0 {
		t.Fatalf("%d begun, %v: it is not yet time", len(begun), err)
	}
	if err := b.write(t.Context(), "Test", "job", func(tx *sql.Tx) error {
		row, err := task(t.Context(), tx, job.ID())
		if err == nil {
			row.View.StoppedAt = row.View.StoppedAt.Add(-2 * keepTask)
			err = putTask(t.Context(), tx, row)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := b.Resume(t.Context()); err != nil || len(begun) != 1 {
		t.Fatalf("%d begun, %v", len(begun), err)
	}
	if err := RunAgent(t.Context(), b.set); err != nil {
		t.Fatal(err)
	}
	if left := b.containers(); len(left) > 0 {
		t.Errorf("still there: %+v", left)
	}
	if err := b.Resume(t.Context()); err != nil || len(begun) != 1 {
		t.Errorf("%d begun, %v: there is nothing to clear", len(begun), err)
	}
}

// TestAgentWaitsForItsLock: who only asks whether an agent runs holds the lock
// for a moment, and keeps none from beginning.
func TestAgentWaitsForItsLock(t *testing.T) {
	t.Parallel()
	var asking *flock.Flock
	b := newBed(t, func(s *Settings) {
		s.Fault = func(point string) {
			if point == "locked" {
				if err := asking.Unlock(); err != nil {
					t.Error(err)
				}
			}
		}
	})
	asking = b.agentLock()
	if free, err := asking.TryRLock(); err != nil || !free {
		t.Fatal(free, err)
	}
	b.startAgent()
	b.eventually("the agent runs", func() (bool, string) {
		select {
		case err := <-b.ended:
			t.Fatalf("it has ended: %v", err)
		default:
		}
		runs, err := b.agentRuns()
		return runs, fmt.Sprint(err)
	})
}

// TestAgentThatDoesNotBegin: who started one is told when none runs.
func TestAgentThatDoesNotBegin(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b := newBed(t, func(s *Settings) {
		s.StartAgent = func(context.Context) error { cancel(); return nil }
	})
	td := b.register(pair(t, "job", "1"))
	_, err := b.RunTask(ctx, backend.RunTaskRequest{Cluster: b.cluster, TaskDefinition: td.ARN})
	wantError(t, err, backend.Other, "does not run", "agent.log", "what was changed is saved")
	if err := b.Resume(t.Context()); err != nil {
		t.Errorf("what only looks waits for it: %v", err)
	}
}

// TestAgentLeaves: with nothing left to keep, the agent ends by itself and
// takes the cluster's network along; a change starts it again.
func TestAgentLeaves(t *testing.T) {
	t.Parallel()
	b := newBed(t, func(s *Settings) { s.AgentIdle = time.Nanosecond })
	td := b.register(pair(t, "job", "1"))
	task := b.run(td.ARN)
	b.startAgent()
	b.until(task, backend.Running)
	if _, err := b.StopTask(t.Context(), b.cluster, task.ARN, ""); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-b.ended:
		if err != nil {
			t.Error(err)
		}
		b.agent = nil
	case <-time.After(patience):
		t.Fatal("the agent stays")
	}
	if _, err := b.client.NetworkInspect(t.Context(), networkName(b.cluster), client.NetworkInspectOptions{}); !gone(err) {
		t.Errorf("the network is still there: %v", err)
	}
	if status, err := b.AgentStatus(t.Context()); err != nil || status.Running || status.Tasks != 0 {
		t.Errorf("%+v, %v", status, err)
	}
}
