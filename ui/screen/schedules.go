package screen

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/backend/deploy"
	"github.com/ecs-tui/ecs-tui/backend/watch"
	"github.com/ecs-tui/ecs-tui/ui/theme"
	"github.com/ecs-tui/ecs-tui/ui/widget"
)

type scheduleRow = listRow[backend.Schedule]

// NewSchedules lists the schedules of env's cluster: when each runs, and how its
// last run went.
func NewSchedules(env *Env) Screen {
	cluster := env.Cluster
	return newList(env, listConfig[backend.Schedule]{
		crumb: "schedules", one: "schedule", many: "schedules",
		columns: scheduleColumns(env),
		watch: func(ctx context.Context, o watch.Options) iter.Seq[watch.Snapshot[backend.Schedule]] {
			return watch.Schedules(ctx, env.Backend, cluster, o)
		},
		actions: func(l *list[backend.Schedule]) []Action { return scheduleActions(env, l) },
		empty:   "No schedule in cluster " + cluster + ".", hint: "n makes one; those of an app file come with its deploy.",
	})
}

func scheduleColumns(env *Env) []widget.Column[scheduleRow] {
	return []widget.Column[scheduleRow]{
		{
			Title: "SCHEDULE", Min: 12, Max: 40, Flex: 2,
			Cell: func(r scheduleRow) widget.Cell {
				status := theme.Steady
				switch s := r.Item; {
				case !s.Enabled:
					status = theme.Idle
				case s.Note != "" || failedRun(s.Last):
					status = theme.Failure
				}
				return widget.Cell{Text: r.Item.Name, Status: status}
			},
			Less: func(a, b scheduleRow) bool { return a.Item.Name < b.Item.Name },
		},
		{Title: "RUNS", Min: 16, Max: 48, Flex: 2, Cell: func(r scheduleRow) widget.Cell { return widget.Cell{Text: r.Item.When()} }},
		{
			Title: "NEXT", Min: 9, Max: 16,
			Cell: func(r scheduleRow) widget.Cell { return nextRun(r.Item, env.Clock.Now()) },
			Less: func(a, b scheduleRow) bool {
				now := env.Clock.Now()
				x, y := a.Item.Next(now), b.Item.Next(now)
				return !x.IsZero() && (y.IsZero() || x.Before(y))
			},
		},
		{Title: "LAST", Min: 24, Max: 44, Flex: 2, Priority: 1, Cell: func(r scheduleRow) widget.Cell { return lastRun(r.Item, env.Clock.Now()) }},
		{Title: "REVISION", Min: 8, Max: 28, Flex: 1, Priority: 2, Cell: func(r scheduleRow) widget.Cell {
			return widget.Cell{Text: backend.ShortName(r.Item.TaskDefinition), Style: theme.Muted}
		}},
		{Title: "APP", Min: 4, Max: 20, Priority: 3, Cell: func(r scheduleRow) widget.Cell {
			return widget.Cell{Text: cmp.Or(r.Item.App, "–"), Style: theme.Muted}
		}},
	}
}

func failedRun(r *backend.ScheduleRun) bool {
	return r != nil && r.Status == backend.TaskStopped && (r.ExitCode == nil || *r.ExitCode != 0)
}

func nextRun(s backend.Schedule, now time.Time) widget.Cell {
	next := s.Next(now)
	switch d := next.Sub(now); {
	case !s.Enabled:
		return widget.Cell{Text: "paused", Style: theme.Muted}
	case next.IsZero():
		return widget.Cell{Text: "never", Style: theme.Muted}
	case d < 48*time.Hour:
		return widget.Cell{Text: "in " + widget.Age(d)}
	}
	return widget.Cell{Text: next.Local().Format("2006-01-02 15:04")}
}

