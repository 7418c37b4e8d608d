package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ecs-tui/ecs-tui/config"
)

// TestSchedules: those of an environment come in the file's order, and what is
// wrong is named with its place.
func TestSchedules(t *testing.T) {
	const head = "app: shop\ntaskDefinition: td.json\nenvironments:\n  local: {backend: docker}\n  prod: {backend: aws, scheduleRole: 'arn:aws:iam::1:role/s'}\n  bare: {backend: aws}\nschedules:\n"
	parse := func(text string) (*config.App, error) {
		return config.ParseApp("/app", "/app/ecs-tui.yml", []byte(head+text))
	}
	a, err := parse("  nightly: {schedule: cron(0 3 * * ? *), timezone: Europe/Berlin, container: web, command: [./report, -v], count: 2}\n" +
		"  tick: {schedule: rate(5 minutes), environments: [prod, bare]}\n")
	if err != nil {
		t.Fatal(err)
	}
	fine := func(config.Schedule) (string, error) { return "", nil }
	in := func(env string) string {
		all, err := a.SchedulesIn(a.Environment(env), fine)
		if err != nil {
			return err.Error()
		}
		var names []string
		for _, s := range all {
			names = append(names, s.Name)
		}
		return strings.Join(names, " ")
	}
	if got := in("local"); got != "nightly" {
		t.Errorf("local: %s", got)
	}
	if got := in("prod"); got != "nightly tick" {
		t.Errorf("prod: %s", got)
	}
	if got := in("bare"); !strings.Contains(got, "environments.bare.scheduleRole: is missing") {
		t.Errorf("bare: %s", got)
	}
	if s := a.Schedules[0]; s.Schedule != "cron(0 3 * * ? *)" || s.Timezone != "Europe/Berlin" || s.Container != "web" || len(s.Command) != 2 || s.Count != 2 {
		t.Errorf("%+v", s)
	}
	_, err = a.SchedulesIn(a.Environment("prod"), func(config.Schedule) (string, error) { return "schedule", errors.New("is odd") })
	if err == nil || !strings.Contains(err.Error(), ":8:13: schedules.nightly.schedule: is odd") {
		t.Error(err)
	}
	for text, want := range map[string]string{
		"  nightly: {command: [a]}\n":                        "needs a schedule",
		"  nightly: {schedule: rate(1 day), command: a b}\n": "should be a list",
		"  nightly: {schedule: rate(1 day), count: many}\n":  "count",
		"  nightly: {cron: 0 3 * * *}\n":                     "is no field that is known here",
		"  nightly: {schedule: 5}\n":                         "should be text",
	} {
		if _, err := parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want it to say %q", text, err, want)
		}
	}
	if a, err = parse("  nightly: {schedule: rate(1 day), environments: [prd]}\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.SchedulesIn(nil, fine); err == nil || !strings.Contains(err.Error(), `there is no environment "prd"`) {
		t.Error(err)
	}
}
