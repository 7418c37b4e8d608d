package screen

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

// serviceAt is the service that actions work on: under a list's cursor, or the
// one that a screen is about.
type serviceAt struct {
	current func() backend.Service
	chosen  func() []backend.Service        // that were selected, or the current one
	need    func() string                   // why there is no service now, or ""
	needAll func() string                   // why those that were chosen can't be worked on now, or ""
	target  func() (service, follow string) // of a deploy, see deployActions
}

// serviceRowActions are what can be done to the services of a list.
func serviceRowActions(env *Env, l *list[backend.Service]) []Action {
	at := serviceAt{current: l.current, chosen: l.chosen, need: l.needRow, needAll: l.needChosen, target: func() (string, string) {
		switch {
		case env.App != nil && !slices.ContainsFunc(l.snap.Rows, func(r *watch.Row[backend.Service]) bool { return env.isApp(r.Ref) }):
			return "", "" // the app's first deploy, wherever the cursor is
		case l.needRow() != "":
			return "", ""
		}
		row := l.row()
		return row.Item.Name, followingOf(row.Item, row.Extra.Deployment)
	}}
	return append(serviceActions(env, at), healthAction(env, at))
}

// serviceActions are what can be done to a service.
func serviceActions(env *Env, at serviceAt) []Action {
	one := func(run func(s backend.Service) tea.Cmd) func() tea.Cmd {
		return func() tea.Cmd { return run(at.current()) }
	}
	unless := func(c backend.Capability) func() string { return unlessNeed(at.need, env, c) }
	ours := func() string { // what another controller deploys is not ours to deploy
		return cmp.Or(unless(backend.CanWrite)(), at.current().Foreign())
	}
	out := []Action{
		{
			Keys: []string{"l"}, Name: "logs", Help: "the logs of all its tasks, merged", Group: groupGo, Footer: true,
			Disabled: unless(backend.CanLogs), Run: one(func(s backend.Service) tea.Cmd {
				return Do(Push{env.Make.Logs(env, LogTarget{Service: s.Name})})
			}),
		},
	}
	out = append(out, deployActions(env, at.target)...)
	return append(out,
		Action{
			Keys: []string{"R"}, Name: "roll back", Help: "stop the deployment that goes on, or go back to the revision before", Group: groupChange, Footer: true,
			Disabled: ours,
			Ask: func() (widget.Question, func() tea.Cmd) {
				s := at.current()
				return rollbackQuestion(env, s), func() tea.Cmd { return rollback(env, s) }
			},
		},
		Action{
			Keys: []string{"S"}, Name: "scale", Help: "change how many tasks it wants", Group: groupChange, Footer: true,
			Disabled: unless(backend.CanWrite), Run: one(func(s backend.Service) tea.Cmd { return scale(env, s) }),
		},
		pauseAction(env, unless(backend.CanWrite), at.current),
		Action{
			Keys: []string{"u"}, Name: "run task", Help: "run a task of its revision that belongs to no service, and see its logs", Group: groupChange,
			Disabled: unless(backend.CanWrite), Run: one(func(s backend.Service) tea.Cmd { return runServiceTask(env, s) }),
		},
		Action{
			Keys: []string{"F"}, Name: "force new deployment", Help: "replace all tasks, though nothing changed", Group: groupChange,
			Disabled: ours,
			Ask: func() (widget.Question, func() tea.Cmd) {
				s := at.current()
				return forceQuestion(env, s), func() tea.Cmd { return forceDeploy(env, s) }
			},
		},
		Action{
			Keys: []string{"d"}, Name: "describe", Help: "the whole of it, as ECS has it", Group: groupGo, Footer: true,
			Disabled: at.need, Run: one(func(s backend.Service) tea.Cmd { return describeService(env, s) }),
		},
		Action{
			Keys: []string{"v"}, Name: "events", Help: "its events, in ECS's words", Group: groupGo,
			Disabled: at.need, Run: one(func(s backend.Service) tea.Cmd { return Do(Push{NewEvents(env, s.Name)}) }),
		},
		Action{
			Keys: []string{"p"}, Name: "deployments", Help: "its deployments, and how they ended", Group: groupGo,
			Disabled: func() string { return cmp.Or(at.need(), at.current().Foreign()) }, Run: one(func(s backend.Service) tea.Cmd { return Do(Push{NewDeployments(env, s.Name)}) }),
		},
		Action{
			Keys: []string{"T"}, Name: "revisions", Help: "the revisions of its task definition", Group: groupGo,
			Disabled: at.need, Run: one(func(s backend.Service) tea.Cmd {
				return Do(Push{NewRevisions(env, familyOf(s.TaskDefinition))})
			}),
		},
		copyText(at.need, func() string { return at.current().ARN }),
		deleteAction(env, unlessNeed(at.needAll, env, backend.CanWrite), at.chosen),
	)
}

