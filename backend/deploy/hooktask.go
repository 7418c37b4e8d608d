package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ecs-tui/ecs-tui/backend"
)

// lateLines is how long the lines of a task that has ended are waited for.
const lateLines = 500 * time.Millisecond

var errNoTask = errors.New("no task was started")

// before runs the task that comes before the update. Where it fails, nothing is
// updated.
func (r *run) before(ctx context.Context, td backend.TaskDefinition) bool {
	h := r.plan.Request.Hooks.Before
	current := r.plan.Current
	if h == nil || current != nil && current.TaskDefinition == td.ARN && !r.plan.Request.Force {
		return true
	}
	s, ok := r.start(ctx, Before, h.container(td))
	if !ok {
		return false
	}
	if found, err := r.b.DescribeServices(ctx, r.plan.Request.Cluster, []string{r.plan.Request.Service.Name}); err == nil {
		if err := r.overtaken(ctx, activeService(found), td); err != nil {
			return s.fail(ctx, err)
		}
	}
	if err := r.hookTask(ctx, Before, h, td); err != nil || r.out.gone {
		return s.fail(ctx, err)
	}
	return s.finish("exit code 0", strings.Join(h.Command, " "), "")
}

// hookTask runs a task to its end, and hands on what it writes. Where it is not
// waited for any more, it is stopped.
func (r *run) hookTask(ctx context.Context, step Step, h *TaskHook, td backend.TaskDefinition) error {
	t := &taskRun{r: r, step: step, td: td, container: h.container(td), began: r.opts.Clock.Now(), seen: map[string]bool{}}
	call, cancel := committed(ctx)
	started, err := r.b.RunTask(call, backend.RunTaskRequest{
		Cluster: r.plan.Request.Cluster, TaskDefinition: td.ARN, Count: 1, StartedBy: "ecs-tui/" + step.String(),
		Overrides: []backend.ContainerOverride{{Name: t.container, Command: h.Command}}, Place: r.plan.serviceDocument(),
	})
	cancel()
	if err == nil && len(started) == 0 {
		err = &backend.Error{Op: "RunTask", Kind: backend.Exhausted, Resource: td.Ref(), Err: errNoTask}
	}
	if err != nil {
		return err
	}
	t.arn = started[0].ARN
	ended, err := t.wait(ctx, h.Timeout)
	if err != nil || ended.LastStatus != backend.TaskStopped {
		t.stop(ctx)
	}
	if err != nil {
		return err
	}
	return t.judge(ctx, ended)
}

// taskRun is a hook's task that runs.
type taskRun struct {
	r         *run
	step      Step
	td        backend.TaskDefinition
	container string
	arn       string
	began     time.Time
	seen      map[string]bool // lines that were handed on
	last      []backend.LogLine
}

// wait hands on lines until the hook's container has ended.
func (t *taskRun) wait(ctx context.Context, timeout time.Duration) (backend.Task, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	clock := t.r.opts.Clock
	lines, over := t.follow(ctx)
	defer func() { cancel(); <-over }()
	wake, done := notifications(ctx, t.r.b)
	defer func() { cancel(); <-done }()
	deadline := clock.After(timeout)
	look, failures := true, 0
	next := clock.After(t.r.opts.Interval)
	for {
		if look {
			now, err := t.read(ctx)
			switch {
			case ctx.Err() != nil:
				return now, ctx.Err()
			case err != nil && backend.KindOf(err) != backend.NotFound && failures < 10: // ECS may not know it yet
				failures++
			case err != nil && (backend.KindOf(err) != backend.NotFound || clock.Now().Sub(t.began) > 10*t.r.opts.Interval):
				return now, err
			case err == nil && t.ended(now):
				t.drain(lines)
				return now, nil
			}
			look, next = false, clock.After(t.r.opts.Interval)
		}
		select {
		case <-ctx.Done():
			return backend.Task{}, ctx.Err()
		case some := <-lines:
			if !t.hand(some) {
				return backend.Task{}, context.Canceled
			}
		case <-wake:
			look = true
		case <-next:
			look = true
		case <-deadline:
			return backend.Task{}, t.failed(fmt.Sprintf("did not end within %s; it was stopped", spell(timeout)), "give it more time in the app file, or look at what it waits for")
		}
	}
}

