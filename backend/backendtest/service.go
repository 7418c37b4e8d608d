package backendtest

import (
	"context"
	"fmt"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// testService creates a service and looks at it from every side.
func testService(s *suite) {
	name := s.name("web")
	td := s.register(s.definition(name, s.Image, nil))
	made := s.create(s.spec(name, td.ARN, 2))
	if made.Name != name || made.Status != "ACTIVE" || made.Desired != 2 || made.TaskDefinition != td.ARN {
		s.Errorf("created as %s", describe(made))
	}
	svc := s.steady(name)
	s.sub("service", func(s *suite) {
		if byARN, err := s.b.DescribeServices(s.Context(), s.Cluster, []string{svc.ARN}); err != nil || len(byARN) != 1 || byARN[0].Name != name {
			s.Errorf("by ARN: %d services, %v", len(byARN), err)
		}
		var doc struct {
			ServiceName  string
			DesiredCount int
			RunningCount int
			Deployments  []struct{ ID, Status, TaskDefinition string }
			Events       []struct{ Message string }
		}
		s.must(svc.Document.Decode(&doc))
		if doc.ServiceName != name || doc.DesiredCount != 2 || doc.RunningCount != 2 || len(doc.Deployments) != 1 || len(doc.Events) == 0 {
			s.Errorf("the document says %+v", doc)
		}
	})
	s.sub("events", func(s *suite) { s.events(name) })
	s.sub("deployment", func(s *suite) {
		d := s.deployment(svc.Current)
		if d.Status != backend.Successful || d.Service != name || d.Target.TaskDefinition != td.ARN || d.FinishedAt.IsZero() ||
			d.Target.Running != 2 || len(d.Target.Images) != 1 || d.Target.Images[0].Image != s.Image {
			s.Errorf("%+v", d)
		}
	})
	s.sub("tasks", func(s *suite) {
		tasks := s.tasks(name, false)
		if len(tasks) != 2 {
			s.Fatalf("%d tasks", len(tasks))
		}
		for _, task := range tasks {
			var doc struct{ TaskArn, LastStatus string }
			s.must(task.Document.Decode(&doc))
			if task.LastStatus != backend.Running || task.Service != name || task.Group != "service:"+name ||
				task.TaskDefinition != td.ARN || task.StartedBy != svc.Deployments[0].ID || task.StartedAt.IsZero() ||
				len(task.Containers) != 1 || task.Containers[0].Name != "app" || task.Containers[0].RuntimeID == "" ||
				doc.TaskArn != task.ARN || doc.LastStatus != backend.Running {
				s.Errorf("%+v\n%s", task, task.Document)
			}
		}
	})
	s.sub("conflict", func(s *suite) {
		_, err := s.b.CreateService(s.Context(), s.Cluster, s.spec(name, td.ARN, 1))
		s.kind("a second one of that name", err, backend.Conflict)
	})
}

// events checks wording, order and ids.
func (s *suite) events(name string) {
	var svc backend.Service
	s.eventually("told to be steady", func() (bool, string) {
		var err error
		svc, err = s.get(name)
		return err == nil && len(svc.Events) > 0 && strings.Contains(svc.Events[0].Message, "has reached a steady state"), describe(svc)
	})
	ids := map[string]bool{}
	all := ""
	for i, e := range svc.Events {
		if !strings.HasPrefix(e.Message, "(service "+name+") ") {
			s.Errorf("an event without its prefix: %q", e.Message)
		}
		if ids[e.ID] || e.ID == "" {
			s.Errorf("the event id %q is not unique", e.ID)
		}
		if i > 0 && e.At.After(svc.Events[i-1].At) {
			s.Error("events are not newest first")
		}
		ids[e.ID] = true
		all += e.Message + "\n"
	}
	for _, want := range []string{"has started", "deployment completed"} {
		if !strings.Contains(all, want) {
			s.Errorf("no event says %q:\n%s", want, all)
		}
	}
}

// testRollout replaces a version while its tasks run.
func testRollout(s *suite) {
	name := s.name("web")
	v1 := s.register(s.definition(name, s.Image, nil))
	s.create(s.spec(name, v1.ARN, 2))
	s.steady(name)
	v2 := s.register(s.definition(name, s.ImageV2, nil))
	updated, err := s.b.UpdateService(s.Context(), s.Cluster, name, backend.ServiceChange{TaskDefinition: &v2.ARN})
	s.must(err)
	if len(updated.Deployments) != 2 {
		s.Errorf("right after the update: %s", describe(updated))
	}
	d := s.deployment(updated.Current)
	if d.Status.Ended() || len(d.Source) != 1 || d.Source[0].TaskDefinition != v1.ARN || d.Target.TaskDefinition != v2.ARN {
		s.Errorf("right after the update: %+v", d)
	}
	mixed := false
	s.eventually("rolled out", func() (bool, string) {
		svc, err := s.get(name)
		if err != nil {
			return false, err.Error()
		}
		running, old, fresh := 0, 0, 0
		for _, task := range s.tasks(name, false) {
			if task.LastStatus != backend.Running {
				continue
			}
			running++
			if task.TaskDefinition == v1.ARN {
				old++
			} else {
				fresh++
			}
		}
		mixed = mixed || old > 0 && fresh > 0
		if running < 2 {
			s.Errorf("only %d tasks run in the middle of the rollout", running)
		}
		if n := svc.Running + svc.Pending; n > 4 {
			s.Errorf("%d tasks in the middle of the rollout, 4 are allowed", n)
		}
		return s.deployment(updated.Current).Status.Ended(), describe(svc)
	})
	if !mixed {
		s.Error("old and new tasks were never seen side by side")
	}
	d = s.deployment(updated.Current)
	if d.Status != backend.Successful || d.FinishedAt.Before(d.StartedAt) {
		s.Errorf("%s: %s", d.Status, d.Reason)
	}
	for _, task := range s.tasks(name, false) {
		if task.TaskDefinition != v2.ARN {
			s.Errorf("a task of %s is left", backend.ShortName(task.TaskDefinition))
		}
	}
	arns, err := s.b.ListServiceDeployments(s.Context(), s.Cluster, name, backend.PageRequest{})
	s.must(err)
	if len(arns.Items) != 2 || arns.Items[0] != updated.Current {
		s.Errorf("deployments are %v", arns.Items)
	}
	s.sub("force", func(s *suite) {
		s.steady(name)
		again, err := s.b.UpdateService(s.Context(), s.Cluster, name, backend.ServiceChange{Force: true})
		s.must(err)
		if again.Current == updated.Current || again.TaskDefinition != v2.ARN {
			s.Errorf("forced: %s", describe(again))
		}
		s.steady(name)
	})
}

func testScale(s *suite) {
	name := s.name("web")
	td := s.register(s.definition(name, s.Image, nil))
	s.create(s.spec(name, td.ARN, 1))
	before := s.steady(name)
	for _, n := range []int{3, 1, 0} {
		svc, err := s.b.UpdateService(s.Context(), s.Cluster, name, backend.ServiceChange{Desired: &n})
		s.must(err)
		if svc.Desired != n || svc.Current != before.Current {
			s.Errorf("scaled to %d: %s", n, describe(svc))
		}
		s.steady(name)
		if got := len(s.tasks(name, false)); got != n {
			s.Errorf("%d tasks, %d were wanted", got, n)
		}
	}
	below := -1
	_, err := s.b.UpdateService(s.Context(), s.Cluster, name, backend.ServiceChange{Desired: &below})
	s.kind("less than none", err, backend.Invalid)
}

// testDelete: not while tasks are wanted, unless forced.
func testDelete(s *suite) {
	name := s.name("web")
	td := s.register(s.definition(name, s.Image, nil))
	s.create(s.spec(name, td.ARN, 1))
	s.steady(name)
	_, err := s.b.DeleteService(s.Context(), s.Cluster, name, false)
	s.kind("delete while a task is wanted", err, backend.Conflict)
	if svc, err := s.get(name); err != nil || svc.Desired != 1 || svc.Status != "ACTIVE" {
		s.Errorf("the refused delete changed something: %s, %v", describe(svc), err)
	}
	s.remove(name)
	for _, arn := range s.list(func(ctx context.Context, p backend.PageRequest) (backend.Page[string], error) {
		return s.b.ListServices(ctx, s.Cluster, p)
	}) {
		if backend.ShortName(arn) == name {
			s.Errorf("%s is still listed", name)
		}
	}
	s.sub("again", func(s *suite) { // the name is free
		s.create(s.spec(name, td.ARN, 0))
		_, err := s.b.DeleteService(s.Context(), s.Cluster, name, false)
		if err != nil {
			s.Error(fmt.Errorf("delete of a service at zero: %w", err))
		}
	})
}
