package deploy

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/ecs-tui/ecs-tui/backend"
)

// schedulesOf is b's schedules, nil where it has none.
func schedulesOf(b backend.Describer) backend.Schedules {
	s, ok := b.(backend.Schedules)
	if !ok || b.Unsupported(backend.CanSchedule) != "" {
		return nil
	}
	return s
}

// appSchedules are the schedules of a cluster that an app has made, by name.
func appSchedules(ctx context.Context, b backend.Schedules, cluster, app string) (map[string]backend.Schedule, error) {
	out := map[string]backend.Schedule{}
	for s, err := range backend.All(ctx, func(ctx context.Context, p backend.PageRequest) (backend.Page[backend.Schedule], error) {
		return b.ListSchedules(ctx, cluster, p)
	}) {
		if err != nil {
			return nil, err
		}
		if s.App == app {
			out[s.Name] = s
		}
	}
	return out, nil
}

// readSchedules says what a deploy would change in the app's schedules. Where the
// app has none, those that it had before are looked for, as far as one may.
func (p *Plan) readSchedules(ctx context.Context, b Planner, want backend.TaskDefinition) error {
	schedules := schedulesOf(b)
	if schedules == nil {
		if len(p.Request.Schedules) > 0 {
			p.Findings = append(p.Findings, backend.Finding{
				Severity: backend.Problem, Path: "schedules", Message: cmp.Or(b.Unsupported(backend.CanSchedule), "there are no schedules here"),
				Remedy: "name the environments that they are for: environments: [prod]",
			})
		}
		return nil
	}
	for _, spec := range p.Request.Schedules {
		probe := want
		probe.Status = backend.ActiveDefinition
		if err := backend.CheckSchedule("Plan", spec, probe); err != nil {
			p.Findings = append(p.Findings, backend.Finding{Severity: backend.Problem, Path: "schedules", Message: cause(err), Remedy: "correct it in the app file"})
		}
	}
	had, err := appSchedules(ctx, schedules, p.Request.Cluster, p.Request.App)
	if err != nil {
		if len(p.Request.Schedules) == 0 || backend.KindOf(err) == backend.NotFound { // a cluster that the deploy makes
			return nil
		}
		return err
	}
	settled := p.Running != nil && len(p.Diff()) == 0 && !p.Request.Force
	for _, spec := range p.Request.Schedules {
		old, exists := had[spec.Name]
		delete(had, spec.Name)
		if !exists {
			p.Changes = append(p.Changes, Change{Document: inSchedules, Path: spec.Name, New: DescribeSchedule(spec)})
			continue
		}
		p.Changes = append(p.Changes, scheduleChanges(old, spec)...)
		if running := p.Running; settled && old.TaskDefinition != running.ARN {
			p.Changes = append(p.Changes, Change{
				Document: inSchedules, Path: spec.Name + ".taskDefinition", Old: backend.ShortName(old.TaskDefinition), New: running.Ref(),
			})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(had)) {
		p.Changes = append(p.Changes, Change{Document: inSchedules, Path: name, Old: DescribeSchedule(had[name].ScheduleSpec)})
	}
	return nil
}

// DescribeSchedule says in a line what runs when: "03:00 every day, web: ./report".
func DescribeSchedule(s backend.ScheduleSpec) string {
	out := s.When()
	if s.Count > 1 {
		out += fmt.Sprintf(", %d tasks", s.Count)
	}
	for _, o := range s.Overrides {
		if o.Command != nil {
			out += ", " + backend.Clean(o.Name+": "+strings.Join(o.Command, " "))
		}
	}
	return out
}

// scheduleLeaves are what a user can write of a schedule.
func scheduleLeaves(s backend.ScheduleSpec) map[string]string {
	out := map[string]string{"schedule": s.Expression, "timezone": cmp.Or(s.Timezone, "UTC"), "count": fmt.Sprint(max(s.Count, 1))}
	if s.Role != "" {
		out["role"] = s.Role
	}
	for _, o := range s.Overrides {
		if o.Command != nil {
			out["command["+o.Name+"]"] = strings.Join(o.Command, " ")
		}
	}
	return out
}

func scheduleChanges(old backend.Schedule, spec backend.ScheduleSpec) []Change {
	changes := compare(inSchedules, scheduleLeaves(old.ScheduleSpec), scheduleLeaves(spec))
	for i := range changes {
		changes[i].Path = spec.Name + "." + changes[i].Path
	}
	return changes
}

// arrange puts the app's schedules in place once the revision that they run is
// known to work, and removes those that the app no longer has. One that was
// paused stays paused.
func (r *run) arrange(ctx context.Context, end Ended) Ended {
	schedules := schedulesOf(r.b)
	req := r.plan.Request
	planned := slices.ContainsFunc(r.plan.Changes, func(c Change) bool { return c.Document == inSchedules })
	if schedules == nil || len(req.Schedules) == 0 && !planned || r.td.ARN == "" {
		return end
	}
	ctx, cancel := committed(ctx)
	defer cancel()
	todo, err := r.scheduleSteps(ctx, schedules)
	if err == nil && len(todo) == 0 {
		return end
	}
	s := stepRun{r, Arrange, req.App, r.opts.Clock.Now()}
	if !r.out.emit(StepStarted{Step: Arrange, Subject: req.App, At: s.at}) {
		return end
	}
	var done []string
	for _, step := range todo {
		if err != nil {
			break
		}
		if err = step.do(); err == nil {
			done = append(done, step.said)
		}
	}
	if err != nil {
		s.broke(err)
		failed := r.ended(Failed, "the schedules of "+req.App+" are not all in place: "+err.Error(), backend.AdviceFor(err), err)
		failed.Advice = strings.TrimPrefix(failed.Advice+"; then deploy again", "; ")
		return failed
	}
	s.finish(strings.Join(done, ", "), "", "")
	end.At = r.opts.Clock.Now()
	end.Elapsed = end.At.Sub(r.began)
	return end
}

// scheduleStep is one change of a schedule.
type scheduleStep struct {
	said string
	do   func() error
}

// scheduleSteps are what brings the schedules to what the app says.
func (r *run) scheduleSteps(ctx context.Context, b backend.Schedules) ([]scheduleStep, error) {
	req := r.plan.Request
	had, err := appSchedules(ctx, b, req.Cluster, req.App)
	if err != nil {
		return nil, err
	}
	var out []scheduleStep
	for _, spec := range req.Schedules {
		old, exists := had[spec.Name]
		delete(had, spec.Name)
		spec.TaskDefinition = r.td.ARN
		said := "made " + spec.Name
		if exists {
			spec.Enabled = old.Enabled
			if old.TaskDefinition == r.td.ARN && reflect.DeepEqual(scheduleLeaves(old.ScheduleSpec), scheduleLeaves(spec)) {
				continue
			}
			if said = "changed " + spec.Name; !old.Enabled {
				said += ", which stays paused"
			}
		}
		out = append(out, scheduleStep{said, func() error {
			_, err := b.PutSchedule(ctx, req.Cluster, spec)
			return err
		}})
	}
	for _, name := range slices.Sorted(maps.Keys(had)) {
		arn := had[name].ARN
		out = append(out, scheduleStep{"removed " + name, func() error {
			err := b.DeleteSchedule(ctx, req.Cluster, arn)
			if backend.KindOf(err) == backend.NotFound {
				return nil
			}
			return err
		}})
	}
	return out, nil
}
