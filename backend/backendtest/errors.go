package backendtest

import (
	"errors"

	"github.com/ecs-tui/ecs-tui/backend"
)

// testErrors asks for what does not exist: every call says NotFound, and every
// describe of a list leaves it out.
func testErrors(s *suite) {
	ctx := s.Context()
	none := s.name("none")
	td := s.register(s.definition(s.name("app"), s.Image, nil))
	task := "arn:aws:ecs:local:1:task/" + s.Cluster + "/00000000000000000000000000000000"
	for name, do := range map[string]func() error{
		"DescribeTaskDefinition":   func() error { _, err := s.b.DescribeTaskDefinition(ctx, none+":1"); return err },
		"DeregisterTaskDefinition": func() error { _, err := s.b.DeregisterTaskDefinition(ctx, none+":1"); return err },
		"CreateService":            func() error { _, err := s.b.CreateService(ctx, s.Cluster, s.spec(none, none+":1", 1)); return err },
		"UpdateService": func() error {
			_, err := s.b.UpdateService(ctx, s.Cluster, none, backend.ServiceChange{Force: true})
			return err
		},
		"DeleteService": func() error { _, err := s.b.DeleteService(ctx, s.Cluster, none, true); return err },
		"StopServiceDeployment": func() error {
			_, err := s.b.StopServiceDeployment(ctx, "arn:aws:ecs:local:1:service-deployment/"+s.Cluster+"/"+none+"/1")
			return err
		},
		"ContinueServiceDeployment": func() error {
			_, err := s.b.ContinueServiceDeployment(ctx, "arn:aws:ecs:local:1:service-deployment/"+s.Cluster+"/"+none+"/1", "hook-1", backend.HookContinue)
			return err
		},
		"ListServiceDeployments": func() error {
			_, err := s.b.ListServiceDeployments(ctx, s.Cluster, none, backend.PageRequest{})
			return err
		},
		"RunTask": func() error {
			_, err := s.b.RunTask(ctx, backend.RunTaskRequest{Cluster: s.Cluster, TaskDefinition: none})
			return err
		},
		"StopTask":      func() error { _, err := s.b.StopTask(ctx, s.Cluster, task, ""); return err },
		"DescribeImage": func() error { _, err := s.b.DescribeImage(ctx, none+":1"); return err },
		"TagImage":      func() error { return s.b.TagImage(ctx, none+":1", none+":2") },
		"RemoveImage":   func() error { return s.b.RemoveImage(ctx, none+":1") },
		"Shell": func() error {
			_, err := s.b.Shell(ctx, backend.ShellRequest{Cluster: s.Cluster, Task: task, Command: []string{"true"}})
			return err
		},
		"Logs of a service": func() error { return s.firstLogError(backend.LogQuery{Cluster: s.Cluster, Service: none}) },
		"Logs of a task":    func() error { return s.firstLogError(backend.LogQuery{Cluster: s.Cluster, Tasks: []string{task}}) },
		"ListServices of a cluster": func() error {
			_, err := s.b.ListServices(ctx, none, backend.PageRequest{})
			return err
		},
	} {
		s.sub(name, func(s *suite) { s.kind(name, do(), backend.NotFound) })
	}
	s.sub("describe leaves out", func(s *suite) {
		services, err := s.b.DescribeServices(ctx, s.Cluster, []string{none})
		tasks, err2 := s.b.DescribeTasks(ctx, s.Cluster, []string{task})
		deployments, err3 := s.b.DescribeServiceDeployments(ctx, []string{"arn:aws:ecs:local:1:service-deployment/" + s.Cluster + "/" + none + "/1"})
		if err := errors.Join(err, err2, err3); err != nil || len(services)+len(tasks)+len(deployments) != 0 {
			s.Errorf("%d services, %d tasks, %d deployments, %v", len(services), len(tasks), len(deployments), err)
		}
	})
	s.sub("invalid", func(s *suite) {
		_, err := s.b.RunTask(ctx, backend.RunTaskRequest{Cluster: s.Cluster, TaskDefinition: td.ARN, Count: 11})
		s.kind("eleven tasks", err, backend.Invalid)
		bad := s.spec(s.name("never"), td.ARN, 1)
		bad.Config.MinimumHealthy, bad.Config.Maximum = 100, 50
		_, err = s.b.CreateService(ctx, s.Cluster, bad)
		s.kind("a maximum of 50 percent", err, backend.Invalid)
		_, err = s.b.RunTask(ctx, backend.RunTaskRequest{
			Cluster: s.Cluster, TaskDefinition: td.ARN, Overrides: []backend.ContainerOverride{{Name: "nobody"}},
		})
		s.kind("an override of no container", err, backend.Invalid)
	})
}

func (s *suite) firstLogError(q backend.LogQuery) error {
	for _, err := range s.b.Logs(s.Context(), q) {
		if err != nil {
			return err
		}
	}
	return nil
}
