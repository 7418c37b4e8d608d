package docker

import (
	"context"
	"time"

	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"

	"github.com/ecs-tui/ecs-tui/backend"
)

var _ backend.Notifier = (*Engine)(nil)

// watchRetry is how long a broken event stream is left alone.
const watchRetry = time.Second

// Notify calls fn after each change of a task's container, until ctx ends.
// Each time that the event stream is taken up, fn is called too, since
// something may have been missed before.
func (e *Engine) Notify(ctx context.Context, fn func()) {
	e.notify(ctx, func(string) { fn() })
}

// notify is Notify with the id of the container that changed, "" where it is
// not known. The kinds of events are named one by one: health checks flood the
// stream with those of their commands.
func (e *Engine) notify(ctx context.Context, fn func(container string)) {
	filters := client.Filters{}.
		Add("type", string(events.ContainerEventType)).
		Add("label", LabelTaskARN).
		Add("event", "create", "start", "die", "oom", "kill", "destroy", "health_status", "pause", "unpause", "rename", "update")
	for ctx.Err() == nil {
		stream := e.client.Events(ctx, client.EventsListOptions{Filters: filters})
		fn("")
		err := passOn(stream, fn)
		if ctx.Err() == nil {
			e.log.Debug("the engine's event stream has ended", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-e.clock.After(watchRetry):
		}
	}
}

// passOn calls fn for the stream's messages until it ends.
func passOn(stream client.EventsResult, fn func(container string)) error {
	for {
		select {
		case m := <-stream.Messages:
			fn(m.Actor.ID)
		case err := <-stream.Err:
			return err
		}
	}
}
