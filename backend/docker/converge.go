package docker

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// work is one look at one task, with what there is of it.
type work struct {
	*agent
	plan *taskPlan
	row  *taskRow
	have map[string]*observed
}

// converge brings a task a step nearer to what it should be. It says when to
// look again though nothing was heard.
func (a *agent) converge(ctx context.Context, id string, have map[string]*observed) (again time.Duration, err error) {
	w, err := a.take(ctx, id, have)
	if err != nil || w == nil || w.row.over() {
		return 0, err
	}
	w.fold()
	if w.row.View.DesiredStatus != backend.TaskStopped {
		if code, reason := w.ended(); code != "" {
			w.row.stop(a.clock.Now(), code, reason)
		}
	}
	if w.row.View.DesiredStatus != backend.TaskStopped {
		again, err = w.bringUp(ctx)
		if why := w.failure(err); why != "" {
			w.row.stop(a.clock.Now(), codeFailed, why)
			err = nil
		} else if err != nil && w.row.View.DesiredStatus != backend.TaskStopped {
			return 0, err // unless it is what a stop cut off
		}
	}
	if err := w.save(ctx); err != nil { // learns here, too, of a stop that was asked for meanwhile
		return 0, err
	}
	w.fault("task-saved")
	if w.row.View.DesiredStatus == backend.TaskStopped {
		return 0, w.windDown(ctx)
	}
	return again, err
}

// take reads a task and what it is made from.
func (a *agent) take(ctx context.Context, id string, have map[string]*observed) (*work, error) {
	w := &work{agent: a, have: map[string]*observed{}}
	for name, o := range have { // the next pass still reads what this one saw
		seen := *o
		w.have[name] = &seen
	}
	err := a.read(ctx, opStart, id, func(q querier) error {
		row, err := task(ctx, q, id)
		if err != nil {
			return err
		}
		d, err := a.definition(ctx, q, opStart, row.View.TaskDefinition)
		if err != nil {
			return err
		}
		w.row = row
		w.plan = &taskPlan{row: row, td: d.td, origin: d.origin, state: a.state, hostIP: a.hostIP()}
		if row.View.Service == "" {
			return nil
		}
		s, err := service(ctx, q, row.View.Cluster, row.View.Service)
		if errors.Is(err, errNoRow) {
			return nil
		}
		w.plan.rec, w.plan.timing = s.rec, s.timing
		return err
	})
	if errors.Is(err, errNoRow) {
		return nil, nil
	}
	if w.row != nil && w.row.Made == nil {
		w.row.Made = map[string]string{}
	}
	if w.row != nil && w.row.Started == nil {
		w.row.Started = map[string]time.Time{}
	}
	return w, err
}

// hostIP is where ports listen: on an engine of this machine, only here.
func (b *Backend) hostIP() string {
	if localSocket(b.endpoint.host) {
		return "127.0.0.1"
	}
	return ""
}

// save writes the task's row. A stop that came in meanwhile is kept.
func (w *work) save(ctx context.Context) error {
	return w.write(ctx, opStart, w.row.id(), func(tx *sql.Tx) error {
		now, err := task(ctx, tx, w.row.id())
		if err != nil {
			return err
		}
		if n := now.View; n.DesiredStatus == backend.TaskStopped {
			v := &w.row.View
			v.DesiredStatus, v.StopCode, v.StoppedReason, v.StoppingAt = n.DesiredStatus, n.StopCode, n.StoppedReason, n.StoppingAt
		}
		return putTask(ctx, tx, w.row)
	})
}

// fold takes over what the engine says about the containers.
func (w *work) fold() {
	for i := range w.row.View.Containers {
		c := &w.row.View.Containers[i]
		o := w.have[c.Name]
		if o == nil {
			if w.row.Made[c.Name] != "" && c.LastStatus != backend.TaskStopped {
				c.LastStatus, c.Reason = backend.TaskStopped, "the container was removed outside of ecs-tui"
			}
			continue
		}
		w.row.Made[c.Name] = o.id
		w.foldOne(c, o)
	}
	w.row.View.Health = joint(w.row.View.Containers)
}

func (w *work) foldOne(c *backend.Container, o *observed) {
	c.RuntimeID, c.ImageDigest = o.id, o.image
	switch {
	case c.Health == "" || o.health == "":
	case o.running():
		c.Health = o.health
	case o.exited() && c.Health != backend.Unhealthy:
		// The engine calls whatever has ended unhealthy, which says nothing.
		c.Health = backend.HealthUnknown
	}
	switch {
	case o.running():
		c.LastStatus, c.ExitCode, c.Ports = backend.Running, nil, w.ports(c.Name, o)
		c.Reason = w.elsewhere(c.Name, c.Ports)
		w.row.Started[c.Name] = o.started
	case o.exited():
		code := o.exitCode
		c.LastStatus, c.ExitCode, c.Ports, c.Reason = backend.TaskStopped, &code, nil, o.message
		if o.oom {
			c.Reason = "OutOfMemoryError: Container killed due to memory usage"
		}
		w.row.Started[c.Name] = o.started
	}
}

