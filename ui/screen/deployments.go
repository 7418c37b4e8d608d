package screen

import (
	"cmp"
	"context"
	"iter"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

type deploymentRow = listRow[backend.ServiceDeployment]

// NewDeployments lists the deployments of a service, newest first: what each
// brought, how long it took, and how it ended.
func NewDeployments(env *Env, service string) Screen {
	return newList(env, listConfig[backend.ServiceDeployment]{
		crumb: service + " deployments", one: "deployment", many: "deployments",
		columns: deploymentColumns(env),
		watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[backend.ServiceDeployment]] {
			return watch.Deployments(ctx, env.Backend, env.Cluster, service, o)
		},
		enter: func(r deploymentRow) tea.Cmd {
			if r.Item.Status.Ended() {
				return Do(Push{NewRevisions(env, familyOf(r.Item.Target.TaskDefinition))})
			}
			return Do(Push{env.Make.Deploy(env, DeployTarget{Service: service, Follow: r.Item.ARN})})
		},
		enterName: "look",
		extras:    deploymentOrigins(env),
		actions: func(l *list[backend.ServiceDeployment]) []Action {
			return []Action{
				{Keys: []string{"v"}, Name: "events", Help: "the service's events", Group: groupGo, Footer: true, Run: func() tea.Cmd {
					return Do(Push{NewEvents(env, service)})
				}},
				rollbackToAction(env, service, l),
				copyAction(l, func(d backend.ServiceDeployment) string { return d.ARN }),
			}
		},
		detail: deploymentReason,
		empty:  service + " was never deployed.",
	})
}

// deploymentReason is why a deployment ended as it did.
func deploymentReason(d backend.ServiceDeployment) string {
	return cmp.Or(d.RollbackReason, d.Reason)
}

func deploymentColumns(env *Env) []widget.Column[deploymentRow] {
	return []widget.Column[deploymentRow]{
		{Title: "OUTCOME", Min: 12, Max: 22, Cell: func(r deploymentRow) widget.Cell {
			status, word := deploymentState(r.Item.Status)
			return widget.Cell{Text: word, Status: status}
		}},
		{Title: "REVISION", Min: 8, Max: 28, Flex: 1, Cell: func(r deploymentRow) widget.Cell {
			return widget.Cell{Text: backend.ShortName(r.Item.Target.TaskDefinition)}
		}},
		{Title: "IMAGE", Min: 8, Max: 30, Flex: 1, Priority: 2, Cell: func(r deploymentRow) widget.Cell {
			return widget.Cell{Text: cmp.Or(shortImage(firstImage(r.Item.Target)), "–"), Style: theme.Muted}
		}},
		{Title: "COMMIT", Min: 7, Max: 14, Priority: 2, Cell: func(r deploymentRow) widget.Cell {
			return widget.Cell{Text: cmp.Or(r.Extra.Origin.Commit, "–")}
		}},
		{Title: "BY", Min: 4, Max: 20, Flex: 1, Priority: 3, Cell: func(r deploymentRow) widget.Cell {
			return widget.Cell{Text: cmp.Or(r.Extra.Origin.By, "–"), Style: theme.Muted}
		}},
		{Title: "STARTED", Min: 11, Align: widget.Right, Cell: func(r deploymentRow) widget.Cell {
			return widget.Cell{Text: widget.Ago(env.Clock.Now(), r.Item.CreatedAt), Style: theme.Muted}
		}},
		{Title: "TOOK", Min: 7, Align: widget.Right, Priority: 1, Cell: func(r deploymentRow) widget.Cell {
			end := timeOr(r.Item.FinishedAt, env.Clock.Now())
			return widget.Cell{Text: widget.Elapsed(end.Sub(timeOr(r.Item.StartedAt, r.Item.CreatedAt)))}
		}},
		{Title: "FAILED", Min: 6, Align: widget.Right, Priority: 3, Cell: func(r deploymentRow) widget.Cell {
			c := widget.Cell{Text: widget.Count(r.Item.Target.Failed)}
			if r.Item.Target.Failed > 0 {
				c.Style = theme.Warn
			}
			return c
		}},
		{Title: "REASON", Min: 12, Flex: 3, Priority: 4, Cell: func(r deploymentRow) widget.Cell {
			return widget.Cell{Text: deploymentReason(r.Item), Style: theme.Muted}
		}},
	}
}