func lastRun(s backend.Schedule, now time.Time) widget.Cell {
	r := s.Last
	switch {
	case s.Note != "":
		return widget.Cell{Text: s.Note, Style: theme.Bad}
	case r == nil:
		return widget.Cell{Text: "–", Style: theme.Faint}
	case r.Status != backend.TaskStopped:
		return widget.Cell{Text: widget.Ago(now, r.At) + ", runs", Style: theme.Moving}
	case r.ExitCode == nil:
		return widget.Cell{Text: widget.Ago(now, r.At) + ": " + cmp.Or(r.Reason, "did not start"), Style: theme.Bad}
	case *r.ExitCode != 0:
		return widget.Cell{Text: fmt.Sprintf("%s, exit code %d", widget.Ago(now, r.At), *r.ExitCode), Style: theme.Bad}
	}
	return widget.Cell{Text: widget.Ago(now, r.At) + ", exit code 0", Style: theme.Muted}
}

func scheduleActions(env *Env, l *list[backend.Schedule]) []Action {
	writes := unlessRow(l, env, backend.CanWrite)
	cluster := env.Cluster
	target := func(s backend.Schedule) string { return s.Name + " (cluster " + cluster + ")" }
	return []Action{
		{
			Keys: []string{"n"}, Name: "new", Help: "make a schedule", Group: groupChange, Footer: true,
			Disabled: func() string {
				return cmp.Or(env.Backend.Unsupported(backend.CanSchedule), env.Backend.Unsupported(backend.CanWrite))
			},
			Run: func() tea.Cmd { return askSchedule(env, l) },
		},
		{
			Keys: []string{"r"}, Name: "run now", Help: "start its task now, besides its times", Group: groupChange, Footer: true, Disabled: writes,
			Ask: func() (widget.Question, func() tea.Cmd) {
				s := l.current()
				q := widget.Question{Title: "Run now", Target: target(s), Verb: "run", Body: []string{deploy.DescribeSchedule(s.ScheduleSpec)}}
				return q, func() tea.Cmd { return runScheduled(env, s) }
			},
		},
		pauseScheduleAction(env, l, writes, target),
		{
			Keys: []string{"ctrl+d"}, Name: "remove", Help: "remove the schedule; tasks that it has started go on", Group: groupChange, Disabled: writes,
			Ask: func() (widget.Question, func() tea.Cmd) {
				s := l.current()
				return removeScheduleQuestion(env, s, target(s)), func() tea.Cmd {
					return l.changing(func(ctx context.Context) (string, error) {
						return "removed the schedule " + s.Name, env.Backend.DeleteSchedule(ctx, cluster, s.ARN)
					})
				}
			},
		},
		{
			Keys: []string{"t"}, Name: "last task", Help: "the task of its last run", Group: groupGo,
			Disabled: func() string {
				if why := l.needRow(); why != "" || l.current().Last != nil {
					return why
				}
				return "no run of it is known"
			},
			Run: func() tea.Cmd { return showRun(env, l.current()) },
		},
		describeAction(l.needRow, func() tea.Cmd {
			s := l.current()
			return Do(Push{NewDescribe(env, s.Name, s.Document, nil)})
		}),
		copyAction(l, func(s backend.Schedule) string { return s.ARN }),
	}
}

// pauseScheduleAction does not run a schedule for now, or lets it run again.
func pauseScheduleAction(env *Env, l *list[backend.Schedule], disabled func() string, target func(backend.Schedule) string) Action {
	words := func(enabled bool) (name, help, done string) {
		if enabled {
			return "pause", "do not run it for now", "is paused"
		}
		return "resume", "let it run again", "runs again"
	}
	name, help, _ := words(l.needRow() != "" || l.current().Enabled)
	cluster := env.Cluster
	return Action{
		Keys: []string{"Z"}, Name: name, Help: help, Group: groupChange, Footer: true, Disabled: disabled,
		Ask: func() (widget.Question, func() tea.Cmd) {
			s := l.current() // may have been paused by somebody else since the key was shown
			verb, _, done := words(s.Enabled)
			q := widget.Question{Title: strings.ToUpper(verb[:1]) + verb[1:] + " schedule", Target: target(s), Verb: verb, Body: []string{s.When()}}
			return q, func() tea.Cmd {
				return l.changing(func(ctx context.Context) (string, error) {
					_, err := env.Backend.EnableSchedule(ctx, cluster, s.ARN, !s.Enabled)
					return s.Name + " " + done, err
				})
			}
		},
	}
}

