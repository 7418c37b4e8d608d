package screen

import (
	"context"
	"iter"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

type eventRow = listRow[backend.Event]

// NewEvents lists the last events of a service, newest first, in ECS's words.
func NewEvents(env *Env, service string) Screen {
	return newList(env, listConfig[backend.Event]{
		crumb: service + " events", one: "event", many: "events",
		columns: []widget.Column[eventRow]{
			{Title: "TIME", Min: 8, Max: 19, Cell: func(r eventRow) widget.Cell {
				layout := "15:04:05"
				if env.Clock.Now().Sub(r.Item.At).Hours() > 20 {
					layout = "2006-01-02 15:04:05"
				}
				return widget.Cell{Text: r.Item.At.Local().Format(layout), Style: theme.Muted}
			}},
			{Title: "AGE", Min: 7, Align: widget.Right, Priority: 1, Cell: func(r eventRow) widget.Cell {
				return widget.Cell{Text: since(env, r.Item.At), Style: theme.Muted}
			}},
			{Title: "EVENT", Min: 30, Flex: 1, Cell: func(r eventRow) widget.Cell { return widget.Cell{Text: r.Item.Message} }},
		},
		watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[backend.Event]] {
			return watchEvents(ctx, env, service, o)
		},
		actions: func(l *list[backend.Event]) []Action {
			return []Action{copyAction(l, func(e backend.Event) string { return e.Message })}
		},
		detail: func(e backend.Event) string { return e.Message },
		empty:  "Nothing has happened to " + service + " yet.",
	})
}

// watchEvents reads the events out of the service.
func watchEvents(ctx context.Context, env *Env, service string, o watch.Options) iter.Seq[watch.Snapshot[backend.Event]] {
	events := map[string]backend.Event{} // of the newest list call; used in one goroutine
	return watch.List(ctx, watch.Source[backend.Event]{
		List: func(ctx context.Context, _ backend.PageRequest) (backend.Page[string], error) {
			var page backend.Page[string]
			services, err := env.Backend.DescribeServices(ctx, env.Cluster, []string{service})
			if err != nil {
				return page, err
			}
			clear(events)
			for _, s := range services {
				for _, e := range s.Events {
					events[e.ID] = e
					page.Items = append(page.Items, e.ID)
				}
			}
			return page, nil
		},
		Describe: func(_ context.Context, ids []string) ([]backend.Event, error) {
			out := make([]backend.Event, 0, len(ids))
			for _, id := range ids {
				out = append(out, events[id])
			}
			return out, nil
		},
		Ref: func(e backend.Event) string { return e.ID }, Batch: 100,
		Changing: func(backend.Event) bool { return false },
	}, o)
}
