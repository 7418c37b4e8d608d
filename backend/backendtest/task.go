package backendtest

import (
	"fmt"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

func testStopTask(s *suite) {
	name := s.name("web")
	td := s.register(s.definition(name, s.Image, nil))
	s.create(s.spec(name, td.ARN, 2))
	svc := s.steady(name)
	victim := s.tasks(name, false)[0]
	stopped, err := s.b.StopTask(s.Context(), s.Cluster, victim.ARN, "a test")
	s.must(err)
	if stopped.ARN != victim.ARN || stopped.DesiredStatus != backend.TaskStopped {
		s.Errorf("stopped: %+v", stopped)
	}
	s.eventually("stopped", func() (bool, string) {
		found, err := s.b.DescribeTasks(s.Context(), s.Cluster, []string{victim.ARN})
		if err != nil || len(found) != 1 {
			return false, fmt.Sprint(found, err)
		}
		stopped = found[0]
		return stopped.LastStatus == backend.TaskStopped, stopped.LastStatus
	})
	if stopped.StopCode != "UserInitiated" || !strings.Contains(stopped.StoppedReason, "a test") || stopped.StoppedAt.IsZero() {
		s.Errorf("%s: %q at %s", stopped.StopCode, stopped.StoppedReason, stopped.StoppedAt)
	}
	s.eventually("replaced", func() (bool, string) {
		n := 0
		for _, task := range s.tasks(name, false) {
			if task.ARN != victim.ARN && task.LastStatus == backend.Running {
				n++
			}
		}
		return n == 2, fmt.Sprintf("%d other tasks run", n)
	})
	after := s.steady(name)
	if after.Current != svc.Current || after.Deployments[0].Failed != 0 {
		s.Errorf("a task that a user stopped is no failure: %s", describe(after))
	}
}

func testRunTask(s *suite) {
	name := s.name("job")
	td := s.register(s.definition(name, s.Image, nil))
	for _, code := range []int{0, 3} {
		s.sub(fmt.Sprintf("exit %d", code), func(s *suite) {
			tasks, err := s.b.RunTask(s.Context(), backend.RunTaskRequest{
				Cluster: s.Cluster, TaskDefinition: td.ARN, StartedBy: s.name("me"),
				Overrides: []backend.ContainerOverride{{Name: "app", Command: s.Exit(code), Environment: map[string]string{"ANSWER": "42"}}},
			})
			s.must(err)
			if len(tasks) != 1 || tasks[0].Service != "" || tasks[0].Group != "family:"+name || tasks[0].StartedBy != s.name("me") {
				s.Fatalf("%+v", tasks)
			}
			task := s.ends(tasks[0].ARN)
			if c := task.Containers[0]; c.ExitCode == nil || *c.ExitCode != code {
				s.Errorf("exit code %v, want %d; %s", c.ExitCode, code, task.StoppedReason)
			}
			if !strings.Contains(task.StoppedReason, "Essential container in task exited") || task.StopCode != "EssentialContainerExited" {
				s.Errorf("%s: %q", task.StopCode, task.StoppedReason)
			}
		})
	}
	s.sub("exec", func(s *suite) {
		tasks, err := s.b.RunTask(s.Context(), backend.RunTaskRequest{Cluster: s.Cluster, TaskDefinition: td.Ref(), Exec: true})
		s.must(err)
		if len(tasks) != 1 || tasks[0].ExecOff {
			s.Errorf("ECS Exec was asked for, and is off: %+v", tasks)
		}
		_, err = s.b.StopTask(s.Context(), s.Cluster, tasks[0].ARN, "")
		s.must(err)
		s.ends(tasks[0].ARN)
	})
	s.sub("stop", func(s *suite) {
		tasks, err := s.b.RunTask(s.Context(), backend.RunTaskRequest{Cluster: s.Cluster, TaskDefinition: td.Ref(), Count: 2})
		s.must(err)
		if len(tasks) != 2 || tasks[0].ARN == tasks[1].ARN {
			s.Fatalf("%+v", tasks)
		}
		for _, task := range tasks {
			_, err := s.b.StopTask(s.Context(), s.Cluster, task.ARN, "")
			s.must(err)
		}
		for _, task := range tasks {
			s.ends(task.ARN)
		}
	})
}

// ends waits until a task has stopped.
func (s *suite) ends(arn string) backend.Task {
	s.Helper()
	var task backend.Task
	s.eventually("stopped", func() (bool, string) {
		found, err := s.b.DescribeTasks(s.Context(), s.Cluster, []string{arn})
		if err != nil || len(found) != 1 {
			return false, fmt.Sprintf("%d tasks, %v", len(found), err)
		}
		task = found[0]
		return task.LastStatus == backend.TaskStopped, task.LastStatus
	})
	return task
}

// testBreaker deploys a version that cannot run: it must be rolled back, with
// the old version running all the time.
func testBreaker(s *suite) {
	name := s.name("web")
	good := s.register(s.definition(name, s.Image, nil))
	s.create(s.spec(name, good.ARN, 1))
	s.steady(name)
	bad := s.register(s.definition(name, s.ImageBroken, nil))
	updated, err := s.b.UpdateService(s.Context(), s.Cluster, name, backend.ServiceChange{TaskDefinition: &bad.ARN})
	s.must(err)
	var d backend.ServiceDeployment
	s.eventually("rolled back", func() (bool, string) {
		d = s.deployment(updated.Current)
		svc, err := s.get(name)
		if err != nil {
			return false, err.Error()
		}
		return d.Status.Ended(), string(d.Status) + " " + describe(svc)
	})
	if d.Status != backend.RollbackSuccessful || d.RollbackTo != good.ARN || d.RollbackReason == "" ||
		d.Breaker == nil || d.Breaker.Status != "TRIGGERED" || d.Breaker.Threshold != 3 {
		s.Errorf("%s to %s: %q, breaker %+v", d.Status, d.RollbackTo, d.RollbackReason, d.Breaker)
	}
	svc := s.steady(name)
	if svc.TaskDefinition != good.ARN {
		s.Errorf("the service wants %s", svc.TaskDefinition)
	}
	told := ""
	for _, e := range svc.Events {
		told += e.Message + "\n"
	}
	if !strings.Contains(told, "deployment failed: tasks failed to start") || !strings.Contains(told, "rolling back to deployment ecs-svc/") {
		s.Errorf("the events do not tell:\n%s", told)
	}
	failed := 0
	for _, task := range s.tasks(name, true) {
		if task.TaskDefinition == bad.ARN {
			failed++
			if c := task.Containers[0]; task.StoppedReason == "" && c.Reason == "" {
				s.Errorf("a failed task gives no reason: %+v", task)
			}
		}
	}
	if failed < 3 {
		s.Errorf("%d failed tasks can still be seen, want 3", failed)
	}
}

// testStopServiceDeployment rolls back by hand.
func testStopServiceDeployment(s *suite) {
	name := s.name("web")
	good := s.register(s.definition(name, s.Image, nil))
	s.create(s.spec(name, good.ARN, 2))
	first := s.steady(name)
	_, err := s.b.StopServiceDeployment(s.Context(), first.Current)
	s.kind("a deployment that is done", err, backend.Conflict)
	next := s.register(s.definition(name, s.ImageV2, nil))
	updated, err := s.b.UpdateService(s.Context(), s.Cluster, name, backend.ServiceChange{TaskDefinition: &next.ARN})
	s.must(err)
	d, err := s.b.StopServiceDeployment(s.Context(), updated.Current)
	s.must(err)
	if d.ARN != updated.Current || d.Status == backend.Successful {
		s.Errorf("%+v", d)
	}
	s.eventually("rolled back", func() (bool, string) {
		d = s.deployment(updated.Current)
		return d.Status.Ended(), string(d.Status)
	})
	if d.Status != backend.RollbackSuccessful || d.RollbackTo != good.ARN {
		s.Errorf("%s to %s", d.Status, d.RollbackTo)
	}
	if svc := s.steady(name); svc.TaskDefinition != good.ARN {
		s.Errorf("the service wants %s", svc.TaskDefinition)
	}
}