func removeScheduleQuestion(env *Env, s backend.Schedule, target string) widget.Question {
	q := widget.Question{
		Title: "Remove schedule", Target: target, Verb: "remove", Danger: true, Typed: protectedName(env, s.Name),
		Body: []string{deploy.DescribeSchedule(s.ScheduleSpec)},
	}
	if s.App != "" {
		q.Body = append(q.Body, "The next deploy of app "+s.App+" makes it again, unless it has left the app file.")
	}
	return q
}

// askSchedule asks what shall run when.
func askSchedule(env *Env, l *list[backend.Schedule]) tea.Cmd {
	family := ""
	if env.App != nil {
		family = env.App.Service()
	}
	form := widget.NewForm(env.Theme, "New schedule", []string{"It runs tasks in cluster " + env.Cluster + "."}, "make it", []widget.Field{
		{Key: "name", Label: "Name", Hint: "such as nightly", Required: true, Check: validSchedule},
		{Key: "when", Label: "Schedule", Hint: "rate(5 minutes), cron(0 3 * * ? *) or at(2026-03-01T03:00:00)", Required: true, Check: func(text string) error {
			_, err := backend.ParseExpression(text, "")
			return err
		}},
		{Key: "zone", Label: "Time zone", Hint: "such as Europe/Berlin; UTC where empty", Check: func(text string) error {
			_, err := backend.ParseExpression("rate(1 day)", text)
			return err
		}},
		{Key: "definition", Label: "Task definition", Hint: "family, whose newest revision runs, or family:revision", Value: family, Required: true},
		{Key: "command", Label: "Command", Hint: "for its first container; its own where empty"},
		{Key: "role", Label: "Role", Hint: "ARN of the role that starts the tasks; needed on AWS"},
	})
	return Do(Ask{form, func() tea.Cmd {
		cluster := env.Cluster
		return l.changing(func(ctx context.Context) (string, error) {
			spec := backend.ScheduleSpec{
				Name: form.Value("name"), Expression: form.Value("when"), Timezone: form.Value("zone"), Enabled: true,
				TaskDefinition: form.Value("definition"), Role: form.Value("role"),
			}
			if words := splitWords(form.Value("command")); len(words) > 0 {
				td, err := env.Backend.DescribeTaskDefinition(ctx, spec.TaskDefinition)
				if err != nil {
					return "", err
				}
				spec.Overrides = []backend.ContainerOverride{{Name: td.Containers[0].Name, Command: words}}
			}
			made, err := env.Backend.PutSchedule(ctx, cluster, spec)
			return made.Name + " runs " + made.When(), err
		})
	}})
}

func validSchedule(name string) error {
	if backend.ValidSchedule(name) {
		return nil
	}
	return errScheduleName
}

var errScheduleName = errors.New("1 to 64 letters, digits, - _ and .")

// runScheduled starts the task of a schedule, as one of its runs, and shows its
// logs.
func runScheduled(env *Env, s backend.Schedule) tea.Cmd {
	return runTask(env, backend.RunTaskRequest{
		Cluster: env.Cluster, TaskDefinition: s.TaskDefinition, Count: s.Count, StartedBy: "ecs-tui", Group: backend.ScheduleGroup(s.Name), Overrides: s.Overrides,
	})
}

// showRun opens the task of the last run.
func showRun(env *Env, s backend.Schedule) tea.Cmd {
	cluster := env.Cluster
	return call(env, func(ctx context.Context) (backend.Task, error) {
		found, err := env.Backend.DescribeTasks(ctx, cluster, []string{s.Last.Task})
		if err == nil && len(found) == 0 {
			err = backend.Errorf("DescribeTasks", backend.NotFound, backend.ShortName(s.Last.Task), "the task is no longer known")
		}
		if err != nil {
			return backend.Task{}, err
		}
		return found[0], nil
	}, func(t backend.Task) tea.Msg { return Push{NewTask(env, t)} })
}
