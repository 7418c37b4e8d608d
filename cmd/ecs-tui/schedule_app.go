package main

import (
	"errors"

	"github.com/ecs-tui/ecs-tui/backend"
	"github.com/ecs-tui/ecs-tui/config"
)

// appSchedules are the schedules of the app in an environment, as a deploy takes
// them. Errors name file, line, column and field.
func appSchedules(app *config.App, env *config.Environment, docs *documents) ([]backend.ScheduleSpec, error) {
	var out []backend.ScheduleSpec
	_, err := app.SchedulesIn(env, func(s config.Schedule) (field string, err error) {
		spec, field, err := appSchedule(app, env, docs, s)
		out = append(out, spec)
		return field, err
	})
	return out, explain(err)
}

// appSchedule is one of them; field is what err is about.
func appSchedule(app *config.App, env *config.Environment, docs *documents, s config.Schedule) (spec backend.ScheduleSpec, field string, err error) {
	spec = backend.ScheduleSpec{
		Name: app.Name + "-" + s.Name, App: app.Name, Expression: s.Schedule, Timezone: s.Timezone, Enabled: true, Count: max(s.Count, 1),
	}
	if env != nil {
		spec.Role = env.ScheduleRole
	}
	if docs.Spec != nil {
		spec.Place = docs.Spec.Document
	}
	if !backend.ValidSchedule(spec.Name) {
		return spec, "", errScheduleName
	}
	if _, err := backend.ParseExpression(s.Schedule, ""); err != nil {
		return spec, "schedule", err
	}
	if _, err := backend.ParseExpression(s.Schedule, s.Timezone); err != nil {
		return spec, "timezone", err
	}
	if s.Count < 0 || s.Count > 10 {
		return spec, "count", errScheduleCount
	}
	if len(s.Command) == 0 && s.Container == "" {
		return spec, "", nil
	}
	name := s.Container
	if name == "" {
		name = docs.Definition.Containers[0].Name
	}
	if _, ok := docs.Definition.Container(name); !ok {
		return spec, "container", errors.New("the task definition has no container of this name")
	}
	if len(s.Command) > 0 {
		spec.Overrides = []backend.ContainerOverride{{Name: name, Command: s.Command}}
	}
	return spec, "", nil
}

var (
	errScheduleName  = errors.New("is no name of a schedule: with the app's before it, at most 64 letters, digits, - _ and .")
	errScheduleCount = errors.New("is out of bounds: 1 to 10 tasks")
)
