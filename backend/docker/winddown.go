package docker

import (
	"context"
	"sync"
	"time"

	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

// windDown stops a task's containers, those first that others do not wait for,
// and notes how it ended.
func (w *work) windDown(ctx context.Context) error {
	if w.row.View.LastStatus == backend.Running {
		w.row.View.LastStatus = backend.Stopping
		if err := w.save(ctx); err != nil {
			return err
		}
	}
	w.fault("stopping")
	for {
		next := w.stoppable()
		if len(next) == 0 {
			break
		}
		if err := w.stopAll(ctx, next); err != nil {
			return err
		}
	}
	w.fault("stopped")
	for name, o := range w.have {
		if name == PauseContainer {
			if err := w.remove(ctx, o.id); err != nil {
				return err
			}
			continue
		}
		if o.state == "created" { // it was never started, and never will be
			if err := w.remove(ctx, o.id); err != nil {
				return err
			}
		}
	}
	v := &w.row.View
	v.LastStatus, v.StoppedAt = backend.TaskStopped, w.clock.Now()
	if v.StoppingAt.IsZero() {
		v.StoppingAt = v.StoppedAt
	}
	for i := range v.Containers {
		c := &v.Containers[i]
		if o := w.have[c.Name]; o.exited() {
			w.foldOne(c, o)
		}
		c.LastStatus, c.Ports = backend.TaskStopped, nil
	}
	err := w.save(ctx)
	w.fault("stop-saved")
	return err
}

// stoppable are the running containers that no running container waits for. A
// circle, which a sound definition does not have, stops as a whole.
func (w *work) stoppable() []string {
	var running, out []string
	for _, d := range w.plan.td.Containers {
		if !w.have[d.Name].running() {
			continue
		}
		running = append(running, d.Name)
		waits := false
		for _, name := range w.dependents(d.Name) {
			waits = waits || w.have[name].running()
		}
		if !waits {
			out = append(out, d.Name)
		}
	}
	if len(out) == 0 {
		return running
	}
	return out
}

// stopAll stops containers side by side.
func (w *work) stopAll(ctx context.Context, names []string) error {
	var all sync.WaitGroup
	errs := make([]error, len(names))
	looks := make([]*observed, len(names))
	for i, name := range names {
		all.Go(func() { looks[i], errs[i] = w.stopOne(ctx, name) })
	}
	all.Wait()
	for i, name := range names {
		if errs[i] != nil {
			return errs[i]
		}
		if looks[i] == nil {
			delete(w.have, name)
			continue
		}
		w.have[name] = looks[i]
	}
	return nil
}

// stopOne sends SIGTERM, waits for stopTimeout, sends SIGKILL. nil is a
// container that is gone.
func (w *work) stopOne(ctx context.Context, name string) (*observed, error) {
	d, _ := w.plan.td.Container(name)
	id, seconds := w.have[name].id, stopSeconds(d)
	limit, cancel := context.WithTimeout(ctx, time.Duration(seconds)*time.Second+30*time.Second)
	defer cancel()
	_, err := w.client.ContainerStop(limit, id, client.ContainerStopOptions{Timeout: &seconds})
	if err != nil && !gone(err) {
		return nil, wrap("StopTask", name, err)
	}
	res, err := w.client.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
	if err != nil {
		if gone(err) {
			return nil, nil
		}
		return nil, wrap("StopTask", name, err)
	}
	return fromInspect(res.Container), nil
}

// remove takes a container away, running or not, with its unnamed volumes.
func (a *agent) remove(ctx context.Context, id string) error {
	_, err := a.client.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	if err != nil && gone(err) {
		return nil
	}
	return wrap("StopTask", id, err)
}
