package docker

import (
	"context"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

// observed is one container as the engine has it.
type observed struct {
	id, name  string // name is that of its definition
	task      string // ARN
	state     container.ContainerState
	health    string // in ECS's words, "" without a check
	image     string // id
	ports     []backend.PortBinding
	exitCode  int
	oom       bool
	message   string // why the engine could not start it
	started   time.Time
	finished  time.Time
	inspected bool
	key       string // what of the listing the inspection belongs to
}

func (o *observed) running() bool {
	return o != nil && (o.state == container.StateRunning || o.state == container.StatePaused || o.state == container.StateRestarting)
}

// exited says that it ran and does no more.
func (o *observed) exited() bool {
	return o != nil && (o.state == container.StateExited || o.state == container.StateDead || o.state == container.StateRemoving)
}

// world is all our containers, by the ARN of their task and their name.
type world struct {
	tasks map[string]map[string]*observed
	at    time.Time // before the look was taken
}

// views are tasks as the scheduler sees them now. A task without a health check
// is proven by its age, which counts to when it was looked at and no further;
// one that looks as if it had ended, though its row does not know yet, is not.
func (w world) views(rows []*taskRow, now time.Time) []backend.Task {
	out := views(rows)
	for i, t := range out {
		if t.LastStatus != backend.Running || t.StartedAt.IsZero() {
			continue
		}
		out[i].StartedAt = t.StartedAt.Add(now.Sub(w.at))
		for _, c := range t.Containers {
			if c.Essential && !w.tasks[t.ARN][c.Name].running() {
				out[i].StartedAt = now
			}
		}
	}
	return out
}

// observe lists our containers with one call, and inspects those that look
// different than before, and those that the engine told of: it tells of a
// container's end before its listing knows.
func (a *agent) observe(ctx context.Context) (world, error) {
	a.mu.Lock()
	heard := a.heard
	a.heard = map[string]bool{}
	a.mu.Unlock()
	w := world{tasks: map[string]map[string]*observed{}, at: a.clock.Now()}
	list, err := a.client.ContainerList(ctx, client.ContainerListOptions{
		All: true, Filters: client.Filters{}.Add("label", labelState+"="+a.state),
	})
	if err != nil {
		return world{}, wrap("Reconcile", "", err)
	}
	next := make(map[string]*observed, len(list.Items))
	for _, c := range list.Items {
		o := a.cached(c)
		if o == nil || heard[c.ID] {
			if o, err = a.inspect(ctx, c); err != nil {
				return world{}, err
			}
		}
		if o == nil {
			continue // removed between the two calls
		}
		next[c.ID] = o
		if w.tasks[o.task] == nil {
			w.tasks[o.task] = map[string]*observed{}
		}
		w.tasks[o.task][o.name] = o
	}
	a.mu.Lock()
	a.cache = next
	a.mu.Unlock()
	return w, nil
}

// listKey is what of a listing tells one state of a container from another. A
// restart between two looks shows in the age that Status tells.
func listKey(c container.Summary) string {
	key := string(c.State)
	if c.State == container.StateRunning {
		_, health, _ := strings.Cut(c.Status, "(")
		if strings.Contains(c.Status, "second") || strings.Contains(c.Status, "Less than") {
			return key + health + c.Status
		}
		return key + health
	}
	return key
}

func (a *agent) cached(c container.Summary) *observed {
	a.mu.Lock()
	defer a.mu.Unlock()
	if o := a.cache[c.ID]; o != nil && o.key == listKey(c) {
		return o
	}
	return nil
}

func (a *agent) inspect(ctx context.Context, c container.Summary) (*observed, error) {
	res, err := a.client.ContainerInspect(ctx, c.ID, client.ContainerInspectOptions{})
	if err != nil {
		if gone(err) {
			return nil, nil
		}
		return nil, wrap("Reconcile", c.ID, err)
	}
	o := fromInspect(res.Container)
	o.key, o.ports = listKey(c), listedPorts(c.Ports)
	return o, nil
}

func fromInspect(c container.InspectResponse) *observed {
	o := &observed{id: c.ID, image: c.Image, inspected: true}
	if c.Config != nil {
		o.name, o.task = c.Config.Labels[LabelContainerName], c.Config.Labels[LabelTaskARN]
	}
	if s := c.State; s != nil {
		o.state, o.exitCode, o.oom, o.message = s.Status, s.ExitCode, s.OOMKilled, backend.Clean(s.Error)
		o.started, o.finished = engineTime(s.StartedAt), engineTime(s.FinishedAt)
		if s.Health != nil {
			o.health = healthName(s.Health.Status)
		}
	}
	return o
}

// engineTime reads a time of the engine; its year 1 is none.
func engineTime(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.Year() < 1970 {
		return time.Time{}
	}
	return t
}

func healthName(h container.HealthStatus) string {
	switch h {
	case container.Healthy:
		return backend.Healthy
	case container.Unhealthy:
		return backend.Unhealthy
	case container.Starting:
		return backend.HealthUnknown
	}
	return ""
}
