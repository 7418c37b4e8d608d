package demo

import (
	"slices"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// task is one task, with what is still to become of it.
type task struct {
	view backend.Task // Document is filled in when it is read
	rev  *revision
	svc  *service // nil for a task of its own
	fate fate
	seed uint64
	// commands are the overrides' commands by container, for the document.
	overrides []backend.ContainerOverride
	forgotten bool

	instance *machine // that it runs on
	address  string   // its own, on the cluster's network
	freed    bool     // it takes nothing of its machine any more
}

// Times that tasks take, at speed 1.
const (
	provisionTime = 500 * time.Millisecond
	pullTime      = 900 * time.Millisecond
	healthTime    = 2500 * time.Millisecond
	stopTime      = 1200 * time.Millisecond
	keepStopped   = time.Hour
)

// launch starts a task at PROVISIONING.
func (b *Backend) launch(cluster string, rev *revision, svc *service, startedBy string, overrides []backend.ContainerOverride) *task {
	t := &task{rev: rev, svc: svc, seed: b.rnd.Uint64(), overrides: overrides}
	v := &t.view
	*v = backend.Task{
		ARN: b.names.Task(cluster, b.hex(32)), Cluster: cluster, Group: "family:" + rev.td.Family,
		TaskDefinition: rev.td.ARN, StartedBy: backend.Clean(startedBy), LastStatus: backend.Provisioning,
		DesiredStatus: backend.Running, Health: backend.HealthUnknown, LaunchType: "EC2",
		CPU: rev.td.CPU, Memory: rev.td.Memory, CreatedAt: b.sim.now,
	}
	if svc != nil {
		v.Group, v.Service = "service:"+svc.rec.Name, svc.rec.Name
		v.ExecOff = execOff(svc.rec.Spec.Document)
	}
	text := &strings.Builder{}
	missing := ""
	for _, c := range rev.td.Containers {
		c = overridden(c, overrides)
		digest, known := b.resolve(c.Image)
		if !known && missing == "" {
			missing = c.Image
		}
		health := ""
		if c.HealthCheck != nil {
			health = backend.HealthUnknown
		}
		v.Containers = append(v.Containers, backend.Container{
			Name: c.Name, Image: c.Image, ImageDigest: digest, LastStatus: backend.TaskPending,
			Health: health, Essential: c.IsEssential(),
		})
		b.describeFate(text, c)
	}
	said := words(text.String())
	if t.fate = foretell(said); svc != nil {
		rev.words = said
	}
	if missing != "" {
		t.fate = refuses(cannotPull + "pull image manifest has been retried 1 time(s): failed to resolve ref " + backend.Clean(missing) + ": not found")
	}
	b.placeTask(t)
	b.tasks[v.ID()] = t
	b.launched = append(b.launched, t)
	if svc != nil {
		svc.tasks = append(svc.tasks, t)
	}
	b.changed = true
	b.sim.after(b.jitter(svc, provisionTime), func() { b.pull(t) })
	return t
}

// execOff says whether a service's document switches ECS Exec off. Left out, it
// is on here: there is nothing to switch on.
func execOff(doc backend.Document) bool {
	var d struct {
		Exec *bool `json:"enableExecuteCommand"`
	}
	return doc.Decode(&d) == nil && d.Exec != nil && !*d.Exec
}

// overridden is a container definition as one run changes it.
func overridden(c backend.ContainerDefinition, overrides []backend.ContainerOverride) backend.ContainerDefinition {
	for _, o := range overrides {
		if o.Name != c.Name {
			continue
		}
		if o.Command != nil {
			c.Command = o.Command
		}
		env := append([]backend.KeyValue{}, c.Environment...)
		for k, v := range o.Environment {
			env = append(env, backend.KeyValue{Name: k, Value: v})
		}
		c.Environment = env
	}
	return c
}

// describeFate collects the words that can foretell a fate, commands first.
func (b *Backend) describeFate(text *strings.Builder, c backend.ContainerDefinition) {
	text.WriteString(strings.Join(c.EntryPoint, " ") + " " + strings.Join(c.Command, " "))
	for _, kv := range c.Environment {
		text.WriteString(" " + kv.Value)
	}
	text.WriteString(" " + b.imageWords(c.Image) + " ")
}

// jitter spreads tasks out; those that were added for measuring move together,
// so that ten thousand of them settle at once.
func (b *Backend) jitter(s *service, d time.Duration) time.Duration {
	if s != nil && s.bulk {
		return b.scaled(d)
	}
	return b.between(d*2/3, d*3/2)
}

func (b *Backend) touch(t *task) {
	b.changed = true
	if t.svc != nil {
		b.mark(t.svc)
	}
}

// pull takes the task to PENDING, and its image from the registry.
func (b *Backend) pull(t *task) {
	if t.view.LastStatus != backend.Provisioning || t.view.DesiredStatus == backend.TaskStopped {
		return
	}
	t.view.LastStatus, t.view.PullStartedAt = backend.TaskPending, b.sim.now
	b.touch(t)
	b.sim.after(b.jitter(t.svc, pullTime), func() { b.start(t) })
}

// start takes the task to RUNNING, or to the end that it was meant to have.
func (b *Backend) start(t *task) {
	v := &t.view
	if v.LastStatus != backend.TaskPending || v.DesiredStatus == backend.TaskStopped {
		return
	}
	if t.fate.stage == pending {
		v.StopCode, v.StoppedReason = t.fate.code, t.fate.stopped
		v.Containers[0].Reason = t.fate.reason
		b.stopped(t)
		return
	}
	v.LastStatus, v.StartedAt, v.PullStoppedAt = backend.Running, b.sim.now, b.sim.now
	for i := range v.Containers {
		c := &v.Containers[i]
		c.LastStatus = backend.Running
		c.RuntimeID = b.hex(64)
		c.Ports = b.bindings(t.rev.td, c.Name)
	}
	b.touch(t)
	switch t.fate.stage {
	case running:
		b.sim.after(b.scaled(t.fate.after), func() { b.exit(t) })
		if t.fate.after < 2*healthTime {
			return // it will not live to be found healthy
		}
	case sick:
		b.sim.after(b.scaled(healthTime*3), func() { b.checked(t, backend.Unhealthy) })
		return
	case unreached:
		b.sim.after(b.scaled(unreachedFor), func() { b.touch(t) }) // the load balancer gives it up
	}
	b.sim.after(b.jitter(t.svc, healthTime), func() { b.checked(t, backend.Healthy) })
}

// bindings gives a container the ports that Docker would.
func (b *Backend) bindings(td backend.TaskDefinition, name string) []backend.PortBinding {
	c, _ := td.Container(name)
	var out []backend.PortBinding
	for _, p := range c.PortMappings {
		host := p.HostPort
		if host == 0 {
			host = 32768 + b.rnd.IntN(28000)
		}
		proto := p.Protocol
		if proto == "" {
			proto = "tcp"
		}
		out = append(out, backend.PortBinding{ContainerPort: p.ContainerPort, HostPort: host, Protocol: proto, HostIP: "0.0.0.0"})
	}
	return out
}

// checked is the outcome of the health checks of a running task.
func (b *Backend) checked(t *task, health string) {
	v := &t.view
	if v.LastStatus != backend.Running {
		return
	}
	has := false
	for i := range v.Containers {
		if v.Containers[i].Health != "" {
			v.Containers[i].Health, has = health, true
		}
	}
	if has {
		v.Health = health
		b.touch(t)
	}
}

// exit ends a running task by its own doing.
func (b *Backend) exit(t *task) {
	v := &t.view
	if v.LastStatus != backend.Running || v.DesiredStatus == backend.TaskStopped {
		return
	}
	v.StopCode, v.StoppedReason = t.fate.code, t.fate.stopped
	code := t.fate.exit
	v.Containers[0].ExitCode, v.Containers[0].Reason = &code, t.fate.reason
	v.Containers[0].LastStatus = backend.TaskStopped
	v.StoppingAt = b.sim.now
	b.stopped(t)
}

// halt asks a task to stop. It takes a moment.
func (b *Backend) halt(t *task, code, reason string) {
	v := &t.view
	if v.LastStatus == backend.TaskStopped || v.DesiredStatus == backend.TaskStopped {
		return
	}
	v.DesiredStatus, v.StopCode, v.StoppedReason, v.StoppingAt = backend.TaskStopped, code, backend.Clean(reason), b.sim.now
	wait := b.jitter(t.svc, stopTime)
	if v.LastStatus != backend.Running {
		wait = 0
	}
	b.touch(t)
	b.sim.after(wait/2, func() {
		if v.LastStatus == backend.Running {
			v.LastStatus = backend.Stopping
			b.touch(t)
		}
	})
	b.sim.after(wait, func() { b.stopped(t) })
}

// stopped is the end of every task. Its containers get an exit code where they
// ran and have none yet.
func (b *Backend) stopped(t *task) {
	v := &t.view
	if v.LastStatus == backend.TaskStopped {
		return
	}
	b.freeTask(t)
	ran := !v.StartedAt.IsZero()
	v.LastStatus, v.DesiredStatus, v.StoppedAt = backend.TaskStopped, backend.TaskStopped, b.sim.now
	if v.StoppingAt.IsZero() {
		v.StoppingAt = b.sim.now
	}
	for i := range v.Containers {
		c := &v.Containers[i]
		c.LastStatus, c.Ports = backend.TaskStopped, nil
		if ran && c.ExitCode == nil {
			zero := 0
			c.ExitCode = &zero
		}
	}
	b.touch(t)
	b.sim.after(keepStopped, func() { b.forget(t) })
}

// forget drops a task that stopped long ago.
func (b *Backend) forget(t *task) {
	t.forgotten = true
	delete(b.tasks, t.view.ID())
	if len(b.launched) > 2*len(b.tasks)+100 {
		b.launched = slices.DeleteFunc(b.launched, func(t *task) bool { return t.forgotten })
	}
	if s := t.svc; s != nil {
		kept := s.tasks[:0]
		for _, other := range s.tasks {
			if other != t {
				kept = append(kept, other)
			}
		}
		s.tasks = kept
	}
}
