package backend

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Expression is when a schedule runs, in the words of EventBridge Scheduler:
//
//	rate(5 minutes)               from when it was made on
//	cron(0 3 ? * MON-FRI *)       minutes, hours, day of month, month, day of week, year
//	at(2026-03-01T03:00:00)       once
//
// cron and at are by the wall clock of a time zone.
type Expression struct {
	text  string
	zone  *time.Location
	every time.Duration // of a rate
	once  time.Time     // of an at
	cron  *cron
}

// zoneOf is a time zone by its name in the IANA database; "" is UTC.
func zoneOf(name string) (*time.Location, error) {
	if name == "" || name == "UTC" {
		return time.UTC, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("%q is no time zone: name one as Europe/Berlin, or UTC", Clean(name))
	}
	return zone, nil
}

// errExpression is what an expression should be.
var errExpression = errors.New("should be rate(5 minutes), cron(0 3 * * ? *) or at(2026-03-01T03:00:00)")

// ParseExpression reads an expression, strictly: what it takes, EventBridge
// Scheduler takes too.
func ParseExpression(text, timezone string) (Expression, error) {
	e := Expression{text: text}
	var err error
	if e.zone, err = zoneOf(timezone); err != nil {
		return e, err
	}
	kind, rest, ok := strings.Cut(text, "(")
	inner, closed := strings.CutSuffix(rest, ")")
	if !ok || !closed {
		return e, fmt.Errorf("%q is no schedule: it %w", Clean(text), errExpression)
	}
	switch kind {
	case "rate":
		e.every, err = parseRate(inner)
	case "at":
		e.once, err = time.ParseInLocation("2006-01-02T15:04:05", inner, e.zone)
		if err != nil {
			err = fmt.Errorf("at(%s): should be a date and a time, such as 2026-03-01T03:00:00", Clean(inner))
		}
	case "cron":
		if e.cron, err = parseCron(inner); err != nil {
			err = fmt.Errorf("cron(%s): %w", Clean(inner), err)
		}
	default:
		err = fmt.Errorf("%q is no schedule: it %w", Clean(text), errExpression)
	}
	return e, err
}

// parseRate reads "5 minutes".
func parseRate(text string) (time.Duration, error) {
	wrong := fmt.Errorf("rate(%s): should be a number from 1 on and minutes, hours or days", Clean(text))
	count, unit, ok := strings.Cut(text, " ")
	n, err := strconv.Atoi(count)
	if !ok || err != nil || n < 1 || n > 366*24*60 || count[0] == '+' {
		return 0, wrong
	}
	switch unit {
	case "minute", "minutes":
		return time.Duration(n) * time.Minute, nil
	case "hour", "hours":
		return time.Duration(n) * time.Hour, nil
	case "day", "days":
		return time.Duration(n) * 24 * time.Hour, nil
	}
	return 0, wrong
}

// Next is the first run after a time; the zero time where there is none. A rate
// counts from since, when it was made or enabled.
func (e Expression) Next(after, since time.Time) time.Time {
	switch {
	case e.every > 0:
		if after.Before(since) {
			return since.Add(e.every)
		}
		return since.Add(e.every * (after.Sub(since)/e.every + 1))
	case e.cron != nil:
		return e.cron.next(after, e.zone)
	case e.once.After(after):
		return e.once
	}
	return time.Time{}
}

// String is the expression itself.
func (e Expression) String() string { return e.text }

// Words says when it runs, for people: "every 5 minutes", "03:00 every day,
// Europe/Berlin". What has no short form is the expression itself.
func (e Expression) Words() string {
	zone := ""
	if e.zone != time.UTC {
		zone = ", " + e.zone.String()
	}
	switch {
	case e.every > 0:
		return everyWords(e.every)
	case e.cron != nil:
		text := strings.TrimSuffix(strings.TrimPrefix(e.text, "cron("), ")")
		if words := cronWords(strings.Fields(text)); words != "" {
			return words + zone
		}
		return e.text + zone
	case !e.once.IsZero():
		return "once, " + e.once.Format("2006-01-02 15:04") + zone
	}
	return e.text
}

func everyWords(d time.Duration) string {
	n, unit := int(d/time.Minute), "minute"
	switch {
	case d%(24*time.Hour) == 0:
		n, unit = int(d/(24*time.Hour)), "day"
	case d%time.Hour == 0:
		n, unit = int(d/time.Hour), "hour"
	}
	if n == 1 {
		return "every " + unit
	}
	return fmt.Sprintf("every %d %ss", n, unit)
}

// cronWords says what the usual forms mean; "" for others.
func cronWords(f []string) string {
	minute, err := strconv.Atoi(f[0])
	every := f[2] == "*" || f[4] == "*" // day
	switch {
	case f[5] != "*":
		return ""
	case err != nil:
		step, is := strings.CutPrefix(f[0], "0/")
		if f[0] == "*" {
			step, is = "1", true
		}
		if n, err := strconv.Atoi(step); is && err == nil && 60%n == 0 && f[1] == "*" && every && f[3] == "*" {
			return everyWords(time.Duration(n) * time.Minute)
		}
		return ""
	case f[1] == "*" && every && f[3] == "*":
		return fmt.Sprintf("every hour at :%02d", minute)
	}
	hour, err := strconv.Atoi(f[1])
	if err != nil || f[3] != "*" {
		return ""
	}
	at := fmt.Sprintf("%02d:%02d", hour, minute)
	day, err := strconv.Atoi(f[2])
	switch {
	case every:
		return at + " every day"
	case f[2] == "L":
		return at + " on the last day of the month"
	case err == nil:
		return fmt.Sprintf("%s on day %d of the month", at, day)
	case f[2] == "?" && !strings.ContainsAny(f[4], "L#/0123456789"):
		return at + " " + weekdays(f[4])
	}
	return ""
}

// weekdays writes MON-FRI as Mon–Fri.
func weekdays(text string) string {
	days := strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
	for i, d := range days {
		from, to, ranged := strings.Cut(d, "-")
		days[i] = capital(from)
		if ranged {
			days[i] += "–" + capital(to)
		}
	}
	return strings.Join(days, ", ")
}

func capital(word string) string { return strings.ToUpper(word[:1]) + strings.ToLower(word[1:]) }