// ports are those of the container itself, or its share of the pause container's
// where that owns the network.
func (w *work) ports(name string, o *observed) []backend.PortBinding {
	if w.plan.mode() != modeVPC {
		return o.ports
	}
	pause := w.have[PauseContainer]
	if pause == nil {
		return nil
	}
	d, _ := w.plan.td.Container(name)
	var out []backend.PortBinding
	for _, b := range pause.ports {
		for _, m := range d.PortMappings {
			if m.ContainerPort == b.ContainerPort && (m.Protocol == b.Protocol || m.Protocol == "") {
				out = append(out, b)
			}
		}
	}
	return out
}

// elsewhere says that a container of an awsvpc task, which may have any port of
// the machine, did not get the one that it names.
func (w *work) elsewhere(name string, ports []backend.PortBinding) string {
	if w.plan.mode() != modeVPC {
		return ""
	}
	d, _ := w.plan.td.Container(name)
	var out []string
	for _, m := range d.PortMappings {
		for _, b := range ports {
			if m.HostPort != 0 && m.HostPort != b.HostPort && m.ContainerPort == b.ContainerPort && (m.Protocol == b.Protocol || m.Protocol == "" && b.Protocol == "tcp") {
				out = append(out, fmt.Sprintf("port %d of this machine was taken when the task started, so it has %d", m.HostPort, b.HostPort))
			}
		}
	}
	return strings.Join(out, "; ")
}

// joint is the health of a task: that of its essential containers that have a
// check. One that is unhealthy outweighs those that are not known yet, in
// whatever order they come.
func joint(all []backend.Container) string {
	healthy, watched := 0, 0
	for _, c := range all {
		switch {
		case !c.Essential || c.Health == "":
			continue
		case c.Health == backend.Unhealthy:
			return c.Health
		case c.Health == backend.Healthy:
			healthy++
		}
		watched++
	}
	if watched > 0 && healthy == watched {
		return backend.Healthy
	}
	return backend.HealthUnknown
}

// ended says that the task must stop because of what its containers did.
func (w *work) ended() (code, reason string) {
	made, stopped := 0, 0
	for i := range w.row.View.Containers {
		c := &w.row.View.Containers[i]
		if w.row.Made[c.Name] == "" {
			continue
		}
		made++
		if c.LastStatus != backend.TaskStopped || w.restarts(c.Name) {
			continue
		}
		stopped++
		if c.Essential {
			return codeEssential, "Essential container in task exited"
		}
	}
	if made == len(w.row.View.Containers) && stopped == made {
		return codeEssential, "Essential container in task exited"
	}
	if w.plan.shared() && w.row.Made[PauseContainer] != "" && !w.have[PauseContainer].running() && made > 0 {
		return codeEssential, "The container that holds the task's network ended or was removed"
	}
	return "", ""
}

// restarts says whether a container that has exited is started again by its
// restartPolicy: one that ran for the whole period, and whose exit code is not
// left out.
func (w *work) restarts(name string) bool {
	d, _ := w.plan.td.Container(name)
	o := w.have[name]
	p := d.RestartPolicy
	if p == nil || !p.Enabled || !o.exited() {
		return false
	}
	for _, code := range p.IgnoredExitCodes {
		if code == o.exitCode {
			return false
		}
	}
	period := time.Duration(p.RestartAttemptPeriod) * time.Second
	if period == 0 {
		period = 300 * time.Second
	}
	return o.finished.Sub(o.started) >= period
}

// failure is the StoppedReason of a task that err keeps from starting, or ""
// where trying again may help: the engine or the store does not answer.
func (w *work) failure(err error) string {
	switch backend.KindOf(err) {
	case backend.Unreachable, backend.Cancelled:
		var fatal *startError
		if !errors.As(err, &fatal) {
			return ""
		}
	}
	if err == nil || w.mayPass(err) {
		return ""
	}
	var e *backend.Error
	if errors.As(err, &e) && e.Op == opStart && e.Err != nil {
		if e.Remedy != "" {
			return e.Err.Error() + "; " + e.Remedy
		}
		return e.Err.Error()
	}
	return err.Error()
}

// mayPass says that a failure to start is worth another try: an engine that is
// going down, or has just come up, fails in ways of its own.
func (w *work) mayPass(err error) bool {
	var failed *startError
	if !errors.As(err, &failed) || failed.code != codeCannotCreate && failed.code != codeCannotStart {
		return false
	}
	if k, _ := classify(failed.err); k != backend.Other && !strings.Contains(failed.err.Error(), "endpoint with name") {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tries[w.row.id()]++
	return w.tries[w.row.id()] < oddTries
}

// oddTries is how often a start that fails for no known reason is tried.
const oddTries = 5

// startError is why one container cannot start, in ECS's words.
type startError struct {
	container, code string
	err             error
}

func (e *startError) Error() string { return e.code + ": " + cleanError(e.err).Error() }
func (e *startError) Unwrap() error { return e.err }
