package config

import (
	"errors"
	"slices"
)

// Schedule is a task of the app that runs at its times.
type Schedule struct {
	Name         string
	Schedule     string // cron(…), rate(…) or at(…), in EventBridge Scheduler's words
	Timezone     string // "" for UTC
	Container    string // that the command is for; "" for the first of the task definition
	Command      []string
	Count        int      // of tasks; 0 for one
	Environments []string // where it runs; nil for all
}

func (a *App) readSchedules(v value) error {
	return v.entries(func(name string, child value) error {
		s := Schedule{Name: name}
		err := child.object(schema{
			"schedule": text(&s.Schedule), "timezone": text(&s.Timezone), "container": text(&s.Container),
			"command": command(&s.Command), "count": whole(&s.Count), "environments": texts(&s.Environments),
		})
		if err == nil && s.Schedule == "" {
			err = child.errorf("needs a schedule: rate(5 minutes), cron(0 3 * * ? *) or at(2026-03-01T03:00:00)")
		}
		a.Schedules = append(a.Schedules, s)
		return err
	})
}

// SchedulesIn are the schedules of an environment, in the file's order. Errors
// name an environment that there is not, and the place of what check refuses.
func (a *App) SchedulesIn(env *Environment, check func(Schedule) (field string, err error)) ([]Schedule, error) {
	var out []Schedule
	for _, s := range a.Schedules {
		path := "schedules." + s.Name
		for _, name := range s.Environments {
			if a.Environment(name) == nil {
				e := a.errorAt(path+".environments", "there is no environment %q", name)
				e.Advice = suggestion(name, a.environmentNames())
				return nil, e
			}
		}
		if len(s.Environments) > 0 && (env == nil || !slices.Contains(s.Environments, env.Name)) {
			continue
		}
		if field, err := check(s); err != nil {
			if field != "" {
				path = join(path, field)
			}
			return nil, a.errorAt(path, "%w", err)
		}
		out = append(out, s)
	}
	if len(out) > 0 && env != nil && env.Backend == AWS && env.ScheduleRole == "" {
		e := a.errorAt("environments."+env.Name+".scheduleRole", "%w", errNoScheduleRole)
		e.Advice = "name the ARN of a role whose trust policy names scheduler.amazonaws.com, and whose own policy allows ecs:RunTask, and iam:PassRole on the task's roles"
		return nil, e
	}
	return out, nil
}

var errNoScheduleRole = errors.New("is missing: the role with which EventBridge Scheduler starts the app's schedules")
