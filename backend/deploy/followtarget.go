package deploy

import (
	"context"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

const (
	targetEvery   = 4 * time.Second // between two looks at the targets
	targetRefused = time.Minute     // after one that failed
	targetTimeout = 3 * time.Second // a rollout is not held up by them
)

// targetWatch remembers what load balancers had against tasks. It has to be seen
// while it lasts: ECS's reason for stopping a task does not say which code its
// health check got, and by then the target is draining.
type targetWatch struct {
	next time.Time
	sick map[string]sickTarget // by task
}

// sickTarget is what a load balancer found when it last looked.
type sickTarget struct {
	backend.Target
	check backend.TargetCheck
}

// watchTargets looks at the targets while tasks of the rollout run: one call for
// each target group, now and then, of services that have one.
func (f *follower) watchTargets(ctx context.Context, now RolloutProgress) {
	w := &f.targets
	if at := f.clock.Now(); at.Before(w.next) || now.Deployment.Status.Ended() || f.b.Unsupported(backend.CanBalance) != "" {
		return
	}
	var tasks []backend.Task
	for _, t := range now.Tasks {
		if ofRollout(t, now.Deployment) && t.LastStatus == backend.Running {
			tasks = append(tasks, t)
		}
	}
	if len(tasks) == 0 {
		return
	}
	arns := backend.TargetGroupARNs(now.Service)
	w.next = f.clock.Now().Add(targetEvery)
	if len(arns) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, targetTimeout)
	defer cancel()
	groups, err := f.b.DescribeTargetGroups(ctx, arns)
	if err != nil { // a diagnosis is only less concrete without
		w.next = f.clock.Now().Add(targetRefused)
		return
	}
	for _, g := range groups {
		w.note(g, tasks)
	}
}

func (w *targetWatch) note(g backend.TargetGroup, tasks []backend.Task) {
	if w.sick == nil {
		w.sick = map[string]sickTarget{}
	}
	of := backend.TargetTasks(g.Targets, tasks)
	for i, t := range g.Targets {
		switch {
		case of[i] == "":
		case t.State == backend.TargetUnhealthy:
			w.sick[of[i]] = sickTarget{t, g.Check}
		case t.State == backend.TargetHealthy:
			delete(w.sick, of[i])
		}
	}
}

// explain adds to a failed health check of a load balancer what it got for an
// answer, and what it wanted.
func (w *targetWatch) explain(t backend.Task, d Diagnosis) Diagnosis {
	s, known := w.sick[t.ARN]
	if !known || d.Row != rowTarget || s.Description == "" {
		return d
	}
	d.Evidence = strings.TrimSuffix(s.Description, ".")
	d.Cause += ": " + d.Evidence
	if s.check.Path != "" && s.check.Codes != "" {
		d.Cause += " (" + s.check.Path + " should give " + s.check.Codes + ")"
	}
	return d
}