// deployActions are D and b, wherever a service or the app is in sight. target
// gives the service under the cursor, and the deployment of it that goes on.
func deployActions(env *Env, target func() (service, follow string)) []Action {
	return []Action{
		{
			Keys: []string{"D"}, Name: "deploy", Help: "build, push, register, update and watch; or watch the deployment that goes on", Group: groupChange, Footer: true,
			Disabled: func() string {
				service, follow := target()
				if follow != "" {
					return ""
				}
				return cannotDeploy(env, service)
			},
			Run: func() tea.Cmd {
				service, follow := target()
				return Do(Push{env.Make.Deploy(env, DeployTarget{Service: service, Follow: follow})})
			},
		},
		{
			Keys: []string{"b"}, Name: "build", Help: "build the app's images, and nothing else", Group: groupChange,
			Disabled: func() string {
				if env.App == nil {
					return env.noApp()
				}
				return env.Backend.Unsupported(backend.CanBuild)
			},
			Run: func() tea.Cmd {
				return Do(Push{env.Make.Deploy(env, DeployTarget{Service: env.App.Service(), BuildOnly: true})})
			},
		},
		promoteAction(env, func() string { service, _ := target(); return service }),
		editAction(env),
	}
}

func cannotDeploy(env *Env, service string) string {
	switch why := env.Backend.Unsupported(backend.CanWrite); {
	case why != "":
		return why
	case env.App == nil:
		return env.noApp()
	case service != "" && !env.isApps(service):
		if run, ok := env.Deploys.Find(env.deployKey(service)); ok && !run.seen.Load() {
			return "" // it is shown
		}
		return env.notTheApps(service)
	}
	return ""
}

// followingOf is the ARN of the deployment that goes on for a service, "" when
// none does. d is the newest one, where it is known.
func followingOf(s backend.Service, d *backend.ServiceDeployment) string {
	if d != nil && !d.Status.Ended() {
		return d.ARN
	}
	if p, ok := s.Primary(); ok && p.Rollout == backend.RolloutInProgress {
		return s.Current
	}
	return ""
}

// unlessRow is the reason of an action that needs a row and an ability.
func unlessRow[T any](l *list[T], env *Env, c backend.Capability) func() string {
	return unlessNeed(l.needRow, env, c)
}

// unlessChosen is that of one that works on all rows that are selected.
func unlessChosen[T any](l *list[T], env *Env, c backend.Capability) func() string {
	return unlessNeed(l.needChosen, env, c)
}

// unlessNeed is the reason of an action that needs an ability, and something to
// work on.
func unlessNeed(need func() string, env *Env, c backend.Capability) func() string {
	return func() string {
		if why := env.Backend.Unsupported(c); why != "" {
			return why
		}
		return need()
	}
}

// copyAction copies something of the rows into the clipboard.
func copyAction[T any](l *list[T], text func(T) string) Action {
	return copyText(l.needRow, func() string { return text(l.current()) })
}

// copyNamed is copyAction for what is no ARN.
func copyNamed[T any](l *list[T], name string, text func(T) string) Action {
	a := copyAction(l, text)
	a.Name = name
	return a
}

