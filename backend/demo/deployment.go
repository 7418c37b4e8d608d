package demo

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Times of a deployment that shifts traffic, at speed 1: the least that a
// stage takes, and a minute of baking or of waiting for an answer.
const (
	stageTime  = time.Second
	minuteTime = 5 * time.Second
	alarmTime  = 4 * time.Second // from the first traffic to the alarm that it sets off
)

// findDeployment gives the service that a service deployment belongs to.
func (b *Backend) findDeployment(arn string) *service {
	kind, parts, ok := backend.SplitARN(arn)
	if !ok || kind != "service-deployment" || len(parts) != 3 {
		return nil
	}
	return b.services[parts[0]][parts[1]]
}

// StopServiceDeployment rolls a deployment back.
func (b *Backend) StopServiceDeployment(ctx context.Context, arn string) (backend.ServiceDeployment, error) {
	const op = "StopServiceDeployment"
	return b.changeDeployment(ctx, op, arn, func(s *service) error { return s.rec.Rollback(b.sim.now, arn) })
}

// ContinueServiceDeployment answers the hook that a deployment is paused at.
func (b *Backend) ContinueServiceDeployment(ctx context.Context, arn, hook string, action backend.HookAction) (backend.ServiceDeployment, error) {
	const op = "ContinueServiceDeployment"
	return b.changeDeployment(ctx, op, arn, func(s *service) error { return s.rec.Continue(b.sim.now, arn, hook, action) })
}

func (b *Backend) changeDeployment(ctx context.Context, op, arn string, change func(*service) error) (backend.ServiceDeployment, error) {
	if err := ended(ctx, op); err != nil {
		return backend.ServiceDeployment{}, err
	}
	b.lock()
	defer b.unlock()
	s := b.findDeployment(arn)
	if s == nil {
		return backend.ServiceDeployment{}, backend.Errorf(op, backend.NotFound, backend.Clean(arn), "no such service deployment")
	}
	if err := change(s); err != nil {
		return backend.ServiceDeployment{}, err
	}
	b.mark(s)
	b.settle()
	d, _ := s.rec.ServiceDeployment(arn, s.views())
	return d, nil
}

// checkService holds a service against ECS's rules. ECS takes the strategies
// that it knows, and no others.
func (b *Backend) checkService(spec backend.ServiceSpec, td backend.TaskDefinition) []backend.Finding {
	findings := backend.CheckService(spec, td)
	if s := spec.Config.Strategy; s != "" && s != backend.Rolling && !backend.ShiftsTraffic(s) {
		findings = append(findings, backend.Finding{
			Severity: backend.Problem, Path: "deploymentConfiguration.strategy", Message: "there is no strategy " + s + " here",
			Remedy: "use ROLLING, BLUE_GREEN, LINEAR or CANARY",
		})
	}
	return findings
}

// checkController tells of a service that another program deploys.
func checkController(spec backend.ServiceSpec) []backend.Finding {
	why := spec.Foreign()
	if why == "" {
		return nil
	}
	return []backend.Finding{{Severity: backend.Problem, Path: "deploymentController.type", Message: why, Remedy: backend.ForeignRemedy}}
}

// refuseForeign is ECS's answer to an update of a service that another program
// deploys: its count may change, what it runs may not.
func refuseForeign(op string, s *service, change backend.ServiceChange) error {
	controller := s.rec.Spec.Config.Controller
	if s.rec.Spec.Foreign() == "" || change.TaskDefinition == nil && !change.Force {
		return nil
	}
	err := backend.Errorf(op, backend.Invalid, s.rec.Name, "Unable to update task definition on services with a %s deployment controller.", controller)
	err.Remedy = backend.ForeignRemedy
	return err
}

// alarm sets off the alarms that a deployment watches, some time after its
// first traffic, where the word "alarm" in its definition asks for that.
func (b *Backend) alarm(s *service) {
	alarms := s.rec.Spec.Config.Alarms
	if !alarms.Enable || len(alarms.Names) == 0 {
		return
	}
	d, ok := s.rec.ServiceDeployment(s.rec.Deployments[0].ARN, s.views())
	if !ok || d.Status != backend.InProgress || s.alarmed == d.ARN {
		return
	}
	served := d.Target.Healthy > 0
	if d.Target.Traffic != nil {
		served = d.Target.Traffic.Production > 0
	}
	if !served || !b.meant(d.Target.TaskDefinition, "alarm") {
		return
	}
	s.alarmed = d.ARN
	b.sim.after(b.scaled(alarmTime), func() {
		if s.rec.Deployments[0].ARN == d.ARN && s.rec.Alarm(b.sim.now, alarms.Names[0]) {
			b.mark(s)
		}
	})
}

// meant says whether a word stands where the fates of tasks are read from.
func (b *Backend) meant(definition, word string) bool {
	rev := b.findRevision(definition)
	if rev == nil {
		return false
	}
	text := &strings.Builder{}
	for _, c := range rev.td.Containers {
		b.describeFate(text, c)
	}
	return slices.Contains(words(text.String()), word)
}
