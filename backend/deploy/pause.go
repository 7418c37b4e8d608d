package deploy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/ecs-tui/ecs-tui/backend"
)

// Pauser is what [ReadPause] works on.
type Pauser interface {
	backend.Describer
	backend.ServiceReader
	backend.ScalingReader
	backend.Scaler
	backend.Tagger
	UpdateService(ctx context.Context, cluster, service string, change backend.ServiceChange) (backend.Service, error)
}

// Pausing is a service that may be paused and resumed. How many tasks it wanted
// stands in a tag of the service, so that everybody sees it, and so does what was
// suspended of its autoscaling, which would bring the tasks back otherwise.
//
// Each of its methods can be called again after one that was cut off: what is
// remembered is written before anything is changed, and forgotten last.
type Pausing struct {
	Service backend.Service
	Scaling backend.Scaling
	// Paused says that it is, and Count what it comes back with; or, where it is
	// not, how many tasks it wants.
	Paused bool
	Count  int

	b       Pauser
	cluster string
}

// ReadPause reads how a service stands. Kind NotFound where it does not exist.
func ReadPause(ctx context.Context, b Pauser, cluster, service string) (*Pausing, error) {
	s, err := one(ctx, b, "DescribeServices", cluster, service)
	if err != nil {
		return nil, err
	}
	p := &Pausing{Service: s, Count: s.Desired, b: b, cluster: cluster}
	if n, is := s.Paused(); is {
		p.Paused, p.Count = true, n
	}
	if b.Unsupported(backend.CanAutoscale) == "" {
		if p.Scaling, err = b.DescribeScaling(ctx, cluster, s.Name); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// allSuspended is autoscaling that does nothing.
var allSuspended = backend.Suspension{In: true, Out: true, Scheduled: true}

// WhyNotPause is why the service can't be paused; "" where it can.
func (p *Pausing) WhyNotPause() string {
	var doc struct{ SchedulingStrategy string }
	switch _ = p.Service.Document.Decode(&doc); {
	case doc.SchedulingStrategy == daemon:
		return "a service with the scheduling strategy DAEMON has a task on every instance, and no count"
	case p.Service.Desired == 0:
		return "it wants no tasks: there is nothing to pause"
	}
	return ""
}

// Explain says what pausing does, or resuming where it is paused.
func (p *Pausing) Explain() []string {
	var out []string
	tasks := fmt.Sprintf("%d tasks", p.Count)
	if p.Count == 1 {
		tasks = "1 task"
	}
	if p.Paused {
		out = append(out, "It comes back with "+tasks+".")
	} else {
		out = append(out, "Its "+tasks+" stop. The count stays with the service, as the tag "+backend.TagPaused+", and resume brings it back.")
	}
	_, was := p.before()
	switch {
	case p.Scaling.Registered && p.Paused && was:
		out = append(out, "Its autoscaling, which is suspended meanwhile, goes on.")
	case p.Scaling.Registered && !p.Paused && p.Scaling.Suspended != allSuspended:
		out = append(out, fmt.Sprintf("Its autoscaling (%d to %d) would bring tasks back: it is suspended until then.", p.Scaling.Min, p.Scaling.Max))
	}
	return out
}

// before is what was suspended of autoscaling before the pause.
func (p *Pausing) before() (backend.Suspension, bool) {
	text, was := p.Service.Tags[backend.TagSuspended]
	return backend.ParseSuspension(text), was
}

// Pause brings the service to zero. One that is paused is left as it is.
func (p *Pausing) Pause(ctx context.Context) (backend.Service, error) {
	const op = "Pause"
	if p.Paused {
		return p.Service, nil
	}
	if why := p.WhyNotPause(); why != "" {
		return p.Service, &backend.Error{Op: op, Kind: backend.Conflict, Resource: p.Service.Name, Err: errors.New(why)}
	}
	ctx, cancel := committed(ctx)
	defer cancel()
	tags := map[string]string{backend.TagPaused: strconv.Itoa(p.Count)}
	_, again := p.before()
	suspends := p.Scaling.Registered && p.Scaling.Suspended != allSuspended
	if suspends || p.Scaling.Registered && !again {
		tags[backend.TagSuspended] = p.Scaling.Suspended.String()
	}
	if err := p.b.TagResource(ctx, p.Service.ARN, tags); err != nil {
		return p.Service, err
	}
	if suspends {
		if _, err := p.b.ChangeScaling(ctx, p.cluster, p.Service.Name, backend.ScalingChange{Suspended: &allSuspended}); err != nil {
			return p.Service, err
		}
	}
	zero := 0
	s, err := p.b.UpdateService(ctx, p.cluster, p.Service.Name, backend.ServiceChange{Desired: &zero})
	return s, err
}

// errNoCount is why a service that wants no tasks can't be resumed.
var errNoCount = errors.New("it wants no tasks, and was not paused: how many it should have is not known")

// Resume brings the service back to what it was before. One that wants tasks is
// left as it is, apart from what a pause has left behind.
func (p *Pausing) Resume(ctx context.Context) (backend.Service, error) {
	if !p.Paused && p.Service.Desired == 0 {
		return p.Service, &backend.Error{
			Op: "Resume", Kind: backend.Conflict, Resource: p.Service.Name, Err: errNoCount, Remedy: "scale it: ecs-tui scale N, or S",
		}
	}
	return p.Scale(ctx, p.Count)
}

// Scale sets how many tasks the service wants, by hand, which ends a pause. To
// bring one that is paused to zero leaves it paused.
func (p *Pausing) Scale(ctx context.Context, n int) (backend.Service, error) {
	if p.Paused && n == 0 {
		return p.Service, nil
	}
	ctx, cancel := committed(ctx)
	defer cancel()
	s := p.Service
	if n != s.Desired {
		var err error
		if s, err = p.b.UpdateService(ctx, p.cluster, s.Name, backend.ServiceChange{Desired: &n}); err != nil {
			return s, err
		}
	}
	return s, p.forget(ctx, &s)
}

// unlessPaused leaves the count out of what a deploy changes in a service that is
// paused: it stays so, whatever is deployed.
func unlessPaused(s *backend.Service, changes []Change) []Change {
	if s == nil {
		return changes
	}
	if _, paused := s.Paused(); !paused {
		return changes
	}
	return slices.DeleteFunc(changes, func(c Change) bool { return c.Path == "desiredCount" })
}

// PausedNote says of a plan that its service is paused; "" where it is not.
func (p *Plan) PausedNote() string {
	switch p.Paused {
	case 0:
		return ""
	case 1:
		return "it stays at 0 tasks; resume brings 1 back"
	}
	return fmt.Sprintf("it stays at 0 tasks; resume brings %d back", p.Paused)
}

// forget gives autoscaling back what a pause has suspended, and takes its tags
// off.
func (p *Pausing) forget(ctx context.Context, s *backend.Service) error {
	before, suspended := p.before()
	_, paused := p.Service.Tags[backend.TagPaused]
	if !suspended && !paused {
		return nil
	}
	if suspended && p.Scaling.Registered && p.Scaling.Suspended == allSuspended && before != allSuspended {
		if _, err := p.b.ChangeScaling(ctx, p.cluster, s.Name, backend.ScalingChange{Suspended: &before}); err != nil {
			return err
		}
	}
	err := p.b.UntagResource(ctx, cmp.Or(s.ARN, p.Service.ARN), []string{backend.TagPaused, backend.TagSuspended})
	if err == nil {
		delete(s.Tags, backend.TagPaused)
		delete(s.Tags, backend.TagSuspended)
	}
	return err
}
