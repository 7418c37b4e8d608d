package screen

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// provider is a capacity provider, with its share of the cluster's default
// strategy.
type provider struct {
	backend.CapacityProvider
	share *backend.ProviderShare // nil: it is not part of it
}

type providerRow = listRow[provider]

// providersEvery is how often they are read: they hardly change.
const providersEvery = 20 * time.Second

func newProviders(env *Env, cluster string) *list[provider] {
	return newList(env, listConfig[provider]{
		crumb: "capacity", one: "capacity provider", many: "capacity providers",
		columns: providerColumns(),
		watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[provider]] {
			return watchProviders(ctx, env, cluster, o)
		},
		enter: func(r providerRow) tea.Cmd {
			return Do(Push{NewDescribe(env, r.Item.Name, r.Item.Document, nil)})
		},
		enterName: "describe",
		actions: func(l *list[provider]) []Action {
			return []Action{copyAction(l, func(p provider) string { return p.ARN })}
		},
		detail: func(p provider) string { return p.UpdateReason },
		empty:  "Cluster " + cluster + " has no capacity provider.",
		hint:   "Its services name a launch type, or nothing gives it machines.",
	})
}

// watchProviders reads the providers, all in one answer.
func watchProviders(ctx context.Context, env *Env, cluster string, o watch.Options) iter.Seq[watch.Snapshot[provider]] {
	o.Interval, o.Notifier = providersEvery, nil
	read := map[string]provider{} // of the newest list call; used in one goroutine
	return watch.List(ctx, watch.Source[provider]{
		List: func(ctx context.Context, _ backend.PageRequest) (backend.Page[string], error) {
			var page backend.Page[string]
			c, err := env.Backend.DescribeCapacity(ctx, cluster)
			if err != nil {
				return page, err
			}
			clear(read)
			for _, p := range c.Providers {
				row := provider{CapacityProvider: p}
				for _, share := range c.Default {
					if share.Provider == p.Name {
						row.share = &share
					}
				}
				read[p.Name] = row
				page.Items = append(page.Items, p.Name)
			}
			return page, nil
		},
		Describe: func(_ context.Context, names []string) ([]provider, error) {
			out := make([]provider, 0, len(names))
			for _, n := range names {
				out = append(out, read[n])
			}
			return out, nil
		},
		Ref: func(p provider) string { return p.Name }, Batch: 100,
	}, o)
}

func providerColumns() []widget.Column[providerRow] {
	muted := func(title string, least, priority int, text func(provider) string) widget.Column[providerRow] {
		return widget.Column[providerRow]{Title: title, Min: least, Priority: priority, Cell: func(r providerRow) widget.Cell {
			return widget.Cell{Text: text(r.Item), Style: theme.Muted}
		}}
	}
	yes := func(on bool) string {
		if on {
			return "yes"
		}
		return "no"
	}
	group := muted("MACHINES FROM", 12, 1, func(p provider) string {
		if p.Group == "" {
			return "Fargate: AWS's own"
		}
		return backend.ShortName(p.Group)
	})
	group.Flex = 2
	return []widget.Column[providerRow]{
		{Title: "PROVIDER", Min: 15, Max: 40, Flex: 1, Cell: func(r providerRow) widget.Cell {
			status, _ := providerState(r.Item)
			return widget.Cell{Text: r.Item.Name, Status: status}
		}},
		{Title: "STATE", Min: 8, Max: 24, Cell: func(r providerRow) widget.Cell { return statusCell(providerState(r.Item)) }},
		{Title: "BY DEFAULT", Min: 10, Cell: func(r providerRow) widget.Cell {
			s := r.Item.share
			if s == nil {
				return widget.Cell{Text: "–", Style: theme.Faint}
			}
			text := fmt.Sprintf("weight %d", s.Weight)
			if s.Base > 0 {
				text += fmt.Sprintf(", first %d", s.Base)
			}
			return widget.Cell{Text: text}
		}},
		group,
		{Title: "SCALED", Min: 8, Priority: 2, Cell: func(r providerRow) widget.Cell {
			switch p := r.Item; {
			case p.Group == "":
				return widget.Cell{Text: "–", Style: theme.Faint}
			case p.Scaling:
				return widget.Cell{Text: fmt.Sprintf("by ECS, to %d %%", p.TargetLoad)}
			}
			return widget.Cell{Text: "not by ECS", Style: theme.Muted}
		}},
		muted("DRAINS", 6, 3, func(p provider) string { return yes(p.Draining || p.Group == "") }),
		muted("PROTECTS", 8, 4, func(p provider) string { return yes(p.Protected) }),
	}
}

// providerState is how a provider is doing; an update that failed is worse than
// what it was before.
func providerState(p provider) (theme.Status, string) {
	word := wordsOf(p.Status)
	switch {
	case p.UpdateStatus == "UPDATE_FAILED", p.UpdateStatus == "DELETE_FAILED":
		return theme.Failure, wordsOf(p.UpdateStatus)
	case p.UpdateStatus == "UPDATE_IN_PROGRESS", p.UpdateStatus == "DELETE_IN_PROGRESS":
		return theme.InMotion, wordsOf(p.UpdateStatus)
	case p.Status == "ACTIVE":
		return theme.Steady, word
	default:
		return theme.Idle, word
	}
}

// wordsOf writes one of ECS's states in words: UPDATE_IN_PROGRESS → update in
// progress.
func wordsOf(state string) string { return strings.ToLower(strings.ReplaceAll(state, "_", " ")) }
