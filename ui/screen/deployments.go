package screen

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

type deploymentRow = listRow[backend.ServiceDeployment]

// NewDeployments lists the deployments of a service, newest first: what each
// brought, how long it took, and how it ended.
func NewDeployments(env *Env, service string) Screen {
	var all *list[backend.ServiceDeployment]
	all = newList(env, listConfig[backend.ServiceDeployment]{
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
		extras:    deploymentOrigins(env, service),
		actions: func(l *list[backend.ServiceDeployment]) []Action {
			return []Action{
				{Keys: []string{"v"}, Name: "events", Help: "the service's events", Group: groupGo, Footer: true, Run: func() tea.Cmd {
					return Do(Push{NewEvents(env, service)})
				}},
				continueAction(env, waits(currentDeployment(l)), func() backend.ServiceDeployment { return l.current() }),
				rollbackToAction(env, service, l),
				describeAction(l.needRow, func() tea.Cmd { return describeDeployment(env, l.current()) }),
				copyAction(l, func(d backend.ServiceDeployment) string { return d.ARN }),
			}
		},
		detail: func(d backend.ServiceDeployment) string {
			return deploymentDetail(env, d, all.items(), all.extra(d.ARN).Origin.Plan)
		},
		empty: service + " was never deployed.",
	})
	return all
}

// currentDeployment is the one under the cursor, nil for none.
func currentDeployment(l *list[backend.ServiceDeployment]) *backend.ServiceDeployment {
	if l.needRow() != "" {
		return nil
	}
	d := l.current()
	return &d
}

// deploymentDetail tells of a deployment what its columns have no room for:
// how long it still takes, strategy, stage, weights, breaker, alarms, the pause that
// it waits at, why it ended, and what it was to change.
func deploymentDetail(env *Env, d backend.ServiceDeployment, past []backend.ServiceDeployment, plan string) string {
	var parts []string
	add := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	add(deploymentReason(d))
	add(deploy.TimeLeft(d, deploy.Usual(past, d.Strategy), env.Clock.Now()))
	if d.Shifts() {
		stage := ""
		if !d.Status.Ended() {
			stage = " at " + backend.StageName(d.Stage)
		}
		add(d.Strategy + stage)
		add(deploy.Weights(d))
	}
	if b := d.Breaker; b != nil && b.Threshold > 0 && b.Status != "DISABLED" && !d.Status.Ended() {
		add(fmt.Sprintf("breaker %d of %d", b.Failures, b.Threshold))
	}
	if a := d.Alarms; a != nil {
		if add("alarms " + strings.Join(a.Names, ", ")); len(a.Triggered) > 0 {
			add(strings.Join(a.Triggered, ", ") + " went off")
		}
	}
	if hook, is := d.Waiting(); is {
		add(strings.TrimSuffix("waits for an answer: "+deploy.Expiry(hook, env.Clock.Now()), ": "))
	}
	if plan != "" {
		add("plan: " + plan)
	}
	return strings.Join(parts, " · ")
}

// deploymentReason is why a deployment ended as it did.
func deploymentReason(d backend.ServiceDeployment) string {
	return cmp.Or(d.RollbackReason, d.Reason)
}

func deploymentColumns(env *Env) []widget.Column[deploymentRow] {
	return []widget.Column[deploymentRow]{
		{Title: "OUTCOME", Min: 12, Max: 22, Cell: func(r deploymentRow) widget.Cell {
			status, word := deploymentState(r.Item.Status)
			if waits(&r.Item) {
				status, word = theme.Warning, "waits"
			}
			if r.Extra.Unfit && r.Item.Status == backend.Successful { // its rollout went well, and no more
				status, word = theme.Failure, "smoke check failed"
			}
			return widget.Cell{Text: word, Status: status}
		}},
		{Title: "STRATEGY", Min: 10, Max: 20, Priority: 5, Cell: func(r deploymentRow) widget.Cell {
			return widget.Cell{Text: cmp.Or(r.Item.Strategy, "–"), Style: theme.Muted}
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
		{Title: "BY", Min: 4, Max: 44, Flex: 1, Priority: 3, Cell: func(r deploymentRow) widget.Cell {
			return widget.Cell{Text: cmp.Or(r.Extra.Origin.Deployed(), "–"), Style: theme.Muted}
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