// copyText copies a text into the clipboard.
func copyText(need func() string, text func() string) Action {
	return Action{
		Keys: []string{"y"}, Name: "copy ARN", Help: "into the clipboard", Group: groupView, Disabled: need,
		Run: func() tea.Cmd {
			arn := text()
			return tea.Batch(tea.SetClipboard(arn), note(theme.Steady, "copied "+arn))
		},
	}
}

func serviceTarget(env *Env, s backend.Service) string {
	where := "cluster " + s.Cluster
	if env.Environment != "" {
		where = env.Environment + ", " + where
	}
	return s.Name + " (" + where + ")"
}

func rollbackQuestion(env *Env, s backend.Service) widget.Question {
	q := widget.Question{Title: "Roll back", Target: serviceTarget(env, s), Verb: "roll back", Danger: true, Typed: protectedName(env, s.Name)}
	if p, ok := s.Primary(); ok && p.Rollout == backend.RolloutInProgress {
		q.Body = []string{"The deployment of " + backend.ShortName(p.TaskDefinition) + " is stopped; the last one that completed comes back."}
	} else {
		q.Body = []string{"Runs " + backend.ShortName(s.TaskDefinition) + " now; the revision that completed before it comes back."}
	}
	return q
}

// rollback starts it and shows how it goes.
func rollback(env *Env, s backend.Service) tea.Cmd {
	return Do(Push{env.Make.Deploy(env, DeployTarget{Service: s.Name, Rollback: true, Seen: s})})
}

func scale(env *Env, s backend.Service) tea.Cmd {
	form := widget.NewForm(env.Theme, "Scale "+serviceTarget(env, s),
		[]string{fmt.Sprintf("It wants %s now.", widget.Plural(s.Desired, "task", "tasks"))}, "scale",
		[]widget.Field{{Key: "desired", Label: "tasks", Kind: widget.NumberField, Value: strconv.Itoa(s.Desired), Max: 1000, Required: true}})
	return Do(Ask{form, func() tea.Cmd {
		n := form.Int("desired")
		yes := func() tea.Cmd {
			return pausing(env, s, func(ctx context.Context, p *deploy.Pausing) (backend.Service, error) { return p.Scale(ctx, n) },
				fmt.Sprintf("%s scales from %d to %d", s.Name, s.Desired, n))
		}
		if n == 0 && s.Desired > 0 {
			return Do(Ask{widget.NewConfirm(env.Theme, scaleToZeroQuestion(env, s)), yes})
		}
		return yes()
	}})
}

// scaleToZeroQuestion asks before a number ends a service as a pause does.
func scaleToZeroQuestion(env *Env, s backend.Service) widget.Question {
	return widget.Question{
		Title: "Scale to 0", Target: serviceTarget(env, s), Verb: "stop them", Danger: true, Typed: protectedName(env, s.Name),
		Body: []string{fmt.Sprintf("Its %s stop, and none is started until it is scaled again.", widget.Plural(s.Desired, "task", "tasks"))},
	}
}

func forceQuestion(env *Env, s backend.Service) widget.Question {
	return widget.Question{
		Title: "Force a new deployment", Target: serviceTarget(env, s), Verb: "replace the tasks", Typed: protectedName(env, s.Name),
		Body: []string{fmt.Sprintf("All %s are replaced by new ones of %s.", widget.Plural(s.Desired, "task", "tasks"), backend.ShortName(s.TaskDefinition))},
	}
}

func forceDeploy(env *Env, s backend.Service) tea.Cmd {
	return change(env, s, backend.ServiceChange{Force: true}, s.Name+" replaces its tasks")
}

func change(env *Env, s backend.Service, c backend.ServiceChange, done string) tea.Cmd {
	cluster := env.Cluster
	return call(env, func(ctx context.Context) (backend.Service, error) {
		return env.Backend.UpdateService(ctx, cluster, s.Name, c)
	}, func(backend.Service) tea.Msg { return Say{theme.InMotion, done} })
}

// protectedName is what must be typed where the environment is protected.
func protectedName(env *Env, name string) string {
	if !env.Protected {
		return ""
	}
	if env.App != nil {
		return env.App.Name()
	}
	return name
}
