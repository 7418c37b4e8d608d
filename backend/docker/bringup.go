package docker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

// bringUp makes and starts what is missing of a task, as far as its
// dependencies let it.
func (w *work) bringUp(ctx context.Context) (again time.Duration, err error) {
	if w.complete() {
		return 0, nil
	}
	select {
	case w.starts <- struct{}{}:
		defer func() { <-w.starts }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if w.row.View.LastStatus == backend.Provisioning {
		w.row.View.LastStatus = backend.TaskPending
	}
	if w.plan.mode() == modeVPC || w.plan.mode() == modeBridge {
		if err := w.ensureNetwork(ctx, w.row.View.Cluster); err != nil {
			return 0, err
		}
	}
	if err := w.startPause(ctx); err != nil {
		return 0, err
	}
	again, err = w.startContainers(ctx)
	if err == nil && w.complete() && w.row.View.LastStatus != backend.Running {
		w.row.View.LastStatus, w.row.View.StartedAt = backend.Running, w.clock.Now()
	}
	return again, err
}

// complete says that every container has been started and nothing is to be
// started again.
func (w *work) complete() bool {
	if w.row.View.LastStatus != backend.Running && w.anyUnstarted() {
		return false
	}
	for _, c := range w.row.View.Containers {
		if c.LastStatus == backend.TaskPending || c.LastStatus == backend.TaskStopped && w.restarts(c.Name) {
			return false
		}
	}
	if w.row.View.LastStatus != backend.Running { // adopted, or the agent ended just before this
		w.row.View.LastStatus, w.row.View.StartedAt = backend.Running, w.latestStart()
	}
	return true
}

func (w *work) anyUnstarted() bool {
	for _, c := range w.row.View.Containers {
		if c.LastStatus == backend.TaskPending {
			return true
		}
	}
	return false
}

func (w *work) latestStart() time.Time {
	var last time.Time
	for _, at := range w.row.Started {
		if at.After(last) {
			last = at
		}
	}
	if last.IsZero() {
		return w.clock.Now()
	}
	return last
}

// startPause sees that the container which holds the task together runs.
func (w *work) startPause(ctx context.Context) error {
	if !w.plan.shared() || w.have[PauseContainer].running() {
		return nil
	}
	image, err := w.pauseImage(ctx)
	if err != nil {
		return err
	}
	o := w.have[PauseContainer]
	for _, fixed := range []bool{true, false} {
		if o == nil {
			s, err := w.plan.pause(image, fixed)
			if err != nil {
				return err
			}
			if o, err = w.create(ctx, s, PauseContainer); err != nil {
				return err
			}
			w.have[PauseContainer] = o // also where it does not start: it is to be removed
		}
		w.fault("pause-made")
		err = w.start(ctx, o)
		if err == nil || !fixed || backend.KindOf(wrap(opStart, "", err)) != backend.Conflict {
			break
		}
		// Another task holds the port, as in every rollout: this one gets any.
		if err := w.remove(ctx, o.id); err != nil {
			return err
		}
		delete(w.have, PauseContainer)
		o = nil
	}
	if err != nil {
		return w.cannot(PauseContainer, codeCannotStart, err)
	}
	return w.refresh(ctx, o)
}

// cannot makes a failure of one container, with its reason on that container.
func (w *work) cannot(name, code string, err error) error {
	if k := backend.KindOf(wrap(opStart, "", err)); k == backend.Cancelled || k == backend.Unreachable && code != codeCannotPull {
		return wrap(opStart, name, err)
	}
	fatal := &startError{name, code, err}
	if c := w.row.container(name); c != nil {
		c.Reason = fatal.Error()
	}
	return fatal
}

// startContainers starts what can be started, over and over until nothing more
// can.
func (w *work) startContainers(ctx context.Context) (again time.Duration, err error) {
	for progress := true; progress; {
		progress, again = false, 0
		for _, d := range w.plan.td.Containers {
			c := w.row.container(d.Name)
			restart := c.LastStatus == backend.TaskStopped && w.restarts(d.Name)
			if c.LastStatus != backend.TaskPending && !restart {
				continue
			}
			ready, wait, err := w.ready(d)
			if err != nil {
				c.Reason = err.Error()
				return 0, err
			}
			if !ready {
				again = sooner(again, wait)
				continue
			}
			if err := w.startContainer(ctx, d); err != nil {
				return 0, err
			}
			progress = true
		}
	}
	return again, nil
}

func (w *work) startContainer(ctx context.Context, d backend.ContainerDefinition) error {
	c := w.row.container(d.Name)
	restart := w.have[d.Name].exited()
	o, err := w.made(ctx, d)
	if err != nil {
		return err
	}
	w.fault("container-made")
	if !o.running() {
		if err := w.start(ctx, o); err != nil {
			return w.cannot(d.Name, codeCannotStart, err)
		}
		if restart {
			c.RestartCount++
		}
		w.fault("container-started")
		if err := w.refresh(ctx, o); err != nil {
			return err
		}
	}
	if !o.running() && !o.exited() {
		return w.cannot(d.Name, codeCannotStart, errors.New("it is "+string(o.state)))
	}
	w.foldOne(c, o)
	return nil
}

// made gives a definition's container, made where there is none, with those
// whose volumes it takes. takers are the containers that it is made for: no
// sound definition names one of them again, but what is kept may be older than
// that rule.
func (w *work) made(ctx context.Context, d backend.ContainerDefinition, takers ...string) (*observed, error) {
	if o := w.have[d.Name]; o != nil {
		return o, nil
	}
	takers = append(takers, d.Name)
	for _, from := range d.VolumesFrom {
		if slices.Contains(takers, from.SourceContainer) {
			return nil, w.cannot(d.Name, codeDependency, fmt.Errorf("containers take each other's volumes: %s → %s", strings.Join(takers, " → "), from.SourceContainer))
		}
		if source, ok := w.plan.td.Container(from.SourceContainer); ok {
			if _, err := w.made(ctx, source, takers...); err != nil {
				return nil, err
			}
		}
	}
	image, err := w.image(ctx, d)
	if err != nil {
		return nil, err
	}
	env, err := w.plan.environment(d, w.set.Getenv)
	if err != nil {
		if c := w.row.container(d.Name); c != nil {
			c.Reason = errors.Unwrap(err).Error()
		}
		return nil, err
	}
	if w.plan.cores, err = w.cores(ctx); err != nil {
		return nil, err
	}
	s, err := w.plan.container(d, image, env)
	if err != nil {
		return nil, w.cannot(d.Name, codeCannotCreate, err)
	}
	o, err := w.create(ctx, s, d.Name)
	if err != nil {
		return nil, w.cannot(d.Name, codeCannotCreate, err)
	}
	w.have[d.Name] = o
	w.row.Made[d.Name] = o.id
	if c := w.row.container(d.Name); c != nil {
		c.RuntimeID, c.ImageDigest = o.id, image
	}
	return o, nil
}

// cores are those of the engine's machine, asked for only where a task wants
// more than one: every machine has that.
func (w *work) cores(ctx context.Context) (int, error) {
	cpu, err := backend.ParseCPU(w.plan.td.CPU)
	if err != nil || cpu <= 1024 || w.plan.cores > 0 {
		return w.plan.cores, err
	}
	info, err := w.info(ctx)
	return info.NCPU, err
}

// create makes a container. One of that name is ours, from an agent that ended
// before it could note it: its name holds the task's id.
func (w *work) create(ctx context.Context, s spec, name string) (*observed, error) {
	res, err := w.client.ContainerCreate(ctx, client.ContainerCreateOptions{Config: s.config, HostConfig: s.host, NetworkingConfig: s.net, Name: s.name})
	id := res.ID
	if err != nil {
		if !strings.Contains(err.Error(), "is already in use by container") {
			return nil, err
		}
		id = s.name
	}
	o := &observed{id: id, name: name}
	w.row.Made[name] = id
	return o, w.refresh(ctx, o)
}

// refresh looks at a container again.
func (w *work) refresh(ctx context.Context, o *observed) error {
	res, err := w.client.ContainerInspect(ctx, o.id, client.ContainerInspectOptions{})
	if err != nil {
		return wrap(opStart, o.name, err)
	}
	*o = *fromInspect(res.Container)
	if n := res.Container.NetworkSettings; n != nil {
		o.ports = inspectedPorts(n.Ports)
	}
	w.row.Made[o.name] = o.id
	return nil
}

// start starts a container. Its network may be gone again: with another agent,
// whose cluster has the same name and which had nothing left to keep.
func (w *work) start(ctx context.Context, o *observed) error {
	_, err := w.client.ContainerStart(ctx, o.id, client.ContainerStartOptions{})
	if err == nil || !gone(err) || !strings.Contains(err.Error(), networkName(w.row.View.Cluster)) {
		return err
	}
	if err := w.ensureNetwork(ctx, w.row.View.Cluster); err != nil {
		return err
	}
	_, err = w.client.ContainerStart(ctx, o.id, client.ContainerStartOptions{})
	return err
}
