package backendtest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/ecs-tui/ecs-tui/backend"
)

// hostile is text that takes a terminal over where it is drawn as it is: title,
// clipboard, cursor, C1, a bell, another line.
const hostile = "a\x1b]0;title\x07b\x1b]52;c;aGk=\x1b\\c\x1b[2Jd\u009b31me\x07f\rg"

// testClean sends control sequences in wherever text can come from outside.
func testClean(s *suite) {
	name := s.name("web")
	td := s.register(s.definition(name, s.Image, nil))
	clean := func(what, text string) {
		s.Helper()
		if backend.Clean(text) != text {
			s.Errorf("%s is not clean: %q", what, text)
		}
	}
	tasks, err := s.b.RunTask(s.Context(), backend.RunTaskRequest{Cluster: s.Cluster, TaskDefinition: td.ARN, StartedBy: hostile})
	if err == nil {
		_, err = s.b.StopTask(s.Context(), s.Cluster, tasks[0].ARN, hostile)
		s.must(err)
		task := s.ends(tasks[0].ARN)
		clean("startedBy", task.StartedBy)
		clean("stoppedReason", task.StoppedReason)
	} else { // refusing it is as good
		s.kind("a startedBy of control sequences", err, backend.Invalid)
		clean("an error", err.Error())
	}
	for what, err := range map[string]error{
		"an unknown task definition": second(s.b.DescribeTaskDefinition(s.Context(), hostile)),
		"an unknown service":         second(s.b.DeleteService(s.Context(), s.Cluster, hostile, true)),
		"an unknown cluster":         second(s.b.ListServices(s.Context(), hostile, backend.PageRequest{})),
		"an unknown image":           second(s.b.DescribeImage(s.Context(), hostile)),
		"an unknown task":            second(s.b.StopTask(s.Context(), s.Cluster, hostile, "")),
		"a bad document":             second(s.b.RegisterTaskDefinition(s.Context(), backend.Document(fmt.Sprintf("{\"family\":%q}", "x\x1b[2J")))),
	} {
		s.sub(what, func(s *suite) {
			if err == nil {
				s.Fatal("is no error")
			}
			if backend.Clean(err.Error()) != err.Error() {
				s.Errorf("the error is not clean: %q", err)
			}
		})
	}
	s.sub("log line", func(s *suite) { s.cleanLine(td.ARN) })
}

// cleanLine has a container say what takes a terminal over, and reads it back.
func (s *suite) cleanLine(definition string) {
	if s.Say == nil {
		s.Skipf("%s", "the image cannot be told what to say")
	}
	tasks, err := s.b.RunTask(s.Context(), backend.RunTaskRequest{
		Cluster: s.Cluster, TaskDefinition: definition,
		Overrides: []backend.ContainerOverride{{Name: "app", Command: s.Say("mark \x1b[31mred\x1b[0m " + hostile)}},
	})
	s.must(err)
	s.Cleanup(func() {
		if _, err := s.b.StopTask(context.Background(), s.Cluster, tasks[0].ARN, ""); err != nil {
			s.Logf("stop: %v", err)
		}
	})
	s.eventually("said", func() (bool, string) {
		for batch, err := range s.b.Logs(s.Context(), backend.LogQuery{Cluster: s.Cluster, Tasks: []string{tasks[0].ARN}}) {
			if err != nil {
				return false, err.Error()
			}
			for _, l := range batch.Lines {
				if backend.CleanLog(l.Text) != l.Text {
					s.Fatalf("a log line is not clean: %q", l.Text)
				}
				if strings.Contains(l.Text, "mark") {
					if !strings.Contains(l.Text, "\x1b[31mred\x1b[0m") {
						s.Errorf("its colour is lost: %q", l.Text)
					}
					return true, ""
				}
			}
		}
		return false, "not in the log"
	})
}

func second[T any](_ T, err error) error { return err }

// testConcurrent reads from many goroutines while the service changes. The
// race detector is the judge.
func testConcurrent(s *suite) {
	name := s.name("web")
	td := s.register(s.definition(name, s.Image, nil))
	s.create(s.spec(name, td.ARN, 1))
	ctx, cancel := context.WithCancel(s.Context())
	defer cancel()
	var readers sync.WaitGroup
	for range 6 {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for ctx.Err() == nil {
				svc, err := s.b.DescribeServices(ctx, s.Cluster, []string{name})
				if err != nil && ctx.Err() == nil {
					s.Error(err)
					return
				}
				for _, one := range svc {
					_ = describe(one)
				}
				arns, err := s.b.ListTasks(ctx, backend.TaskQuery{Cluster: s.Cluster, Service: name}, backend.PageRequest{})
				if err == nil && len(arns.Items) > 0 {
					_, err = s.b.DescribeTasks(ctx, s.Cluster, arns.Items)
				}
				if err != nil && ctx.Err() == nil {
					s.Error(err)
					return
				}
			}
		}()
	}
	var writers sync.WaitGroup
	for n := range 4 {
		writers.Add(1)
		go func() {
			defer writers.Done()
			desired := n % 3
			if _, err := s.b.UpdateService(ctx, s.Cluster, name, backend.ServiceChange{Desired: &desired}); err != nil {
				s.Errorf("scale to %d: %v", desired, err)
			}
		}()
	}
	writers.Wait()
	one := 1
	_, err := s.b.UpdateService(ctx, s.Cluster, name, backend.ServiceChange{Desired: &one})
	s.must(err)
	s.steady(name)
	cancel()
	readers.Wait()
}