// follow reads the task's lines. over is closed when it has let go.
func (t *taskRun) follow(ctx context.Context) (lines chan []backend.LogLine, over chan struct{}) {
	lines, over = make(chan []backend.LogLine), make(chan struct{})
	if t.r.b.Unsupported(backend.CanLogs) != "" {
		close(over)
		return lines, over
	}
	go func() {
		defer close(over)
		q := backend.LogQuery{Cluster: t.r.plan.Request.Cluster, Tasks: []string{t.arn}, Follow: true, Since: t.began}
		for batch, err := range t.r.b.Logs(ctx, q) {
			if err != nil {
				return // the exit code matters more
			}
			select {
			case lines <- batch.Lines:
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines, over
}

// drain takes what the task wrote last, which may still be on its way.
func (t *taskRun) drain(lines chan []backend.LogLine) {
	late := t.r.opts.Clock.After(lateLines)
	for {
		select {
		case some := <-lines:
			t.hand(some)
		case <-late:
			return
		}
	}
}

// hand gives lines to the consumer, each once; false when it has left.
func (t *taskRun) hand(lines []backend.LogLine) bool {
	var fresh []backend.LogLine
	for _, l := range lines {
		key := l.At.String() + l.Container + l.Text
		if !t.seen[key] {
			t.seen[key] = true
			fresh = append(fresh, l)
		}
	}
	if len(fresh) == 0 {
		return !t.r.out.gone
	}
	t.last = append(t.last, fresh...)
	if n := len(t.last) - lastLines; n > 0 {
		t.last = t.last[n:]
	}
	return t.r.out.emit(HookLog{t.step, fresh})
}

func (t *taskRun) read(ctx context.Context) (backend.Task, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	found, err := t.r.b.DescribeTasks(ctx, t.r.plan.Request.Cluster, []string{t.arn})
	if err == nil && len(found) == 0 {
		err = backend.Errorf("DescribeTasks", backend.NotFound, backend.ShortName(t.arn), "the task is gone")
	}
	if err != nil {
		return backend.Task{}, err
	}
	return found[0], nil
}

// ended says whether the hook's container has: sidecars may outlive it.
func (t *taskRun) ended(now backend.Task) bool {
	if now.LastStatus == backend.TaskStopped {
		return true
	}
	for _, c := range now.Containers {
		if c.Name == t.container {
			return c.LastStatus == backend.TaskStopped && c.ExitCode != nil
		}
	}
	return false
}

// judge is nil where the hook's container ended with 0.
func (t *taskRun) judge(ctx context.Context, ended backend.Task) error {
	why := ""
	for _, c := range ended.Containers {
		if c.Name != t.container {
			continue
		}
		switch {
		case c.ExitCode == nil:
			why = "did not start: " + reasonOf(ended, c)
		case *c.ExitCode != 0:
			why = strings.TrimSuffix(fmt.Sprintf("ended with exit code %d: %s", *c.ExitCode, c.Reason), ": ")
		default:
			return nil
		}
	}
	if why == "" {
		why = "did not run: " + ended.StoppedReason
	}
	t.hand(lastWords(ctx, t.r.b, t.r.plan.Request.Cluster, ended)) // those that came too late
	d := Diagnose(ended, nil, t.last, t.td)
	remedy := d.Remedy
	if d.Row == rowEssential || d.Row == 0 {
		remedy = "its last lines say why"
	}
	return t.failed(why, remedy)
}

func (t *taskRun) failed(why, remedy string) error {
	return &backend.Error{Kind: backend.Other, Resource: t.container, Err: errors.New(why), Remedy: remedy}
}

// stop ends a task that nobody waits for any more.
func (t *taskRun) stop(ctx context.Context) {
	call, cancel := committed(ctx)
	defer cancel()
	_, _ = t.r.b.StopTask(call, t.r.plan.Request.Cluster, t.arn, "ecs-tui: the deploy no longer waits for it")
}

func reasonOf(t backend.Task, c backend.Container) string {
	if c.Reason != "" {
		return c.Reason
	}
	return t.StoppedReason
}
