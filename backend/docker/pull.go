package docker

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

// image gives the id of what a container runs: what its deployment was pinned
// to, else what its name means now, pulled where the engine does not have it.
func (w *work) image(ctx context.Context, d backend.ContainerDefinition) (string, error) {
	for _, ref := range []string{w.pinned(d.Name), d.Image} {
		if ref == "" {
			continue
		}
		img, err := w.client.ImageInspect(ctx, ref)
		if err == nil {
			return img.ID, nil
		}
		if !gone(err) {
			return "", wrap(opStart, d.Name, err)
		}
	}
	if strings.HasPrefix(d.Image, "sha256:") {
		return "", w.cannot(d.Name, codeCannotPull, fmt.Errorf("image %s not found: it was removed from this engine; build it again", d.Image))
	}
	if w.row.View.PullStartedAt.IsZero() {
		w.row.View.PullStartedAt = w.clock.Now()
	}
	if err := w.pull(ctx, d.Image); err != nil {
		return "", w.cannot(d.Name, codeCannotPull, err)
	}
	w.row.View.PullStoppedAt = w.clock.Now()
	img, err := w.client.ImageInspect(ctx, d.Image)
	return img.ID, wrap(opStart, d.Name, err)
}

func (w *work) pinned(name string) string {
	if w.plan.rec == nil {
		return ""
	}
	for _, dep := range w.plan.rec.Deployments {
		if dep.ID != w.row.View.StartedBy {
			continue
		}
		for _, i := range dep.Images {
			if i.Container == name {
				return i.Digest
			}
		}
	}
	return ""
}

// pullTimeout ends a pull from a registry that does not answer.
const pullTimeout = 10 * time.Minute

// pull gets an image for a task. That takes as long as a registry likes: other
// tasks start in this one's place meanwhile, and it ends when the task is to
// stop.
func (w *work) pull(ctx context.Context, ref string) error {
	<-w.starts
	defer func() { w.starts <- struct{}{} }()
	limited, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	defer w.endedBy(cancel)()
	// From here on a stop cancels; one that came before is seen by this.
	if err := w.save(ctx); err != nil {
		return err
	}
	if w.row.View.DesiredStatus == backend.TaskStopped {
		return context.Canceled
	}
	err := w.pullOnce(limited, ref)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		if saved := w.save(ctx); saved != nil {
			return saved
		}
	}
	return err
}

// endedBy lets a stop of the task call cancel, until done is called.
func (w *work) endedBy(cancel func()) (done func()) {
	id := w.row.id()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pulls[id] = cancel
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.pulls, id)
	}
}

// endPull ends what a task that is to stop still pulls.
func (a *agent) endPull(row *taskRow) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if cancel := a.pulls[row.id()]; cancel != nil && row.View.DesiredStatus == backend.TaskStopped {
		cancel()
	}
}

// pullOnce pulls an image, one task at a time: those that come after find it
// there.
func (a *agent) pullOnce(ctx context.Context, ref string) error {
	t := a.queue(ref)
	defer a.leave(ref, t)
	select {
	case t.taken <- struct{}{}:
		defer func() { <-t.taken }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if _, err := a.client.ImageInspect(ctx, ref); err == nil || !gone(err) {
		return err
	}
	res, err := a.client.ImagePull(ctx, ref, client.ImagePullOptions{})
	if err != nil {
		return err
	}
	defer res.Close()
	for msg, err := range res.JSONMessages(ctx) {
		if err != nil {
			return err
		}
		if msg.Error != nil {
			return msg.Error
		}
	}
	_, err = io.Copy(io.Discard, res)
	return err
}

// turn is one place to pull an image in, for as long as somebody wants it.
type turn struct {
	taken chan struct{}
	wants int
}

func (a *agent) queue(ref string) *turn {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.turns[ref]
	if t == nil {
		t = &turn{taken: make(chan struct{}, 1)}
		a.turns[ref] = t
	}
	t.wants++
	return t
}

func (a *agent) leave(ref string, t *turn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t.wants--; t.wants == 0 {
		delete(a.turns, ref)
	}
}
